//! A session: turns that belong together, in order.

use super::{NewTurn, SessionId, Timestamp, TurnId};

/// The `source` of sessions that were held in recount's own screen.
pub const SOURCE_CHAT: &str = "chat";
/// The `source` of notes appended with `recount remember`.
pub const SOURCE_NOTE: &str = "note";

/// A session as the memory lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The memory's id.
    pub id: SessionId,
    /// Where it comes from: `chat`, `note`, or the name of an import format.
    pub source: String,
    /// The id that the imported file gave the conversation.
    pub source_id: Option<String>,
    /// The title that the imported file gave it.
    pub title: Option<String>,
    /// The name that the user gave it.
    pub name: Option<String>,
    /// How it begins: the first thing that was said. Read only where there is neither name nor
    /// title, and stands in for them.
    pub first_words: Option<String>,
    /// What the user marked it with, sorted.
    pub tags: Vec<String>,
    /// Whether the user pinned it to the top of the list.
    pub pinned: bool,
    /// The position up to which the user has read.
    pub read_position: Option<i64>,
    /// The turn whose edited repetition began this session.
    pub forked_from: Option<TurnId>,
    /// When its first turn was said.
    pub first_said_at: Option<Timestamp>,
    /// When its last turn was said.
    pub last_said_at: Option<Timestamp>,
    /// When it was first appended to the memory.
    pub remembered_at: Timestamp,
    /// How many turns were said in it (folded reasoning and tool content left out).
    pub turns: u64,
}

impl Session {
    /// The name, the title, or what stands in for one.
    pub fn display_title(&self) -> String {
        let given = [&self.name, &self.title].into_iter().flatten();
        if let Some(title) = given.map(|title| title.trim()).find(|title| !title.is_empty()) {
            return title.to_owned();
        }
        let begins = self.first_words.as_deref().map(title_of).filter(|title| !title.is_empty());
        begins
            .or_else(|| self.source_id.clone())
            .unwrap_or_else(|| format!("{} {}", self.source, self.id))
    }
}

/// A title for a session, from what it begins with.
pub fn title_of(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut lines = text.lines().map(str::trim);
    let line = lines.find(|line| line.chars().any(char::is_alphanumeric)).unwrap_or_default();
    if line.chars().count() <= LONGEST {
        return line.to_owned();
    }
    let cut: String = line.chars().take(LONGEST).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole);
    format!("{whole}…")
}

/// A tag as it is kept: without `#` before it, in small letters, its blanks made hyphens. `None`
/// where nothing is left.
pub fn tag_of(text: &str) -> Option<String> {
    let bare = text.trim().trim_start_matches('#').to_lowercase();
    let words: Vec<&str> = bare
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty())
        .collect();
    (!words.is_empty()).then(|| words.join("-"))
}
/// A conversation as an importer reads it from a foreign file. Where the turns are too many to be
/// held they stand beside it, as [`Said`](super::Said).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conversation {
    /// The file's own id of the conversation; `None` where the format has none.
    pub source_id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// When it began, as the file says; used for turns without a time of their own only to order.
    pub started_at: Option<Timestamp>,
    /// Its turns in the order in which they were said.
    pub turns: Vec<NewTurn>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_a_line_cut_between_words() {
        let long = "The ferry to the island leaves at seven in the morning and at noon, not later";
        for (text, title) in [
            ("Hello there\nsecond line", "Hello there"),
            ("\n  ---\n  Hi", "Hi"),
            ("", ""),
            (long, "The ferry to the island leaves at seven in the morning and…"),
        ] {
            assert_eq!(title_of(text), title);
        }
    }

    #[test]
    fn tags_are_kept_in_one_form() {
        for (text, tag) in [
            ("Work", Some("work")),
            (" #Büro Sachen ", Some("büro-sachen")),
            ("##", None),
            ("\u{1b}[31m", Some("[31m")),
            ("  ", None),
        ] {
            assert_eq!(tag_of(text).as_deref(), tag, "{text:?}");
        }
    }
}
