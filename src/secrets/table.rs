//! The table of `assets/secrets.toml`, read once.

use super::Secret;
use super::checks::{Check, entropy};
use regex::{Regex, RegexBuilder};
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
    /// Whether it is looked for only in texts that hold a beginning of the table.
    pub(super) keyed: bool,
    pattern: &'static str,
    entropy: f32,
    check: Check,
    /// Made when a text first wants it: most programs never do.
    regex: OnceLock<Option<Regex>>,
}

/// Every sort of secret.
pub(super) struct Table {
    pub(super) rules: Vec<Rule>,
    /// Any beginning of any of them, in any case.
    beginnings: Option<Regex>,
}

/// The table. It is part of the program, and a test reads all of it: a row that cannot be read is
/// one that is not there.
pub(super) fn table() -> &'static Table {
    static READ: OnceLock<Table> = OnceLock::new();
    READ.get_or_init(|| {
        let rows = toml::from_str::<Rows>(TABLE).map(|rows| rows.secret).unwrap_or_default();
        let beginnings: Vec<String> =
            rows.iter().flat_map(|row| &row.begins).map(|begins| regex::escape(begins)).collect();
        Table {
            beginnings: compiled(&format!("(?i-u){}", beginnings.join("|"))),
            rules: rows.into_iter().map(Rule::of).collect(),
        }
    })
}

fn compiled(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).size_limit(64 << 20).build().ok()
}

impl Table {
    /// Whether a text holds what a secret begins with. Most do not, and are not looked at closer.
    pub(super) fn keyed(&self, text: &str) -> bool {
        self.beginnings.as_ref().is_none_or(|any| any.is_match(text))
    }
}

impl Rule {
    fn of(row: Row) -> Self {
        Self {
            name: row.name.leak(),
            keyed: !row.begins.is_empty(),
            pattern: row.pattern.leak(),
            entropy: row.entropy,
            check: row.check.as_deref().and_then(Check::parse).unwrap_or(Check::None),
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
            holds.then(|| Secret { name: self.name, range: part.range() })
        };
        regex.captures_iter(text).filter_map(secret).collect()
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
        assert!(table().keyed("a GHP_ of any case") && !table().keyed("nothing of the sort"));
    }
}
