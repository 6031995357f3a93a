//! What was read closely a moment ago.
//!
//! Questions that follow each other are answered from many of the same turns, and reading a turn
//! again costs more than everything else that is done with it. Does not own how a text is read.

use super::{EncoderError, Vectors};
use lru::LruCache;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// So many tokens are kept at most: 25 MB of a model of 384 dimensions, some four hundred turns.
const TOKENS: usize = 16_384;

/// The texts that were read last, with their vectors.
#[derive(Debug)]
pub(super) struct Recent(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    texts: LruCache<String, Arc<Vectors>>,
    tokens: usize,
    most: usize,
}

impl Default for Recent {
    fn default() -> Self {
        Self::of(TOKENS)
    }
}

impl Recent {
    fn of(most: usize) -> Self {
        Self(Mutex::new(Kept { texts: LruCache::unbounded(), tokens: 0, most }))
    }

    /// Keeps what was made of a text.
    pub(super) fn keep(&self, text: &str, vectors: Arc<Vectors>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.tokens += vectors.places().len();
        if let Some(earlier) = kept.texts.put(text.to_owned(), vectors) {
            kept.tokens -= earlier.places().len();
        }
        while kept.tokens > kept.most
            && let Some((_, oldest)) = kept.texts.pop_lru()
        {
            kept.tokens -= oldest.places().len();
        }
    }

    fn get(&self, text: &str) -> Option<Arc<Vectors>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).texts.get(text).map(Arc::clone)
    }

    /// The vectors of texts, in order; of those that are not kept as `make` makes them.
    pub(super) fn or_made(
        &self,
        texts: &[&str],
        make: impl FnOnce(&[&str]) -> Result<Vec<Vectors>, EncoderError>,
    ) -> Result<Vec<Arc<Vectors>>, EncoderError> {
        let mut known: HashMap<&str, Arc<Vectors>> =
            texts.iter().filter_map(|text| Some((*text, self.get(text)?))).collect();
        let mut missing: Vec<&str> = Vec::new();
        for text in texts {
            if !known.contains_key(text) && !missing.contains(text) {
                missing.push(text);
            }
        }
        if !missing.is_empty() {
            for (text, vectors) in missing.iter().zip(make(&missing)?) {
                let vectors = Arc::new(vectors);
                self.keep(text, Arc::clone(&vectors));
                known.insert(text, vectors);
            }
        }
        texts
            .iter()
            .map(|text| known.get(text).map(Arc::clone))
            .collect::<Option<_>>()
            .ok_or_else(|| EncoderError::Model("it gave no vectors for a text".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// As many tokens as the text has letters.
    fn letters(text: &str) -> Vectors {
        let mut vectors = Vectors::default();
        for place in 0..text.len() {
            vectors.push(place..place + 1, &[1.0, place as f32], 1.0);
        }
        vectors
    }

    #[test]
    fn only_what_is_new_is_made_and_the_oldest_goes() {
        let recent = Recent::of(6);
        let made = RefCell::new(Vec::new());
        let read = |texts: &[&str]| {
            let make = |missing: &[&str]| {
                made.borrow_mut().extend(missing.iter().map(|text| (*text).to_owned()));
                Ok(missing.iter().map(|text| letters(text)).collect())
            };
            let vectors = recent.or_made(texts, make).unwrap();
            for (text, vectors) in texts.iter().zip(vectors) {
                assert_eq!(*vectors, letters(text));
            }
            made.take()
        };
        assert_eq!(read(&["abc", "de", "abc"]), ["abc", "de"]);
        assert_eq!(read(&["abc", "de"]), [""; 0]);
        // Longer than all that may be kept: it is read all the same, and nothing is kept.
        assert_eq!(read(&["abc", "a long one"]), ["a long one"]);
        assert_eq!(read(&["abc"]), ["abc"]);
        assert_eq!(read(&["de", "x"]), ["de", "x"]);
        // "abc" was used last, so "de" is the oldest.
        assert_eq!(read(&["abc", "y"]), ["y"]);
        assert_eq!(read(&["de"]), ["de"]);
        recent.keep("de", Arc::new(letters("de")));
        assert_eq!(recent.0.lock().unwrap().tokens, 6);
    }

    #[test]
    fn a_failure_is_told_and_keeps_nothing() {
        let recent = Recent::default();
        let failed = recent.or_made(&["a"], |_| Err(EncoderError::Model("no".into())));
        assert!(failed.is_err());
        assert!(recent.or_made(&["a"], |_| Ok(Vec::new())).is_err());
        assert!(recent.or_made(&["a"], |_| Ok(vec![letters("a")])).is_ok());
    }
}
