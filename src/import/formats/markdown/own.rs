//! The markdown that `recount export` writes: several sessions in a file, each turn under a heading
//! with its speaker and time.
//!
//! `src/export/markdown.rs` tells what it looks like. It keeps less than recount's JSON: no ids, and
//! roles only where the speaker's name tells them.

use crate::conversation::{Conversation, Kind, NewTurn, Role, Timestamp};
use crate::import::Sink;
use crate::import::error::ImportError;
use crate::import::reading::turns::{self, Turns};

/// How such a file begins.
const MARK: &str = "<!-- exported by recount -->";

/// Returns whether a text is such a file.
pub(super) fn is_export(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with(MARK)
}

/// What a turn's heading says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Head<'t> {
    speaker: &'t str,
    said_at: Option<Timestamp>,
    kind: Kind,
    on_active_path: bool,
}

/// Returns what a line says as a turn's heading: `### Ann (2023-05-08 13:56 UTC) · answer`.
fn head(line: &str) -> Option<Head<'_>> {
    let rest = line.strip_prefix("### ")?;
    // A name can hold brackets, and what looks like a mark: the last time counts.
    let at = ["UTC)", "(time unknown)"].iter().filter_map(|end| Some(rest.rfind(end)? + end.len()));
    let (named, marks) = rest.split_at(at.max()?);
    let (speaker, when) = named.strip_suffix(')')?.rsplit_once(" (")?;
    let said_at = match when {
        "time unknown" => None,
        when => Some(Timestamp::parse(&format!(
            "{}Z",
            when.strip_suffix(" UTC")?.replacen(' ', "T", 1)
        ))?),
    };
    let mut head = Head { speaker, said_at, kind: Kind::Message, on_active_path: true };
    for mark in marks.split(" · ").map(str::trim).filter(|mark| !mark.is_empty()) {
        match Kind::parse(mark) {
            Some(kind) => head.kind = kind,
            None if mark == "another branch" => head.on_active_path = false,
            None => return None,
        }
    }
    (!speaker.is_empty()).then_some(head)
}

/// Returns whether a line tells where the session that was headed above it comes from.
fn is_origin(line: &str) -> bool {
    line.starts_with('*') && line.ends_with('*') && line.contains(", session ")
}

/// Returns a line of what was said, without the backslash that keeps it from being one of ours.
fn unescaped(line: &str) -> &str {
    let bare = line.trim_start_matches('\\');
    let ours = bare.starts_with("### ")
        && (bare.contains(" UTC)") || bare.contains("(time unknown)"))
        || bare.starts_with('*') && bare.contains(", session ")
        || bare.starts_with(MARK);
    if ours && bare.len() < line.len() { &line[1..] } else { line }
}

/// Reads the sessions.
pub(super) fn read(text: &str, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let lines: Vec<&str> = text.lines().collect();
    let mut title: Option<String> = None;
    let mut turns = Turns::default();
    let mut open: Option<(Head<'_>, Vec<&str>)> = None;
    for (at, line) in lines.iter().enumerate() {
        let begins = line.strip_prefix("# ").filter(|_| {
            lines.get(at + 1).is_some_and(|blank| blank.is_empty())
                && lines.get(at + 2).is_some_and(|line| is_origin(line))
        });
        if let Some(next) = begins {
            close(open.take(), &mut turns, sink);
            flush(title.replace(next.to_owned()), std::mem::take(&mut turns), sink)?;
        } else if let Some(next) = head(line) {
            close(open.replace((next, Vec::new())), &mut turns, sink);
        } else if let Some((_, said)) = &mut open {
            said.push(unescaped(line));
        }
    }
    close(open, &mut turns, sink);
    flush(title, turns, sink)
}

fn close(open: Option<(Head<'_>, Vec<&str>)>, turns: &mut Turns, sink: &mut dyn Sink) {
    let Some((head, mut said)) = open else { return };
    let is_note = |line: &str| {
        line.trim().is_empty()
            || line.starts_with('*') && line.ends_with(" left out*")
            || head.kind == Kind::Answer && line.starts_with("> [")
    };
    while said.last().is_some_and(|line| is_note(line)) {
        said.pop();
    }
    let begins = said.iter().position(|line| !line.is_empty()).unwrap_or(said.len());
    let role = match head.kind {
        Kind::Answer | Kind::Reasoning => Role::Assistant,
        Kind::Tool => Role::Tool,
        _ => turns::role(&head.speaker.to_lowercase()).map_or(Role::User, |(role, _)| role),
    };
    let text = said[begins..].join("\n");
    let mut turn = NewTurn::message(role, head.speaker, text).of_kind(head.kind).at(head.said_at);
    turn.on_active_path = head.on_active_path;
    turns.push(turn, sink);
}

fn flush(title: Option<String>, turns: Turns, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let turns = turns.into_vec();
    if !turns.is_empty() {
        sink.conversation(Conversation { title, turns, ..Conversation::default() })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::testing::read_as;

    #[test]
    fn sessions_come_back() {
        let text = "<!-- exported by recount -->\n\n# Bread\n\n*chatgpt, session 7, \\#home*\n\n\
                    ### Ann (Mrs) (2023-05-08 13:56 UTC)\n\nRye\n# no session\n\\### x (2023-05-08 13:56 UTC)\n\
                    ### plain\n\n### assistant (2023-05-08 13:56:07 UTC) · another branch\n\nYes\n\n\
                    ### recount (time unknown) · answer\n\nRye\n\n> [1] turn 1: “Rye”\n\n\
                    *2 folded turns or turns of other branches left out*\n\n# Two\n\n*note, session 8*\n\n\
                    ### user (time unknown)\n\nBye\n";
        let sink = read_as("markdown", text);
        let titles: Vec<_> = sink.conversations.iter().filter_map(|c| c.title.as_deref()).collect();
        assert_eq!(titles, ["Bread", "Two"]);
        let first = &sink.conversations[0].turns;
        assert_eq!(first[0].text, "Rye\n# no session\n### x (2023-05-08 13:56 UTC)\n### plain");
        assert_eq!(first[0].speaker, "Ann (Mrs)");
        assert_eq!(
            first[1].said_at.map(|at| at.to_string()).as_deref(),
            Some("2023-05-08T13:56:07Z")
        );
        assert_eq!((first[1].role, first[1].on_active_path), (Role::Assistant, false));
        assert_eq!((first[2].kind, first[2].text.as_str()), (Kind::Answer, "Rye"));
        assert_eq!(sink.conversations[1].turns[0].said_at, None);
    }

    #[test]
    fn other_headings_are_said() {
        for line in [
            "### Ann",
            "### (time unknown)",
            "## Ann (time unknown)",
            "### a (1 UTC)",
            "### a (time unknown) · nonsense",
        ] {
            assert_eq!(head(line), None, "{line}");
        }
    }
}
