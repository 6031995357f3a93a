//! What the formats of people's chats share: messages of the program itself, identities where an
//! export gives none, and the lines that stand for shared things.

use crate::conversation::{Kind, NewTurn, Role};
use crate::import::reading::turns::file;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// Returns a service message: what a chat's program says of it, such as who joined. It is kept,
/// folded away, and counts as said by nobody.
pub(in crate::import) fn service(text: impl Into<String>) -> NewTurn {
    NewTurn::message(Role::System, Role::System.as_str(), text).of_kind(Kind::Tool)
}

/// Returns what a message says; where that is nothing, as with things that an export does not know,
/// a line that stands for it: that somebody sent something is part of a chat.
pub(in crate::import) fn spoken(text: String) -> String {
    if text.trim().is_empty() { media("message without text") } else { text }
}

/// Identities for messages of chats whose exports give none: when, who, and the how-manieth in
/// that moment. What was said does not count, so that an edited message is the same one.
#[derive(Debug, Default)]
pub(in crate::import) struct Stamps {
    /// How many there are of each moment and speaker, by their hash: of two that have the same by
    /// accident one only counts higher.
    counts: HashMap<u64, u32>,
    hasher: RandomState,
}

impl Stamps {
    /// Returns the identity of the next message of a speaker at a wall-clock time.
    pub(in crate::import) fn id(
        &mut self,
        civil: Option<jiff::civil::DateTime>,
        speaker: &str,
    ) -> String {
        let moment = civil.map_or_else(|| "?".to_owned(), |civil| civil.to_string());
        let count = self.counts.entry(self.hasher.hash_one((&moment, speaker))).or_default();
        *count += 1;
        format!("{moment}/{speaker}/{count}")
    }
}

/// Returns the line that stands for a shared thing of which only the kind is known: `[picture]`.
pub(in crate::import) fn media(kind: &str) -> String {
    format!("[{kind}]")
}

/// Returns the line that stands for a file with its type and its size, as far as they are known.
pub(in crate::import) fn file_about(
    name: Option<&str>,
    kind: Option<&str>,
    size: Option<u64>,
) -> String {
    let size = size.filter(|size| *size > 0).map(|size| match size {
        0..=1023 => format!("{size} bytes"),
        1024..=1_048_575 => format!("{} KB", size / 1024),
        _ => format!("{} MB", size / 1_048_576),
    });
    let about: Vec<&str> = kind.into_iter().chain(size.as_deref()).collect();
    let name = name.map(str::trim).filter(|name| !name.is_empty()).unwrap_or("unnamed");
    if about.is_empty() { file(name) } else { file(&format!("{name} ({})", about.join(", "))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_say_what_is_known_of_them() {
        for (name, kind, size, expected) in [
            (Some("a.pdf"), None, None, "[file: a.pdf]"),
            (
                Some("a.pdf"),
                Some("application/pdf"),
                Some(2048),
                "[file: a.pdf (application/pdf, 2 KB)]",
            ),
            (Some(" "), None, Some(3 << 20), "[file: unnamed (3 MB)]"),
            (None, None, Some(12), "[file: unnamed (12 bytes)]"),
        ] {
            assert_eq!(file_about(name, kind, size), expected);
        }
    }

    #[test]
    fn identities_count_within_a_moment() {
        let mut stamps = Stamps::default();
        let noon = Some(jiff::civil::date(2023, 5, 4).at(12, 0, 0, 0));
        let ids = [(noon, "Ada"), (noon, "Ada"), (noon, "Bob"), (None, "Ada")];
        let ids = ids.map(|(civil, speaker)| stamps.id(civil, speaker));
        assert_eq!(
            ids,
            [
                "2023-05-04T12:00:00/Ada/1",
                "2023-05-04T12:00:00/Ada/2",
                "2023-05-04T12:00:00/Bob/1",
                "?/Ada/1"
            ]
        );
    }
}
