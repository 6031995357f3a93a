//! What memory is about: a map of its subjects. Turns that stand together are taken as one piece of
//! talk, pieces that mean alike as one subject, and a subject is named by the words that are said in
//! it and hardly elsewhere.
//!
//! Deterministic: the same memory has the same map. Does not own: embeddings and the sample, which
//! are `memory`'s.

use super::{Assistant, AssistantError};
use crate::conversation::SessionId;
use crate::language;
use crate::memory::Meant;
use std::collections::{HashMap, HashSet};

/// So many neighbouring turns are one piece: a turn alone ("That's great!") says too little.
const TOGETHER: usize = 4;
/// More turns than this are not read: every so many pieces stand for those between.
const MOST_TURNS: u64 = 8_000;
/// Fewer pieces than this have no map: there is nothing to tell apart yet.
const FEWEST_PIECES: usize = 24;
/// A subject of fewer pieces is a coincidence.
const SMALLEST: usize = 4;
/// At most so many subjects.
const MOST_SUBJECTS: usize = 12;
/// So often are pieces given to the nearest subject and subjects moved among their pieces.
const ROUNDS: usize = 12;
/// How many words name a subject.
const WORDS: usize = 4;

/// Something that is talked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The words that are said of it and hardly elsewhere, the most telling first.
    pub words: Vec<String>,
    /// About how many turns are about it.
    pub turns: u64,
    /// In how many of the sessions that were read it comes up.
    pub sessions: u64,
}

impl Assistant {
    /// What memory is about, the largest subject first; empty where there is too little to tell
    /// subjects apart. Costs a pass over a sample of the embeddings.
    pub fn subjects(&self) -> Result<Vec<Subject>, AssistantError> {
        let (turns, every) = self.memory.meant(TOGETHER as u64, MOST_TURNS)?;
        let pieces = pieces(&turns);
        if pieces.len() < FEWEST_PIECES {
            return Ok(Vec::new());
        }
        let count = ((pieces.len() as f64 / 6.0).sqrt() as usize).clamp(3, MOST_SUBJECTS);
        let subject_of = grouped(&pieces, count);
        Ok(named(&pieces, &subject_of, count, every, &self.memory.name_terms()?))
    }
}

/// Neighbouring turns of a session as one.
struct Piece<'t> {
    turns: &'t [Meant],
    /// Where it stands apart from the mean of all, of length 1.
    direction: Vec<f32>,
}

fn pieces(turns: &[Meant]) -> Vec<Piece<'_>> {
    let same_session = turns.chunk_by(|a, b| a.session == b.session);
    let mut pieces: Vec<Piece<'_>> = same_session
        .flat_map(|session| session.chunks(TOGETHER))
        .map(|turns| Piece { turns, direction: sum(turns.iter().map(|t| t.embedding.as_slice())) })
        .collect();
    for piece in &mut pieces {
        scale(&mut piece.direction);
    }
    // All talk has something in common, which would hide what tells it apart.
    let mut common = sum(pieces.iter().map(|piece| piece.direction.as_slice()));
    let count = pieces.len().max(1) as f32;
    for x in &mut common {
        *x /= count;
    }
    for piece in &mut pieces {
        for (x, common) in piece.direction.iter_mut().zip(&common) {
            *x -= common;
        }
        scale(&mut piece.direction);
    }
    pieces
}

fn sum<'v>(vectors: impl Iterator<Item = &'v [f32]>) -> Vec<f32> {
    let mut sum: Vec<f32> = Vec::new();
    for vector in vectors {
        sum.resize(sum.len().max(vector.len()), 0.0);
        for (total, x) in sum.iter_mut().zip(vector) {
            *total += x;
        }
    }
    sum
}

/// Scales to length 1.
fn scale(vector: &mut [f32]) {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        for x in vector {
            *x /= length;
        }
    }
}

fn near(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Which subject each piece belongs to: k-means on directions, begun with pieces that are far from
/// each other.
fn grouped(pieces: &[Piece<'_>], count: usize) -> Vec<usize> {
    let mut centres: Vec<Vec<f32>> = vec![pieces[0].direction.clone()];
    let mut nearest = vec![f32::NEG_INFINITY; pieces.len()];
    while centres.len() < count {
        let newest = &centres[centres.len() - 1];
        for (nearest, piece) in nearest.iter_mut().zip(pieces) {
            *nearest = nearest.max(near(&piece.direction, newest));
        }
        let farthest = (0..pieces.len()).min_by(|a, b| nearest[*a].total_cmp(&nearest[*b]));
        centres.push(pieces[farthest.unwrap_or(0)].direction.clone());
    }
    let mut subject_of = vec![0; pieces.len()];
    for _ in 0..ROUNDS {
        let mut moved = vec![Vec::new(); count];
        for (subject, piece) in subject_of.iter_mut().zip(pieces) {
            let nearness = centres.iter().map(|centre| near(&piece.direction, centre));
            let best = nearness.enumerate().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
            *subject = best.map_or(0, |(subject, _)| subject);
            moved[*subject] = sum([moved[*subject].as_slice(), &piece.direction].into_iter());
        }
        for (centre, mut moved) in centres.iter_mut().zip(moved) {
            if !moved.is_empty() {
                scale(&mut moved);
                *centre = moved;
            }
        }
    }
    subject_of
}

/// How often a word is said, counted by pieces.
#[derive(Default)]
struct Said {
    all: usize,
    /// By subject.
    of: HashMap<usize, usize>,
    spellings: HashMap<String, usize>,
}

fn named(
    pieces: &[Piece<'_>],
    subject_of: &[usize],
    count: usize,
    every: u64,
    names: &HashSet<String>,
) -> Vec<Subject> {
    let mut words: HashMap<String, Said> = HashMap::new();
    for (piece, subject) in pieces.iter().zip(subject_of) {
        let mut here = HashSet::new();
        for word in piece.turns.iter().flat_map(|turn| language::words(&turn.text)) {
            let telling = word.text.chars().count() > 2
                && !word.text.chars().any(char::is_numeric)
                && !language::is_stop_word(word.text)
                && !is_name(word.text, &word.term, names);
            if telling && here.insert(word.term.clone()) {
                let said = words.entry(word.term).or_default();
                said.all += 1;
                *said.of.entry(*subject).or_default() += 1;
                *said.spellings.entry(word.text.to_lowercase()).or_default() += 1;
            }
        }
    }
    let mut subjects: Vec<Subject> = (0..count)
        .filter_map(|subject| {
            let own = pieces.iter().zip(subject_of).filter(|(_, of)| **of == subject);
            let own: Vec<&Piece<'_>> = own.map(|(piece, _)| piece).collect();
            let words = telling(&words, subject, own.len(), pieces.len());
            let worth = own.len() >= SMALLEST && words.len() > 1;
            let turns = own.iter().flat_map(|piece| piece.turns);
            let sessions: HashSet<SessionId> = turns.clone().map(|turn| turn.session).collect();
            worth.then(|| Subject {
                words,
                turns: turns.count() as u64 * every,
                sessions: sessions.len() as u64,
            })
        })
        .collect();
    subjects.sort_by(|a, b| b.turns.cmp(&a.turns).then_with(|| a.words.cmp(&b.words)));
    subjects
}

/// Whether a word is a speaker's name, or what friends make of it: "Mel" of Melanie.
fn is_name(text: &str, term: &str, names: &HashSet<String>) -> bool {
    let short = text.starts_with(char::is_uppercase) && text.chars().count() <= 4;
    names.contains(term) || short && names.iter().any(|name| name.starts_with(&text.to_lowercase()))
}

/// The words that are said in a subject and hardly elsewhere.
fn telling(words: &HashMap<String, Said>, subject: usize, own: usize, all: usize) -> Vec<String> {
    let mut found: Vec<(f64, &str)> = words
        .values()
        .filter_map(|said| {
            let here = *said.of.get(&subject)?;
            let more_than_usual = (here as f64 / own as f64) / (said.all as f64 / all as f64);
            let spelling =
                said.spellings.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)));
            let told = here as f64 * more_than_usual.ln();
            (here > 2 && more_than_usual > 1.5).then_some((told, spelling?.0.as_str()))
        })
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    found.into_iter().take(WORDS).map(|(_, word)| word.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Embedding;

    /// Talk about three things, each in a direction of its own.
    fn talk() -> Vec<Meant> {
        const TEXTS: [&str; 3] =
            ["The tomato seedlings grow", "The greyhound sleeps again", "Our choir sings Bach"];
        let turn = |at: usize| {
            let about = at / TOGETHER % 3;
            let mut vector = vec![0.1; 4];
            vector[about] = 1.0;
            vector[3] = (at % 5) as f32 / 50.0;
            Meant {
                session: SessionId((at / (TOGETHER * 3)) as i64),
                text: TEXTS[about].to_owned(),
                embedding: Embedding::normalised(vector),
            }
        };
        (0..TOGETHER * 30).map(turn).collect()
    }

    #[test]
    fn what_means_alike_is_one_subject_named_by_its_words() {
        let talk = talk();
        let pieces = pieces(&talk);
        assert_eq!(pieces.len(), 30);
        let subject_of = grouped(&pieces, 3);
        let names = HashSet::from(["bach".to_owned()]);
        let subjects = named(&pieces, &subject_of, 3, 10, &names);
        let words: Vec<String> = subjects.iter().map(|one| one.words.join(" ")).collect();
        assert_eq!(words, ["choir sings", "greyhound sleeps", "grow seedlings tomato"]);
        assert_eq!((subjects[0].turns, subjects[0].sessions), (400, 10));
    }
}
