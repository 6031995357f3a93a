//! Reads filters out of what is typed into the search: `speaker:Ann since:2023-05-01 garden`.

use crate::conversation::{Role, Timestamp};
use crate::evidence::{Filter, Query};

/// A filter as it was recognised, for showing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// What is restricted.
    pub name: &'static str,
    /// To what.
    pub value: String,
}

/// Splits what is typed into a query and the filters it names. What is not quite a filter (a role
/// that does not exist, a date that is none) counts as words.
pub fn parse(text: &str) -> (Query, Vec<Chip>) {
    let mut filter = Filter::default();
    let mut chips = Vec::new();
    let mut words = Vec::new();
    for word in text.split_whitespace() {
        match word.split_once(':').and_then(|(name, value)| restrict(&mut filter, name, value)) {
            Some(chip) => chips.push(chip),
            None => words.push(word),
        }
    }
    (Query { text: words.join(" "), filter, ..Query::default() }, chips)
}

fn restrict(filter: &mut Filter, name: &str, value: &str) -> Option<Chip> {
    if value.is_empty() {
        return None;
    }
    let name = match name {
        "speaker" | "who" => {
            filter.speaker = Some(value.to_owned());
            "speaker"
        }
        "source" => {
            filter.source = Some(value.to_owned());
            "source"
        }
        "role" => {
            filter.role = Some(Role::parse(value)?);
            "role"
        }
        "since" => {
            filter.since = Some(day(value)?);
            "since"
        }
        "until" => {
            filter.until = Some(day(value)?);
            "until"
        }
        _ => return None,
    };
    Some(Chip { name, value: value.to_owned() })
}

/// The beginning of a day, a month or a year, in UTC.
fn day(text: &str) -> Option<Timestamp> {
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    Timestamp::parse(&format!("{whole}T00:00:00Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_taken_out_of_the_words() {
        let (query, chips) = parse("garden speaker:Ann since:2023-05 role:king at 10:30");
        assert_eq!(query.text, "garden role:king at 10:30");
        assert_eq!(query.filter.speaker.as_deref(), Some("Ann"));
        assert_eq!(query.filter.since, Timestamp::parse("2023-05-01T00:00:00Z"));
        let names: Vec<_> = chips.iter().map(|chip| chip.name).collect();
        assert_eq!(names, ["speaker", "since"]);
    }
}
