//! Stored answers: which question each one is to, and whether people marked it right or wrong.
//!
//! Owns: marking, listing answers with their marks, which answers were marked wrong. Does not own
//! how an answer was given ([`super::answers`]), nor which questions are alike (`assistant`).

use super::answers::{GIVEN, given};
use super::turns::{citations, timestamp};
use super::{Memory, MemoryError};
use crate::conversation::{GivenAnswer, Mark, Marked, SessionId, Timestamp, TurnId};
use crate::evidence::{Citation, WrongAnswer};
use rusqlite::types::Type;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, named_params, params};

/// A stored answer with all that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAnswer {
    /// The answer's turn.
    pub turn: TurnId,
    /// Its session.
    pub session: SessionId,
    /// The question; `None` if it was deleted, or never stored.
    pub question: Option<String>,
    /// The answer as it was stored.
    pub text: String,
    /// How it was given; `None` for answers from before this was stored.
    pub given: Option<GivenAnswer>,
    /// When it was given.
    pub said_at: Option<Timestamp>,
    /// Whether it was marked right or wrong.
    pub marked: Option<Marked>,
    /// What it rests on.
    pub citations: Vec<Citation>,
}

/// Which stored answers are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MarkFilter {
    /// All of them.
    #[default]
    Any,
    /// Those with a mark.
    Marked,
    /// Those with this mark.
    Only(Mark),
    /// Those without a mark.
    Unmarked,
}

impl MarkFilter {
    fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Marked => "marked",
            Self::Only(mark) => mark.as_str(),
            Self::Unmarked => "none",
        }
    }
}

/// `kind <> 'message'` is the condition of the index `turns_beside_messages`: without it SQLite would
/// read every turn.
const ANSWERS: &str =
    "SELECT t.id, t.session_id, q.text, t.text, t.said_at_ms, m.mark, m.marked_at_ms
     FROM turns t
     LEFT JOIN answer_questions k ON k.answer_id = t.id
     LEFT JOIN turns q ON q.id = k.question_id
     LEFT JOIN answer_marks m ON m.answer_id = t.id
     WHERE t.kind <> 'message' AND t.kind = 'answer'
       AND t.session_id NOT IN (SELECT session_id FROM deletions)
       AND CASE :filter WHEN 'any' THEN 1
                        WHEN 'marked' THEN m.mark IS NOT NULL
                        WHEN 'none' THEN m.mark IS NULL
                        ELSE m.mark = :filter END
     ORDER BY coalesce(t.said_at_ms, t.remembered_at_ms) DESC, t.id DESC
     LIMIT :limit";

/// An abstention that was marked wrong is left out: it gave no answer that could be avoided.
const WRONG: &str = "SELECT t.id, q.text, t.text, c.turn_id, c.quote
     FROM answer_marks m
     JOIN turns t ON t.id = m.answer_id
     JOIN answer_questions k ON k.answer_id = t.id
     JOIN turns q ON q.id = k.question_id
     LEFT JOIN answers a ON a.turn_id = t.id
     LEFT JOIN citations c ON c.answer_id = t.id
     WHERE m.mark = 'wrong' AND coalesce(a.abstained, 0) = 0
       AND t.session_id NOT IN (SELECT session_id FROM deletions)
     ORDER BY t.id, c.number";

impl Memory {
    /// Marks a stored answer right or wrong; `None` removes the mark. Returns whether there is such
    /// an answer.
    pub fn mark_answer(
        &self,
        answer: TurnId,
        mark: Option<Mark>,
        now: Timestamp,
    ) -> Result<bool, MemoryError> {
        self.write(|connection| {
            let stored: bool = connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM turns WHERE id = ?1 AND kind = 'answer')",
                )?
                .query_row([answer.0], |row| row.get(0))?;
            if !stored {
                return Ok(false);
            }
            if let Some(mark) = mark {
                insert_mark(connection, answer, Marked { mark, at: now })?;
            } else {
                connection
                    .prepare_cached("DELETE FROM answer_marks WHERE answer_id = ?1")?
                    .execute([answer.0])?;
            }
            Ok(true)
        })
    }

    /// Stored answers, newest first, at most `limit`.
    pub fn stored_answers(
        &self,
        filter: MarkFilter,
        limit: usize,
    ) -> Result<Vec<StoredAnswer>, MemoryError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(|connection| {
            let mut statement = connection.prepare_cached(ANSWERS)?;
            let rows = statement.query_map(
                named_params! { ":filter": filter.as_str(), ":limit": limit },
                |row| {
                    Ok(StoredAnswer {
                        turn: TurnId(row.get(0)?),
                        session: SessionId(row.get(1)?),
                        question: row.get(2)?,
                        text: row.get(3)?,
                        given: None,
                        said_at: timestamp(row, 4)?,
                        marked: marked_of(row, 5)?,
                        citations: Vec::new(),
                    })
                },
            )?;
            let mut answers = rows.collect::<Result<Vec<_>, _>>()?;
            let mut how = connection.prepare_cached(GIVEN)?;
            for answer in &mut answers {
                answer.given = given(&mut how, answer.turn)?;
                answer.citations = citations(connection, answer.turn)?;
            }
            Ok(answers)
        })
    }

    /// Every answer that was marked wrong, with its question and what it cites, oldest first.
    pub fn wrong_answers(&self) -> Result<Vec<WrongAnswer>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(WRONG)?;
            let mut rows = statement.query([])?;
            let mut wrong: Vec<WrongAnswer> = Vec::new();
            let mut last = None;
            while let Some(row) = rows.next()? {
                let answer = TurnId(row.get(0)?);
                if last.replace(answer) != Some(answer) {
                    let (question, text) = (row.get(1)?, row.get(2)?);
                    wrong.push(WrongAnswer { question, text, citations: Vec::new() });
                }
                let cited = row.get::<_, Option<i64>>(3)?;
                if let (Some(one), Some(turn)) = (wrong.last_mut(), cited) {
                    one.citations.push((TurnId(turn), row.get(4)?));
                }
            }
            Ok(wrong)
        })
    }
}

/// What [`question`] reads.
pub(super) const QUESTION: &str = "SELECT question_id FROM answer_questions WHERE answer_id = ?1";

/// The question that an answer is to.
pub(super) fn question(
    statement: &mut CachedStatement<'_>,
    answer: TurnId,
) -> Result<Option<TurnId>, MemoryError> {
    Ok(statement.query_row([answer.0], |row| row.get(0).map(TurnId)).optional()?)
}

/// What [`marked`] reads.
pub(super) const MARKED: &str = "SELECT mark, marked_at_ms FROM answer_marks WHERE answer_id = ?1";

/// The mark of an answer.
pub(super) fn marked(
    statement: &mut CachedStatement<'_>,
    answer: TurnId,
) -> Result<Option<Marked>, MemoryError> {
    Ok(statement.query_row([answer.0], |row| marked_of(row, 0)).optional()?.flatten())
}

/// The mark in a column, with its time in the next one.
fn marked_of(row: &Row<'_>, column: usize) -> Result<Option<Marked>, rusqlite::Error> {
    let Some(word) = row.get::<_, Option<String>>(column)? else { return Ok(None) };
    let mark = Mark::parse(&word).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, "not a mark".into())
    })?;
    Ok(timestamp(row, column + 1)?.map(|at| Marked { mark, at }))
}

/// Says which question an answer is to. A question that was deleted meanwhile is passed over: the
/// answer is worth keeping without it.
pub(super) fn insert_question(
    connection: &Connection,
    answer: TurnId,
    question: TurnId,
) -> Result<(), MemoryError> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO answer_questions (answer_id, question_id)
             SELECT ?1, id FROM turns WHERE id = ?2",
        )?
        .execute([answer.0, question.0])?;
    Ok(())
}

/// Marks an answer, which must be there. A mark takes the place of an earlier one.
pub(super) fn insert_mark(
    connection: &Connection,
    answer: TurnId,
    marked: Marked,
) -> Result<(), MemoryError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO answer_marks (answer_id, mark, marked_at_ms)
             VALUES (?1, ?2, ?3)",
        )?
        .execute(params![answer.0, marked.mark.as_str(), marked.at.as_millis()])?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;
    use crate::conversation::{Kind, NewTurn, Role};
    use crate::memory::ForgetFilter;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    fn said(memory: &Memory, session: SessionId, kind: Kind, text: &str) -> TurnId {
        let turn = NewTurn::message(Role::User, "user", text).of_kind(kind);
        memory.append(session, &turn, None, at(1)).unwrap().turn
    }

    fn answer(
        memory: &Memory,
        session: SessionId,
        question: TurnId,
        text: &str,
        cited: Option<TurnId>,
    ) -> TurnId {
        let given = GivenAnswer {
            abstained: cited.is_none(),
            reason: None,
            confidence: 0.5,
            decoder: "extractive".into(),
        };
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
        let given = Some((&given, Some(question)));
        memory.append_given(session, &turn, None, &citations, given, at(2)).unwrap().turn
    }

    /// A fact, two questions, and an answer to each; the first question is answered once more last.
    fn filled() -> (Memory, [TurnId; 3], [TurnId; 3]) {
        let memory = Memory::open_in_memory().unwrap();
        let session = memory.begin_session("chat", None, at(1)).unwrap();
        let fact = said(&memory, session, Kind::Message, "The kettle is blue.");
        let colour = said(&memory, session, Kind::Question, "Which colour is the kettle?");
        let first = answer(&memory, session, colour, "blue", Some(fact));
        let place = said(&memory, session, Kind::Question, "Where is the kettle?");
        let second = answer(&memory, session, place, "I don't know.", None);
        let again = answer(&memory, session, colour, "The kettle is blue.", Some(fact));
        (memory, [fact, colour, place], [first, second, again])
    }

    fn listed(memory: &Memory, filter: MarkFilter) -> Vec<TurnId> {
        memory.stored_answers(filter, 9).unwrap().iter().map(|answer| answer.turn).collect()
    }

    #[test]
    fn answers_are_listed_newest_first_by_their_marks() {
        let (memory, [fact, ..], [first, second, again]) = filled();
        assert_eq!(listed(&memory, MarkFilter::Any), [again, second, first]);
        assert!(memory.mark_answer(first, Some(Mark::Wrong), at(3)).unwrap());
        assert!(memory.mark_answer(second, Some(Mark::Wrong), at(3)).unwrap());
        assert!(memory.mark_answer(second, Some(Mark::Right), at(4)).unwrap());
        for (filter, expected) in [
            (MarkFilter::Any, &[again, second, first][..]),
            (MarkFilter::Marked, &[second, first]),
            (MarkFilter::Only(Mark::Right), &[second]),
            (MarkFilter::Only(Mark::Wrong), &[first]),
            (MarkFilter::Unmarked, &[again]),
        ] {
            assert_eq!(listed(&memory, filter), expected, "{filter:?}");
        }
        let newest = &memory.stored_answers(MarkFilter::Any, 1).unwrap()[..];
        let [newest] = newest else { panic!("one was asked for: {newest:?}") };
        assert_eq!(newest.question.as_deref(), Some("Which colour is the kettle?"));
        assert_eq!((newest.citations[0].turn, newest.marked), (fact, None));
        let marked = memory.stored_answers(MarkFilter::Only(Mark::Right), 9).unwrap().remove(0);
        assert_eq!(marked.marked, Some(Marked { mark: Mark::Right, at: at(4) }));
        assert!(marked.given.unwrap().abstained);
        assert!(memory.mark_answer(second, None, at(5)).unwrap());
        assert_eq!(listed(&memory, MarkFilter::Marked), [first]);
    }

    #[test]
    fn only_a_stored_answer_can_be_marked() {
        let (memory, [fact, colour, _], _) = filled();
        for turn in [fact, colour, TurnId(99)] {
            assert!(!memory.mark_answer(turn, Some(Mark::Right), at(3)).unwrap());
            assert!(!memory.mark_answer(turn, None, at(3)).unwrap());
        }
        assert_eq!(listed(&memory, MarkFilter::Marked), []);
    }

    #[test]
    fn wrong_answers_come_with_their_questions_and_abstentions_not_at_all() {
        let (memory, [fact, ..], [first, second, again]) = filled();
        for answer in [second, again] {
            memory.mark_answer(answer, Some(Mark::Wrong), at(3)).unwrap();
        }
        memory.mark_answer(first, Some(Mark::Right), at(3)).unwrap();
        let expected = WrongAnswer {
            question: "Which colour is the kettle?".into(),
            text: "The kettle is blue.".into(),
            citations: vec![(fact, "The kettle is blue.".into())],
        };
        assert_eq!(memory.wrong_answers().unwrap(), [expected]);
    }

    #[test]
    fn a_mark_goes_with_its_answer_and_the_question_with_itself() {
        let rows = |memory: &Memory, sql: &str| -> i64 {
            memory.read(|c| Ok(c.query_row(sql, [], |row| row.get(0))?)).unwrap()
        };
        let forget = |memory: &Memory, turn: TurnId| {
            let filter = ForgetFilter { turns: Some(vec![turn]), ..ForgetFilter::default() };
            let chosen = memory.choose(&filter).unwrap();
            memory.forget(&chosen, at(9)).unwrap();
        };
        let (memory, [fact, colour, _], [first, _, again]) = filled();
        for answer in [first, again] {
            memory.mark_answer(answer, Some(Mark::Wrong), at(3)).unwrap();
        }
        forget(&memory, colour);
        // Not the question that comes before it now.
        let answers = memory.stored_answers(MarkFilter::Marked, 9).unwrap();
        assert_eq!(answers.iter().map(|one| &one.question).collect::<Vec<_>>(), [&None, &None]);
        assert_eq!(memory.wrong_answers().unwrap(), []);
        forget(&memory, fact);
        assert_eq!(rows(&memory, "SELECT count(*) FROM answer_marks"), 0);
        assert_eq!(rows(&memory, "SELECT count(*) FROM answer_questions"), 1);
    }

    #[test]
    fn what_waits_for_its_deletion_is_not_listed() {
        let (memory, _, [first, ..]) = filled();
        memory.mark_answer(first, Some(Mark::Wrong), at(3)).unwrap();
        let session = memory.turn(first).unwrap().unwrap().session;
        assert!(memory.wish_deleted(session, at(4)).unwrap());
        assert_eq!(listed(&memory, MarkFilter::Any), []);
        assert_eq!(memory.wrong_answers().unwrap(), []);
    }
}
