//! Markdown to be read by people, as it is or rendered, and read again by our own importer.
//!
//! A session is a heading of the first level with a line on where it comes from, a turn a heading of
//! the third with its speaker and time. What was said stands below; a line of it that looks like one
//! of ours gets a backslash before it, which the importer takes away. Control characters are made
//! visible: such a file is looked at in a terminal.

use super::{About, Exporter, Shown, left_out, marks};
use crate::conversation::{SessionRecord, Timestamp, TurnRecord, visible, visible_line};
use std::io::{self, Write};

/// How the file begins; the importer knows it by this.
const MARK: &str = "<!-- exported by recount -->";

/// Writes markdown.
#[derive(Debug)]
pub(super) struct Markdown {
    shown: Shown,
    left_out: u64,
}

impl Markdown {
    pub(super) fn new(shown: Shown) -> Self {
        Self { shown, left_out: 0 }
    }
}

impl Exporter for Markdown {
    fn begin(&mut self, about: &About, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{MARK}")?;
        if let Some(query) = &about.query {
            writeln!(out, "\nWhat was found for “{}”.", visible_line(query))?;
        }
        Ok(())
    }

    fn session(&mut self, record: &SessionRecord, out: &mut dyn Write) -> io::Result<()> {
        let session = &record.session;
        self.left_out = 0;
        writeln!(out, "\n# {}\n", visible_line(&session.display_title()))?;
        write!(out, "*{}, session {}", visible_line(&session.source), session.id)?;
        for tag in &session.tags {
            write!(out, ", \\#{}", visible_line(tag))?;
        }
        writeln!(out, "*")
    }

    fn holds(&self, record: &TurnRecord) -> bool {
        self.shown.holds(record)
    }

    fn turn(&mut self, record: &TurnRecord, out: &mut dyn Write) -> io::Result<()> {
        if !self.holds(record) {
            self.left_out += 1;
            return Ok(());
        }
        let turn = &record.turn;
        let when = turn.said_at.map_or_else(|| "time unknown".to_owned(), stamp);
        write!(out, "\n### {} ({when})", visible_line(&turn.speaker))?;
        for mark in marks(record) {
            write!(out, " · {mark}")?;
        }
        out.write_all(b"\n\n")?;
        for line in turn.text.lines() {
            let escape = if is_heading(line.trim_start_matches('\\')) { "\\" } else { "" };
            writeln!(out, "{escape}{}", visible(line))?;
        }
        if !record.quotations.is_empty() {
            out.write_all(b"\n")?;
        }
        for quotation in &record.quotations {
            let quote = visible_line(&quotation.quote);
            writeln!(out, "> [{}] turn {}: “{quote}”", quotation.number, quotation.turn)?;
        }
        Ok(())
    }

    fn end_session(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.left_out == 0 {
            return Ok(());
        }
        writeln!(out, "\n*{}*", left_out(self.left_out))
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// A time that people and the importer read.
fn stamp(at: Timestamp) -> String {
    let civil = at.civil();
    let format = if civil.second() == 0 { "%Y-%m-%d %H:%M UTC" } else { "%Y-%m-%d %H:%M:%S UTC" };
    civil.strftime(format).to_string()
}

/// Whether a line could be taken for one of ours.
fn is_heading(line: &str) -> bool {
    line.starts_with("### ") && (line.contains(" UTC)") || line.contains("(time unknown)"))
        || line.starts_with('*') && line.contains(", session ")
        || line.starts_with(MARK)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{answer, at, export, session, turn};
    use super::*;
    use crate::conversation::Kind;

    #[test]
    fn reads_well_and_marks_what_is_folded() {
        let mut thought = turn(2, "assistant", "hm");
        thought.turn.kind = Kind::Reasoning;
        let mut untimed =
            turn(3, "Bob\n### Eve", "a\n### x (2023-05-08 13:56 UTC)\n### plain\n\u{1b}[2J");
        untimed.turn.said_at = None;
        let turns = || vec![turn(1, "Ann", "Rye"), thought.clone(), untimed.clone(), answer(4, 1)];
        let mut first = session(7, Some("Bread # Rye"));
        first.session.tags = vec!["home".into()];
        let text = export(&mut Markdown::new(Shown::default()), &[(first.clone(), turns())]);
        assert_eq!(
            text,
            "<!-- exported by recount -->\n\n# Bread # Rye\n\n*markdown, session 7, \\#home*\n\n\
             ### Ann (2023-05-08 13:56 UTC)\n\nRye\n\n\
             ### Bob ### Eve (time unknown)\n\na\n\\### x (2023-05-08 13:56 UTC)\n### plain\n␛[2J\n\n\
             ### recount (2023-05-08 13:56 UTC) · answer\n\nRye\n\n> [1] turn 1: “Rye”\n\n\
             *1 folded turn or turn of other branches left out*\n"
        );
        let all = Shown { folded: true, branches: true };
        let text = export(&mut Markdown::new(all), &[(first, turns())]);
        assert!(
            text.contains("### assistant (2023-05-08 13:56 UTC) · reasoning\n\nhm\n"),
            "{text}"
        );
        assert!(!text.contains("left out"));
        assert_eq!(stamp(at("2023-05-08T13:56:07.5Z")), "2023-05-08 13:56:07 UTC");
    }
}
