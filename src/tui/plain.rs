//! The screen for a screen reader: no alternate screen, no frames, no colours, no cursor that
//! moves. Lines are typed and answered, one after the other, as they come.
//!
//! Owns its own reading and writing, over the same assistant; nothing of the drawn screen is used.

use super::outside;
use super::view::{day, day_and_time};
use crate::assistant::{Assistant, AssistantError, Cancel, Outcome, Part, SessionQuery};
use crate::conversation::{
    SOURCE_CHAT, Session, SessionId, Turn, TurnId, name_of, visible, visible_line,
};
use crate::evidence::{Answer, Citation, Query};
use crate::language::Intent;
use std::io::{self, BufRead, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// How many rows a list has.
const ROWS: usize = 10;
/// How many turns are read on either side of a source, and at the end of a session.
const AROUND: usize = 3;
const LAST: usize = 10;

const HELP: &str =
    "Type a statement, and recount remembers it. Type a question, and recount answers it.
/undo: remove the last statement from memory. /ask TEXT: ask TEXT, whatever it looks like.
/ask: ask the last statement instead of remembering it.
Type a source's number to read it in context.
/search WORDS: find turns. /sessions: list sessions. /open NUMBER: open a session in the list.
/new: start a session. /incognito: turn incognito on or off. /remember TEXT: store a note.
/copy: copy the answer. /status: show what memory holds. /help: show this help. /quit: quit.";

/// What is running now, so that a signal can cancel it.
#[derive(Clone, Default)]
pub struct Running(Arc<Mutex<Option<Cancel>>>);

impl Running {
    /// Cancels what is running; `false` where nothing is.
    pub fn cancel(&self) -> bool {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        running.inspect(Cancel::cancel).is_some()
    }

    fn set(&self, cancel: Option<Cancel>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = cancel;
    }
}

/// A statement that was remembered, and can be undone.
struct Statement {
    session: SessionId,
    turn: TurnId,
    /// As it was typed.
    text: String,
    /// As it may be repeated: a secret in it is masked.
    shown: String,
}

/// The conversation, line by line.
struct Plain<'a, W: Write> {
    assistant: &'a Assistant,
    out: W,
    running: &'a Running,
    session: Option<SessionId>,
    incognito: bool,
    /// Whether the memory can only be read.
    read_only: bool,
    /// What was said and not stored, newest first.
    whispered: Vec<String>,
    /// The statements that can be undone, oldest first.
    statements: Vec<Statement>,
    answer: String,
    citations: Vec<Citation>,
    listed: Vec<Session>,
}

/// Reads lines and answers them until `/quit` or the end.
pub fn run(
    assistant: &Assistant,
    input: impl BufRead,
    out: impl Write,
    running: &Running,
) -> io::Result<()> {
    let mut plain = Plain {
        assistant,
        out,
        running,
        session: None,
        incognito: false,
        read_only: assistant.status().is_ok_and(|status| status.read_only),
        whispered: Vec::new(),
        statements: Vec::new(),
        answer: String::new(),
        citations: Vec::new(),
        listed: Vec::new(),
    };
    plain.say("recount. Type a line and press Enter. /help lists all commands. Nothing leaves this machine.")?;
    if plain.read_only {
        plain.say("The memory is read-only: nothing is stored.")?;
    }
    for line in input.lines() {
        let line = line?;
        let text = line.trim();
        if text.is_empty() {
            continue;
        }
        if text == "/quit" {
            break;
        }
        let cancel = Cancel::new();
        plain.running.set(Some(cancel.clone()));
        let done = plain.take(text, &cancel);
        plain.running.set(None);
        match done {
            Ok(()) => {}
            Err(Stopped::Write(error)) => return Err(error),
            Err(Stopped::Assistant(AssistantError::Cancelled)) => plain.say("Cancelled.")?,
            Err(Stopped::Assistant(error)) => plain.say(&format!("Failed: {error}"))?,
        }
    }
    plain.say("Goodbye.")
}

enum Stopped {
    Write(io::Error),
    Assistant(AssistantError),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl From<AssistantError> for Stopped {
    fn from(error: AssistantError) -> Self {
        Self::Assistant(error)
    }
}

impl<W: Write> Plain<'_, W> {
    /// Writes a line; everything that reaches the terminal goes through here.
    fn say(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", visible(text))?;
        self.out.flush()
    }

    fn take(&mut self, text: &str, cancel: &Cancel) -> Result<(), Stopped> {
        if let Ok(number) = text.parse::<usize>() {
            return self.source(number);
        }
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        match name {
            "/help" => self.say(HELP)?,
            "/new" => {
                self.session = None;
                self.say("New session.")?;
            }
            "/incognito" if self.read_only => {
                self.say("The memory is read-only: nothing is stored anyway.")?;
            }
            "/incognito" => {
                self.incognito = !self.incognito;
                (self.session, self.whispered) = (None, Vec::new());
                self.say(if self.incognito {
                    "Incognito: nothing is stored from now on."
                } else {
                    "Incognito is off: your messages are remembered again."
                })?;
            }
            "/remember" => {
                self.assistant.remember(rest)?;
                self.say("Remembered.")?;
            }
            "/undo" => {
                if let Some(undone) = self.undo()? {
                    self.say(&format!("Undone. No longer remembered: {}", undone.shown))?;
                }
            }
            "/ask" if rest.is_empty() => {
                if let Some(undone) = self.undo()? {
                    self.say(&format!("Asked instead of remembered: {}", undone.shown))?;
                    self.talk(&undone.text, Some(Intent::Ask), cancel)?;
                }
            }
            "/ask" => self.talk(rest, Some(Intent::Ask), cancel)?,
            "/search" => self.search(rest)?,
            "/sessions" => self.sessions(rest)?,
            "/open" => self.open(rest)?,
            "/copy" => self.copy()?,
            "/status" => self.status()?,
            _ if name.starts_with('/') && !name[1..].contains('/') => {
                self.say(&format!("Unknown command {name}. /help lists all commands."))?;
            }
            _ => self.talk(text, None, cancel)?,
        }
        Ok(())
    }

    fn talk(&mut self, text: &str, intent: Option<Intent>, cancel: &Cancel) -> Result<(), Stopped> {
        if self.incognito || self.read_only {
            let context = self.whispered.clone();
            let answer = self.assistant.whisper(text, context, intent, cancel, &mut |_| {})?;
            self.whispered.insert(0, text.to_owned());
            self.whispered.truncate(6);
            return match answer {
                Some(answer) => Ok(self.answered(&answer)?),
                None if self.read_only => Ok(self.say("Not remembered: the memory is read-only.")?),
                None => Ok(self.say("Not remembered: incognito is on.")?),
            };
        }
        let mut stored = None;
        let mut told = None;
        let mut shown = text.to_owned();
        let mut sink = |part: Part| match part {
            Part::Stored { session, .. } => stored = Some(session),
            Part::Masked { notice, text } => (told, shown) = (Some(notice), text),
            Part::Text(_) => {}
        };
        let reply = self.assistant.say(self.session, text, intent, cancel, &mut sink);
        self.session = stored.or(self.session);
        if let Some(notice) = told {
            self.say(&notice)?;
        }
        let reply = reply?;
        match reply.outcome {
            Outcome::Noted => {
                let (session, turn, text) = (reply.session, reply.turn, text.to_owned());
                self.statements.push(Statement { session, turn, text, shown });
                self.say("Remembered.")?;
            }
            Outcome::Answered { answer, .. } => self.answered(&answer)?,
        }
        Ok(())
    }

    /// Removes the last statement of this session from memory; says so if there is none.
    fn undo(&mut self) -> Result<Option<Statement>, Stopped> {
        let here = self.statements.iter().rposition(|said| Some(said.session) == self.session);
        let Some(at) = here else {
            self.say("Nothing to undo: no statement in this session yet.")?;
            return Ok(None);
        };
        let taken = self.assistant.take_back(self.statements[at].turn)?;
        if taken.session_gone {
            self.session = None;
        }
        Ok(Some(self.statements.remove(at)))
    }

    fn answered(&mut self, answer: &Answer) -> io::Result<()> {
        self.answer.clone_from(&answer.text);
        self.citations.clone_from(&answer.citations);
        let reason = answer.reason.as_deref().unwrap_or_default();
        if answer.abstained {
            self.say(&format!("Answer: I don't know. {reason}"))?;
        } else {
            let sure = answer.confidence.clamp(0.0, 1.0) * 100.0;
            self.say(&format!("Answer, {sure:.0} percent sure: {}. {reason}", answer.text))?;
        }
        for citation in answer.citations.clone() {
            let when = citation.said_at.map(|at| format!(", {}", day(at))).unwrap_or_default();
            let (speaker, quote) =
                (visible_line(name_of(&citation.speaker)), visible_line(&citation.quote));
            self.say(&format!("Source {}: {speaker}{when}: {quote}", citation.number))?;
        }
        Ok(())
    }

    /// Tells a source in its surroundings.
    fn source(&mut self, number: usize) -> Result<(), Stopped> {
        let found = self.citations.iter().find(|citation| citation.number == number).cloned();
        let Some(citation) = found else {
            return Ok(self.say(&format!("The last answer has no source {number}."))?);
        };
        for turn in self.assistant.surroundings(citation.turn, AROUND, AROUND)? {
            let mark = if turn.id == citation.turn { "Here: " } else { "" };
            self.turn(&turn, mark)?;
        }
        Ok(())
    }

    fn turn(&mut self, turn: &Turn, mark: &str) -> io::Result<()> {
        if !turn.kind.is_said() {
            return Ok(());
        }
        let when = turn.said_at.map(|at| format!(", {}", day_and_time(at))).unwrap_or_default();
        let speaker = visible_line(name_of(&turn.speaker));
        self.say(&format!("{mark}{speaker}{when}: {}", turn.text))
    }

    fn search(&mut self, words: &str) -> Result<(), Stopped> {
        let hits = self.assistant.search(&Query::new(words), ROWS)?;
        self.say(&format!("{} found.", hits.len()))?;
        for (at, hit) in hits.iter().enumerate() {
            let place = format!("{}, in {}. ", at + 1, visible_line(&hit.session_title));
            self.turn(&hit.turn, &place)?;
        }
        Ok(())
    }

    fn sessions(&mut self, title: &str) -> Result<(), Stopped> {
        let query = SessionQuery { text: title.to_owned(), ..SessionQuery::default() };
        self.listed = self.assistant.sessions(&query, 0, ROWS)?;
        self.say(&format!("{} sessions. /open NUMBER opens one.", self.listed.len()))?;
        for (at, session) in self.listed.clone().iter().enumerate() {
            let when = session.last_said_at.map(|at| format!(", {}", day(at))).unwrap_or_default();
            let title = session.display_title();
            let title = visible_line(&title);
            self.say(&format!("{}: {title}, {} turns{when}.", at + 1, session.turns))?;
        }
        Ok(())
    }

    fn open(&mut self, number: &str) -> Result<(), Stopped> {
        let at = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let Some(session) = at.and_then(|at| self.listed.get(at)).cloned() else {
            return Ok(
                self.say("Type a number from the list that /sessions shows, such as /open 1.")?
            );
        };
        let from = i64::try_from(session.turns).unwrap_or(0) - LAST as i64;
        self.say(&format!("The end of {}:", visible_line(&session.display_title())))?;
        for turn in self.assistant.turns(session.id, from.max(0), LAST * 2)? {
            self.turn(&turn, "")?;
        }
        // What was imported stays as it was: a new session begins.
        self.session = (session.source == SOURCE_CHAT).then_some(session.id);
        Ok(())
    }

    fn copy(&mut self) -> io::Result<()> {
        if self.answer.is_empty() {
            return self.say("No answer to copy yet.");
        }
        match outside::copy(&visible(&self.answer)) {
            outside::Copied::By(program) => self.say(&format!("Copied with {program}.")),
            outside::Copied::NeedsTerminal => self.say("Not copied: no clipboard program found."),
        }
    }

    fn status(&mut self) -> Result<(), Stopped> {
        let status = self.assistant.status()?;
        let (turns, sessions) = (status.turns, status.sessions);
        self.say(&format!("{turns} turns in {sessions} sessions, in {}.", status.path.display()))?;
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::{Running, run};
    use crate::assistant::{Assistant, empty};
    use crate::conversation::SessionId;

    fn typed(assistant: &Assistant, lines: &str) -> String {
        let mut out = Vec::new();
        run(assistant, lines.as_bytes(), &mut out, &Running::default()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_statement_is_undone_or_asked_by_commands() {
        let assistant = empty();
        let heard = typed(
            &assistant,
            "/undo\nThe ferry to Texel leaves at nine.\nThe boiler was repaired on 3 May 2024.\n\
             /undo\n/ask the ferry to Texel leaves when\n",
        );
        for expected in [
            "Nothing to undo",
            "Undone. No longer remembered: The boiler was repaired on 3 May 2024.",
            "Source 1: you, 10 June 2024: The ferry to Texel leaves at nine.",
        ] {
            assert!(heard.contains(expected), "{heard}");
        }
        let turns = assistant.turns(SessionId(1), 0, 10).unwrap();
        assert!(turns.iter().all(|turn| !turn.text.contains("boiler")), "{turns:?}");

        let heard = typed(&assistant, "My bike is in the ferry shed.\n/ask\n/undo\n");
        assert!(heard.contains("Asked instead of remembered: My bike is in"), "{heard}");
        assert!(heard.contains("Nothing to undo"), "{heard}");
    }
}
