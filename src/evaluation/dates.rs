//! Whether two answers mean the same time, however they are put.

use super::measures::f1;
use crate::language;
use jiff::civil::Date;
use regex::Regex;
use std::sync::LazyLock;

/// "The Friday before 22 October 2023": how references put what was said as "last Friday".
static AROUND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\s*(?:the |a )?(?:(few|two|three|four|couple of|\d+) )?(weekday|week|weekend|day|month|year|sunday|monday|tuesday|wednesday|thursday|friday|saturday)s? (before|after|of) (.*\d{4}.*)$",
    )
    .ok()
});

/// Whether an answer means the day or the period of a reference: it is the same, or lies in it where
/// the reference is a period. Where the reference names no time, whether both say the same.
pub(super) fn same(answer: &str, gold: &str) -> bool {
    let Some((first, last)) = meaning(gold) else { return f1(answer, gold) >= 0.99 };
    let Some((from, until)) = meaning(answer) else { return false };
    let is_period = first != last;
    (from, until) == (first, last) || (is_period && first <= from && until <= last)
}

/// The first and the last day that a text can mean.
fn meaning(text: &str) -> Option<(Date, Date)> {
    /// Only relative words need a day on which they were said; there are none of them here.
    const NEVER: Date = Date::constant(2000, 1, 1);
    let of = |text: &str, said: Date| {
        let when = language::times(text, said).into_iter().next()?;
        Some((when.first, when.last))
    };
    if let Some(found) = AROUND.as_ref()?.captures(text) {
        let said = of(&found[4], NEVER)?.0;
        let (unit, side) = (found[2].to_lowercase(), found[3].to_lowercase());
        let words = match (found.get(1), side.as_str()) {
            (Some(count), "before") => format!("{} {unit}s ago", count_of(count.as_str())),
            (Some(count), _) => format!("in {} {unit}s", count_of(count.as_str())),
            (None, "before") if unit == "day" => "yesterday".to_owned(),
            (None, "after") if unit == "day" => "tomorrow".to_owned(),
            (None, "before") => format!("last {unit}"),
            (None, "after") => format!("next {unit}"),
            (None, _) => format!("this {unit}"),
        };
        return of(&words, said);
    }
    of(text, NEVER)
}

fn count_of(word: &str) -> String {
    match word.to_lowercase().as_str() {
        "few" => "a few".to_owned(),
        "couple of" => "a couple of".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_day_is_the_same_however_it_is_put() {
        for (answer, gold) in [
            ("7 May 2023", "7 May 2023"),
            ("Sunday, 7 May 2023", "7 May, 2023"),
            ("Friday, 20 October 2023", "The Friday before 22 October 2023"),
            ("the week before 9 June 2023", "The week before 9 June 2023"),
            ("the weekend of 15 July 2023", "The weekend before 17 July 2023"),
            ("31 May 2023", "the week before 9 June 2023"),
            ("June 2023", "June 2023"),
            ("2022", "2022"),
            ("twice a week", "Twice a week"),
        ] {
            assert!(same(answer, gold), "{answer} / {gold}");
        }
        for (answer, gold) in [
            ("8 May 2023", "7 May 2023"),
            ("May 2023", "7 May 2023"),
            ("yes", "7 May 2023"),
            ("Friday, 27 October 2023", "The Friday before 22 October 2023"),
            ("once a week", "twice a year"),
        ] {
            assert!(!same(answer, gold), "{answer} / {gold}");
        }
    }
}
