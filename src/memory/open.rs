//! Opening the memory's file: whose it is, whether it may be written, bringing it to the newest
//! schema.

use super::waiting::{self, BUSY};
use super::{Memory, MemoryError, configure, copies, first_line, migrations};
use crate::files::{self, with_suffix};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

impl Memory {
    /// Opens the memory in a file, made with mode 0600 if it is not there, and brings it to the
    /// newest schema; a copy of it is kept from before that.
    ///
    /// A file that is not a memory, or is of a newer schema, is refused without a change.
    pub fn open(path: &Path) -> Result<Self, MemoryError> {
        create(path).map_err(|error| failed(path, &error))?;
        Self::open_writing(path)
    }

    /// Opens a memory that must be there. Where it cannot be written, as another user's, it is
    /// opened for reading: see [`Memory::is_read_only`].
    pub fn open_existing(path: &Path) -> Result<Self, MemoryError> {
        match fs::metadata(path) {
            Ok(_) => files::regular(path).map_err(|error| failed(path, &error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(MemoryError::Missing(path.to_owned()));
            }
            Err(error) => return Err(failed(path, &error)),
        }
        if may_write(path) { Self::open_writing(path) } else { Self::open_reading(path) }
    }

    fn open_writing(path: &Path) -> Result<Self, MemoryError> {
        // Whose file it is comes before any pragma that would write to it.
        let (mut connection, version) = inspected(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let mode = write_ahead(&connection).map_err(|error| named(path, error.into()))?;
        if mode != "wal" {
            return Err(MemoryError::NoWal { path: path.to_owned(), mode });
        }
        configure(&connection)?;
        if version != 0 && version < migrations::NEWEST {
            copies::before_migration(&mut connection, path)?;
        }
        migrations::apply(&mut connection).map_err(|error| named(path, error))?;
        if version == 0 {
            // Whose file it is must stand in the file itself, not in its log alone.
            connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        }
        Ok(Self {
            path: Some(path.to_owned()),
            read_only: false,
            writer: Mutex::new(connection),
            queue: waiting::Queue::default(),
            readers: Mutex::default(),
        })
    }

    fn open_reading(path: &Path) -> Result<Self, MemoryError> {
        let (connection, version) = inspected(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        if version < migrations::NEWEST {
            return Err(MemoryError::OldSchema {
                path: path.to_owned(),
                found: version,
                known: migrations::NEWEST,
            });
        }
        Ok(Self {
            path: Some(path.to_owned()),
            read_only: true,
            writer: Mutex::new(connection),
            queue: waiting::Queue::default(),
            readers: Mutex::default(),
        })
    }
}

/// Asks for the write-ahead log, and returns the journal's mode. Where another makes the file at the
/// same moment, `SQLite` refuses at once instead of waiting as it does elsewhere, since both hold
/// what the other wants.
fn write_ahead(connection: &Connection) -> Result<String, rusqlite::Error> {
    const PAUSE: Duration = Duration::from_millis(5);
    let began = Instant::now();
    loop {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0));
        match mode {
            Err(error)
                if matches!(
                    error.sqlite_error_code(),
                    Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
                ) && began.elapsed() < BUSY =>
            {
                std::thread::sleep(PAUSE);
            }
            mode => return mode,
        }
    }
}

/// A connection for reading.
pub(super) fn reader(path: &Path, read_only: bool) -> Result<Connection, MemoryError> {
    if read_only {
        let connection = read_only_connection(path).map_err(|error| named(path, error.into()))?;
        configure(&connection)?;
        return Ok(connection);
    }
    let mut connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    waiting::be_patient(&mut connection)?;
    configure(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// A connection to a memory's file, and its schema. What is not a memory of this program is
/// refused, and nothing is written.
pub(super) fn inspected(path: &Path, flags: OpenFlags) -> Result<(Connection, i64), MemoryError> {
    let connection = if flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY) {
        read_only_connection(path)
    } else {
        Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
    };
    let mut connection = connection.map_err(|error| named(path, error.into()))?;
    waiting::be_patient(&mut connection)?;
    let version = migrations::inspect(&connection).map_err(|error| named(path, error))?;
    Ok((connection, version))
}

/// Opens for reading only. A log beside the file is read too, which takes a folder that can be
/// written; where it cannot and there is no log, the file alone is all there is.
fn read_only_connection(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    let tried = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    match tried {
        Err(error)
            if matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)
            ) && log_is_empty(path) =>
        {
            Connection::open_with_flags(immutable(path), flags | OpenFlags::SQLITE_OPEN_URI)
        }
        _ => Ok(connection),
    }
}

fn log_is_empty(path: &Path) -> bool {
    fs::metadata(with_suffix(path, "-wal")).map_or(true, |log| log.len() == 0)
}

/// The file's name as a URI that says that nobody changes it.
fn immutable(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(*byte));
            }
            byte => {
                let _ = std::fmt::Write::write_fmt(&mut uri, format_args!("%{byte:02X}"));
            }
        }
    }
    uri + "?immutable=1"
}

/// Whether this user may write to the file, and beside it, where the log lies.
fn may_write(path: &Path) -> bool {
    let refused = |error: &io::Error| {
        matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
    };
    if files::may_write(path).is_err_and(|error| refused(&error)) {
        return false;
    }
    // A file without a name: nothing of it is left, whenever the program is killed.
    match tempfile::tempfile_in(files::folder_of(path)) {
        Err(error) => !refused(&error),
        Ok(_) => true,
    }
}

/// An error with the file that it is about.
fn named(path: &Path, error: MemoryError) -> MemoryError {
    let not = |why: &str| MemoryError::NotAMemory { path: path.to_owned(), why: why.into() };
    match error {
        MemoryError::NewerSchema { .. } | MemoryError::EditedMigration { .. } => {
            MemoryError::Refused { path: path.to_owned(), why: Box::new(error) }
        }
        MemoryError::OtherProgram => not("it is a database of another program"),
        MemoryError::Sqlite(error) => match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => not("it is not a database"),
            Some(ErrorCode::CannotOpen) => failed(path, &error),
            _ => MemoryError::Sqlite(error),
        },
        error => error,
    }
}

fn failed(path: &Path, why: &dyn std::fmt::Display) -> MemoryError {
    MemoryError::Open { path: path.to_owned(), why: first_line(&why.to_string()) }
}

/// Makes the file, and the folders above it, so that only their owner can read them. What is
/// there already keeps its permissions.
fn create(path: &Path) -> io::Result<()> {
    // Closing the file would drop the locks of a connection that this process opened meanwhile.
    static MAKING: Mutex<()> = Mutex::new(());
    let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    create_folder(path)?;
    if path.exists() {
        files::regular(path)?;
        return files::may_write(path);
    }
    let mut options = fs::OpenOptions::new();
    // A link to nothing leads to where the memory is made.
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Makes the folders above a file.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
