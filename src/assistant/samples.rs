//! Marked answers as questions to measure with: what `recount eval` reads.
//!
//! Owns: which marked answers make a question, and the conversation around them. Does not own: how
//! questions are measured (`evaluation`). The shape is LoCoMo's, since `eval` and the importer of
//! samples read it.

use super::marks::Asked;
use super::{Assistant, AssistantError};
use crate::conversation::{Mark, SessionId, Timestamp, TurnId, TurnRecord};
use crate::memory::{MarkFilter, StoredAnswer};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};

/// The id of the sample.
const ID: &str = "marked-answers";

/// Marked answers as a file of questions.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkedSamples {
    /// The file; `None` if no marked answer makes a question.
    pub file: Option<Value>,
    /// How many questions it holds.
    pub questions: usize,
    /// How many marked answers are not in it.
    pub left_out: usize,
}

impl Assistant {
    /// The marked answers as questions, oldest first, with the sessions that hold what they cite.
    ///
    /// A right answer gives its question, its text and its evidence. A wrong answer gives a question
    /// that memory does not answer, unless an answer to the same question was marked right. Left out
    /// are answers without a question or without a citation, since nothing could be measured with
    /// them, and abstentions marked wrong, since nobody said what the answer is.
    pub fn marked_samples(&self) -> Result<MarkedSamples, AssistantError> {
        let marked = self.stored_answers(MarkFilter::Marked, usize::MAX)?;
        let mut usable = usable(&marked);
        let sessions: BTreeSet<SessionId> = usable
            .iter()
            .flat_map(|(_, answer)| answer.citations.iter().map(|citation| citation.session))
            .collect();
        let mut conversation = Conversation::default();
        for session in sessions {
            conversation.begin();
            self.each_turn(session, &mut |record| {
                conversation.push(record);
                Ok(())
            })?;
        }
        let (conversation, places) = conversation.finish();
        usable.reverse();
        let questions: Vec<Value> =
            usable.iter().filter_map(|(asked, answer)| question(asked, answer, &places)).collect();
        let count = questions.len();
        let sample = json!([{"sample_id": ID, "conversation": conversation, "qa": questions}]);
        Ok(MarkedSamples {
            file: (count > 0).then_some(sample),
            questions: count,
            left_out: marked.len() - count,
        })
    }
}

/// The marked answers that make a question, each with that.
fn usable(marked: &[StoredAnswer]) -> Vec<(&str, &StoredAnswer)> {
    let is = |answer: &StoredAnswer, mark| answer.marked.is_some_and(|marked| marked.mark == mark);
    let right: Vec<Asked> = marked
        .iter()
        .filter(|answer| is(answer, Mark::Right) && !abstained(answer))
        .filter_map(|answer| answer.question.as_deref().map(Asked::of))
        .collect();
    let usable = marked.iter().filter_map(|answer| Some((answer.question.as_deref()?, answer)));
    usable
        .filter(|(asked, answer)| {
            let contradicted = || {
                let asked = Asked::of(asked);
                right.iter().any(|right| right.is_like(&asked))
            };
            !answer.citations.is_empty()
                && (is(answer, Mark::Right) || !abstained(answer) && !contradicted())
        })
        .collect()
}

fn abstained(answer: &StoredAnswer) -> bool {
    answer.given.as_ref().is_some_and(|given| given.abstained)
}

/// A question with its evidence; `None` if that is gone.
fn question(asked: &str, answer: &StoredAnswer, places: &HashMap<TurnId, String>) -> Option<Value> {
    /// Memory does not hold the answer.
    const ADVERSARIAL: u8 = 5;
    let mut evidence: Vec<&String> = Vec::new();
    for place in answer.citations.iter().filter_map(|citation| places.get(&citation.turn)) {
        if !evidence.contains(&place) {
            evidence.push(place);
        }
    }
    if evidence.is_empty() {
        return None;
    }
    Some(match answer.marked?.mark {
        Mark::Right if abstained(answer) => {
            json!({"question": asked, "evidence": evidence, "category": ADVERSARIAL})
        }
        Mark::Right => json!({"question": asked, "answer": answer.text, "evidence": evidence}),
        Mark::Wrong => json!({
            "question": asked,
            "evidence": evidence,
            "category": ADVERSARIAL,
            "adversarial_answer": answer.text,
        }),
    })
}

/// What was said, in sessions of one day each: in a sample all turns of a session share its time, and
/// “yesterday” is told from that.
#[derive(Default)]
struct Conversation {
    days: Vec<Day>,
    /// Whether the next turn begins another session.
    begins: bool,
}

struct Day {
    said_at: Option<Timestamp>,
    turns: Vec<(TurnId, String, String)>,
}

impl Conversation {
    /// Begins a session.
    fn begin(&mut self) {
        self.begins = true;
    }

    /// Takes a turn, unless no answer may rest on it: recount's own answers would be found again.
    fn push(&mut self, record: &TurnRecord) {
        let turn = &record.turn;
        if !turn.kind.is_evidence() || turn.text.trim().is_empty() {
            return;
        }
        let date = |at: Option<Timestamp>| at.map(|at| at.civil().date());
        let goes_on = !self.begins
            && self.days.last().is_some_and(|day| {
                turn.said_at.is_none() || date(day.said_at) == date(turn.said_at)
            });
        if !goes_on {
            self.days.push(Day { said_at: turn.said_at, turns: Vec::new() });
            self.begins = false;
        }
        if let Some(day) = self.days.last_mut() {
            day.turns.push((turn.id, turn.speaker.clone(), turn.text.clone()));
        }
    }

    /// The sessions, and the id of each turn in them: `eval` knows ids such as `D1:3` only, so that
    /// the second number is the turn's own.
    fn finish(self) -> (Value, HashMap<TurnId, String>) {
        let mut sessions = Map::new();
        let mut places = HashMap::new();
        for (number, day) in (1..).zip(self.days) {
            if let Some(at) = day.said_at {
                sessions.insert(format!("session_{number}_date_time"), at.to_string().into());
            }
            let turns = day.turns.into_iter().map(|(id, speaker, text)| {
                let place = format!("D{number}:{id}");
                let turn = json!({"speaker": speaker, "dia_id": place, "text": text});
                places.insert(id, place);
                turn
            });
            let turns: Vec<Value> = turns.collect();
            sessions.insert(format!("session_{number}"), turns.into());
        }
        (sessions.into(), places)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::super::tests::assistant;
    use super::*;
    use crate::conversation::{GivenAnswer, Kind, NewTurn, Role};
    use crate::evidence::Citation;

    fn at(day: &str) -> Timestamp {
        Timestamp::parse(day).unwrap()
    }

    /// Stores a question with an answer that cites a turn, and marks it.
    fn answer(
        assistant: &Assistant,
        asked: &str,
        text: &str,
        cited: Option<TurnId>,
        mark: Mark,
        abstained: bool,
    ) {
        let memory = &assistant.memory;
        let now = at("2024-06-10T12:00:00Z");
        let session = memory.begin_session("chat", None, now).unwrap();
        let turn = NewTurn::message(Role::User, "user", asked).of_kind(Kind::Question);
        let question = memory.append(session, &turn, None, now).unwrap().turn;
        let citation = cited.map(|turn| Citation {
            number: 1,
            turn,
            source_id: None,
            session,
            speaker: "user".into(),
            said_at: None,
            quote: text.into(),
        });
        let citations: Vec<Citation> = citation.into_iter().collect();
        let turn = NewTurn::message(Role::Assistant, "recount", text).of_kind(Kind::Answer);
        let given =
            GivenAnswer { abstained, reason: None, confidence: 0.5, decoder: "extractive".into() };
        let given = Some((&given, Some(question)));
        let answer = memory.append_given(session, &turn, None, &citations, given, now).unwrap();
        assistant.mark_answer(answer.turn, Some(mark)).unwrap();
    }

    #[test]
    fn marked_answers_are_questions_with_their_evidence() {
        let assistant = assistant();
        let memory = &assistant.memory;
        let session = memory.begin_session("chat", None, at("2024-05-01T08:00:00Z")).unwrap();
        let said = |day: &str, text: &str| {
            let turn = NewTurn::message(Role::User, "user", text).at(Some(at(day)));
            memory.append(session, &turn, None, at(day)).unwrap().turn
        };
        let kettle = said("2024-05-01T08:00:00Z", "I bought a blue kettle yesterday.");
        said("2024-05-01T09:00:00Z", "It whistles.");
        let door = said("2024-05-02T08:00:00Z", "The door is green.");
        let (right, wrong) = (Mark::Right, Mark::Wrong);
        answer(&assistant, "Which colour is the kettle?", "blue", Some(kettle), right, false);
        answer(&assistant, "Where is the kettle?", "green", Some(door), wrong, false);
        // It has an answer: see the first.
        answer(&assistant, "which colour is the kettle", "green", Some(door), wrong, false);
        answer(&assistant, "Who is Ann?", "I don't know.", Some(door), right, true);
        answer(&assistant, "Who is Tom?", "I don't know.", Some(door), wrong, true);
        answer(&assistant, "Who is Zoë?", "I don't know.", None, right, true);
        let samples = assistant.marked_samples().unwrap();
        assert_eq!((samples.questions, samples.left_out), (3, 3));
        let (first, second) = (format!("D1:{kettle}"), format!("D2:{door}"));
        let file = samples.file.unwrap();
        assert_eq!(
            file[0]["qa"],
            json!([
                {"question": "Which colour is the kettle?", "answer": "blue", "evidence": [first]},
                {"question": "Where is the kettle?", "evidence": [second], "category": 5,
                 "adversarial_answer": "green"},
                {"question": "Who is Ann?", "evidence": [second], "category": 5},
            ])
        );
        let conversation = &file[0]["conversation"];
        assert_eq!(conversation["session_1_date_time"], "2024-05-01T08:00:00Z");
        assert_eq!(conversation["session_1"].as_array().unwrap().len(), 2);
        assert_eq!(
            conversation["session_2"],
            json!([{"speaker": "user", "dia_id": second, "text": "The door is green."}])
        );
        assert_eq!(conversation.get("session_3"), None);
    }

    #[test]
    fn nothing_marked_is_no_file() {
        let samples = assistant().marked_samples().unwrap();
        assert_eq!(samples, MarkedSamples { file: None, questions: 0, left_out: 0 });
    }
}
