//! Following the logs of other programs: what they append becomes memory as it comes.
//!
//! Owns: when a changed file is imported, so that a large log that grows all day costs little. Does
//! not own: which files change (`import::Follower`), what is new in them (an import).

use super::{Assistant, AssistantError, Cancel, ImportOptions};
use crate::import::{Follower, ImportError, Report, is_repeated};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long the flag of a cancel may go unseen.
const WAKE: Duration = Duration::from_secs(1);
/// A file rests for so many times what its last import took.
const REST: u32 = 20;

/// What is told while files are followed.
#[derive(Debug)]
pub enum Watched {
    /// A file brought something new.
    Imported {
        /// The file, or the place that it belongs to.
        path: PathBuf,
        /// The account of the import.
        report: Report,
    },
    /// A file could not be read. It is tried again when it changes.
    Failed {
        /// The file, or the place that it belongs to.
        path: PathBuf,
        /// Why.
        error: AssistantError,
    },
}

impl Assistant {
    /// Follows files and folders until cancelled: each file that changes is imported once its writer
    /// pauses. With `catch_up`, what is there already is imported first. Embeddings are made as turns
    /// come.
    pub fn watch(
        &self,
        places: &[PathBuf],
        catch_up: bool,
        options: &ImportOptions,
        cancel: &Cancel,
        told: &mut dyn FnMut(Watched) -> Result<(), AssistantError>,
    ) -> Result<(), AssistantError> {
        // Before the catching up, so that nothing falls between the two.
        let follower = Follower::new(places)?;
        if catch_up {
            for place in places {
                self.take(place, place, options, cancel, told)?;
            }
            self.encode_pending(cancel, &mut |_, _| ())?;
        }
        let mut resting = Resting::default();
        while !cancel.is_cancelled() {
            resting.changed(follower.changed(resting.wait(Instant::now())));
            for file in resting.due(Instant::now()) {
                let place = places.iter().find(|place| file.starts_with(place)).unwrap_or(&file);
                let began = Instant::now();
                let new = self.take(&file, place, options, cancel, told)?;
                resting.imported(file, began, Instant::now());
                if new {
                    self.encode_pending(cancel, &mut |_, _| ())?;
                }
            }
        }
        Err(AssistantError::Cancelled)
    }

    /// Imports a file, or its place where it is nothing by itself; returns whether it was new.
    fn take(
        &self,
        file: &Path,
        place: &Path,
        options: &ImportOptions,
        cancel: &Cancel,
        told: &mut dyn FnMut(Watched) -> Result<(), AssistantError>,
    ) -> Result<bool, AssistantError> {
        // An agent writes some files in two forms: only the fuller one is a conversation.
        if is_repeated(file) {
            return Ok(false);
        }
        let import = |path: &Path| self.import(&[path.to_owned()], options, cancel, &mut |_| ());
        let (path, imported) = match import(file) {
            Err(AssistantError::Import(ImportError::Unknown { .. })) if file != place => {
                (place, import(place))
            }
            imported => (file, imported),
        };
        match imported {
            Ok(report) if report.messages.new > 0 || report.messages.edited > 0 => {
                told(Watched::Imported { path: path.to_owned(), report })?;
                Ok(true)
            }
            // Files without messages stand beside every log.
            Ok(_) | Err(AssistantError::NothingImported { .. }) => Ok(false),
            Err(AssistantError::Import(
                ImportError::Unknown { .. }
                | ImportError::Empty { .. }
                | ImportError::WrongFile { .. }
                | ImportError::NothingInside { .. },
            )) => Ok(false),
            Err(error @ AssistantError::Import(_)) => {
                told(Watched::Failed { path: file.to_owned(), error })?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

/// Files that changed, and until when each of them rests.
#[derive(Debug, Default)]
struct Resting {
    changed: Vec<PathBuf>,
    until: HashMap<PathBuf, Instant>,
}

impl Resting {
    fn changed(&mut self, files: Vec<PathBuf>) {
        for file in files {
            if !self.changed.contains(&file) {
                self.changed.push(file);
            }
        }
    }

    /// Takes out the changed files that have rested.
    fn due(&mut self, now: Instant) -> Vec<PathBuf> {
        let until = &self.until;
        let rests = |file: &PathBuf| until.get(file).is_some_and(|until| *until > now);
        let (later, due) = std::mem::take(&mut self.changed).into_iter().partition(rests);
        self.changed = later;
        due
    }

    /// How long to wait for further changes.
    fn wait(&self, now: Instant) -> Duration {
        let first = self.changed.iter().filter_map(|file| self.until.get(file)).min();
        first.map_or(WAKE, |until| until.saturating_duration_since(now).min(WAKE))
    }

    fn imported(&mut self, file: PathBuf, began: Instant, ended: Instant) {
        self.until.retain(|_, until| *until > ended);
        self.until.insert(file, ended + ended.saturating_duration_since(began) * REST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_rests_after_an_import() {
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        let (log, other) = (PathBuf::from("log"), PathBuf::from("other"));
        let mut resting = Resting::default();
        resting.changed(vec![log.clone(), other.clone(), log.clone()]);
        assert_eq!(resting.due(start), [log.clone(), other.clone()]);
        resting.imported(log.clone(), start, after(100));
        resting.changed(vec![log.clone(), other.clone()]);
        assert_eq!(resting.due(after(200)), [other]);
        assert_eq!(resting.wait(after(2_050)), Duration::from_millis(50));
        assert_eq!(resting.due(after(2_101)), [log]);
        assert_eq!(resting.wait(after(2_101)), WAKE);
    }
}
