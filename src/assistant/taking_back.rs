//! Taking back a statement that was just remembered.
//!
//! Owns: removing one turn, and saying what went with it. Does not own: forgetting, which also wipes
//! every trace from the file (`forgetting`). The user wants this text back, so the wipe would only
//! make them wait.

use super::{Assistant, AssistantError};
use crate::conversation::TurnId;
use crate::memory::ForgetFilter;

/// What was removed when a turn was taken back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenBack {
    /// The turn, and the answers that were based on it. Empty if it was gone already.
    pub turns: Vec<TurnId>,
    /// Whether its session is gone too, because nothing is left in it.
    pub session_gone: bool,
}

impl Assistant {
    /// Removes a turn from memory, with the answers that are based on it. There is no undo, so the
    /// caller keeps the text. Removing a turn that is gone already is not an error.
    pub fn take_back(&self, turn: TurnId) -> Result<TakenBack, AssistantError> {
        let Some(said) = self.memory.turn(turn)? else { return Ok(TakenBack::default()) };
        let filter = ForgetFilter { turns: Some(vec![turn]), ..ForgetFilter::default() };
        let chosen = self.memory.choose(&filter)?;
        self.memory.forget(&chosen, self.clock.now())?;
        let turns = chosen.turns.into_iter().chain(chosen.answers).collect();
        Ok(TakenBack { turns, session_gone: self.memory.session(said.session)?.is_none() })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::super::tests::assistant;
    use super::super::{Assistant, Cancel, Outcome, Reply};
    use super::TakenBack;
    use crate::conversation::{Kind, SessionId};
    use crate::language::Intent::{self, Ask, Tell};

    fn say(assistant: &Assistant, session: Option<SessionId>, text: &str, intent: Intent) -> Reply {
        assistant.say(session, text, Some(intent), &Cancel::new(), &mut |_| ()).unwrap()
    }

    #[test]
    fn a_statement_goes_with_the_answers_based_on_it() {
        let assistant = assistant();
        let kept = say(&assistant, None, "The ferry to Texel leaves at nine.", Tell);
        let session = Some(kept.session);
        let told = say(&assistant, session, "The greyhound is called Pepper.", Tell);
        let asked = say(&assistant, session, "What is the greyhound called?", Ask);
        let Outcome::Answered { turn: answer, answer: given } = asked.outcome else {
            panic!("{asked:?}")
        };
        assert!(given.citations.iter().any(|citation| citation.turn == told.turn), "{given:?}");
        let taken = assistant.take_back(told.turn).unwrap();
        assert_eq!(taken, TakenBack { turns: vec![told.turn, answer], session_gone: false });
        let turns = assistant.turns(kept.session, 0, 10).unwrap();
        let kinds: Vec<Kind> = turns.iter().map(|turn| turn.kind).collect();
        assert_eq!(kinds, [Kind::Message, Kind::Question]);
        let asked = say(&assistant, session, "What do I call the greyhound?", Ask);
        let Outcome::Answered { answer, .. } = asked.outcome else { panic!("{asked:?}") };
        assert!(!answer.text.contains("Pepper"), "{answer:?}");
        // Again, and nothing happens.
        assert_eq!(assistant.take_back(told.turn).unwrap(), TakenBack::default());
    }

    #[test]
    fn a_session_goes_with_its_last_turn_and_the_text_can_be_said_again() {
        let assistant = assistant();
        let told = say(&assistant, None, "where is pepper", Tell);
        let taken = assistant.take_back(told.turn).unwrap();
        assert_eq!(taken, TakenBack { turns: vec![told.turn], session_gone: true });
        assert_eq!(assistant.status().unwrap().sessions, 0);
        let again = say(&assistant, None, "where is pepper", Tell);
        assert_eq!(assistant.turns(again.session, 0, 10).unwrap().len(), 1);
    }
}
