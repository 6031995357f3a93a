//! Brings a file to the newest schema, one migration at a time, each in its own transaction.
//!
//! Migrations are append-only: a released one is never edited. The file records the SHA-256 of
//! what was applied to it, and a history that differs is refused.

use super::MemoryError;
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
];

/// The schema that this program writes.
pub(super) const NEWEST: i64 = MIGRATIONS.len() as i64;

/// Whose file this is, found without changing it.
pub(super) fn inspect(connection: &Connection) -> Result<i64, MemoryError> {
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

/// Applies what is missing. Another process may do the same at the same time: the version is read
/// again inside of each transaction.
pub(super) fn apply(connection: &mut Connection) -> Result<(), MemoryError> {
    for (number, sql) in (1..).zip(MIGRATIONS) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version: i64 = pragma(&transaction, "PRAGMA user_version")?;
        if version >= number {
            continue;
        }
        transaction.execute_batch(sql)?;
        transaction.execute(
            "INSERT INTO migrations (number, sha256) VALUES (?1, ?2)",
            params![number, digest(sql)],
        )?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
        tracing::info!(number, "migration applied");
    }
    Ok(())
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
