//! The memory: one `SQLite` file that only grows by appending, and every SQL statement of the
//! program.
//!
//! Owns: the schema and its migrations, sessions, turns, their words (FTS5), their embeddings and
//! which are pending, citations, imports. Does not own: making embeddings (`encoder`), searching
//! them (`index`), ranking (`retrieval`).
//!
//! One connection writes, behind a lock; each reader has its own and is never blocked by the
//! writer (WAL). A method that returned `Ok` has made its change durable: `synchronous=FULL`, and
//! what belongs together is one `BEGIN IMMEDIATE` transaction.

mod answers;
mod append;
mod beside;
mod bring_back;
mod check;
mod checksums;
mod copies;
mod deletions;
mod edit;
mod embeddings;
mod error;
mod forget;
mod identity;
mod imagined;
mod imports;
mod ingest;
mod marks;
mod merge;
mod migrations;
mod open;
mod order;
mod prepared;
mod recognise;
mod reconcile;
mod records;
mod reindex;
mod remove;
mod restore;
mod sessions;
mod stats;
mod tombstones;
mod topics;
mod turns;
mod waiting;
mod words;

pub use append::Appended;
pub use beside::{CopyKind, Held, Unfinished, draft_files, draft_path, input_path};
pub use check::{Checked, Finding, Part};
pub use copies::Copied;
pub use embeddings::{EmbeddingState, EncodedTurn, Pending};
pub use error::MemoryError;
pub use forget::{Chosen, ForgetFilter, Forgotten};
pub use imports::Imported;
pub use ingest::{Became, Ingest, Ingested};
pub use marks::{MarkFilter, StoredAnswer};
pub use prepared::Prepared;
pub use records::Visited;
pub use reindex::Coming;
pub use remove::Removed;
pub use sessions::{SessionQuery, SessionSort};
pub use stats::{Sizes, Stats, Tally};
pub use topics::Meant;
pub use turns::{Counts, Found, Passing};
pub use waiting::interruptible;
pub use words::WordMatch;

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The memory. Share it between threads by reference: all methods take `&self`.
pub struct Memory {
    path: Option<PathBuf>,
    /// Whether the file cannot be written by this user.
    read_only: bool,
    writer: Mutex<Connection>,
    /// Those who want the writer.
    queue: waiting::Queue,
    /// Connections that no reader uses at the moment.
    readers: Mutex<Vec<Connection>>,
}

impl Memory {
    /// A memory that ends with the program: the double for tests.
    pub fn open_in_memory() -> Result<Self, MemoryError> {
        let mut connection = Connection::open_in_memory()?;
        configure(&connection)?;
        migrations::apply(&mut connection)?;
        Ok(Self {
            path: None,
            read_only: false,
            writer: Mutex::new(connection),
            queue: waiting::Queue::default(),
            readers: Mutex::default(),
        })
    }

    /// The file, or `None` for [`Memory::open_in_memory`].
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Whether the file cannot be written by this user: then it is only read.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// The size of the file with its write-ahead log, in bytes.
    pub fn bytes(&self) -> u64 {
        let Some(path) = &self.path else { return 0 };
        let mut wal = path.clone().into_os_string();
        wal.push("-wal");
        [path.clone(), wal.into()]
            .iter()
            .filter_map(|file| std::fs::metadata(file).ok())
            .map(|meta| meta.len())
            .sum()
    }

    /// Brings the write-ahead log into the file and empties it, so that the file alone is the whole
    /// memory. Everything is durable without it; where another process reads or writes at the
    /// moment, that one's last close does it.
    pub fn checkpoint(&self) -> Result<(), MemoryError> {
        lock(&self.readers).clear();
        if self.read_only {
            return Ok(());
        }
        let mut writer = lock(&self.writer);
        writer.busy_timeout(Duration::ZERO)?;
        let done = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        waiting::be_patient(&mut writer)?;
        Ok(done?)
    }

    /// Runs one transaction on the writing connection; it is rolled back where `body` fails.
    fn write<T>(
        &self,
        body: impl FnOnce(&Connection) -> Result<T, MemoryError>,
    ) -> Result<T, MemoryError> {
        if self.read_only {
            return Err(MemoryError::ReadOnly);
        }
        let _turn = self.queue.wait()?;
        let mut writer = lock(&self.writer);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = body(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    /// Runs one transaction on the writing connection and rolls it back: what a change would do.
    fn rehearse<T>(
        &self,
        body: impl FnOnce(&Connection) -> Result<T, MemoryError>,
    ) -> Result<T, MemoryError> {
        if self.read_only {
            return Err(MemoryError::ReadOnly);
        }
        let _turn = self.queue.wait()?;
        let mut writer = lock(&self.writer);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        body(&transaction)
    }

    /// Runs `body` on a connection that sees one consistent state.
    fn read<T>(
        &self,
        body: impl FnOnce(&Connection) -> Result<T, MemoryError>,
    ) -> Result<T, MemoryError> {
        let Some(path) = &self.path else { return body(&lock(&self.writer)) };
        let idle = lock(&self.readers).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => open::reader(path, self.read_only)?,
        };
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
        let value = body(&transaction);
        drop(transaction);
        lock(&self.readers).push(connection);
        value
    }
}

/// A panic while the lock was held left a rolled back transaction, not a broken connection.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn configure(connection: &Connection) -> Result<(), MemoryError> {
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -16_000)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    connection.set_prepared_statement_cache_capacity(64);
    // SQLite's own `lower` knows ASCII only.
    connection.create_scalar_function(
        "fold",
        1,
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC,
        |context| Ok(context.get::<Option<String>>(0)?.map(|text| text.to_lowercase())),
    )?;
    checksums::register(connection)?;
    Ok(())
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
