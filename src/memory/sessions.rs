//! Sessions: listing them a page at a time, and what people do to one when they review it.
//!
//! Merging two into one stands in [`super::merge`], deleting one in the room's forgetting.

use super::turns::{epoch, timestamp};
use super::{Memory, MemoryError};
use crate::conversation::{Session, SessionId, Timestamp, TurnId, tag_of};
use crate::language;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, named_params, params};

/// Which sessions are listed, and in which order. All that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionQuery {
    /// Name, title, a tag, the source or the source's id holds this; case does not matter.
    pub title: String,
    /// As `title`, or one turn of the session holds all of these words; the last word may go on.
    pub text: String,
    /// Only sessions from this source.
    pub source: Option<String>,
    /// Only sessions in which this speaker speaks; case does not matter.
    pub speaker: Option<String>,
    /// Only sessions with this tag.
    pub tag: Option<String>,
    /// Only sessions in which something was said at this instant or later.
    pub since: Option<Timestamp>,
    /// Only sessions in which something was said before this instant.
    pub until: Option<Timestamp>,
    /// Only pinned sessions.
    pub pinned: bool,
    /// The order.
    pub sort: SessionSort,
    /// The order turned round.
    pub reverse: bool,
}

/// The order of a list of sessions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SessionSort {
    /// The pinned first, then the last active first.
    #[default]
    Activity,
    /// By what is shown as their title; case does not matter.
    Title,
    /// The longest first.
    Turns,
    /// The last remembered first.
    Created,
}

impl SessionQuery {
    /// Every session whose title holds `title`, the last active first.
    pub fn titled(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }
}

/// How a session begins, as SQL over `sessions x`: the first thing that a person or a model said.
macro_rules! first_words {
    () => {
        "(SELECT substr(t.text, 1, 400) FROM turns t
          WHERE t.session_id = x.id AND t.role IN ('user', 'assistant')
            AND t.kind NOT IN ('reasoning', 'tool')
          ORDER BY t.position LIMIT 1)"
    };
}
pub(super) use first_words;

/// What a session is shown under, as SQL over `sessions x`.
macro_rules! shown_title {
    () => {
        concat!(
            "coalesce(x.name, nullif(trim(x.title), ''), ",
            first_words!(),
            ", x.source_id, '')"
        )
    };
}

macro_rules! by_title {
    ($direction:literal) => {
        concat!(
            " ORDER BY fold(",
            shown_title!(),
            ") ",
            $direction,
            ", x.id ",
            $direction,
            " LIMIT :limit OFFSET :offset"
        )
    };
}

/// All that a session is known by, as SQL over `sessions x`.
macro_rules! described {
    () => {
        concat!(
            "fold(",
            shown_title!(),
            " || ' ' || coalesce(x.title, '') || ' ' || x.source || ' ' ||
             coalesce(x.source_id, '') || ' ' || coalesce(
                (SELECT group_concat(tag, ' ') FROM session_tags WHERE session_id = x.id), ''))"
        )
    };
}

macro_rules! listing {
    ($select:literal, $order:expr) => {
        concat!(
            "SELECT ",
            $select,
            " FROM sessions x
              WHERE x.id NOT IN (SELECT session_id FROM deletions)
                AND (:source IS NULL OR x.source = :source)
                AND (:pinned = 0 OR x.pinned = 1)
                AND (:since IS NULL OR x.last_said_at_ms >= :since)
                AND (:until IS NULL OR x.first_said_at_ms < :until)
                AND (:tag IS NULL OR EXISTS
                     (SELECT 1 FROM session_tags g WHERE g.tag = :tag AND g.session_id = x.id))
                AND (:speaker IS NULL OR EXISTS
                     (SELECT 1 FROM turns t WHERE t.session_id = x.id AND t.speaker_id IN
                      (SELECT id FROM speakers WHERE fold(name) = :speaker)))
                AND (:title = '' OR instr(",
            described!(),
            ", :title) > 0)
                AND (:text = '' OR instr(",
            described!(),
            ", :text) > 0 OR x.id IN
                     (SELECT session_id FROM turns WHERE id IN
                      (SELECT rowid FROM words WHERE words MATCH :words)))",
            $order
        )
    };
}

const COUNT: &str = listing!("count(*)", "");
const BY_NUMBER: &str = listing!(
    "x.id",
    " ORDER BY CASE WHEN :sort = 'activity' AND :direction = -1 THEN x.pinned END DESC,
         :direction * CASE :sort WHEN 'activity' THEN x.activity_ms
                                 WHEN 'turns' THEN x.turn_count ELSE x.id END,
         :direction * x.id
      LIMIT :limit OFFSET :offset"
);
const BY_TITLE: &str = listing!("x.id", by_title!("ASC"));
const BY_TITLE_REVERSED: &str = listing!("x.id", by_title!("DESC"));

const SESSION: &str = concat!(
    "SELECT x.id, x.source, x.source_id, x.title, x.first_said_at_ms, x.last_said_at_ms,
            x.remembered_at_ms, x.turn_count, x.name, x.pinned, x.read_position, x.forked_from,
            CASE WHEN coalesce(x.name, nullif(trim(x.title), '')) IS NULL THEN ",
    first_words!(),
    " END
     FROM sessions x WHERE x.id = ?1"
);

impl Memory {
    /// A page of the sessions that a query asks for.
    pub fn sessions(
        &self,
        query: &SessionQuery,
        offset: usize,
        limit: usize,
    ) -> Result<Vec<Session>, MemoryError> {
        let (sql, sort) = match (query.sort, query.reverse) {
            (SessionSort::Title, false) => (BY_TITLE, None),
            (SessionSort::Title, true) => (BY_TITLE_REVERSED, None),
            (SessionSort::Activity, _) => (BY_NUMBER, Some("activity")),
            (SessionSort::Turns, _) => (BY_NUMBER, Some("turns")),
            (SessionSort::Created, _) => (BY_NUMBER, Some("created")),
        };
        let direction = if query.reverse { 1 } else { -1 };
        let (limit, offset) = (limit as i64, offset as i64);
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let values = Values::of(query);
            let mut given = values.named();
            given.extend_from_slice(&[(":limit", &limit), (":offset", &offset)]);
            if sort.is_some() {
                given.extend_from_slice(&[(":sort", &sort), (":direction", &direction)]);
            }
            let ids = statement
                .query_map(given.as_slice(), |row| row.get(0).map(SessionId))?
                .collect::<Result<Vec<_>, _>>()?;
            let listed = ids.into_iter().map(|id| session(connection, id));
            Ok(listed.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        })
    }

    /// How many sessions a query asks for.
    pub fn session_count(&self, query: &SessionQuery) -> Result<u64, MemoryError> {
        self.read(|connection| {
            let values = Values::of(query);
            Ok(connection
                .prepare_cached(COUNT)?
                .query_row(values.named().as_slice(), |row| row.get::<_, i64>(0))?
                as u64)
        })
    }

    /// A session, if it is there.
    pub fn session(&self, id: SessionId) -> Result<Option<Session>, MemoryError> {
        self.read(|connection| session(connection, id))
    }

    /// Gives a session a name, which stands before the title that its file gave it; `None` takes
    /// the name away. Says whether the session is there.
    pub fn rename_session(&self, id: SessionId, name: Option<&str>) -> Result<bool, MemoryError> {
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        self.change("UPDATE sessions SET name = ?2 WHERE id = ?1", id, &name)
    }

    /// Pins a session to the top of the list, or takes the pin away. Says whether it is there.
    pub fn pin_session(&self, id: SessionId, pinned: bool) -> Result<bool, MemoryError> {
        self.change("UPDATE sessions SET pinned = ?2 WHERE id = ?1", id, &pinned)
    }

    /// Keeps the position up to which a session was read. Says whether it is there.
    pub fn set_read_position(
        &self,
        id: SessionId,
        position: Option<i64>,
    ) -> Result<bool, MemoryError> {
        self.change("UPDATE sessions SET read_position = ?2 WHERE id = ?1", id, &position)
    }

    /// Adds tags to a session and removes others, in the form of [`tag_of`]. Says whether the
    /// session is there.
    pub fn tag_session(
        &self,
        id: SessionId,
        add: &[String],
        remove: &[String],
    ) -> Result<bool, MemoryError> {
        self.write(|connection| {
            if session(connection, id)?.is_none() {
                return Ok(false);
            }
            let mut delete = connection
                .prepare_cached("DELETE FROM session_tags WHERE tag = ?1 AND session_id = ?2")?;
            for tag in remove.iter().filter_map(|tag| tag_of(tag)) {
                delete.execute(params![tag, id.0])?;
            }
            let mut insert = connection.prepare_cached(
                "INSERT OR IGNORE INTO session_tags (tag, session_id) VALUES (?1, ?2)",
            )?;
            for tag in add.iter().filter_map(|tag| tag_of(tag)) {
                insert.execute(params![tag, id.0])?;
            }
            Ok(true)
        })
    }

    /// Every source that sessions come from, by name.
    pub fn sources(&self) -> Result<Vec<String>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT DISTINCT source FROM sessions ORDER BY source")?;
            let sources = statement.query_map([], |row| row.get(0))?;
            Ok(sources.collect::<Result<_, _>>()?)
        })
    }

    /// Every tag with the number of sessions that have it, by name.
    pub fn tags(&self) -> Result<Vec<(String, u64)>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT tag, count(*) FROM session_tags GROUP BY tag ORDER BY tag",
            )?;
            let rows =
                statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn change(
        &self,
        sql: &'static str,
        id: SessionId,
        value: &dyn ToSql,
    ) -> Result<bool, MemoryError> {
        self.write(|connection| {
            Ok(connection.prepare_cached(sql)?.execute(params![id.0, value])? > 0)
        })
    }
}

/// A query as its statements take it.
struct Values {
    title: String,
    text: String,
    words: Option<String>,
    source: Option<String>,
    speaker: Option<String>,
    tag: Option<String>,
    since: Option<i64>,
    until: Option<i64>,
    pinned: bool,
}

impl Values {
    fn of(query: &SessionQuery) -> Self {
        let folded = |text: &str| text.trim().to_lowercase();
        Self {
            title: folded(&query.title),
            text: folded(&query.text),
            words: every_word(&query.text),
            source: query.source.clone(),
            speaker: query.speaker.as_deref().map(folded),
            // What is no tag is on no session.
            tag: query.tag.as_deref().map(|tag| tag_of(tag).unwrap_or_default()),
            since: query.since.map(Timestamp::as_millis),
            until: query.until.map(Timestamp::as_millis),
            pinned: query.pinned,
        }
    }

    fn named(&self) -> Vec<(&'static str, &dyn ToSql)> {
        named_params! {
            ":title": self.title,
            ":text": self.text,
            ":words": self.words,
            ":source": self.source,
            ":speaker": self.speaker,
            ":tag": self.tag,
            ":since": self.since,
            ":until": self.until,
            ":pinned": self.pinned,
        }
        .to_vec()
    }
}

/// An expression that turns match which hold every word of a text, the last one begun.
fn every_word(text: &str) -> Option<String> {
    let terms = language::index_terms(text);
    // Terms hold letters and digits only, so quoting cannot be escaped from.
    let quoted: Vec<String> = terms.split(' ').map(|term| format!("\"{term}\"")).collect();
    (!terms.is_empty()).then(|| format!("{}*", quoted.join(" AND ")))
}

pub(super) fn session(
    connection: &Connection,
    id: SessionId,
) -> Result<Option<Session>, MemoryError> {
    let mut statement = connection.prepare_cached(SESSION)?;
    let Some(mut session) = statement.query_row([id.0], session_of).optional()? else {
        return Ok(None);
    };
    let mut tags = connection
        .prepare_cached("SELECT tag FROM session_tags WHERE session_id = ?1 ORDER BY tag")?;
    session.tags = tags.query_map([id.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(Some(session))
}

fn session_of(row: &Row<'_>) -> Result<Session, rusqlite::Error> {
    Ok(Session {
        id: SessionId(row.get(0)?),
        source: row.get(1)?,
        source_id: row.get(2)?,
        title: row.get(3)?,
        name: row.get(8)?,
        first_words: row.get(12)?,
        tags: Vec::new(),
        pinned: row.get(9)?,
        read_position: row.get(10)?,
        forked_from: row.get::<_, Option<i64>>(11)?.map(TurnId),
        first_said_at: timestamp(row, 4)?,
        last_said_at: timestamp(row, 5)?,
        remembered_at: timestamp(row, 6)?.unwrap_or_else(epoch),
        turns: row.get::<_, i64>(7)? as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Conversation, Kind, NewTurn, Role};
    use crate::memory::Ingest;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    /// Three sessions: "Über Brot" by Ann, an untitled one by Bob, "allotment" by Ann and Bob.
    fn memory() -> Memory {
        let memory = Memory::open_in_memory().unwrap();
        let talk = |id: &str, title: Option<&str>, turns: &[(&str, &str, i64)]| Conversation {
            source_id: Some(id.into()),
            title: title.map(str::to_owned),
            turns: turns
                .iter()
                .map(|(who, text, time)| {
                    NewTurn::message(Role::User, *who, *text).at(Some(at(*time)))
                })
                .collect(),
            ..Conversation::default()
        };
        let file = [
            talk("a", Some("Über Brot"), &[("Ann", "Rye rises slowly", 100)]),
            talk("b", None, &[("Bob", "Seedlings everywhere\nand more", 300)]),
            talk(
                "c",
                Some("allotment"),
                &[("Ann", "Frost took the tomatoes", 150), ("Bob", "Plums then", 200)],
            ),
        ];
        let mut run = Ingest::new(false);
        run.begin_format("test");
        memory.ingest(&mut run, &file, at(5)).unwrap();
        memory
    }

    fn listed(memory: &Memory, query: &SessionQuery) -> Vec<i64> {
        let sessions = memory.sessions(query, 0, 99).unwrap();
        assert_eq!(memory.session_count(query).unwrap(), sessions.len() as u64, "{query:?}");
        sessions.iter().map(|session| session.id.0).collect()
    }

    #[test]
    fn lists_what_a_query_asks_for() {
        let memory = memory();
        memory.tag_session(SessionId(3), &["#Green Things".into()], &[]).unwrap();
        let open = SessionQuery::default;
        for (query, expected) in [
            (open(), vec![2, 3, 1]),
            (SessionQuery::titled("über"), vec![1]),
            (SessionQuery::titled("seedlings every"), vec![2]),
            (SessionQuery::titled("green-"), vec![3]),
            (SessionQuery::titled("rye"), vec![]),
            (SessionQuery { text: "slowly rye".into(), ..open() }, vec![1]),
            (SessionQuery { text: "rye plums".into(), ..open() }, vec![]),
            (SessionQuery { text: "toma".into(), ..open() }, vec![3]),
            (SessionQuery { text: "\" OR *".into(), ..open() }, vec![]),
            (SessionQuery { source: Some("chat".into()), ..open() }, vec![]),
            (SessionQuery { speaker: Some("ANN".into()), ..open() }, vec![3, 1]),
            (SessionQuery { tag: Some("green things".into()), ..open() }, vec![3]),
            (SessionQuery { tag: Some("#".into()), ..open() }, vec![]),
            (SessionQuery { since: Some(at(200)), ..open() }, vec![2, 3]),
            (SessionQuery { until: Some(at(150)), ..open() }, vec![1]),
            (SessionQuery { pinned: true, ..open() }, vec![]),
        ] {
            assert_eq!(listed(&memory, &query), expected, "{query:?}");
        }
    }

    #[test]
    fn orders_and_pages() {
        let memory = memory();
        memory.pin_session(SessionId(1), true).unwrap();
        memory.rename_session(SessionId(2), Some("  zebra ")).unwrap();
        let by = |sort, reverse| SessionQuery { sort, reverse, ..SessionQuery::default() };
        for (query, expected) in [
            (by(SessionSort::Activity, false), [1, 2, 3]),
            (by(SessionSort::Activity, true), [1, 3, 2]),
            (by(SessionSort::Title, false), [3, 2, 1]),
            (by(SessionSort::Title, true), [1, 2, 3]),
            (by(SessionSort::Turns, false), [3, 2, 1]),
            (by(SessionSort::Turns, true), [1, 2, 3]),
            (by(SessionSort::Created, false), [3, 2, 1]),
            (by(SessionSort::Created, true), [1, 2, 3]),
        ] {
            assert_eq!(listed(&memory, &query), expected, "{query:?}");
            let page = memory.sessions(&query, 1, 1).unwrap();
            assert_eq!(page[0].id.0, expected[1]);
        }
    }

    #[test]
    fn a_name_stands_before_the_title_and_the_first_words_for_none() {
        let memory = memory();
        let title = |id| memory.session(SessionId(id)).unwrap().unwrap().display_title();
        assert_eq!((title(1), title(2)), ("Über Brot".into(), "Seedlings everywhere".into()));
        assert!(memory.rename_session(SessionId(1), Some("Rye")).unwrap());
        assert_eq!(title(1), "Rye");
        let found = memory.found(&[TurnId(1), TurnId(2)]).unwrap();
        assert_eq!(found[0].session_title, "Rye");
        assert_eq!(found[1].session_title, "Seedlings everywhere");
        memory.rename_session(SessionId(1), Some(" ")).unwrap();
        assert_eq!(title(1), "Über Brot");
        assert!(!memory.rename_session(SessionId(9), Some("x")).unwrap());
        assert!(!memory.tag_session(SessionId(9), &["x".into()], &[]).unwrap());
    }

    #[test]
    fn tags_are_added_once_and_taken_away() {
        let memory = memory();
        let both = ["work".to_owned(), "#Work".to_owned(), "b".to_owned()];
        memory.tag_session(SessionId(1), &both, &[]).unwrap();
        memory.tag_session(SessionId(2), &both[..1], &[]).unwrap();
        assert_eq!(memory.tags().unwrap(), [("b".to_owned(), 1), ("work".to_owned(), 2)]);
        memory.tag_session(SessionId(1), &[], &["WORK".into(), "none".into()]).unwrap();
        assert_eq!(memory.session(SessionId(1)).unwrap().unwrap().tags, ["b"]);
    }

    #[test]
    fn folded_content_gives_no_title() {
        let memory = Memory::open_in_memory().unwrap();
        let session = memory.begin_session("chat", None, at(1)).unwrap();
        let add = |turn: NewTurn| memory.append(session, &turn, None, at(2)).unwrap();
        add(NewTurn::message(Role::System, "system", "You are helpful"));
        add(NewTurn::message(Role::Assistant, "x", "thinking").of_kind(Kind::Reasoning));
        let title = || memory.session(session).unwrap().unwrap().display_title();
        assert_eq!(title(), "chat 1");
        add(NewTurn::message(Role::User, "Ann", "What about bread?"));
        assert_eq!(title(), "What about bread?");
        memory.set_read_position(session, Some(1)).unwrap();
        assert_eq!(memory.session(session).unwrap().unwrap().read_position, Some(1));
    }
}
