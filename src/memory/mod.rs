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
mod edit;
mod embeddings;
mod error;
mod forget;
mod identity;
mod imagined;
mod imports;
mod ingest;
mod merge;
mod migrations;
mod order;
mod recognise;
mod reconcile;
mod records;
mod remove;
mod sessions;
mod stats;
mod tombstones;
mod turns;
mod words;

pub use append::Appended;
pub use embeddings::{EmbeddingState, EncodedTurn, Pending};
pub use error::MemoryError;
pub use forget::{Chosen, ForgetFilter, Forgotten};
pub use imports::Imported;
pub use ingest::{Became, Ingest, Ingested};
pub use records::Visited;
pub use remove::Removed;
pub use sessions::{SessionQuery, SessionSort};
pub use stats::{Sizes, Stats, Tally};
pub use turns::{Counts, Found, Passing};
pub use words::WordMatch;

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a writer waits for another process before it reports [`MemoryError::Busy`].
const BUSY: Duration = Duration::from_secs(30);

/// The memory. Share it between threads by reference: all methods take `&self`.
pub struct Memory {
    path: Option<PathBuf>,
    writer: Mutex<Connection>,
    /// Connections that no reader uses at the moment.
    readers: Mutex<Vec<Connection>>,
}

impl Memory {
    /// Opens the memory in a file, made with mode 0600 if it is not there, and brings it to the
    /// newest schema.
    ///
    /// A file that is not a memory, or is of a newer schema, is refused without a change.
    pub fn open(path: &Path) -> Result<Self, MemoryError> {
        let failed =
            |why: String| MemoryError::Open { path: path.to_owned(), why: first_line(&why) };
        create_private(path).map_err(|error| failed(error.to_string()))?;
        let mut connection = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(|error| failed(error.to_string()))?;
        connection.busy_timeout(BUSY)?;
        let named = |error: MemoryError| match error {
            MemoryError::NewerSchema { .. } | MemoryError::EditedMigration { .. } => {
                MemoryError::Refused { path: path.to_owned(), why: Box::new(error) }
            }
            MemoryError::OtherProgram => MemoryError::NotAMemory {
                path: path.to_owned(),
                why: "it is a database of another program".into(),
            },
            MemoryError::Sqlite(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) =>
            {
                MemoryError::NotAMemory {
                    path: path.to_owned(),
                    why: "it is not a database".into(),
                }
            }
            MemoryError::Sqlite(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::CannotOpen) =>
            {
                failed(error.to_string())
            }
            error => error,
        };
        // Whose file it is comes before any pragma that would write to it.
        migrations::inspect(&connection).map_err(named)?;
        let mode: String = connection
            .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
            .map_err(|error| named(error.into()))?;
        if mode != "wal" {
            return Err(MemoryError::NoWal { path: path.to_owned(), mode });
        }
        configure(&connection)?;
        migrations::apply(&mut connection).map_err(named)?;
        Ok(Self {
            path: Some(path.to_owned()),
            writer: Mutex::new(connection),
            readers: Mutex::default(),
        })
    }

    /// A memory that ends with the program: the double for tests.
    pub fn open_in_memory() -> Result<Self, MemoryError> {
        let mut connection = Connection::open_in_memory()?;
        configure(&connection)?;
        migrations::apply(&mut connection)?;
        Ok(Self { path: None, writer: Mutex::new(connection), readers: Mutex::default() })
    }

    /// The file, or `None` for [`Memory::open_in_memory`].
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
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
        let writer = lock(&self.writer);
        writer.busy_timeout(Duration::ZERO)?;
        let done = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        writer.busy_timeout(BUSY)?;
        Ok(done?)
    }

    /// Runs one transaction on the writing connection; it is rolled back where `body` fails.
    fn write<T>(
        &self,
        body: impl FnOnce(&Connection) -> Result<T, MemoryError>,
    ) -> Result<T, MemoryError> {
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
            None => open_reader(path)?,
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

fn open_reader(path: &Path) -> Result<Connection, MemoryError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY)?;
    configure(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
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
    Ok(())
}

/// Makes the file, and the folders above it, so that only their owner can read them. What is
/// there already keeps its permissions.
fn create_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
