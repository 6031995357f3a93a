//! The imports that were made: what each added, and taking one back as a whole.

use super::remove::{Removed, remove_turns};
use super::turns::{epoch, timestamp};
use super::{Memory, MemoryError, edit};
use crate::conversation::{ImportId, Timestamp, TurnId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::path::PathBuf;
use std::time::Instant;

/// How many turns a step of undoing an import removes: some tenths of a second of work.
const STEP: usize = 500;

/// One import, and what memory still holds of what it added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Its id.
    pub id: ImportId,
    /// The formats that it read.
    pub formats: Vec<String>,
    /// The inputs that it read.
    pub paths: Vec<PathBuf>,
    /// When it began.
    pub imported_at: Timestamp,
    /// Sessions that it began.
    pub conversations: u64,
    /// Turns that it added and that were said.
    pub messages: u64,
    /// Reasoning, tool calls and their results that it added.
    pub folded: u64,
}

/// The columns of [`imported_of`], in its order.
const IMPORTS: &str = "SELECT i.id, i.format, i.path, i.started_at_ms,
        (SELECT count(*) FROM sessions s WHERE s.import_id = i.id),
        (SELECT count(*) FROM turns t WHERE t.import_id = i.id),
        (SELECT count(*) FROM turns t WHERE t.import_id = i.id AND t.kind <> 'message'
             AND t.kind IN ('reasoning', 'tool'))
     FROM imports i WHERE ?1 IS NULL OR i.id = ?1 ORDER BY i.id DESC";

impl Memory {
    /// Every import that was not undone, newest first.
    pub fn imports(&self) -> Result<Vec<Imported>, MemoryError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(IMPORTS)?;
            let rows = statement.query_map([None::<i64>], imported_of)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Removes what an import added, as if it had never been: its turns with all that is derived
    /// from them, the answers that rest on them, the sessions of which nothing is left. What other
    /// imports added to the same sessions stays. Returns `None` if there is no such import.
    ///
    /// A large import takes several transactions, and others can write in between. After each,
    /// `go_on` gets how many turns are removed and how many the import had; if it returns `false`,
    /// or if the program is killed, the rest of the import stays and can be undone later.
    pub fn undo_import(
        &self,
        id: ImportId,
        go_on: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<Option<Removed>, MemoryError> {
        let Some(turns) = self.read(|connection| added(connection, id))? else { return Ok(None) };
        let all = turns.len() as u64;
        let (mut removed, mut done) = (Removed::default(), 0);
        // From the end: a conversation of which a part is left has no gap.
        let mut steps = turns.rchunks(STEP).peekable();
        loop {
            let began = Instant::now();
            let step = steps.next().unwrap_or_default();
            let last = steps.peek().is_none();
            removed += self.write(|connection| {
                edit::restore(connection, id)?;
                edit::restore_titles(connection, id)?;
                // Another program may have added to the import meanwhile, or undone it.
                let rest = if last { added(connection, id)? } else { None };
                let removed = remove_turns(connection, rest.as_deref().unwrap_or(step))?;
                if last {
                    let_go(connection, id)?;
                }
                Ok(removed)
            })?;
            if last {
                return Ok(Some(removed));
            }
            done += step.len() as u64;
            if !go_on(done, all) {
                return Ok(Some(removed));
            }
            // Another program that waits asks again now and then only.
            std::thread::sleep(began.elapsed() / 8);
        }
    }

    /// What [`Memory::undo_import`] would remove. It is tried out and rolled back, so that nothing
    /// can be told but what would be done.
    pub fn would_undo(&self, id: ImportId) -> Result<Option<Removed>, MemoryError> {
        self.rehearse(|connection| undo(connection, id))
    }
}

fn undo(connection: &Connection, id: ImportId) -> Result<Option<Removed>, MemoryError> {
    let Some(turns) = added(connection, id)? else { return Ok(None) };
    edit::restore(connection, id)?;
    edit::restore_titles(connection, id)?;
    let removed = remove_turns(connection, &turns)?;
    let_go(connection, id)?;
    Ok(Some(removed))
}

/// The turns that an import added; `None` if there is no such import.
fn added(connection: &Connection, id: ImportId) -> Result<Option<Vec<TurnId>>, MemoryError> {
    if imported(connection, id)?.is_none() {
        return Ok(None);
    }
    let turns = connection
        .prepare_cached("SELECT id FROM turns WHERE import_id = ?1 ORDER BY id")?
        .query_map([id.0], |row| row.get(0).map(TurnId))?
        .collect::<Result<_, _>>()?;
    Ok(Some(turns))
}

/// Removes the record of an import that has no turns any more.
fn let_go(connection: &Connection, id: ImportId) -> Result<(), MemoryError> {
    // A session that a later import went on with belongs to that one now.
    connection
        .prepare_cached(
            "UPDATE sessions SET import_id =
                (SELECT min(t.import_id) FROM turns t WHERE t.session_id = sessions.id)
             WHERE import_id = ?1",
        )?
        .execute([id.0])?;
    connection.prepare_cached("DELETE FROM imports WHERE id = ?1")?.execute([id.0])?;
    Ok(())
}

fn imported(connection: &Connection, id: ImportId) -> Result<Option<Imported>, MemoryError> {
    Ok(connection.prepare_cached(IMPORTS)?.query_row([id.0], imported_of).optional()?)
}

fn imported_of(row: &Row<'_>) -> Result<Imported, rusqlite::Error> {
    let (formats, paths): (String, String) = (row.get(1)?, row.get(2)?);
    let (all, folded): (i64, i64) = (row.get(5)?, row.get(6)?);
    Ok(Imported {
        id: ImportId(row.get(0)?),
        formats: formats.split(',').map(str::to_owned).collect(),
        paths: paths.lines().map(PathBuf::from).collect(),
        imported_at: timestamp(row, 3)?.unwrap_or_else(epoch),
        conversations: row.get::<_, i64>(4)? as u64,
        messages: (all - folded) as u64,
        folded: folded as u64,
    })
}

/// Writes down that an import reads a format from an input: begins it, or adds to it what it did
/// not say yet. Several formats stand behind commas, several inputs on lines.
pub(super) fn record(
    connection: &Connection,
    import: Option<ImportId>,
    format: &str,
    path: &str,
    now: Timestamp,
) -> Result<ImportId, MemoryError> {
    let Some(id) = import else {
        connection
            .prepare_cached(
                "INSERT INTO imports (format, path, started_at_ms) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![format, path, now.as_millis()])?;
        return Ok(ImportId(connection.last_insert_rowid()));
    };
    connection
        .prepare_cached(
            "UPDATE imports SET
                format = CASE WHEN instr(',' || format || ',', ',' || ?2 || ',') > 0 THEN format
                              ELSE format || ',' || ?2 END,
                path = CASE WHEN instr(char(10) || path || char(10),
                                       char(10) || ?3 || char(10)) > 0 THEN path
                            ELSE path || char(10) || ?3 END
             WHERE id = ?1",
        )?
        .execute(params![id.0, format, path])?;
    Ok(id)
}

#[cfg(test)]
mod tests;
