//! Stored answers that people marked right or wrong, and which wrong ones a question must avoid.
//!
//! Owns: when two questions mean the same. Does not own: how marks are kept (`memory`), nor what is
//! done with an answer that is to be avoided (the decoder's caller).

use super::{Assistant, AssistantError};
use crate::conversation::{Mark, TurnId};
use crate::evidence::WrongAnswer;
use crate::language::{self, AnswerType};
use crate::memory::{MarkFilter, StoredAnswer};
use crate::question::Question;
use std::collections::BTreeSet;

impl Assistant {
    /// Stored answers with their marks, newest first, at most `limit`.
    pub fn stored_answers(
        &self,
        filter: MarkFilter,
        limit: usize,
    ) -> Result<Vec<StoredAnswer>, AssistantError> {
        let mut answers = self.memory.stored_answers(filter, limit)?;
        for answer in &mut answers {
            self.guard.text(&mut answer.text);
            if let Some(question) = &mut answer.question {
                self.guard.text(question);
            }
            if let Some(reason) = answer.given.as_mut().and_then(|given| given.reason.as_mut()) {
                self.guard.text(reason);
            }
            answer.citations = self.guard.citations(std::mem::take(&mut answer.citations));
        }
        Ok(answers)
    }

    /// Marks a stored answer right or wrong; `None` removes the mark.
    pub fn mark_answer(&self, answer: TurnId, mark: Option<Mark>) -> Result<(), AssistantError> {
        if self.memory.mark_answer(answer, mark, self.clock.now())? {
            Ok(())
        } else {
            Err(AssistantError::NoAnswer(answer))
        }
    }

    /// The answers that were marked wrong for a question that means the same, as they are shown:
    /// secrets in them are masked, as they are in the hits that an answer is read from.
    pub fn wrong_answers(&self, question: &Question) -> Result<Vec<WrongAnswer>, AssistantError> {
        let mut wrong = avoided(question, &self.memory.wrong_answers()?);
        for answer in &mut wrong {
            self.guard.text(&mut answer.text);
            for (_, quote) in &mut answer.citations {
                self.guard.text(quote);
            }
        }
        Ok(wrong)
    }
}

/// Those of the answers marked wrong that were given for a question that means the same, in their
/// order.
///
/// A follow-up such as “And when was that?” means something else each time, so nothing is avoided
/// for it.
pub(super) fn avoided(question: &Question, marked: &[WrongAnswer]) -> Vec<WrongAnswer> {
    let text = &question.query.text;
    let leans = language::is_follow_up(text, !question.names.is_empty());
    if marked.is_empty() || leans && !language::is_of_self(text) {
        return Vec::new();
    }
    let asked = Asked::of(text);
    marked.iter().filter(|one| Asked::of(&one.question).is_like(&asked)).cloned().collect()
}

/// What must be the same in two questions that mean the same.
#[derive(Debug)]
pub(super) struct Asked {
    /// The terms that carry its meaning, names among them.
    terms: BTreeSet<String>,
    /// *When did Ann move* and *where did Ann move* have the same terms.
    answer_type: AnswerType,
    /// So have *where do I live* and *where does he live*.
    of_self: bool,
}

impl Asked {
    pub(super) fn of(question: &str) -> Self {
        Self {
            terms: language::query_terms(question).into_iter().collect(),
            answer_type: language::answer_type(question),
            of_self: language::is_of_self(question),
        }
    }

    pub(super) fn is_like(&self, other: &Self) -> bool {
        // Bare words (“wifi password”) ask for nothing in particular.
        let either_is_open = [self, other].iter().any(|one| one.answer_type == AnswerType::Open);
        !self.terms.is_empty()
            && self.terms == other.terms
            && self.of_self == other.of_self
            && (either_is_open || self.answer_type == other.answer_type)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::super::tests::assistant;
    use super::super::{Cancel, Outcome};
    use super::*;
    use crate::evidence::Query;
    use crate::language::Intent;
    use proptest::prelude::*;
    use proptest::sample::{Index, subsequence};

    fn question(text: &str) -> Question {
        let speakers = ["Ann", "Tom", "user"].map(String::from);
        Question::understand(&Query::new(text), &speakers)
    }

    fn wrong(question: &str) -> WrongAnswer {
        WrongAnswer { question: question.into(), text: "no".into(), citations: Vec::new() }
    }

    #[test]
    fn questions_that_mean_the_same() {
        for (asked, before, same) in [
            ("Where does Ann live?", "where does Ann live", true),
            ("Where is the place that Ann lives?", "Where does Ann live?", false),
            ("Where does Ann live?", "Where does Tom live?", false),
            ("Where did Ann move?", "When did Ann move?", false),
            ("Where do I live?", "Where does he live?", false),
            ("What is the wifi password?", "wifi password", true),
            ("How many turtles does Tom have?", "Tom has how many turtles?", true),
            ("And when was that?", "And when was that?", false),
            ("And when was I there?", "And when was I there?", true),
        ] {
            let found = avoided(&question(asked), &[wrong(before)]);
            assert_eq!(!found.is_empty(), same, "{asked} / {before}");
        }
    }

    #[test]
    fn what_is_marked_wrong_is_avoided_until_the_mark_is_removed() {
        let assistant = assistant();
        let say = |text: &str, intent| {
            assistant.say(None, text, Some(intent), &Cancel::new(), &mut |_| ()).unwrap()
        };
        let told = say("The kettle in the kitchen is blue.", Intent::Tell).turn;
        let reply = say("Which colour is the kettle?", Intent::Ask);
        let Outcome::Answered { turn, answer } = reply.outcome else { panic!("{reply:?}") };
        assert_eq!(answer.citations[0].turn, told);
        let asked = |text: &str| assistant.wrong_answers(&question(text)).unwrap();
        assert_eq!(asked("Which colour is the kettle?"), []);
        assistant.mark_answer(turn, Some(Mark::Wrong)).unwrap();
        let found = asked("which colour does the kettle have");
        assert_eq!(found.len(), 1);
        assert_eq!((&found[0].text, found[0].citations[0].0), (&answer.text, told));
        assert_eq!(asked("Which colour is the door?"), []);
        let listed = assistant.stored_answers(MarkFilter::Only(Mark::Wrong), 9).unwrap();
        assert_eq!(listed[0].question.as_deref(), Some("Which colour is the kettle?"));
        assistant.mark_answer(turn, None).unwrap();
        assert_eq!(asked("Which colour is the kettle?"), []);
        let refused = assistant.mark_answer(reply.turn, Some(Mark::Right)).unwrap_err();
        assert!(refused.to_string().contains("recount answers list"), "{refused}");
    }

    /// An earlier question that is answered again stands behind another one.
    #[test]
    fn an_answer_given_again_belongs_to_its_own_question() {
        let assistant = assistant();
        let say = |session, text: &str, intent| {
            assistant.say(session, text, Some(intent), &Cancel::new(), &mut |_| ()).unwrap()
        };
        let told = say(None, "The kettle in the kitchen is blue.", Intent::Tell);
        let session = Some(told.session);
        let first = say(session, "Which colour is the kettle?", Intent::Ask).turn;
        say(session, "Where is the kettle?", Intent::Ask);
        assistant.answer_again(first, &Cancel::new(), &mut |_| ()).unwrap();
        let listed = assistant.stored_answers(MarkFilter::Any, 1).unwrap();
        assert_eq!(listed[0].question.as_deref(), Some("Which colour is the kettle?"));
    }

    const WORDS: &[&str] =
        &["Ann", "Tom", "kettle", "kitchen", "sunrise", "paint", "allotment", "greyhound", "2023"];

    proptest! {
        /// Order, stop words, repetition and marks do not matter; one word more or another one does.
        #[test]
        fn the_same_words_in_any_order_are_the_same_question(
            words in subsequence(WORDS, 2..WORDS.len() - 1).prop_shuffle(),
            turned in any::<Index>(),
            other in any::<Index>(),
        ) {
            let put = |words: &[&str]| format!("Where did {} go?", words.join(" "));
            let asked = question(&put(&words));
            let mut rotated = words.clone();
            rotated.rotate_left(turned.index(words.len()));
            let loose =
                format!("where is it that {} and {} went …", rotated.join(", the "), rotated[0]);
            let absent: Vec<&str> =
                WORDS.iter().copied().filter(|word| !words.contains(word)).collect();
            let mut replaced = words.clone();
            replaced[turned.index(words.len())] = absent[other.index(absent.len())];
            let mut more = words.clone();
            more.push(absent[other.index(absent.len())]);
            let known = [put(&rotated), put(&replaced), loose, put(&more), put(&words[1..])];
            let known = known.map(|text| wrong(&text));
            prop_assert_eq!(avoided(&asked, &known), [known[0].clone(), known[2].clone()]);
        }
    }
}
