//! Brings a file to the newest schema, one migration at a time, each in its own transaction.
//!
//! Migrations are append-only: a released one is never edited. The file records the SHA-256 of
//! what was applied to it, and a history that differs is refused.

use super::{MemoryError, checksums};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use sha2::{Digest, Sha256};

/// `recn`: marks a file as recount's.
pub(super) const APPLICATION_ID: i32 = 0x7265_636e;

/// Every migration, oldest first; its number is its place here, counted from 1.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_sessions_and_turns.sql"),
    include_str!("../../migrations/0002_turns_beside_messages.sql"),
    include_str!("../../migrations/0003_reviewed_sessions.sql"),
    include_str!("../../migrations/0004_tombstones.sql"),
    include_str!("../../migrations/0005_folded_words.sql"),
    include_str!("../../migrations/0006_removals.sql"),
    include_str!("../../migrations/0007_known_again.sql"),
    include_str!("../../migrations/0008_answers.sql"),
    include_str!("../../migrations/0009_coming_embeddings.sql"),
    include_str!("../../migrations/0010_keys_of_talk.sql"),
    include_str!("../../migrations/0011_deletions.sql"),
    include_str!("../../migrations/0012_earlier_titles.sql"),
    include_str!("../../migrations/0013_marked_answers.sql"),
    include_str!("../../migrations/0014_checksums.sql"),
];

/// The schema that this program writes.
pub(super) const NEWEST: i64 = MIGRATIONS.len() as i64;

/// Whose file this is, found without changing it. All of it is read at one moment: another process
/// may be making the memory.
pub(super) fn inspect(connection: &Connection) -> Result<i64, MemoryError> {
    let _moment =
        connection.is_autocommit().then(|| connection.unchecked_transaction()).transpose()?;
    let application_id: i32 = pragma(connection, "PRAGMA application_id")?;
    let version: i64 = pragma(connection, "PRAGMA user_version")?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application_id != APPLICATION_ID && (tables > 0 || version != 0 || application_id != 0) {
        return Err(MemoryError::OtherProgram);
    }
    if version > NEWEST {
        return Err(MemoryError::NewerSchema { found: version, known: NEWEST });
    }
    for (number, sql) in (1..=version).zip(MIGRATIONS) {
        let recorded: Option<String> = connection
            .query_row("SELECT sha256 FROM migrations WHERE number = ?1", [number], |row| {
                row.get(0)
            })
            .optional()?;
        if recorded.as_deref() != Some(digest(sql).as_str()) {
            return Err(MemoryError::EditedMigration { number });
        }
    }
    Ok(version)
}

/// The schema that a file is of; 0 where it is empty.
pub(super) fn version(connection: &Connection) -> Result<i64, MemoryError> {
    Ok(pragma(connection, "PRAGMA user_version")?)
}

/// Applies what is missing, all of it or nothing: whatever ends the program, the file is of the old
/// schema or of the newest. Another process may do the same at the same time: the version is read
/// again inside of the transaction.
pub(super) fn apply(connection: &mut Connection) -> Result<(), MemoryError> {
    apply_all(connection, MIGRATIONS)
}

fn apply_all(connection: &mut Connection, migrations: &[&str]) -> Result<(), MemoryError> {
    if version(connection)? >= migrations.len() as i64 {
        return Ok(());
    }
    // A migration makes checksums.
    checksums::register(connection)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    for (number, sql) in (1..).zip(migrations).skip(found as usize) {
        transaction.execute_batch(sql)?;
        transaction.execute(
            "INSERT INTO migrations (number, sha256) VALUES (?1, ?2)",
            params![number, digest(sql)],
        )?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", number)?;
        tracing::info!(number, "migration applied");
    }
    Ok(transaction.commit()?)
}

fn pragma<T: rusqlite::types::FromSql>(
    connection: &Connection,
    sql: &'static str,
) -> Result<T, rusqlite::Error> {
    connection.query_row(sql, [], |row| row.get(0))
}

fn digest(sql: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(sql.as_bytes()).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
pub(super) mod tests {
    use super::*;
    use std::path::Path;

    /// Makes a file of an earlier schema, with a turn.
    pub(in crate::memory) fn of_schema(path: &Path, schema: i64) {
        let mut connection = Connection::open(path).unwrap();
        apply_all(&mut connection, &MIGRATIONS[..schema as usize]).unwrap();
        connection
            .execute_batch(
                "INSERT INTO speakers (id, name) VALUES (1, 'Ann');
                 INSERT INTO sessions (id, source, remembered_at_ms, activity_ms, turn_count)
                    VALUES (1, 'chat', 1, 1, 1);
                 INSERT INTO turns (id, session_id, position, key, kind, role, speaker_id, text,
                                    remembered_at_ms)
                    VALUES (1, 1, 0, x'00', 'message', 'user', 1, 'one', 1);
                 INSERT INTO words (rowid, speaker, text) VALUES (1, 'ann', 'one');
                 INSERT INTO pending_embeddings (turn_id) VALUES (1);",
            )
            .unwrap();
    }

    fn schema(connection: &Connection) -> Vec<String> {
        let mut statement = connection.prepare("SELECT sql FROM sqlite_schema ORDER BY 1").unwrap();
        let rows = statement.query_map([], |row| row.get::<_, Option<String>>(0)).unwrap();
        rows.filter_map(Result::unwrap).collect()
    }

    #[test]
    fn a_migration_that_fails_leaves_the_old_schema() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("memory.db");
        for broken in 3..=MIGRATIONS.len() {
            std::fs::remove_file(&path).ok();
            of_schema(&path, 2);
            let mut connection = Connection::open(&path).unwrap();
            let before = schema(&connection);
            let mut migrations = MIGRATIONS.to_vec();
            migrations[broken - 1] = "CREATE TABLE begun (x) STRICT; CREATE TABLE turns (x);";
            assert!(apply_all(&mut connection, &migrations).is_err());
            assert_eq!((version(&connection).unwrap(), schema(&connection)), (2, before));
            // And the right ones go through afterwards.
            apply(&mut connection).unwrap();
            assert_eq!(inspect(&connection).unwrap(), NEWEST);
        }
    }
}
