//! What the memory holds, in figures.

use super::turns::timestamp;
use super::{Memory, MemoryError};
use crate::conversation::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::Connection;
use std::collections::BTreeMap;

/// Time is counted by quarters of an hour: every zone in use is a whole number of them off UTC.
const QUARTER: i64 = 15 * 60 * 1000;

/// What the memory holds, in figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Sessions.
    pub sessions: u64,
    /// Turns that were said.
    pub turns: u64,
    /// Turns that are folded away: reasoning, tool calls and their results.
    pub folded: u64,
    /// Turns whose embedding is still to be made.
    pub pending: u64,
    /// When the first turn was said.
    pub first_said_at: Option<Timestamp>,
    /// When the last turn was said.
    pub last_said_at: Option<Timestamp>,
    /// Turns without a time.
    pub untimed: u64,
    /// By source, the largest first.
    pub sources: Vec<Tally>,
    /// By speaker, the most talkative first.
    pub speakers: Vec<Tally>,
    /// By role, the largest first.
    pub roles: Vec<Tally>,
    /// By tag, the largest first.
    pub tags: Vec<Tally>,
    /// Turns by the month in which they were said, such as `2023-05`; the first to the last month,
    /// those without a turn as well.
    pub months: Vec<(String, u64)>,
    /// Turns by the hour of the day in which they were said.
    pub hours: [u64; 24],
    /// Turns by the day of the week on which they were said, from Monday.
    pub weekdays: [u64; 7],
    /// Turns by the month in which they were remembered, the first to the last month.
    pub growth: Vec<(String, u64)>,
}

/// One row of a table of [`Stats`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// What is counted: a source, a speaker, a role, a tag.
    pub name: String,
    /// Turns that were said.
    pub turns: u64,
    /// The sessions in which they stand.
    pub sessions: u64,
}

/// What takes the room in the memory's file, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Turns with their texts, times and ids.
    pub text: u64,
    /// The index of the words.
    pub words: u64,
    /// Embeddings and token codes.
    pub embeddings: u64,
    /// Sessions, speakers, citations and the indexes of all tables.
    pub other: u64,
    /// Pages that are free to be used again.
    pub free: u64,
    /// The write-ahead log beside the file.
    pub log: u64,
}

impl Sizes {
    /// All of it.
    pub fn total(&self) -> u64 {
        self.text + self.words + self.embeddings + self.other + self.free + self.log
    }
}

impl Memory {
    /// What the memory holds; months, days and hours are those of `zone`. Costs a pass over all
    /// turns.
    pub fn stats(&self, zone: &TimeZone) -> Result<Stats, MemoryError> {
        let pending = self.pending_count()?;
        self.read(|connection| {
            let mut stats = Stats { pending, ..Stats::default() };
            connection.query_row(
                "SELECT (SELECT count(*) FROM sessions), count(*) FILTER (WHERE said),
                        count(*) FILTER (WHERE NOT said), min(at) FILTER (WHERE said),
                        max(at) FILTER (WHERE said),
                        count(*) FILTER (WHERE said AND at IS NULL)
                 FROM (SELECT kind NOT IN ('reasoning', 'tool') AS said, said_at_ms AS at
                       FROM turns)",
                [],
                |row| {
                    stats.sessions = row.get::<_, i64>(0)? as u64;
                    stats.turns = row.get::<_, i64>(1)? as u64;
                    stats.folded = row.get::<_, i64>(2)? as u64;
                    stats.first_said_at = timestamp(row, 3)?;
                    stats.last_said_at = timestamp(row, 4)?;
                    stats.untimed = row.get::<_, i64>(5)? as u64;
                    Ok(())
                },
            )?;
            stats.sources = tallies(
                connection,
                "SELECT source, sum(turn_count), count(*) FROM sessions GROUP BY source
                 ORDER BY 2 DESC, 1",
            )?;
            stats.speakers = tallies(
                connection,
                "SELECT s.name, t.said, t.sessions FROM speakers s JOIN
                    (SELECT speaker_id, count(*) AS said, count(DISTINCT session_id) AS sessions
                     FROM turns WHERE kind NOT IN ('reasoning', 'tool') GROUP BY speaker_id) t
                    ON t.speaker_id = s.id
                 ORDER BY 2 DESC, 1",
            )?;
            stats.roles = tallies(
                connection,
                "SELECT role, count(*), count(DISTINCT session_id) FROM turns
                 WHERE kind NOT IN ('reasoning', 'tool') GROUP BY role ORDER BY 2 DESC, 1",
            )?;
            stats.tags = tallies(
                connection,
                "SELECT g.tag, sum(x.turn_count), count(*) FROM session_tags g
                 JOIN sessions x ON x.id = g.session_id GROUP BY g.tag ORDER BY 2 DESC, 1",
            )?;
            stats.clocks(connection, zone)?;
            Ok(stats)
        })
    }

    /// What takes the room in the file. Costs a pass over the file; all zero for a memory that
    /// ends with the program.
    pub fn sizes(&self) -> Result<Sizes, MemoryError> {
        let Some(path) = self.path() else { return Ok(Sizes::default()) };
        let whole = self.bytes();
        let file = std::fs::metadata(path).map_or(0, |meta| meta.len());
        self.read(|connection| {
            let mut sizes = Sizes { log: whole.saturating_sub(file), ..Sizes::default() };
            let mut statement =
                connection.prepare("SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let name: String = row.get(0)?;
                let bytes = row.get::<_, i64>(1)? as u64;
                let part = match name.as_str() {
                    "turns" => &mut sizes.text,
                    name if name.starts_with("words") || name.starts_with("folded_words") => {
                        &mut sizes.words
                    }
                    name if name.contains("embeddings") => &mut sizes.embeddings,
                    _ => &mut sizes.other,
                };
                *part += bytes;
            }
            let free = connection.query_row(
                "SELECT f.freelist_count * s.page_size
                 FROM pragma_freelist_count f, pragma_page_size s",
                [],
                |row| row.get::<_, i64>(0),
            )?;
            sizes.free = free as u64;
            Ok(sizes)
        })
    }
}

impl Stats {
    /// Counts by months, days and hours.
    fn clocks(&mut self, connection: &Connection, zone: &TimeZone) -> Result<(), MemoryError> {
        let mut months = BTreeMap::new();
        quarters(
            connection,
            "SELECT (said_at_ms - (said_at_ms % ?1 + ?1) % ?1) / ?1, count(*) FROM turns
             WHERE said_at_ms IS NOT NULL AND kind NOT IN ('reasoning', 'tool') GROUP BY 1",
            zone,
            &mut |at, turns| {
                *months.entry((at.year(), at.month())).or_default() += turns;
                self.hours[at.hour() as usize % 24] += turns;
                self.weekdays[at.date().weekday().to_monday_zero_offset() as usize % 7] += turns;
            },
        )?;
        self.months = without_gaps(&months);
        let mut growth = BTreeMap::new();
        quarters(
            connection,
            "SELECT remembered_at_ms / ?1, count(*) FROM turns
             WHERE kind NOT IN ('reasoning', 'tool') GROUP BY 1",
            zone,
            &mut |at, turns| *growth.entry((at.year(), at.month())).or_default() += turns,
        )?;
        self.growth = without_gaps(&growth);
        Ok(())
    }
}

fn quarters(
    connection: &Connection,
    sql: &'static str,
    zone: &TimeZone,
    count: &mut dyn FnMut(jiff::civil::DateTime, u64),
) -> Result<(), MemoryError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([QUARTER])?;
    while let Some(row) = rows.next()? {
        let quarter: i64 = row.get(0)?;
        if let Some(at) = Timestamp::from_millis(quarter.saturating_mul(QUARTER)) {
            let civil = zone.to_datetime(at.to_jiff());
            count(civil, row.get::<_, i64>(1)? as u64);
        }
    }
    Ok(())
}

/// Every month from the first to the last. Absurdly long spans (a wrong year in a file) keep their
/// gaps.
fn without_gaps(months: &BTreeMap<(i16, i8), u64>) -> Vec<(String, u64)> {
    const LONGEST: i32 = 12 * 150;
    let place = |(year, month): (i16, i8)| i32::from(year) * 12 + i32::from(month) - 1;
    let name = |(year, month): (i16, i8)| format!("{year:04}-{month:02}");
    let (Some((first, _)), Some((last, _))) = (months.first_key_value(), months.last_key_value())
    else {
        return Vec::new();
    };
    if place(*last) - place(*first) > LONGEST {
        return months.iter().map(|(month, turns)| (name(*month), *turns)).collect();
    }
    (place(*first)..=place(*last))
        .map(|place| ((place.div_euclid(12)) as i16, (place.rem_euclid(12) + 1) as i8))
        .map(|month| (name(month), months.get(&month).copied().unwrap_or_default()))
        .collect()
}

fn tallies(connection: &Connection, sql: &'static str) -> Result<Vec<Tally>, MemoryError> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        Ok(Tally {
            name: row.get(0)?,
            turns: row.get::<_, i64>(1)? as u64,
            sessions: row.get::<_, i64>(2)? as u64,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Kind, NewTurn, Role};

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn figures_tell_what_is_there() {
        let memory = Memory::open_in_memory().unwrap();
        let chat = memory.begin_session("chat", None, at("2024-01-05T00:00:00Z")).unwrap();
        let note = memory.begin_session("note", None, at("2024-01-05T00:00:00Z")).unwrap();
        memory.tag_session(note, &["Home".into()], &[]).unwrap();
        let add = |session, speaker: &str, said: Option<&str>, kind| {
            let turn = NewTurn::message(Role::User, speaker, "word").of_kind(kind);
            let turn = turn.at(said.map(at));
            memory.append(session, &turn, None, at("2024-01-05T00:00:00Z")).unwrap();
        };
        add(chat, "Ann", Some("2023-11-30T23:30:00Z"), Kind::Message);
        add(chat, "Ann", Some("2024-02-01T12:00:00Z"), Kind::Message);
        add(note, "Bob", None, Kind::Message);
        add(chat, "Bob", Some("1969-12-31T23:59:00Z"), Kind::Tool);
        let stats = memory.stats(&TimeZone::UTC).unwrap();
        assert_eq!((stats.sessions, stats.turns, stats.folded, stats.pending), (2, 3, 1, 3));
        assert_eq!(stats.untimed, 1);
        assert_eq!(stats.first_said_at, Some(at("2023-11-30T23:30:00Z")));
        let tally = |name: &str, turns, sessions| Tally { name: name.into(), turns, sessions };
        assert_eq!(stats.sources, [tally("chat", 2, 1), tally("note", 1, 1)]);
        assert_eq!(stats.speakers, [tally("Ann", 2, 1), tally("Bob", 1, 1)]);
        assert_eq!(stats.tags, [tally("home", 1, 1)]);
        let months = |months: &[(&str, u64)]| -> Vec<(String, u64)> {
            months.iter().map(|(month, turns)| ((*month).to_owned(), *turns)).collect()
        };
        assert_eq!(
            stats.months,
            months(&[("2023-11", 1), ("2023-12", 0), ("2024-01", 0), ("2024-02", 1)])
        );
        assert_eq!(stats.growth, months(&[("2024-01", 3)]));
        assert_eq!((stats.hours[23], stats.hours[12], stats.hours.iter().sum()), (1, 1, 2));
        // A Thursday twice.
        assert_eq!(stats.weekdays, [0, 0, 0, 2, 0, 0, 0]);
        // Half an hour before midnight is the next day, and month, an hour further east.
        let east = memory.stats(&TimeZone::fixed(jiff::tz::offset(1))).unwrap();
        assert_eq!(east.months[0], ("2023-12".to_owned(), 1));
        assert_eq!(east.hours[0], 1);
    }

    #[test]
    fn a_wrong_year_fills_no_table() {
        let months = BTreeMap::from([((1, 1), 1), ((9999, 12), 2)]);
        assert_eq!(without_gaps(&months), [("0001-01".into(), 1), ("9999-12".into(), 2)]);
        assert_eq!(without_gaps(&BTreeMap::new()), []);
    }

    #[test]
    fn sizes_add_up_to_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::open(&folder.path().join("memory.db")).unwrap();
        let session = memory.begin_session("chat", None, at("2024-01-05T00:00:00Z")).unwrap();
        for _ in 0..50 {
            let turn = NewTurn::message(Role::User, "Ann", "some words of a turn".repeat(20));
            memory.append(session, &turn, None, at("2024-01-05T00:00:00Z")).unwrap();
        }
        memory.checkpoint().unwrap();
        let sizes = memory.sizes().unwrap();
        assert_eq!((sizes.total(), sizes.log), (memory.bytes(), 0));
        assert!(sizes.text > 20_000 && sizes.words > 0 && sizes.other > 0, "{sizes:?}");
    }
}
