//! `ONNX Runtime`: its shared library, the one environment of this process, and models that run on it.
//!
//! Owns: finding the library (the user's own by `ORT_DYLIB_PATH`, else the one that this program
//! carries, unpacked once to the cache folder) and running a model on tokens. Does not own: what a
//! model's numbers mean, which is `encoder`'s and `reader`'s business.

mod model;

pub use model::{Model, Outputs};

use ort::environment::Environment;
use std::sync::{Mutex, PoisonError};

/// The environment variable that must be `1` before the runtime library is loaded: else that
/// starts to collect telemetry, and nothing is to leave the machine. The program sets it in `main`;
/// whoever uses the library sets it, and nothing that needs the runtime starts without it.
pub const NO_TELEMETRY: &str = "ORT_DISABLE_TELEMETRY";

/// Why the runtime or a model on it did not start or did not run. Each message is one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// The runtime library could not be unpacked.
    #[error(
        "cannot unpack ONNX Runtime to {folder}: {source}; free some space there, or set XDG_CACHE_HOME to a writable folder"
    )]
    Unpack {
        /// The cache folder.
        folder: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The runtime library could not be loaded.
    #[error("cannot load ONNX Runtime from {path}: {why}")]
    Load {
        /// The library's file.
        path: std::path::PathBuf,
        /// What the loader said.
        why: String,
    },
    /// The runtime library would collect telemetry.
    #[error(
        "ONNX Runtime was not loaded: set {NO_TELEMETRY}=1 in the environment first to turn off its telemetry"
    )]
    Telemetry,
    /// There is no home folder to unpack to.
    #[error("no cache folder to unpack ONNX Runtime to; set HOME or XDG_CACHE_HOME")]
    NoCacheFolder,
    /// A model could not be loaded or run.
    #[error("a model failed: {0}")]
    Model(String),
}

/// The one environment of this process.
///
/// The library is loaded at the first call. A failure is not remembered: the next call tries again.
pub(crate) fn environment() -> Result<Environment, RuntimeError> {
    static ENVIRONMENT: Mutex<Option<Environment>> = Mutex::new(None);
    let mut environment = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = environment.as_ref() {
        return Ok(environment.clone());
    }
    if std::env::var_os(NO_TELEMETRY).is_none_or(|value| value != "1") {
        return Err(RuntimeError::Telemetry);
    }
    let made = load()?;
    Ok(environment.insert(made).clone())
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn load() -> Result<Environment, RuntimeError> {
    ort::init().build().map_err(|error| RuntimeError::Model(error.to_string()))
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn load() -> Result<Environment, RuntimeError> {
    let path = match std::env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty()) {
        Some(path) => path.into(),
        None => bundled::unpack(&bundled::cache_folder()?)?,
    };
    ort::init_from(&path)
        .map_err(|error| error.to_string())
        .and_then(|builder| {
            builder.with_telemetry(false).build().map_err(|error| error.to_string())
        })
        .map_err(|why| RuntimeError::Load { path, why })
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod bundled {
    use super::RuntimeError;
    use etcetera::BaseStrategy;
    use sha2::{Digest, Sha256};
    use std::fmt::Write as _;
    use std::fs;
    use std::io::{self, Read, Write as _};
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    use std::path::{Path, PathBuf};

    const COMPRESSED: &[u8] =
        include_bytes!("../../assets/onnxruntime/linux-x86_64/libonnxruntime.so.zst");
    const SHA256: &str =
        include_str!("../../assets/onnxruntime/linux-x86_64/libonnxruntime.so.sha256");

    /// What the unpacked library's digest must be, in hexadecimal.
    fn expected() -> &'static str {
        SHA256.split_whitespace().next().unwrap_or_default()
    }

    pub(super) fn cache_folder() -> Result<PathBuf, RuntimeError> {
        let base = etcetera::choose_base_strategy().map_err(|_| RuntimeError::NoCacheFolder)?;
        Ok(base.cache_dir().join("recount"))
    }

    /// The library's file in `folder`, unpacked if it is not there or is not what it should be.
    ///
    /// Two processes may do this at once: each writes a file of its own and renames it to the
    /// same name, and either file is right.
    pub(super) fn unpack(folder: &Path) -> Result<PathBuf, RuntimeError> {
        // The digest in the name keeps versions apart.
        let path = folder.join(format!("libonnxruntime-{}.so", &expected()[..16]));
        if fs::read(&path).is_ok_and(|bytes| digest(&bytes) == expected()) {
            return Ok(path);
        }
        write(folder, &path)
            .map_err(|source| RuntimeError::Unpack { folder: folder.to_owned(), source })?;
        Ok(path)
    }

    fn write(folder: &Path, path: &Path) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut library = Vec::new();
        zstd::Decoder::new(COMPRESSED)?.read_to_end(&mut library)?;
        if digest(&library) != expected() {
            return Err(io::Error::other("the bundled library does not match its checksum"));
        }
        let mut file =
            tempfile::Builder::new().prefix(".libonnxruntime-").make_in(folder, |name| {
                fs::OpenOptions::new().write(true).create_new(true).mode(0o700).open(name)
            })?;
        file.write_all(&library)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    fn digest(bytes: &[u8]) -> String {
        Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn unpacks_once_and_mends_what_was_damaged() {
            let folder = tempfile::tempdir().unwrap();
            let folder = folder.path().join("cache");
            let path = unpack(&folder).unwrap();
            let written = fs::metadata(&path).unwrap().modified().unwrap();
            assert_eq!(unpack(&folder).unwrap(), path);
            assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), written);
            fs::write(&path, b"not a library").unwrap();
            unpack(&folder).unwrap();
            assert_eq!(digest(&fs::read(&path).unwrap()), expected());
        }

        #[test]
        fn two_at_once_leave_one_whole_library() {
            let folder = tempfile::tempdir().unwrap();
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        let path = unpack(folder.path()).unwrap();
                        assert_eq!(digest(&fs::read(path).unwrap()), expected());
                    });
                }
            });
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }
}
