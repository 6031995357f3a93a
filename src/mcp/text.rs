//! How remembered things read in a result: plain lines with turn ids, times and speakers, under a
//! notice that they are data.

use super::fence::{Fence, quoted};
use crate::conversation::{Session, Timestamp, Turn, visible_line};
use crate::evidence::{Answer, Hit};
use std::fmt::Write as _;

/// Returns the lines of what a search found.
pub(super) fn hits(hits: &[Hit]) -> String {
    if hits.is_empty() {
        return "Nothing found in memory.".to_owned();
    }
    let mut fence = Fence::new();
    for hit in hits {
        let title = quoted(&hit.session_title);
        let place = format!("session {} {title}, {}", hit.turn.session, quoted(&hit.source));
        said(&mut fence, &hit.turn, &place);
    }
    fence.text
}

/// Returns an answer with the turns it rests on.
pub(super) fn answer(answer: &Answer) -> String {
    let mut text = Fence::new().text;
    if answer.abstained {
        let reason = answer.reason.as_deref().unwrap_or("nothing remembered fits");
        let _ = writeln!(text, "Memory does not hold the answer: {}", visible_line(reason));
    } else {
        let _ = writeln!(
            text,
            "Answer: {} (confidence {:.2})",
            quoted(&answer.text),
            answer.confidence
        );
    }
    for citation in &answer.citations {
        let _ = writeln!(
            text,
            "[{}] turn {}, session {}, {}{}: {}",
            citation.number,
            citation.turn,
            citation.session,
            quoted(&citation.speaker),
            time(citation.said_at),
            quoted(&citation.quote),
        );
    }
    text
}

/// Returns the lines of a stretch of a session, and where it goes on.
pub(super) fn session(session: &Session, turns: &[Turn], goes_on: Option<&str>) -> String {
    let mut fence = Fence::new();
    let _ = writeln!(
        fence.text,
        "Session {} {}, {}, {}",
        session.id,
        quoted(&session.display_title()),
        quoted(&session.source),
        turn_count(session)
    );
    for turn in turns {
        said(&mut fence, turn, &format!("position {}", turn.position));
    }
    if let Some(uri) = goes_on {
        let _ = writeln!(fence.text, "The session goes on: {uri}");
    }
    fence.text
}

/// Returns a line for each session.
pub(super) fn sessions(sessions: &[Session]) -> String {
    if sessions.is_empty() {
        return "No sessions.".to_owned();
    }
    let mut text = Fence::new().text;
    for session in sessions {
        let _ = writeln!(
            text,
            "session {}: {}, {}, {}{}",
            session.id,
            quoted(&session.display_title()),
            quoted(&session.source),
            turn_count(session),
            time(session.last_said_at)
        );
    }
    text
}

/// Returns how many turns a session has, in words.
pub(super) fn turn_count(session: &Session) -> String {
    let turns = session.turns;
    format!("{turns} turn{}", if turns == 1 { "" } else { "s" })
}

fn said(fence: &mut Fence, turn: &Turn, place: &str) {
    let (speaker, time) = (quoted(&turn.speaker), time(turn.said_at));
    let _ = writeln!(fence.text, "[turn {}] {speaker}{time} ({place})", turn.id);
    fence.quote(&turn.text);
}

fn time(at: Option<Timestamp>) -> String {
    at.map_or_else(String::new, |at| format!(", {at}"))
}
