//! What can be wrong with the settings, in words for their user.

use std::path::PathBuf;

/// Why the settings could not be read. Each message is one line and names where to look.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file that was named is not there, or cannot be read.
    #[error("cannot read the config file {path}: {why}; run `recount config init` to create one")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{path}:{line}: {why}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What the parser said.
        why: String,
    },
    /// There is no such option.
    #[error("{path}:{line}: unknown option `{name}`; {hint}")]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The option's name as it stands there.
        name: String,
        /// What may have been meant.
        hint: String,
    },
    /// A value in the file does not fit.
    #[error("{path}:{line}: `{name}` {why}")]
    Value {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The option.
        name: String,
        /// What it must be, and what it is.
        why: String,
    },
    /// A value in the environment does not fit.
    #[error("the environment variable {variable} {why}")]
    Variable {
        /// The variable.
        variable: &'static str,
        /// What it must be, and what it is.
        why: String,
    },
    /// There is no folder for the file.
    #[error("no home folder found; use --config for the config file and --db for the memory")]
    NoHome,
    /// `init` does not overwrite.
    #[error("{0} already exists and was not changed; delete it first to start again")]
    Exists(PathBuf),
    /// The file could not be written.
    #[error("cannot write the config file {path}: {why}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
}
