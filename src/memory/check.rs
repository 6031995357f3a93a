//! Whether the memory is whole: what could be wrong with it, found by reading all of it, and the
//! repair of what is derived.
//!
//! Ground state, the turns and what people made of them, is never repaired here: what is wrong with
//! it is told, and a backup helps.

use super::checksums::{self, Changed};
use super::reindex::rebuild_words;
use super::{Memory, MemoryError, copies, lock, migrations, open};
use crate::language;
use half::f16;
use rusqlite::Connection;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

/// A part of the memory that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The file's pages and tables, as `SQLite` sees them.
    File,
    /// Rows that refer to rows.
    References,
    /// What turns say, by their checksums.
    Turns,
    /// Who may read the files.
    Permissions,
    /// What sessions say of their turns.
    Sessions,
    /// The index of words.
    Words,
    /// Embeddings, and which are pending.
    Embeddings,
    /// Files that killed runs left behind.
    LeftOver,
}

impl Part {
    /// Every part, in the order in which they are looked at.
    pub const ALL: [Self; 8] = [
        Self::File,
        Self::References,
        Self::Turns,
        Self::Permissions,
        Self::Sessions,
        Self::Words,
        Self::Embeddings,
        Self::LeftOver,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::References => "references",
            Self::Turns => "turns",
            Self::Permissions => "permissions",
            Self::Sessions => "sessions",
            Self::Words => "words",
            Self::Embeddings => "embeddings",
            Self::LeftOver => "left over",
        }
    }

    /// Whether it can be made again from the turns.
    pub fn can_be_repaired(self) -> bool {
        !matches!(self, Self::File | Self::References | Self::Turns)
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub part: Part,
    /// What, in one line. Holds no text of a turn.
    pub what: String,
}

/// What a check saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// What is wrong; empty where all is well.
    pub findings: Vec<Finding>,
    /// The file's schema.
    pub schema: i64,
    /// Turns of every kind.
    pub turns: u64,
    /// Sessions.
    pub sessions: u64,
    /// Embeddings.
    pub embeddings: u64,
    /// Turns whose embedding is still to be made.
    pub pending: u64,
    /// Turns whose checksum was made later than they were: what was changed before that is not seen.
    pub summed_later: u64,
}

impl Memory {
    /// Reads all of the memory and says what is wrong with it. `quick` leaves out what reads every
    /// text and every vector.
    pub fn check(&self, quick: bool) -> Result<Checked, MemoryError> {
        let (mut checked, changed) = match &self.path {
            Some(path) => {
                let connection = open::reader(path, self.read_only)?;
                connection.pragma_update(None, "query_only", false)?;
                look(&connection, quick)?
            }
            None => look(&lock(&self.writer), quick)?,
        };
        self.tell_changed(&changed, &mut checked);
        for path in self.files_for_others() {
            checked.findings.push(Finding {
                part: Part::Permissions,
                what: format!("{} can be read by others than its owner", path.display()),
            });
        }
        for path in self.left_over() {
            checked.findings.push(Finding {
                part: Part::LeftOver,
                what: format!("{} was left behind by a run that was killed", path.display()),
            });
        }
        Ok(checked)
    }

    /// One finding for each turn that is not what was stored, with the copies that still hold it.
    fn tell_changed(&self, changed: &[Changed], checked: &mut Checked) {
        for one in changed.iter().take(NAMED) {
            let copies = self.copies_that_hold(one);
            let held = if copies.is_empty() {
                "no copy in the memory's folder has it as it was".to_owned()
            } else {
                let names: Vec<_> = copies.iter().map(|path| path.display().to_string()).collect();
                format!("{} still has it as it was", names.join(", "))
            };
            let (turn, session) = (one.turn, one.session);
            checked.findings.push(Finding {
                part: Part::Turns,
                what: format!("turn {turn} in session {session} is not what was stored; {held}"),
            });
        }
        if changed.len() > NAMED {
            checked.findings.push(Finding {
                part: Part::Turns,
                what: format!("{} more turns are not what was stored", changed.len() - NAMED),
            });
        }
    }

    /// Makes a part again from the turns. Embeddings that are missing are pending afterwards.
    pub fn repair(&self, part: Part) -> Result<(), MemoryError> {
        match part {
            Part::File | Part::References | Part::Turns => Ok(()),
            // It would make the words of a changed text the right ones.
            Part::Words if self.is_changed()? => Ok(()),
            Part::Permissions => self.make_private(),
            Part::Sessions => self.write(repair_sessions),
            Part::Words => self.write(|connection| {
                rebuild_words(connection, &mut |_| true)?;
                Ok(())
            }),
            Part::Embeddings => self.write(repair_embeddings),
            Part::LeftOver => self.remove_left_over().map(drop),
        }
    }

    /// The memory's files that others can read.
    #[cfg(unix)]
    fn files_for_others(&self) -> Vec<PathBuf> {
        use std::os::unix::fs::PermissionsExt as _;
        let open = |path: &PathBuf| {
            std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0)
        };
        self.files().into_iter().filter(open).collect()
    }

    #[cfg(not(unix))]
    fn files_for_others(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    #[cfg(unix)]
    fn make_private(&self) -> Result<(), MemoryError> {
        use std::os::unix::fs::PermissionsExt as _;
        for path in self.files_for_others() {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))
                .map_err(|why| copies::failed(&path, &why))?;
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn make_private(&self) -> Result<(), MemoryError> {
        Ok(())
    }
}

/// At most this many changed turns are listed one by one.
const NAMED: usize = 20;

fn look(connection: &Connection, quick: bool) -> Result<(Checked, Vec<Changed>), MemoryError> {
    // One state for all that is compared.
    let transaction = connection.unchecked_transaction()?;
    let (turns, sessions, schema) = copies::counts(&transaction)?;
    let mut checked = Checked { schema, turns, sessions, ..Checked::default() };
    let mut found = |part, what: String| checked.findings.push(Finding { part, what });
    let (pages, words) = integrity(&transaction)?;
    // What stands on broken pages cannot be compared.
    let broken = !pages.is_empty();
    let readable = words.is_empty();
    for what in pages {
        found(Part::File, what);
    }
    for what in words {
        found(Part::Words, what);
    }
    if let Err(error) = migrations::inspect(&transaction) {
        found(Part::File, error.to_string());
    }
    if broken {
        return Ok((checked, Vec::new()));
    }
    match dangling(&transaction)? {
        0 => {}
        rows => found(Part::References, format!("{rows} rows refer to rows that are not there")),
    }
    for (part, what, sql) in COUNTED {
        let rows: i64 = transaction.query_row(sql, [], |row| row.get(0))?;
        if rows > 0 {
            found(*part, format!("{rows} {what}"));
        }
    }
    let changed = checksums::changed(&transaction)?;
    checked.summed_later = checksums::made_later(&transaction)?;
    if !quick {
        let strange = if readable { strange_words(&transaction)? } else { 0 };
        if strange > 0 {
            found(Part::Words, format!("{strange} turns have other words than their text"));
        }
        match strange_turns(&transaction)?.len() {
            0 => {}
            rows => found(Part::Embeddings, format!("{rows} embeddings are damaged")),
        }
    }
    (checked.embeddings, checked.pending) = transaction.query_row(
        "SELECT (SELECT count(*) FROM embeddings), (SELECT count(*) FROM pending_embeddings)",
        [],
        |row| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64)),
    )?;
    Ok((checked, changed))
}

/// What must be nothing, counted.
const COUNTED: &[(Part, &str, &str)] = &[
    (
        Part::Sessions,
        "sessions have other totals than their turns",
        "SELECT count(*) FROM sessions s WHERE
            (turn_count, first_said_at_ms IS (SELECT min(said_at_ms) FROM turns t
                WHERE t.session_id = s.id AND t.kind NOT IN ('reasoning', 'tool'))) IS NOT
            ((SELECT count(*) FROM turns t
                WHERE t.session_id = s.id AND t.kind NOT IN ('reasoning', 'tool')), 1)",
    ),
    (
        Part::Words,
        "turns have no words, or words have no turn",
        "SELECT count(*) FROM (SELECT id FROM turns WHERE kind NOT IN ('reasoning', 'tool')) t
            FULL JOIN words_docsize w ON w.id = t.id WHERE t.id IS NULL OR w.id IS NULL",
    ),
    (
        Part::Words,
        "turns that are folded away have no words, or such words have no turn",
        "SELECT count(*) FROM (SELECT id FROM turns WHERE kind IN ('reasoning', 'tool')) t
            FULL JOIN folded_words_docsize w ON w.id = t.id WHERE t.id IS NULL OR w.id IS NULL",
    ),
    (
        Part::Embeddings,
        "turns have no embedding, and none is pending",
        "SELECT count(*) FROM turns t WHERE kind NOT IN ('reasoning', 'tool')
            AND NOT EXISTS (SELECT 1 FROM embeddings WHERE turn_id = t.id)
            AND NOT EXISTS (SELECT 1 FROM pending_embeddings WHERE turn_id = t.id)",
    ),
    (
        Part::Embeddings,
        "turns have an embedding that is pending too",
        "SELECT count(*) FROM embeddings JOIN pending_embeddings USING (turn_id)",
    ),
    (
        Part::Embeddings,
        "embeddings are of another encoder than the rest",
        "SELECT (SELECT count(*) FROM embeddings) - coalesce(max(n), 0) FROM
            (SELECT count(*) AS n FROM embeddings GROUP BY encoder_id)",
    ),
];

/// What `SQLite` says of the file: of its pages and tables, and of the indexes of words, which can
/// be made again.
pub(super) fn integrity(
    connection: &Connection,
) -> Result<(Vec<String>, Vec<String>), MemoryError> {
    let (mut pages, mut words) = (Vec::new(), Vec::new());
    let mut statement = connection.prepare("PRAGMA integrity_check(10)")?;
    let said = statement.query_map([], |row| row.get::<_, String>(0))?;
    let of_words = |line: &str| line.to_ascii_lowercase().contains("fts5");
    let mut cut_short = false;
    for line in said {
        let line = match line {
            Ok(line) if line == "ok" => continue,
            Ok(line) => line,
            Err(error) => {
                cut_short = true;
                error.to_string()
            }
        };
        let line = super::first_line(line.trim_start_matches("*** in database main ***\n"));
        if of_words(&line) { words.push(line) } else { pages.push(line) }
    }
    // Words that cannot be read end the check: what it had not come to is looked at by itself.
    if cut_short && pages.is_empty() {
        let mut tables = connection.prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%words%'
             AND name NOT LIKE 'word_%'",
        )?;
        let names = tables.query_map([], |row| row.get::<_, String>(0))?;
        let mut one = connection.prepare("SELECT * FROM pragma_integrity_check(?1)")?;
        for name in names {
            let said = one.query_row([name?], |row| row.get::<_, String>(0));
            match said {
                Ok(said) if said == "ok" => {}
                Ok(said) => pages.push(super::first_line(&said)),
                Err(error) => pages.push(error.to_string()),
            }
        }
    }
    Ok((pages, words))
}

/// How many rows refer to rows that are not there.
pub(super) fn dangling(connection: &Connection) -> Result<i64, MemoryError> {
    Ok(connection
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))?)
}

/// How many turns have other words in the indexes than in their text. The order of words is not
/// compared.
fn strange_words(connection: &Connection) -> Result<usize, rusqlite::Error> {
    connection.execute_batch(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.word_instances
            USING fts5vocab ('main', 'words', 'instance');
         CREATE VIRTUAL TABLE IF NOT EXISTS temp.folded_word_instances
            USING fts5vocab ('main', 'folded_words', 'instance');",
    )?;
    let mut sums: HashMap<i64, u64> = HashMap::new();
    for sql in [
        "SELECT doc, col, term FROM temp.word_instances",
        "SELECT doc, col, term FROM temp.folded_word_instances",
    ] {
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let column = row.get_ref(1)?.as_str()? == "text";
            let sum = sums.entry(row.get(0)?).or_default();
            *sum = sum.wrapping_add(hash(row.get_ref(2)?.as_bytes()?, column));
        }
    }
    let mut statement = connection.prepare(
        "SELECT t.id, s.name, t.text FROM turns t JOIN speakers s ON s.id = t.speaker_id",
    )?;
    let mut rows = statement.query([])?;
    let mut strange = 0;
    while let Some(row) = rows.next()? {
        let mut wanted = 0_u64;
        for (place, column) in [(1, false), (2, true)] {
            let terms = language::index_terms(row.get_ref(place)?.as_str()?);
            for term in terms.split_whitespace() {
                let bytes = term.as_bytes();
                wanted = wanted.wrapping_add(hash(&bytes[..bytes.len().min(LONGEST)], column));
            }
        }
        strange += usize::from(sums.remove(&row.get(0)?).unwrap_or_default() != wanted);
    }
    // Words without a turn are counted elsewhere.
    Ok(strange)
}

/// FTS5 cuts a longer token.
const LONGEST: usize = 32_768;

fn hash(term: &[u8], column: bool) -> u64 {
    let mut hasher = DefaultHasher::new();
    (term, column).hash(&mut hasher);
    hasher.finish()
}

/// The turns whose embedding is of the wrong size or length.
fn strange_turns(connection: &Connection) -> Result<Vec<i64>, rusqlite::Error> {
    let mut statement = connection.prepare(
        "SELECT e.turn_id, e.vector, length(e.tokens), c.dim
         FROM embeddings e JOIN encoders c ON c.id = e.encoder_id",
    )?;
    let mut rows = statement.query([])?;
    let mut strange = Vec::new();
    while let Some(row) = rows.next()? {
        let vector = row.get_ref(1)?.as_blob()?;
        let dim: i64 = row.get(3)?;
        let square: f32 = vector
            .chunks_exact(2)
            .map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32().powi(2))
            .sum();
        // Half floats round by less than a thousandth. What is no number fails as well.
        let whole = vector.len() as i64 == 2 * dim && (square - 1.0).abs() < 0.02;
        if !whole || row.get::<_, i64>(2)? % 16 != 0 {
            strange.push(row.get(0)?);
        }
    }
    Ok(strange)
}

fn repair_sessions(connection: &Connection) -> Result<(), MemoryError> {
    connection.execute(
        "UPDATE sessions SET (turn_count, first_said_at_ms, last_said_at_ms) =
            (SELECT count(*), min(said_at_ms), max(said_at_ms) FROM turns
             WHERE session_id = sessions.id AND kind NOT IN ('reasoning', 'tool'))",
        [],
    )?;
    Ok(())
}

fn repair_embeddings(connection: &Connection) -> Result<(), MemoryError> {
    let mut delete = connection.prepare("DELETE FROM embeddings WHERE turn_id = ?1")?;
    for turn in strange_turns(connection)? {
        delete.execute([turn])?;
    }
    for sql in [
        "DELETE FROM embeddings WHERE encoder_id <> (SELECT encoder_id FROM embeddings
            GROUP BY encoder_id ORDER BY count(*) DESC, encoder_id LIMIT 1)",
        "DELETE FROM embeddings WHERE turn_id IN
            (SELECT id FROM turns WHERE kind IN ('reasoning', 'tool'))",
        "DELETE FROM pending_embeddings WHERE turn_id IN (SELECT turn_id FROM embeddings)",
        "INSERT OR IGNORE INTO pending_embeddings (turn_id) SELECT id FROM turns t
         WHERE kind NOT IN ('reasoning', 'tool')
           AND NOT EXISTS (SELECT 1 FROM embeddings WHERE turn_id = t.id)",
    ] {
        connection.execute(sql, [])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
