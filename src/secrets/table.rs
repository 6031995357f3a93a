//! The table of `assets/secrets.toml`, read once.

use super::Secret;
use super::checks::{Check, entropy};
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use serde::Deserialize;
use std::sync::OnceLock;

const TABLE: &str = include_str!("../../assets/secrets.toml");

/// What the table says of one sort of secret.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    begins: Vec<String>,
    pattern: String,
    #[serde(default = "usual_entropy")]
    entropy: f32,
    check: Option<String>,
    unless: Option<String>,
}

fn usual_entropy() -> f32 {
    2.5
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    secret: Vec<Row>,
}

/// One sort of secret.
pub(super) struct Rule {
    pub(super) name: &'static str,
    /// The beginnings of which a text must hold one, in any case; none: each text is looked at.
    begins: Vec<String>,
    pattern: &'static str,
    entropy: f32,
    check: Check,
    /// Words shortly before a match by which it is none.
    unless: Option<&'static str>,
    /// Made when a text first wants it: most programs never do.
    regex: OnceLock<Option<Regex>>,
}

/// Every sort of secret.
pub(super) struct Table {
    pub(super) rules: Vec<Rule>,
    /// The beginnings of each of them, in any case.
    beginnings: Option<RegexSet>,
}

/// The table. It is part of the program, and a test reads all of it: a row that cannot be read is
/// one that is not there.
pub(super) fn table() -> &'static Table {
    static READ: OnceLock<Table> = OnceLock::new();
    READ.get_or_init(|| {
        let rows = toml::from_str::<Rows>(TABLE).map(|rows| rows.secret).unwrap_or_default();
        let rules: Vec<Rule> = rows.into_iter().map(Rule::of).collect();
        let beginnings = rules.iter().map(|rule| {
            let begins: Vec<String> = rule.begins.iter().map(|one| regex::escape(one)).collect();
            // A rule without beginnings has its own way of passing texts over.
            if begins.is_empty() {
                "[^\\s\\S]".into()
            } else {
                format!("(?i-u){}", begins.join("|"))
            }
        });
        let beginnings = RegexSetBuilder::new(beginnings).size_limit(64 << 20).build().ok();
        Table { rules, beginnings }
    })
}

/// A pattern whose word boundaries take `_` for a mark: `_ghp_…_` is set in italics.
fn compiled(pattern: &str) -> Option<Regex> {
    const EDGE: &str = r"(?-u:\b)";
    let begins = pattern.strip_prefix(EDGE).map(|rest| format!(r"(?:\A|[^A-Za-z0-9]){rest}"));
    let pattern = begins.as_deref().unwrap_or(pattern);
    let ends = pattern.strip_suffix(EDGE).map(|rest| format!(r"{rest}(?:[^A-Za-z0-9]|\z)"));
    let pattern = ends.as_deref().unwrap_or(pattern);
    RegexBuilder::new(pattern).size_limit(64 << 20).build().ok()
}

impl Table {
    /// The sorts that a text is looked at closer for: those of whose beginnings it holds one. Words
    /// such as *key* stand in many texts, so each sort is asked for by itself.
    pub(super) fn keyed<'t>(&'t self, text: &str) -> impl Iterator<Item = &'t Rule> {
        let held = self.beginnings.as_ref().map(|beginnings| beginnings.matches(text));
        let cards = holds_digits(text);
        self.rules.iter().enumerate().filter_map(move |(at, rule)| {
            let keyed = match &held {
                _ if rule.begins.is_empty() => {
                    cards || !matches!(rule.check, Check::Card | Check::Iban)
                }
                Some(held) => held.matched(at),
                None => true,
            };
            keyed.then_some(rule)
        })
    }
}

/// Whether a text holds as many digits as the shortest card number.
fn holds_digits(text: &str) -> bool {
    const FEWEST: usize = 13;
    text.len() >= FEWEST && text.bytes().filter(u8::is_ascii_digit).count() >= FEWEST
}

impl Rule {
    fn of(row: Row) -> Self {
        Self {
            name: row.name.leak(),
            begins: row.begins,
            pattern: row.pattern.leak(),
            entropy: row.entropy,
            check: row.check.as_deref().and_then(Check::parse).unwrap_or(Check::None),
            unless: row.unless.map(|unless| &*unless.leak()),
            regex: OnceLock::new(),
        }
    }

    /// Its secrets of a text, in order.
    pub(super) fn find(&self, text: &str) -> Vec<Secret> {
        let Some(regex) = self.regex.get_or_init(|| compiled(self.pattern)) else {
            return Vec::new();
        };
        let secret = |captures: regex::Captures<'_>| {
            let named = captures.name("secret").or_else(|| captures.name("bare"));
            let part = named.or_else(|| captures.get(0))?;
            let holds = entropy(part.as_str()) >= self.entropy && self.check.holds(part.as_str());
            let holds = holds && !self.is_excused(&text[..part.start()]);
            holds.then(|| Secret { name: self.name, range: part.range() })
        };
        regex.captures_iter(text).filter_map(secret).collect()
    }

    /// Whether one of its excuses is in the same sentence, shortly before a match.
    fn is_excused(&self, before: &str) -> bool {
        const NEAR: usize = 90;
        let Some(unless) = self.unless else { return false };
        let from = before.ceil_char_boundary(before.len().saturating_sub(NEAR));
        let near = before[from..].rsplit(['.', '!', '?', '\n']).next().unwrap_or_default();
        let near = near.to_lowercase();
        unless.split('|').any(|word| near.contains(word))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_be_read() {
        let rows: Rows = toml::from_str(TABLE).unwrap();
        assert!(rows.secret.len() > 30);
        for row in &rows.secret {
            assert!(compiled(&row.pattern).is_some(), "{}: {}", row.name, row.pattern);
            let known = row.check.as_deref().is_none_or(|word| Check::parse(word).is_some());
            assert!(known, "{}: {:?}", row.name, row.check);
        }
        assert!(table().beginnings.is_some());
        let keyed = |text| table().keyed(text).map(|rule| rule.name).collect::<Vec<_>>();
        assert_eq!(keyed("a GHP_ of any case"), ["GitHub token"]);
        assert_eq!(keyed("nothing of the sort, but 123456789012"), [""; 0]);
        assert_eq!(keyed("1234 5678 9012 3"), ["account number", "card number"]);
    }
}
