//! What a path leads to: files in a folder, in a ZIP, or one by itself.
//!
//! Owns: walking, the limits on archives, and opening a file's bytes. Does not own what is in the
//! files. Nothing is ever written by the names that an archive gives, so that its paths lead nowhere.

use crate::files;
use crate::import::error::{ImportError, shorten};
use crate::import::reading::database::{self, Database};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use zip::ZipArchive;

/// Archives inside of archives are opened this deep.
const NESTING: usize = 3;
/// Folders are walked this deep.
const DEPTH: usize = 24;
/// More files than this are no export.
const FILES: usize = 200_000;
/// The archives under a path may unpack to this many bytes in all.
const TOTAL: u64 = 64 << 30;
/// A file of an archive, and an archive as a whole, may be this many times as large as packed, once
/// it is large.
const RATIO: u64 = 400;
const LARGE: u64 = 512 << 20;
/// An archive cannot be packed much again: one inside of another that shrinks like this is a bomb.
const RATIO_AGAIN: u64 = 50;
const LARGE_AGAIN: u64 = 1 << 20;
/// Archives inside of archives are copied out to be sought in, so many bytes of them in all.
const COPIED: u64 = 16 << 30;

/// What the archives under a path have used of the limits so far.
#[derive(Debug, Default)]
struct Used {
    files: usize,
    unpacked: u64,
    copied: u64,
}

/// Files that came together: those of a folder, those of an archive, or one by itself.
pub(in crate::import) struct Package {
    /// What the user calls it, for messages.
    pub(in crate::import) path: PathBuf,
    /// Its files in the order of their names.
    pub(in crate::import) entries: Vec<Entry>,
    /// Files that cannot be read, with the reason.
    pub(in crate::import) unreadable: Vec<(&'static str, String)>,
    /// Whether it was given as one plain file.
    pub(in crate::import) single: bool,
    /// What belongs to databases: read with them, never by itself.
    companions: Vec<Entry>,
    archive: Option<ZipArchive<BufReader<File>>>,
}

/// A file of a package.
#[derive(Debug, Clone)]
pub(in crate::import) struct Entry {
    /// The path inside of the package, with `/` between its parts.
    pub(in crate::import) name: String,
    /// Its length in bytes.
    pub(in crate::import) size: u64,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    File(PathBuf),
    Archive(usize),
}

impl Package {
    /// Returns the packages that a path leads to: one of the plain files, one for each archive.
    pub(in crate::import) fn find(path: &Path) -> Result<Vec<Self>, ImportError> {
        let about = std::fs::metadata(path).map_err(|error| ImportError::io(path, error))?;
        let mut packages = Vec::new();
        let mut used = Used::default();
        if !about.is_dir() {
            // Reading a pipe or a device may wait for ever.
            files::regular(path).map_err(|error| {
                let told = format!("{error}; send it to standard input and name it -");
                ImportError::io(path, io::Error::new(error.kind(), told))
            })?;
            let mut file = File::open(path).map_err(|error| ImportError::io(path, error))?;
            if is_archive(&mut file).map_err(|error| ImportError::io(path, error))? {
                archive(path, file, 0, &mut used, &mut packages)?;
            } else {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let entry = Entry { name, size: about.len(), place: Place::File(path.to_owned()) };
                packages.push(Self::plain(path, vec![entry], true));
            }
            return Ok(packages);
        }
        let mut walk = Walk::default();
        walk.folder(path, path, 0)?;
        let mut plain = Self::plain(path, walk.entries, false);
        plain.unreadable = walk.unreadable;
        for inner in walk.archives {
            let opened = File::open(&inner)
                .map_err(|error| ImportError::io(&inner, error))
                .and_then(|file| archive(&inner, file, 0, &mut used, &mut packages));
            if let Err(error) = opened {
                plain.unreadable.push(("archive cannot be opened", error.to_string()));
            }
        }
        packages.insert(0, plain);
        Ok(packages)
    }

    fn plain(path: &Path, mut entries: Vec<Entry>, single: bool) -> Self {
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        let companions = take_companions(&mut entries);
        Self {
            path: path.to_owned(),
            entries,
            unreadable: Vec::new(),
            single,
            companions,
            archive: None,
        }
    }

    /// Opens one of its files, unpacked where it is packed by itself.
    pub(in crate::import) fn open(
        &mut self,
        index: usize,
    ) -> Result<Box<dyn Read + '_>, ImportError> {
        let missing = || ImportError::io(&self.path, io::ErrorKind::NotFound.into());
        let entry = self.entries.get(index).ok_or_else(missing)?.clone();
        let path = self.path.clone();
        let size = entry.size;
        let raw = self.open_entry(&entry)?;
        unpacked(raw, size).map_err(|error| ImportError::io(&path, error))
    }

    fn open_entry(&mut self, entry: &Entry) -> Result<Box<dyn Read + '_>, ImportError> {
        let path = &self.path;
        let missing = || ImportError::io(path, io::ErrorKind::NotFound.into());
        match &entry.place {
            Place::File(file) => {
                let opened = File::open(file).map_err(|error| ImportError::io(file, error))?;
                Ok(Box::new(opened))
            }
            Place::Archive(place) => {
                let archive = self.archive.as_mut().ok_or_else(missing)?;
                let broken = |error: zip::result::ZipError| ImportError::Archive {
                    path: path.clone(),
                    reason: shorten(&format!("{}: {error}", entry.name)),
                };
                let file = archive.by_index(*place).map_err(broken)?;
                // Never more than the archive said that there is.
                Ok(Box::new(file.take(entry.size)))
            }
        }
    }
}

/// Databases of an archive are read from a copy, which is not made of more than this.
const DATABASE: u64 = 16 << 30;

impl Package {
    /// Opens one of its files as a database, together with the log that belongs to it.
    pub(in crate::import) fn database(&mut self, index: usize) -> Result<Database, ImportError> {
        let path = self.path.clone();
        let missing = || ImportError::io(&path, io::ErrorKind::NotFound.into());
        let entry = self.entries.get(index).ok_or_else(missing)?.clone();
        // A packed one cannot be opened where it lies.
        let as_it_is = |file: &Path| {
            let mut magic = [0; database::MAGIC.len()];
            File::open(file).is_ok_and(|mut file| file.read_exact(&mut magic).is_ok())
                && magic == database::MAGIC
        };
        if let Place::File(file) = &entry.place
            && as_it_is(file)
        {
            return Database::open(file);
        }
        if entry.size > DATABASE {
            let limit = format!("a database of {} GB", DATABASE >> 30);
            return Err(ImportError::Limit { path, limit });
        }
        let folder = tempfile::tempdir().map_err(|error| ImportError::io(&path, error))?;
        let target = folder.path().join("database");
        self.copy_out(index, &target)?;
        for end in database::COMPANIONS {
            let name = format!("{}{end}", entry.name);
            let found = self.companions.iter().position(|companion| companion.name == name);
            if let Some(at) = found.filter(|_| end != "-shm") {
                let place = self.companions[at].clone();
                let mut reader = self.open_entry(&place)?;
                write_to(&mut reader, &folder.path().join(format!("database{end}")))
                    .map_err(|error| ImportError::io(&path, error))?;
            }
        }
        Database::of_copy(folder, &target, path.join(shorten(&entry.name)))
    }

    /// Whether a file is a database, by its first bytes.
    pub(in crate::import) fn is_database(&mut self, index: usize) -> bool {
        let mut magic = [0; database::MAGIC.len()];
        self.open(index).is_ok_and(|mut reader| reader.read_exact(&mut magic).is_ok())
            && magic == database::MAGIC
    }

    fn copy_out(&mut self, index: usize, target: &Path) -> Result<(), ImportError> {
        let path = self.path.clone();
        let mut reader = self.open(index)?;
        write_to(&mut reader, target).map_err(|error| ImportError::io(&path, error))
    }
}

/// How a file begins that is packed with zstd, as Codex does with logs that it has not used for days.
const ZSTD: &[u8] = b"\x28\xB5\x2F\xFD";

/// Returns what a file holds: what is packed in it, where it is packed with zstd.
fn unpacked<'r>(mut raw: Box<dyn Read + 'r>, size: u64) -> io::Result<Box<dyn Read + 'r>> {
    let mut head = Vec::new();
    raw.by_ref().take(ZSTD.len() as u64).read_to_end(&mut head)?;
    let packed = head == ZSTD;
    let whole = io::Cursor::new(head).chain(raw);
    if !packed {
        return Ok(Box::new(whole));
    }
    let left = size.saturating_mul(RATIO).clamp(LARGE, DATABASE);
    Ok(Box::new(Unpacked { inner: zstd::Decoder::new(whole)?, left }))
}

/// Unpacks up to a limit.
struct Unpacked<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer).map_err(|error| {
            io::Error::new(error.kind(), format!("its zstd compression is damaged: {error}"))
        })?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            io::Error::other(format!("it is more than {RATIO} times as large unpacked"))
        })?;
        Ok(count)
    }
}

fn write_to(reader: &mut dyn Read, target: &Path) -> io::Result<()> {
    io::copy(reader, &mut File::create(target)?)?;
    Ok(())
}

/// What a walk through folders finds.
#[derive(Default)]
struct Walk {
    entries: Vec<Entry>,
    archives: Vec<PathBuf>,
    unreadable: Vec<(&'static str, String)>,
}

impl Walk {
    fn folder(&mut self, root: &Path, folder: &Path, depth: usize) -> Result<(), ImportError> {
        let listed = match std::fs::read_dir(folder) {
            Ok(listed) => listed,
            Err(error) if depth == 0 => return Err(ImportError::io(folder, error)),
            Err(error) => {
                self.unreadable.push(("folder cannot be read", error.to_string()));
                return Ok(());
            }
        };
        let mut paths: Vec<PathBuf> = listed.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        for path in paths {
            let name =
                path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            // Links are not followed: they may lead round in circles or out of the folder.
            let Ok(about) = std::fs::symlink_metadata(&path) else { continue };
            if is_clutter(&name) {
                continue;
            }
            if about.is_dir() {
                if depth < DEPTH {
                    self.folder(root, &path, depth + 1)?;
                }
            } else if about.is_file() {
                if self.entries.len() >= FILES {
                    let limit = format!("{FILES} files");
                    return Err(ImportError::Limit { path: root.to_owned(), limit });
                }
                match File::open(&path).and_then(|mut file| is_archive(&mut file)) {
                    Ok(true) => self.archives.push(path),
                    Ok(false) => {
                        self.entries.push(Entry {
                            name,
                            size: about.len(),
                            place: Place::File(path),
                        });
                    }
                    Err(_) => self.unreadable.push(("file cannot be read", shorten(&name))),
                }
            }
        }
        Ok(())
    }
}

/// Opens an archive and those inside of it, each a package of its own.
fn archive(
    path: &Path,
    file: File,
    depth: usize,
    used: &mut Used,
    packages: &mut Vec<Package>,
) -> Result<(), ImportError> {
    let broken = |error: &dyn std::fmt::Display| ImportError::Archive {
        path: path.to_owned(),
        reason: shorten(&error.to_string()),
    };
    let beyond = |limit: String| ImportError::Limit { path: path.to_owned(), limit };
    let packed_in_all = file.metadata().map_err(|error| ImportError::io(path, error))?.len();
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|error| broken(&error))?;
    used.files = used.files.saturating_add(zip.len());
    if used.files > FILES {
        return Err(beyond(format!("{FILES} files")));
    }
    let mut entries = Vec::new();
    let mut unreadable = Vec::new();
    let mut inner = Vec::new();
    let mut total: u64 = 0;
    for place in 0..zip.len() {
        let file = match zip.by_index_raw(place) {
            Ok(file) => file,
            Err(error) => {
                unreadable
                    .push(("file in the archive cannot be read", shorten(&error.to_string())));
                continue;
            }
        };
        let name =
            file.name().map_or_else(|_| format!("file {place}"), |name| name.replace('\\', "/"));
        let (size, packed) = (file.size(), file.compressed_size());
        if file.is_dir() || is_clutter(&name) {
            continue;
        }
        if file.encrypted() {
            unreadable.push(("file in the archive is encrypted", shorten(&name)));
            continue;
        }
        if size > LARGE && size / packed.max(1) > RATIO {
            return Err(beyond(format!("{RATIO} times as large unpacked")));
        }
        total = total.saturating_add(size);
        used.unpacked = used.unpacked.saturating_add(size);
        if used.unpacked > TOTAL {
            return Err(beyond(format!("{} GB unpacked", TOTAL >> 30)));
        }
        if std::path::Path::new(&name).extension().is_some_and(|e| e.eq_ignore_ascii_case("zip")) {
            if size > LARGE_AGAIN && size / packed.max(1) > RATIO_AGAIN {
                return Err(beyond(format!("an archive packed to 1/{RATIO_AGAIN} once more")));
            }
            inner.push((place, name));
        } else {
            entries.push(Entry { name, size, place: Place::Archive(place) });
        }
    }
    // Also of files that share their bytes.
    if total > LARGE && total / packed_in_all.max(1) > RATIO {
        return Err(beyond(format!("{RATIO} times as large unpacked")));
    }
    for (place, name) in inner {
        if depth + 1 >= NESTING {
            unreadable.push(("archive is nested too deeply", shorten(&name)));
            continue;
        }
        let copied = spool(&mut zip, place).map_err(|error| ImportError::io(path, error));
        let opened = copied.and_then(|(file, size)| {
            used.copied = used.copied.saturating_add(size);
            if used.copied > COPIED {
                return Err(beyond(format!("{} GB of archives in archives", COPIED >> 30)));
            }
            archive(&path.join(shorten(&name)), file, depth + 1, used, packages)
        });
        if let Err(error) = opened {
            // What is beyond the limits as a whole is not to be gone on with.
            if used.files > FILES || used.unpacked > TOTAL || used.copied > COPIED {
                return Err(error);
            }
            unreadable.push(("archive cannot be opened", error.to_string()));
        }
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let companions = take_companions(&mut entries);
    let path = path.to_owned();
    packages.push(Package {
        path,
        entries,
        unreadable,
        single: false,
        companions,
        archive: Some(zip),
    });
    Ok(())
}

/// Takes out the files that belong to databases which are there too; both lists stay in order.
fn take_companions(entries: &mut Vec<Entry>) -> Vec<Entry> {
    let belongs = |entry: &Entry| {
        let ends = database::COMPANIONS.iter();
        let mut of = ends.filter_map(|end| entry.name.strip_suffix(end));
        of.any(|name| entries.binary_search_by(|known| known.name.as_str().cmp(name)).is_ok())
    };
    let belong: Vec<bool> = entries.iter().map(belongs).collect();
    let mut belong = belong.into_iter();
    entries.extract_if(.., |_| belong.next().unwrap_or(false)).collect()
}

/// Copies an archive out of an archive to a nameless temporary file: only a file can be sought in.
fn spool(zip: &mut ZipArchive<BufReader<File>>, place: usize) -> io::Result<(File, u64)> {
    let inner = zip.by_index(place).map_err(io::Error::other)?;
    let size = inner.size();
    let mut file = tempfile::tempfile()?;
    let copied = io::copy(&mut inner.take(size), &mut file)?;
    file.rewind()?;
    Ok((file, copied))
}

fn is_archive(file: &mut File) -> io::Result<bool> {
    let mut magic = [0; 4];
    let mut read = 0;
    while read < magic.len() {
        match file.read(&mut magic[read..])? {
            0 => break,
            count => read += count,
        }
    }
    file.rewind()?;
    Ok(matches!(&magic[..read], b"PK\x03\x04" | b"PK\x05\x06"))
}

/// Returns whether a name is of the kind that systems leave behind in folders and archives.
fn is_clutter(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    name.split('/').any(|part| matches!(part, "__MACOSX" | ".git" | "node_modules"))
        || last.starts_with("._")
        || matches!(last, ".DS_Store" | "Thumbs.db" | "desktop.ini")
}
