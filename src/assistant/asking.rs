//! Asking other than by going on: an earlier question differently, the same one again, and without
//! leaving a trace.

use super::{Assistant, AssistantError, Cancel, Outcome, Part, Reply, WINDOW, Window, elapsed_ms};
use crate::conversation::{SOURCE_CHAT, Turn, TurnId};
use crate::evidence::{Answer, GivenAnswer, Query};
use crate::language::Intent;
use std::time::Instant;

impl Assistant {
    /// Says something in the place of an earlier turn: in a new session that goes on from what was
    /// said before that turn. What was said stays as it is.
    pub fn say_instead(
        &self,
        turn: TurnId,
        text: &str,
        intent: Option<Intent>,
        cancel: &Cancel,
        sink: &mut dyn FnMut(Part),
    ) -> Result<Reply, AssistantError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AssistantError::Empty);
        }
        self.admit(text)?;
        let Some(before) = self.memory.turn(turn)? else { return Err(AssistantError::Gone) };
        let context = self.window_before(&before)?;
        let now = self.clock.now();
        let session = self.memory.begin_fork(SOURCE_CHAT, turn, now)?;
        self.say_in(session, context, text, intent, cancel, sink)
    }

    /// Answers a stored question once more, from what is known now; the answer is appended at the
    /// end of its session.
    pub fn answer_again(
        &self,
        question: TurnId,
        cancel: &Cancel,
        sink: &mut dyn FnMut(Part),
    ) -> Result<Reply, AssistantError> {
        let started = Instant::now();
        let Some(asked) = self.memory.turn(question)? else { return Err(AssistantError::Gone) };
        let query = Query { context: self.window_before(&asked)?, ..Query::new(&asked.text) };
        let mut answer =
            self.answer(&query, cancel, &mut |part| sink(Part::Text(part.to_owned())))?;
        answer.elapsed_ms = elapsed_ms(started);
        let turn = self.append_answer(asked.session, question, &answer)?;
        let outcome = Outcome::Answered { turn, answer };
        Ok(Reply { session: asked.session, turn: question, outcome })
    }

    /// Answers a question and stores nothing of it; `None` for a statement, which then nobody
    /// remembers. What was said before in this conversation is given as `context`, newest first.
    pub fn whisper(
        &self,
        text: &str,
        context: Vec<String>,
        intent: Option<Intent>,
        cancel: &Cancel,
        sink: &mut dyn FnMut(&str),
    ) -> Result<Option<Answer>, AssistantError> {
        if intent.unwrap_or_else(|| self.intent(text)) == Intent::Tell {
            return Ok(None);
        }
        self.ask(&Query { context, ..Query::new(text.trim()) }, cancel, sink).map(Some)
    }

    /// How a stored answer was given, where that is known.
    pub fn given_answer(&self, answer: TurnId) -> Result<Option<GivenAnswer>, AssistantError> {
        Ok(self.memory.given_answer(answer)?)
    }

    /// The texts that were said in a session before a turn, newest first.
    fn window_before(&self, turn: &Turn) -> Result<Vec<String>, AssistantError> {
        let from = (turn.position - WINDOW as i64).max(0);
        let limit = usize::try_from(turn.position - from).unwrap_or(0);
        let mut window = Window::new(WINDOW);
        for turn in self.memory.turns(turn.session, from, limit)? {
            window.push(turn.text);
        }
        Ok(window.iter().cloned().collect())
    }
}
