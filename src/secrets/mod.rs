//! Secrets in what people say: keys, tokens, private keys, card numbers.
//!
//! Owns: what is taken for a secret (`assets/secrets.toml`), and what a text looks like with its
//! secrets masked. Pure functions on text. Does not own: what becomes of a turn that holds one
//! (`assistant`), what the user chose (`config`).

mod checks;
mod plain;
mod table;

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// What stands for a masked secret. Its length is always the same: that of the secret is not told.
pub const MARK: &str = "••••••••";

/// What becomes of secrets in turns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// They are stored and shown like any other text.
    Keep,
    /// They are stored, and masked wherever they would be shown or exported.
    #[default]
    Mask,
    /// A turn that holds one is not stored. What was stored before is masked.
    Refuse,
}

impl Mode {
    /// The words for them, in the order of the modes.
    pub const WORDS: &'static [&'static str] = &["keep", "mask", "refuse"];
}

/// A secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// What it is, such as `GitHub token`.
    pub name: &'static str,
    /// The bytes that are masked.
    pub range: Range<usize>,
}

/// The secrets of a text, in order; none overlaps another.
pub fn find(text: &str) -> Vec<Secret> {
    let Some(plain) = plain::plain(text) else { return find_in(text) };
    let mut found = find_in(&plain.text);
    for secret in &mut found {
        secret.range = plain.origin(&secret.range);
    }
    found
}

fn find_in(text: &str) -> Vec<Secret> {
    let mut found: Vec<Secret> = Vec::new();
    let table = table::table();
    for rule in table.keyed(text) {
        // What stands higher in the table says more of what it is.
        for secret in rule.find(text) {
            let apart = |known: &Secret| {
                known.range.end <= secret.range.start || secret.range.end <= known.range.start
            };
            if found.iter().all(apart) {
                found.push(secret);
            }
        }
    }
    found.sort_by_key(|secret| secret.range.start);
    found
}

/// Whether a text holds a secret.
pub fn any(text: &str) -> bool {
    !find(text).is_empty()
}

/// A text with a mark in the place of each secret; the text itself where it holds none.
pub fn masked(text: &str) -> Cow<'_, str> {
    let found = find(text);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut end = 0;
    for secret in found {
        masked.push_str(&text[end..secret.range.start]);
        masked.push_str(MARK);
        end = secret.range.end;
    }
    masked.push_str(&text[end..]);
    Cow::Owned(masked)
}

/// How many secrets of which sort were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census(BTreeMap<&'static str, u64>);

impl Census {
    /// Counts the secrets of a text; returns whether there were any.
    pub fn count(&mut self, text: &str) -> bool {
        let found = find(text);
        for secret in &found {
            *self.0.entry(secret.name).or_default() += 1;
        }
        !found.is_empty()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many were found.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

/// `1 secret (GitHub token)`, `3 secrets (2 card numbers, 1 private key)`.
impl fmt::Display for Census {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.total() == 1 {
            let name = self.0.keys().next().copied().unwrap_or_default();
            return write!(out, "1 secret ({name})");
        }
        write!(out, "{} secrets (", self.total())?;
        for (at, (name, count)) in self.0.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            let s = match (*count, name.strip_suffix('s')) {
                (1, _) => "",
                (_, Some(_)) => "es",
                _ => "s",
            };
            write!(out, "{comma}{count} {name}{s}")?;
        }
        write!(out, ")")
    }
}

#[cfg(test)]
mod tests;
