//! Files that come into being whole: written under a partial name beside their place, synced, and
//! given their name in one step.
//!
//! Owns: partial files, telling those of a killed run from those that are being written, and what
//! may be written to or read from. Does not own what goes into a file.
//!
//! Who writes a partial file holds a lock on it, which the system lets go when the process ends,
//! however it ends. So a file that nobody holds is left over, whatever process has its number now.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// The name of a partial file: that of the file, this, and a number.
pub const PARTIAL: &str = ".partial-";
/// What `SQLite` keeps beside a database that is open.
pub const JOURNALS: [&str; 3] = ["-journal", "-wal", "-shm"];

/// What is at a path that is to be written to.
#[derive(Debug, PartialEq, Eq)]
pub enum Destination {
    /// Nothing: a new file.
    Free,
    /// A regular file. Where a link led to it, its own path.
    Taken(PathBuf),
    /// A pipe, a terminal or another device: written to as it is, never replaced.
    Stream,
}

/// Looks at a path that is to be written to. Links are followed.
pub fn destination(path: &Path) -> io::Result<Destination> {
    // Standard output may be a file: then it is written on, not replaced.
    if ["/dev/stdout", "/dev/stderr"].iter().any(|open| path == Path::new(open))
        || ["/dev/fd", "/proc/self/fd"].iter().any(|open| path.starts_with(open))
    {
        return Ok(Destination::Stream);
    }
    match fs::metadata(path) {
        Ok(meta) if meta.is_file() => Ok(Destination::Taken(fs::canonicalize(path)?)),
        Ok(meta) if meta.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(_) => Ok(Destination::Stream),
        // A link to nothing would be replaced, not followed.
        Err(why) if why.kind() == io::ErrorKind::NotFound => match fs::symlink_metadata(path) {
            Ok(_) => Err(io::Error::new(io::ErrorKind::NotFound, "it is a link to nothing")),
            Err(_) => Ok(Destination::Free),
        },
        Err(why) => Err(why),
    }
}

/// Refuses what is no regular file: reading a pipe or a device may wait for ever.
pub fn regular(path: &Path) -> io::Result<()> {
    let meta = fs::metadata(path)?;
    if meta.is_file() {
        return Ok(());
    }
    let what = if meta.is_dir() { "a folder" } else { "a pipe or a device" };
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {what}, not a file")))
}

/// Refuses what this user may not write to. The file is not opened: closing it would drop the locks
/// that `SQLite` holds on it for the whole process.
pub fn may_write(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::fs::{Access, AtFlags, CWD, accessat};
        Ok(accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS)?)
    }
    #[cfg(not(unix))]
    OpenOptions::new().append(true).open(path).map(drop)
}

/// A path with something behind its name.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes a new name durable. Where a folder cannot be synced, the file system does it by itself.
pub fn sync_folder(path: &Path) {
    if let Ok(folder) = File::open(folder_of(path)) {
        let _ = folder.sync_all();
    }
}

/// The folder that a path is in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The partial files for `path`, those that are being written and those that were left behind.
pub fn partials(path: &Path) -> Vec<PathBuf> {
    let Some(name) = path.file_name() else { return Vec::new() };
    let begins = format!("{}{PARTIAL}", name.to_string_lossy());
    let Ok(entries) = fs::read_dir(folder_of(path)) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(&begins));
            number.is_some_and(|rest| rest.bytes().next().is_some_and(|byte| byte.is_ascii_digit()))
        })
        .map(|entry| entry.path())
        .collect();
    found.sort_unstable();
    found
}

/// The partial files for `path` that killed runs left behind.
pub fn left_over(path: &Path) -> Vec<PathBuf> {
    let mut found = partials(path);
    found.retain(|path| is_left_over(path));
    found
}

/// Whether nobody writes this partial file any more.
fn is_left_over(path: &Path) -> bool {
    let partial = JOURNALS.iter().find_map(|suffix| {
        path.to_str().and_then(|path| path.strip_suffix(suffix)).map(PathBuf::from)
    });
    let partial = partial.as_deref().unwrap_or(path);
    match File::open(partial) {
        Ok(file) => file.try_lock().is_ok(),
        // A journal whose file is gone.
        Err(why) => why.kind() == io::ErrorKind::NotFound,
    }
}

/// Removes what killed runs left behind of `path`; returns how many files that were.
pub fn sweep(path: &Path) -> io::Result<usize> {
    let found = left_over(path);
    for path in &found {
        match fs::remove_file(path) {
            Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
            _ => {}
        }
    }
    Ok(found.len())
}

/// A file that is not done yet. Only its owner can read it; gone with the value unless it gets its
/// name.
#[derive(Debug)]
pub struct Partial {
    path: PathBuf,
    file: File,
}

impl Partial {
    /// An empty file in the folder of `path`. What killed runs left there is removed first.
    pub fn beside(path: &Path) -> io::Result<Self> {
        Self::ending_in(path, "")
    }

    /// The same with an ending, for programs that go by it, such as `.md`.
    pub fn ending_in(path: &Path, ending: &str) -> io::Result<Self> {
        sweep(path)?;
        let process = std::process::id();
        for number in 0.. {
            let again = if number == 0 { String::new() } else { format!("-{number}") };
            let partial = with_suffix(path, &format!("{PARTIAL}{process}{again}{ending}"));
            let mut options = OpenOptions::new();
            options.read(true).write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = match options.open(&partial) {
                Err(why) if why.kind() == io::ErrorKind::AlreadyExists => continue,
                file => file?,
            };
            // Between the two steps another run may have taken it for left over, and removed it.
            if file.try_lock().is_ok() && partial.exists() {
                return Ok(Self { path: partial, file });
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// To write to.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Gives the file its name, all at once and durably. Without `overwrite`, a file that has the
    /// name stays, and the error is [`io::ErrorKind::AlreadyExists`].
    pub fn name(self, path: &Path, overwrite: bool) -> io::Result<()> {
        self.give_name(path, overwrite)
    }

    /// Gives the file its name, over one that has it, and keeps it open and locked: as long as the
    /// value is there, others can see that this process uses the file.
    pub fn name_and_hold(self, path: &Path) -> io::Result<File> {
        let file = self.file.try_clone()?;
        self.give_name(path, true)?;
        Ok(file)
    }

    fn give_name(&self, path: &Path, overwrite: bool) -> io::Result<()> {
        self.file.sync_all()?;
        let named = if overwrite {
            fs::rename(&self.path, path)
        } else {
            // Unlike a rename, a second link refuses a name that was taken meanwhile.
            fs::hard_link(&self.path, path)
        };
        match named {
            Ok(()) => {}
            // Some file systems know no second links.
            Err(why)
                if !overwrite
                    && why.kind() != io::ErrorKind::AlreadyExists
                    && fs::symlink_metadata(path).is_err() =>
            {
                fs::rename(&self.path, path)?;
            }
            Err(why) => return Err(why),
        }
        sync_folder(path);
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
        for suffix in JOURNALS {
            // Mostly there is none.
            let _ = fs::remove_file(with_suffix(&self.path, suffix));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_partial_file_gets_its_name_whole_or_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.md");
        let mut partial = Partial::beside(&path).unwrap();
        partial.file().write_all(b"one").unwrap();
        assert!(!path.exists());
        partial.name(&path, false).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
        let mut again = Partial::beside(&path).unwrap();
        again.file().write_all(b"two").unwrap();
        let refused = again.name(&path, false).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        let mut over = Partial::beside(&path).unwrap();
        over.file().write_all(b"two").unwrap();
        over.name(&path, true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(names(folder.path()), ["out.md"]);
    }

    #[test]
    fn what_a_killed_run_left_is_swept_and_what_is_being_written_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy.db");
        for left in ["copy.db.partial-1", "copy.db.partial-1-wal", "copy.db.partial-22-journal"] {
            fs::write(folder.path().join(left), "what was said").unwrap();
        }
        fs::write(folder.path().join("copy.db.partial-notes"), "not ours").unwrap();
        fs::write(folder.path().join("other.db.partial-1"), "of another").unwrap();
        assert_eq!(left_over(&path).len(), 3);
        let written = Partial::beside(&path).unwrap();
        let second = Partial::beside(&path).unwrap();
        assert!(left_over(&path).is_empty());
        assert!(written.path().exists() && second.path().exists());
        drop((written, second));
        assert_eq!(names(folder.path()), ["copy.db.partial-notes", "other.db.partial-1"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_place_is_free_taken_or_a_stream() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "x").unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        std::os::unix::fs::symlink(at("nothing"), at("broken")).unwrap();
        assert_eq!(destination(&at("new")).unwrap(), Destination::Free);
        let file = fs::canonicalize(at("file")).unwrap();
        assert_eq!(destination(&at("file")).unwrap(), Destination::Taken(file.clone()));
        assert_eq!(destination(&at("link")).unwrap(), Destination::Taken(file));
        assert_eq!(destination(Path::new("/dev/null")).unwrap(), Destination::Stream);
        assert!(destination(folder.path()).is_err());
        assert!(destination(&at("broken")).is_err());
        assert!(regular(&at("link")).is_ok());
        assert!(regular(Path::new("/dev/null")).is_err());
        assert!(regular(folder.path()).is_err());
    }
}
