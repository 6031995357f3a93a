//! What stands before the prompt in the titles of activities, in whatever language.

/// What it is in English, now and before.
const KNOWN: [&str; 4] = ["Prompted ", "Prompted\u{A0}", "Said ", "Asked "];

/// How far into a title it may reach, in characters.
const LONGEST: usize = 40;

/// What the titles of a file begin with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Prefix(Option<String>);

impl Prefix {
    /// Decides from some titles of a file: a beginning that most of them share.
    pub(super) fn of<'t>(titles: impl Iterator<Item = &'t str>) -> Self {
        let titles: Vec<&str> = titles.collect();
        let mut best: Option<(usize, &str)> = None;
        for title in &titles {
            for end in ends(title) {
                let prefix = &title[..end];
                let count = titles.iter().filter(|title| title.starts_with(prefix)).count();
                let enough = count >= 2 && count * 2 > titles.len();
                // Of beginnings that as many share the longest is whole.
                if enough && best.is_none_or(|(n, known)| (count, prefix.len()) > (n, known.len()))
                {
                    best = Some((count, prefix));
                }
            }
        }
        Self(best.map(|(_, prefix)| prefix.to_owned()))
    }

    /// Returns a title without it; `None` where the title does not begin with it.
    pub(super) fn strip<'t>(&self, title: &'t str) -> Option<&'t str> {
        let own = self.0.as_deref().and_then(|prefix| title.strip_prefix(prefix));
        own.or_else(|| KNOWN.iter().find_map(|prefix| title.strip_prefix(prefix)))
    }
}

/// Returns where in a title such a beginning can end: behind a space that does not break, behind a
/// colon, behind its first word.
fn ends(title: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut words = 0;
    for (count, (at, c)) in title.char_indices().enumerate() {
        if count > LONGEST {
            break;
        }
        let end = at + c.len_utf8();
        let after_colon = title[..at].ends_with([':', '：']);
        if c == '\u{A0}' {
            ends.push(end);
            break;
        }
        if c == ' ' {
            words += 1;
            if words == 1 || after_colon {
                ends.push(end);
            }
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_most_titles_begin_with() {
        for (titles, title, expected) in [
            (&["Prompted a", "Prompted b"][..], "Prompted c", Some("c")),
            (&["Prompted only one"], "Prompted only one", Some("only one")),
            (&["Pokyn\u{A0}a b", "Pokyn\u{A0}c d"], "Pokyn\u{A0}e", Some("e")),
            (
                &["Eingegebener Prompt: a", "Eingegebener Prompt: b"],
                "Eingegebener Prompt: c",
                Some("c"),
            ),
            (&["a b", "c d", "e f"], "a b", None),
            (&[], "x", None),
        ] {
            let prefix = Prefix::of(titles.iter().copied());
            assert_eq!(prefix.strip(title), expected, "{titles:?}");
        }
    }
}
