//! The files that recount puts beside a memory: one list of them, for all who look after them.
//!
//! Owns: their names, and whether a path is one of them or a memory. Does not own what is in them.
//!
//! | name | what it is | who takes it away |
//! |---|---|---|
//! | `memory.db` | the memory | |
//! | `memory.db-wal`, `-shm`, `-journal` | what `SQLite` keeps while the memory is open | the last process that closes it |
//! | `memory.db-draft-N` | what was being written in a screen and never sent | sending it, `forget` |
//! | `memory.db-draft.partial-N` | a draft on its way to its name, or in an editor | the next draft, `forget` |
//! | `memory.db-input.partial-N` | standard input while it is imported | the end of the import, the next one, `forget` |
//! | `memory.db.schema-N.backup` | a copy from before a migration | later migrations, `forget` |
//! | `memory.db.replaced-DATE` | what a restore took the place of | its owner; `forget` names it |
//! | `memory.db.partial-N` | a backup or a restore on its way to its name | the next one, `forget` |
//! | `memory.db-unfinished` | where else files are on their way | whoever ends them, `forget` |
//!
//! The turns of a long conversation that is being imported lie in a file without a name, which goes
//! with the process.

use super::migrations::APPLICATION_ID;
use super::{Memory, MemoryError};
use crate::files::{self, with_suffix};
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

const DRAFT: &str = "-draft";
const INPUT: &str = "-input";
const UNFINISHED: &str = "-unfinished";
const REPLACED: &str = ".replaced-";
const SCHEMA: (&str, &str) = (".schema-", ".backup");

/// Why recount keeps a copy beside the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyKind {
    /// Made before a migration.
    BeforeMigration,
    /// What a restore took the place of.
    Replaced,
}

/// What the files with drafts are named by. Each screen has one of its own: its name ends in a hyphen
/// and the number of the process.
pub fn draft_path(memory: &Path) -> PathBuf {
    with_suffix(memory, DRAFT)
}

/// The files with drafts beside a memory.
pub fn draft_files(memory: &Path) -> Vec<PathBuf> {
    let found = beside(memory).into_iter().filter(|(rest, _)| is_draft(rest));
    let mut found: Vec<PathBuf> = found.map(|(_, path)| path).collect();
    found.sort_unstable();
    found
}

/// Whether what follows a memory's name makes a file one with drafts. Version 0.1 had one file for
/// all screens, without a number.
fn is_draft(rest: &str) -> bool {
    rest.strip_prefix(DRAFT).is_some_and(|rest| {
        let number = rest.strip_prefix('-');
        rest.is_empty()
            || number.is_some_and(|digits| {
                !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
            })
    })
}

/// What a partial file is named by that holds standard input while it is imported.
pub fn input_path(memory: &Path) -> PathBuf {
    with_suffix(memory, INPUT)
}

/// The name of a copy from before a migration.
pub(super) fn schema_copy(memory: &Path, schema: i64) -> PathBuf {
    with_suffix(memory, &format!("{}{schema}{}", SCHEMA.0, SCHEMA.1))
}

/// The name of a memory that a restore took the place of.
pub(super) fn replaced_copy(memory: &Path, date: &str) -> PathBuf {
    with_suffix(memory, &format!("{REPLACED}{date}"))
}

/// The copies beside a memory's file, each kind in its order.
pub(super) fn copies(path: &Path) -> Vec<(CopyKind, PathBuf)> {
    let mut found = Vec::new();
    for (rest, path) in beside(path) {
        let schema = rest.strip_prefix(SCHEMA.0).and_then(|rest| rest.strip_suffix(SCHEMA.1));
        if let Some(Ok(schema)) = schema.map(str::parse::<u64>) {
            found.push((CopyKind::BeforeMigration, schema, path));
        } else if rest.starts_with(REPLACED) {
            found.push((CopyKind::Replaced, 0, path));
        }
    }
    found.sort_by(|(_, a, path_a), (_, b, path_b)| (a, path_a).cmp(&(b, path_b)));
    found.into_iter().map(|(kind, _, path)| (kind, path)).collect()
}

/// The copies of memories in a memory's folder, by whatever name: also backups that people made there.
pub(super) fn copies_in_folder(memory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(files::folder_of(memory)) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    let is_copy = |path: &PathBuf| kind_of(path, Some(memory)) == Some(Held::Copy);
    let mut found: Vec<PathBuf> = paths.filter(is_copy).collect();
    found.sort_unstable();
    found
}

/// The files in a memory's folder whose names begin with its name, with what follows that.
fn beside(path: &Path) -> Vec<(String, PathBuf)> {
    let Some(name) = path.file_name() else { return Vec::new() };
    let Ok(entries) = fs::read_dir(files::folder_of(path)) else { return Vec::new() };
    let name = name.to_string_lossy();
    let rest = |entry: &fs::DirEntry| {
        let full = entry.file_name().to_string_lossy().into_owned();
        full.strip_prefix(name.as_ref()).map(str::to_owned)
    };
    entries.flatten().filter_map(|entry| Some((rest(&entry)?, entry.path()))).collect()
}

/// Whether what follows a memory's name in the name of a file makes it one of those beside it.
fn is_ours(rest: &str) -> bool {
    files::JOURNALS.contains(&rest)
        || rest == UNFINISHED
        || is_draft(rest)
        || rest.starts_with(REPLACED)
        || rest.starts_with(SCHEMA.0) && rest.ends_with(SCHEMA.1)
        || [DRAFT, INPUT, ""]
            .iter()
            .filter_map(|what| rest.strip_prefix(what))
            .any(|rest| rest.starts_with(files::PARTIAL))
}

/// What a file is to recount, which must not be written over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// A memory that is, or was, in use.
    Memory,
    /// A copy of a memory.
    Copy,
    /// A file that belongs to a memory.
    Beside,
}

/// Whether a path is a memory's file or belongs beside one, there or not yet, by whatever name or
/// link it is reached. `None`: anything else. `open` is the memory that this process has open.
fn held(path: &Path, open: Option<&Path>) -> Option<Held> {
    let kind_of = |path: &Path| kind_of(path, open);
    // Where the file is not there, its folder may still be a link.
    let real = fs::canonicalize(path).ok().or_else(|| {
        let folder = fs::canonicalize(files::folder_of(path)).ok()?;
        Some(folder.join(path.file_name()?))
    })?;
    let kind = kind_of(&real);
    if kind.is_some() {
        return kind;
    }
    let name = real.file_name()?.to_string_lossy().into_owned();
    let folder = files::folder_of(&real);
    // The memory's name may hold any of the marks itself.
    name.char_indices()
        .filter(|(at, char)| *at > 0 && matches!(char, '-' | '.'))
        .any(|(at, _)| is_ours(&name[at..]) && kind_of(&folder.join(&name[..at])).is_some())
        .then_some(Held::Beside)
}

/// Whether a file is a memory, read from its first bytes: `SQLite`'s mark, how it is written, and
/// recount's mark. A log is known by its own.
///
/// `open` is the memory that this process has open. Its files are told by what they are to the file
/// system and never opened here: closing a file drops all locks that the process has on it, those of
/// `SQLite` too.
fn kind_of(path: &Path, open: Option<&Path>) -> Option<Held> {
    if let Some(memory) = open {
        if is_same(path, memory) {
            return Some(Held::Memory);
        }
        if files::JOURNALS.iter().any(|suffix| is_same(path, &with_suffix(memory, suffix))) {
            return Some(Held::Beside);
        }
    }
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut head = [0; 100];
    let read = File::open(path).ok()?.read(&mut head).ok()?;
    let head = &head[..read];
    // The two byte orders of a write-ahead log.
    if head.starts_with(&[0x37, 0x7f, 0x06, 0x82]) || head.starts_with(&[0x37, 0x7f, 0x06, 0x83]) {
        return Some(Held::Beside);
    }
    if !head.starts_with(b"SQLite format 3\0") || head.get(68..72)? != APPLICATION_ID.to_be_bytes()
    {
        return None;
    }
    // Only a memory in use is written with a write-ahead log; a copy is one file.
    Some(if head[18] == 2 { Held::Memory } else { Held::Copy })
}

/// A file elsewhere that is on its way to its name: a line in `memory.db-unfinished` says so until
/// this value goes, so that what a killed run leaves can be found.
#[derive(Debug)]
pub struct Unfinished(Option<(PathBuf, PathBuf)>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some((list, path)) = &self.0 {
            // What stays in the list is looked for once more, and not found.
            let _ = change_list(list, &mut |paths| paths.retain(|one| one != path));
        }
    }
}

impl Memory {
    /// Whether a path is this memory's file, another memory, or belongs beside one.
    pub fn held(&self, path: &Path) -> Option<Held> {
        held(path, self.path.as_deref())
    }

    /// Notes that a file is on its way to `path`. Beside the memory nothing has to be noted, and
    /// where the memory can only be read nothing can.
    pub fn unfinished(&self, path: &Path) -> Unfinished {
        let noted = || {
            let memory = self.path.as_deref().filter(|_| !self.read_only)?;
            let folder = fs::canonicalize(files::folder_of(path)).ok()?;
            let own = fs::canonicalize(files::folder_of(memory)).ok()?;
            if folder == own && Some(path.file_name()?) == memory.file_name() {
                return None;
            }
            let (list, path) = (with_suffix(memory, UNFINISHED), folder.join(path.file_name()?));
            let mut noted = |paths: &mut Vec<PathBuf>| paths.push(path.clone());
            change_list(&list, &mut noted).ok()?;
            Some((list, path))
        };
        Unfinished(noted())
    }

    /// Files that hold what the memory held and that a killed run left behind, here or elsewhere.
    pub fn left_over(&self) -> Vec<PathBuf> {
        let Some(memory) = &self.path else { return Vec::new() };
        let mut found = files::left_over(memory);
        found.extend(files::left_over(&draft_path(memory)));
        found.extend(files::left_over(&input_path(memory)));
        found.extend(copies(memory).iter().flat_map(|(_, copy)| files::left_over(copy)));
        let list = with_suffix(memory, UNFINISHED);
        for path in read_list(&list) {
            found.extend(files::left_over(&path));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Removes them; returns how many there were.
    pub fn remove_left_over(&self) -> Result<usize, MemoryError> {
        let found = self.left_over();
        for path in &found {
            match fs::remove_file(path) {
                Err(why) if why.kind() != io::ErrorKind::NotFound => {
                    return Err(MemoryError::Remove { path: path.clone(), why });
                }
                _ => {}
            }
        }
        if let Some(memory) = &self.path {
            let list = with_suffix(memory, UNFINISHED);
            if list.exists() {
                // Those that are being written stay noted.
                let _ = change_list(&list, &mut |paths| {
                    paths.retain(|path| !files::partials(path).is_empty());
                });
            }
        }
        Ok(found.len())
    }

    /// The copies that recount keeps beside this memory, oldest schema or date first.
    pub fn copies(&self) -> Vec<(CopyKind, PathBuf)> {
        self.path.as_deref().map(copies).unwrap_or_default()
    }

    /// Removes the copies of one kind. What was forgotten must not go on in them.
    pub fn remove_copies(&self, kind: CopyKind) -> Result<usize, MemoryError> {
        let mut removed = 0;
        for (_, path) in self.copies().into_iter().filter(|(one, _)| *one == kind) {
            fs::remove_file(&path).map_err(|why| MemoryError::Remove { path, why })?;
            removed += 1;
        }
        Ok(removed)
    }

    /// Every file that recount has put beside this memory, with the memory's own.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let Some(memory) = &self.path else { return Vec::new() };
        let ours = beside(memory).into_iter().filter(|(rest, _)| rest.is_empty() || is_ours(rest));
        let mut ours: Vec<PathBuf> = ours.map(|(_, path)| path).collect();
        ours.sort_unstable();
        ours
    }
}

fn read_list(list: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(list).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// Changes the list under a lock; an empty one is removed.
fn change_list(list: &Path, change: &mut dyn FnMut(&mut Vec<PathBuf>)) -> io::Result<()> {
    loop {
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(list)?;
        file.lock()?;
        // Whoever emptied it meanwhile has removed it.
        if !file.metadata().is_ok_and(|open| is_named(&open, list)) {
            continue;
        }
        let mut paths = read_list(list);
        change(&mut paths);
        if paths.is_empty() {
            return fs::remove_file(list);
        }
        let mut text = String::new();
        for path in &paths {
            // A name that is no text cannot be noted; its folder is still swept by the next run.
            if let Ok(line) = serde_json::to_string(path) {
                text.push_str(&line);
                text.push('\n');
            }
        }
        file.set_len(0)?;
        file.write_all(text.as_bytes())?;
        return file.sync_all();
    }
}

/// Whether two paths lead to the same file; links are followed.
fn is_same(a: &Path, b: &Path) -> bool {
    fs::metadata(a).is_ok_and(|a| is_named(&a, b))
}

/// Whether a path leads to the file that this is about.
#[cfg(unix)]
fn is_named(file: &Metadata, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).is_ok_and(|there| (file.dev(), file.ino()) == (there.dev(), there.ino()))
}

#[cfg(not(unix))]
fn is_named(file: &Metadata, path: &Path) -> bool {
    let known = |meta: &Metadata| (meta.len(), meta.created().ok());
    fs::metadata(path).is_ok_and(|there| known(file) == known(&there))
}

#[cfg(test)]
mod tests;
