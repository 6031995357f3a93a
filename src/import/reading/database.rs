//! The SQLite databases of other programs: opened so that nothing about them changes, read by the
//! names of tables and columns.
//!
//! Owns: the one place of this room that knows SQL and rusqlite. A column that a version of the
//! other program does not have reads as null, so that formats need no case for each version.
//!
//! **Never changed**: a database without a write-ahead log is opened as immutable, which takes no
//! lock and makes no file beside it. One with a log (or with a journal of a change that was broken
//! off) is copied together with it to a temporary folder, and opened there: merely opening it in
//! place would make or change the files beside it.

use crate::import::error::{ImportError, shorten};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use tempfile::TempDir;

/// How a database begins.
pub(in crate::import) const MAGIC: &[u8] = b"SQLite format 3\0";

/// The endings of the files that belong to a database, after its own name.
pub(in crate::import) const COMPANIONS: [&str; 3] = ["-wal", "-journal", "-shm"];

/// How often a database that changes while it is copied is copied again.
const COPIES: usize = 3;

/// The tables of a database with the names of their columns.
pub(in crate::import) type Tables = BTreeMap<String, Vec<String>>;

/// A database that is open for reading.
pub(in crate::import) struct Database {
    connection: Connection,
    tables: Tables,
    path: PathBuf,
    /// Deletes the copy when it goes.
    _copy: Option<TempDir>,
}

impl Database {
    /// Opens a database where it lies.
    pub(in crate::import) fn open(path: &Path) -> Result<Self, ImportError> {
        let pending = |end: &&str| {
            fs::metadata(beside(path, end)).is_ok_and(|about| about.is_file() && about.len() > 0)
        };
        let with: Vec<&str> =
            COMPANIONS.into_iter().filter(|end| *end != "-shm").filter(pending).collect();
        // An address holds text only.
        if with.is_empty() && path.to_str().is_some() {
            return Self::connect(path, path.to_owned(), None);
        }
        let folder = tempfile::tempdir().map_err(|error| ImportError::io(path, error))?;
        let copied = copy(path, &with, folder.path());
        let copied = copied.map_err(|error| ImportError::io(path, error))?;
        Self::connect(&copied, path.to_owned(), Some(folder))
    }

    /// Opens a database that was copied into a folder of its own, which goes with it.
    pub(in crate::import) fn of_copy(
        folder: TempDir,
        file: &Path,
        shown: PathBuf,
    ) -> Result<Self, ImportError> {
        Self::connect(file, shown, Some(folder))
    }

    fn connect(file: &Path, shown: PathBuf, copy: Option<TempDir>) -> Result<Self, ImportError> {
        // A copy is ours: what its log holds may be put in order there.
        let connection = if copy.is_some() {
            Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)
        } else {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            Connection::open_with_flags(uri(file), flags)
        };
        let broken = |error: rusqlite::Error| ImportError::Database {
            path: shown.clone(),
            reason: shorten(&error.to_string()),
        };
        let connection = connection.map_err(broken)?;
        let tables = tables(&connection).map_err(broken)?;
        Ok(Self { connection, tables, path: shown, _copy: copy })
    }

    /// Its tables.
    pub(in crate::import) fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Hands over each row of a table with the values of some columns, in the order of others.
    /// Where a table is missing there are no rows. Rows that are damaged end the reading with an
    /// error, after what came before them was handed over.
    pub(in crate::import) fn each_row(
        &self,
        select: &Select<'_>,
        mut take: impl FnMut(Row) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let Some(columns) = self.tables.get(select.table) else { return Ok(()) };
        let broken = |error: rusqlite::Error| ImportError::Database {
            path: self.path.clone(),
            reason: shorten(&format!("table {}: {error}", select.table)),
        };
        let (sql, wanted) = select.sql(columns);
        let mut statement = self.connection.prepare_cached(&sql).map_err(broken)?;
        let mut rows = statement.query(params_from_iter(wanted)).map_err(broken)?;
        while let Some(row) = rows.next().map_err(broken)? {
            let cells = (0..select.columns.len())
                .map(|at| row.get_ref(at).map_or(Cell::Null, Cell::from))
                .collect();
            take(Row(cells))?;
        }
        Ok(())
    }

    /// Hands over the keys that begin in a way, in their order, with the values of another column:
    /// what is kept as keys and values in one table is told apart by how the keys begin.
    pub(in crate::import) fn each_key(
        &self,
        (table, key, value): (&str, &str, &str),
        begin: &str,
        mut take: impl FnMut(&str, Row) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let Some(columns) = self.tables.get(table) else { return Ok(()) };
        let select = Select { table, columns: &[key, value], ..Select::default() };
        let (sql, _) = select.sql(columns);
        let key = quoted(key);
        let sql = format!("{sql} WHERE {key} >= ?1 AND {key} < ?2 ORDER BY {key}");
        let broken = |error: rusqlite::Error| ImportError::Database {
            path: self.path.clone(),
            reason: shorten(&format!("table {table}: {error}")),
        };
        let mut statement = self.connection.prepare_cached(&sql).map_err(broken)?;
        // The last character that there is ends all keys that begin so.
        let end = format!("{begin}\u{10FFFF}");
        let mut rows = statement.query([begin, end.as_str()]).map_err(broken)?;
        while let Some(row) = rows.next().map_err(broken)? {
            let Cell::Text(found) = row.get_ref(0).map_or(Cell::Null, Cell::from) else { continue };
            let Some(rest) = found.strip_prefix(begin) else { continue };
            take(rest, Row(vec![row.get_ref(1).map_or(Cell::Null, Cell::from)]))?;
        }
        Ok(())
    }

    /// Returns all rows of a selection.
    pub(in crate::import) fn rows(&self, select: &Select<'_>) -> Result<Vec<Row>, ImportError> {
        let mut rows = Vec::new();
        self.each_row(select, |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }
}

/// What to read of a table.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::import) struct Select<'s> {
    /// The table.
    pub(in crate::import) table: &'s str,
    /// The columns, as [`Row`] holds them.
    pub(in crate::import) columns: &'s [&'s str],
    /// Only rows that have a text in a column; none where the column does not exist.
    pub(in crate::import) only: Option<(&'s str, &'s str)>,
    /// The columns that put the rows in order; the order of writing decides last.
    pub(in crate::import) order: &'s [&'s str],
}

impl Select<'_> {
    /// Returns the statement for a table that has some columns, and the value that it looks for.
    fn sql(&self, existing: &[String]) -> (String, Option<String>) {
        let exists = |column: &str| existing.iter().any(|known| known.eq_ignore_ascii_case(column));
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|c| if exists(c) { quoted(c) } else { "NULL".to_owned() })
            .collect();
        let mut sql = format!("SELECT {} FROM {}", columns.join(", "), quoted(self.table));
        let wanted = match self.only {
            Some((column, value)) if exists(column) => {
                sql += &[" WHERE ", &quoted(column), " = ?1"].concat();
                Some(value.to_owned())
            }
            Some(_) => {
                sql.push_str(" WHERE 0");
                None
            }
            None => None,
        };
        let order: Vec<String> =
            self.order.iter().filter(|c| exists(c) || **c == "rowid").map(|c| quoted(c)).collect();
        if !order.is_empty() {
            sql += &[" ORDER BY ", &order.join(", ")].concat();
        }
        (sql, wanted)
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A row: the values of the columns that were asked for, in their order.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::import) struct Row(Vec<Cell>);

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::import) enum Cell {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// A text; what was no UTF-8 in it is replaced.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl From<ValueRef<'_>> for Cell {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(text) => Self::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_vec()),
        }
    }
}

impl Row {
    /// The value of the column that was asked for at this place.
    pub(in crate::import) fn cell(&self, at: usize) -> &Cell {
        self.0.get(at).unwrap_or(&Cell::Null)
    }

    /// A text that is not blank.
    pub(in crate::import) fn text(&self, at: usize) -> Option<&str> {
        match self.cell(at) {
            Cell::Text(text) => Some(text.as_str()).filter(|text| !text.trim().is_empty()),
            _ => None,
        }
    }

    /// A whole number.
    pub(in crate::import) fn integer(&self, at: usize) -> Option<i64> {
        match self.cell(at) {
            Cell::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// A text or a whole number as an identity.
    pub(in crate::import) fn id(&self, at: usize) -> Option<String> {
        match self.cell(at) {
            Cell::Text(text) if !text.is_empty() => Some(text.clone()),
            Cell::Integer(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The value as JSON: what a text holds where it is JSON itself.
    pub(in crate::import) fn json(&self, at: usize) -> Value {
        match self.cell(at) {
            Cell::Text(text) => crate::import::reading::json::parse(text).unwrap_or(Value::Null),
            Cell::Blob(bytes) => std::str::from_utf8(bytes)
                .ok()
                .and_then(|text| crate::import::reading::json::parse(text).ok())
                .unwrap_or(Value::Null),
            _ => Value::Null,
        }
    }

    /// The value as a time is written: a number or a text.
    pub(in crate::import) fn moment(&self, at: usize) -> Value {
        match self.cell(at) {
            Cell::Integer(number) => Value::from(*number),
            Cell::Real(number) => Value::from(*number),
            Cell::Text(text) => Value::from(text.as_str()),
            Cell::Null | Cell::Blob(_) => Value::Null,
        }
    }
}

/// Returns whether there is a table with these columns.
pub(in crate::import) fn has(tables: &Tables, table: &str, columns: &[&str]) -> bool {
    let Some(existing) = tables.get(table) else { return false };
    columns.iter().all(|column| existing.iter().any(|known| known.eq_ignore_ascii_case(column)))
}

fn tables(connection: &Connection) -> rusqlite::Result<Tables> {
    let mut names = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'")?;
    let names: Vec<String> =
        names.query_map([], |row| row.get(0))?.filter_map(Result::ok).collect();
    let mut tables = Tables::new();
    let mut columns = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    for name in names {
        // A virtual table whose module is not linked here has no columns to tell.
        let found = columns
            .query_map([&name], |row| row.get(0))
            .map(|rows| rows.filter_map(Result::ok).collect());
        tables.insert(name, found.unwrap_or_default());
    }
    Ok(tables)
}

/// Returns the path of a file that belongs to a database.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(end);
    path.with_file_name(name)
}

/// Copies a database with what belongs to it. A program that writes meanwhile would leave a copy
/// that does not fit together, so it is taken again until nothing changed while it was taken.
fn copy(path: &Path, with: &[&str], folder: &Path) -> io::Result<PathBuf> {
    let target = folder.join("database");
    let state = || -> Vec<Option<(u64, Option<SystemTime>)>> {
        let about = |path: PathBuf| {
            let about = fs::metadata(path).ok()?;
            Some((about.len(), about.modified().ok()))
        };
        std::iter::once(path.to_owned())
            .chain(with.iter().map(|end| beside(path, end)))
            .map(about)
            .collect()
    };
    for _ in 0..COPIES {
        let before = state();
        write_copy(path, &target)?;
        for end in with {
            write_copy(&beside(path, end), &beside(&target, end))?;
        }
        if state() == before {
            break;
        }
    }
    Ok(target)
}

fn write_copy(from: &Path, to: &Path) -> io::Result<()> {
    // Not `fs::copy`: it would carry over a read-only mode, and SQLite wants to write its log.
    let mut reader = File::open(from)?;
    io::copy(&mut reader, &mut File::create(to)?)?;
    Ok(())
}

/// Returns the address that opens a file without a lock and without a file beside it.
fn uri(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let path = path.to_string_lossy().replace('\\', "/");
    let mut uri = String::from("file:");
    if !path.starts_with('/') {
        uri.push('/');
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~:".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri.push_str("?immutable=1");
    uri
}

/// Makes a database for a test.
#[cfg(test)]
pub(in crate::import) fn build(path: &Path, statements: &str) {
    Connection::open(path).unwrap().execute_batch(statements).unwrap();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(folder: &Path) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
            })
            .collect();
        files.sort();
        files
    }

    #[test]
    fn the_log_is_read_and_nothing_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other's 100%.db");
        let writer = Connection::open(&path).unwrap();
        writer
            .execute_batch(
                "PRAGMA journal_mode = WAL; CREATE TABLE t (id TEXT, n INTEGER);
                 INSERT INTO t VALUES ('a', 1), ('b', 2);",
            )
            .unwrap();
        let before = listing(folder.path());
        assert!(before.len() > 1, "there is no log");
        let database = Database::open(&path).unwrap();
        let select = Select { table: "t", columns: &["id", "gone", "n"], ..Select::default() };
        let rows = database.rows(&Select { order: &["n", "gone"], ..select }).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[1].text(0), rows[1].cell(1)), (Some("b"), &Cell::Null));
        assert_eq!(rows[1].cell(2), &Cell::Integer(2));
        let only = |column, value| Select { only: Some((column, value)), ..select };
        assert_eq!(database.rows(&only("id", "a")).unwrap().len(), 1);
        assert_eq!(database.rows(&only("gone", "a")).unwrap().len(), 0);
        assert_eq!(database.rows(&Select { table: "none", ..select }).unwrap().len(), 0);
        drop(database);
        assert_eq!(listing(folder.path()), before);
        drop(writer);
    }

    #[test]
    fn in_an_archive_the_log_comes_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("webui.db");
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("PRAGMA journal_mode = WAL").unwrap();
        writer.execute_batch(include_str!("../../../tests/fixtures/import/openwebui.sql")).unwrap();
        let bytes = |end: &str| fs::read(beside(&path, end)).unwrap();
        let archive = crate::import::testing::zip(&[
            ("data/webui.db", &bytes("")),
            ("data/webui.db-wal", &bytes("-wal")),
            ("data/webui.db-shm", &bytes("-shm")),
        ]);
        let (result, sink) = crate::import::testing::read_bytes(&archive);
        assert_eq!(result.unwrap().formats, ["openwebui"]);
        assert_eq!(sink.conversations.len(), 2);
        assert!(!sink.skipped.contains_key("file of no known format"), "{:?}", sink.skipped);
        // Without its log there is nothing in it yet.
        let alone = crate::import::testing::zip(&[("webui.db", &bytes(""))]);
        assert!(crate::import::testing::read_bytes(&alone).0.is_err());
        drop(writer);
    }

    #[test]
    fn a_database_at_rest_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x#y?.db");
        Connection::open(&path)
            .unwrap()
            .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE \"o'dd\" (a)")
            .unwrap();
        let before = listing(folder.path());
        assert_eq!(before.len(), 1);
        let database = Database::open(&path).unwrap();
        assert!(has(database.tables(), "o'dd", &["A"]) && !has(database.tables(), "o'dd", &["b"]));
        assert_eq!(listing(folder.path()), before);
    }

    #[test]
    fn damage_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let mut bytes = MAGIC.to_vec();
        bytes.extend([7; 300]);
        fs::write(&path, bytes).unwrap();
        let error = Database::open(&path).err().unwrap().to_string();
        assert!(error.contains("x.db") && !error.contains('\n'), "{error}");
    }
}
