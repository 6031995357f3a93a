//! Why an input could not be read at all, each in one line that says what to do.

use crate::import::Stop;
use std::path::{Path, PathBuf};

/// Why an input could not be read at all. What is wrong with single conversations, records or
/// lines never comes here: a [`Sink`](crate::import::Sink) counts it and the reading goes on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The sink stopped the reading; it knows why.
    #[error(transparent)]
    Stopped(#[from] Stop),
    /// The file system said no.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// What was to be read.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The user named a format that does not exist.
    #[error("unknown format {name}; see `recount import --list-formats`")]
    NoSuchFormat {
        /// What the user named, shortened.
        name: String,
    },
    /// Nothing knows this content.
    #[error(
        "{} is not a conversation export that recount knows: it looks like {looks_like}; see \
         `recount import --list-formats`, or set the format with --format",
        path.display()
    )]
    Unknown {
        /// The file or folder.
        path: PathBuf,
        /// What its content looks like, shortened.
        looks_like: String,
    },
    /// The wrong file of the right export.
    #[error("{} belongs to a {format} export but holds no conversations; import {wanted}", path.display())]
    WrongFile {
        /// The file or folder.
        path: PathBuf,
        /// The export's format.
        format: &'static str,
        /// What to import in its place.
        wanted: &'static str,
    },
    /// Nothing is in it.
    #[error("{} is empty ({what}); export it again", path.display())]
    Empty {
        /// The file or folder.
        path: PathBuf,
        /// In which way it is empty.
        what: &'static str,
    },
    /// A folder or an archive without a file that any format knows.
    #[error(
        "no conversation export in {}: read {files} files; the first looks like {looks_like}; \
         see `recount import --list-formats`",
        path.display()
    )]
    NothingInside {
        /// The folder or archive.
        path: PathBuf,
        /// How many files were looked at.
        files: usize,
        /// What the first of them looks like, shortened.
        looks_like: String,
    },
    /// The archive cannot be opened.
    #[error("cannot open the ZIP {} ({reason}); download or copy it again", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// What is wrong with it, shortened.
        reason: String,
    },
    /// A database that SQLite cannot read.
    #[error("cannot read the database {} ({reason}); close its program and copy it again", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What is wrong with it, shortened.
        reason: String,
    },
    /// The archive would unpack to more than anyone exports.
    #[error("{} exceeds a limit for archives ({limit}); unpack it and import the folder", path.display())]
    Limit {
        /// The archive or file.
        path: PathBuf,
        /// The limit that it goes beyond.
        limit: String,
    },
    /// A text that has to be read as a whole, and is too long for that.
    #[error("{} is larger than {limit} MB; split it between two conversations and import the parts", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// How many megabytes may be read.
        limit: usize,
    },
}

impl ImportError {
    /// An error of the file system on a path.
    pub(super) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}

/// Returns the beginning of a text on one line, for messages and examples: at most 80 characters,
/// control characters made visible as spaces.
pub(super) fn shorten(text: &str) -> String {
    const LIMIT: usize = 80;
    let mut line = String::new();
    let mut count = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty())
    {
        if count > 0 {
            line.push(' ');
            count += 1;
        }
        for c in word.chars() {
            if count >= LIMIT {
                line.push('…');
                return line;
            }
            line.push(c);
            count += 1;
        }
    }
    line
}
