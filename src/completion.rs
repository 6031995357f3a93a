//! Completes the words of the command line for a shell: sessions, speakers, sources, tags and imports
//! come from memory.
//!
//! Owns which argument is completed with what. The shell's script is printed by `recount
//! completions`; it calls the program with `COMPLETE` set, and nothing else of the program runs
//! then: no encoder starts, nothing is written.

use crate::cli::Cli;
use crate::config;
use crate::conversation::visible_line;
use crate::export::Format;
use crate::import::{Importer, formats};
use crate::memory::{Imported, Memory, MemoryError, SessionQuery};
use crate::secrets;
use clap::{Command, CommandFactory as _, Parser as _};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use std::ffi::OsString;

/// How many of each kind are offered at most.
const OFFERED: usize = 500;

/// Answers a shell that asks for completions, and ends the program; does nothing else otherwise.
pub fn complete() {
    clap_complete::CompleteEnv::with_factory(command).complete();
}

/// The command line with what completes its arguments.
fn command() -> Command {
    with_candidates(Cli::command(), false)
}

fn with_candidates(mut command: Command, of_sessions: bool) -> Command {
    let kinds: Vec<(clap::Id, Kind)> = command
        .get_arguments()
        .filter_map(|arg| {
            Some((
                arg.get_id().clone(),
                Kind::of(arg.get_id().as_str(), command.get_name(), of_sessions)?,
            ))
        })
        .collect();
    // Changing an argument puts it behind the others: what stands by its place is told its place.
    let positional: Vec<clap::Id> =
        command.get_positionals().map(|arg| arg.get_id().clone()).collect();
    for (index, id) in (1..).zip(positional) {
        command = command.mut_arg(id, |arg| arg.index(index));
    }
    for (id, kind) in kinds {
        command = command.mut_arg(id, |arg| {
            arg.add(ArgValueCandidates::new(move || {
                // A shell has no place for what went wrong: it offers nothing.
                kind.candidates().unwrap_or_default()
            }))
        });
    }
    command.mut_subcommands(|below| {
        let of_sessions = of_sessions || below.get_name() == "sessions";
        with_candidates(below, of_sessions)
    })
}

/// What an argument names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Session,
    Speaker,
    Source,
    Tag,
    Import,
    Read,
    Written,
}

impl Kind {
    /// What an argument names, by its id and its command.
    fn of(id: &str, command: &str, of_sessions: bool) -> Option<Self> {
        Some(match id {
            "session" | "sessions" => Self::Session,
            "id" | "ids" | "into" | "from" if of_sessions => Self::Session,
            "speaker" => Self::Speaker,
            "source" => Self::Source,
            "tag" | "tags" | "add" | "remove" => Self::Tag,
            "import" | "undo" => Self::Import,
            "format" if command == "import" => Self::Read,
            "format" if command == "export" => Self::Written,
            _ => return None,
        })
    }

    fn candidates(self) -> Result<Vec<CompletionCandidate>, MemoryError> {
        match self {
            Self::Read => {
                let known = |format: &&'static dyn Importer| {
                    let what = format.description();
                    CompletionCandidate::new(format.format()).help(Some(what.into()))
                };
                return Ok(formats().iter().map(known).collect());
            }
            Self::Written => {
                let known = |format: Format| CompletionCandidate::new(format.name());
                return Ok(Format::ALL.map(known).into());
            }
            _ => {}
        }
        let Some(memory) = memory()? else { return Ok(Vec::new()) };
        let named = |name: String| CompletionCandidate::new(name);
        Ok(match self {
            Self::Session => {
                let sessions = memory.sessions(&SessionQuery::default(), 0, OFFERED)?;
                let shown = |(order, session): (usize, crate::conversation::Session)| {
                    let title = session.display_title();
                    let title = secrets::masked(&title);
                    CompletionCandidate::new(session.id.to_string())
                        .help(Some(visible_line(&title).into_owned().into()))
                        .display_order(Some(order))
                };
                sessions.into_iter().enumerate().map(shown).collect()
            }
            Self::Speaker => memory.speakers(OFFERED)?.into_iter().map(named).collect(),
            Self::Source => memory.sources()?.into_iter().map(named).collect(),
            Self::Tag => memory.tags()?.into_iter().map(|(tag, _)| named(tag)).collect(),
            Self::Import => {
                let shown = |import: Imported| {
                    let paths: Vec<_> =
                        import.paths.iter().map(|path| path.to_string_lossy()).collect();
                    CompletionCandidate::new(import.id.to_string())
                        .help(Some(visible_line(&paths.join(", ")).into_owned().into()))
                };
                memory.imports()?.into_iter().map(shown).collect()
            }
            // They are told without a memory.
            Self::Read | Self::Written => Vec::new(),
        })
    }
}

/// The memory that the words typed so far mean, if there is one.
fn memory() -> Result<Option<Memory>, MemoryError> {
    let words: Vec<OsString> = std::env::args_os().collect();
    let Ok(mut cli) = Cli::try_parse_from(["recount"]) else { return Ok(None) };
    (cli.db, cli.config) = (option(&words, "--db"), option(&words, "--config"));
    let environment = |name: &str| std::env::var_os(name);
    let settings = config::resolve(&cli, &environment).ok();
    let path = settings.and_then(|settings| settings.memory().ok());
    path.filter(|path| path.is_file()).map(|path| Memory::open_existing(&path)).transpose()
}

/// The value of an option among the words of a line that is not finished.
fn option<T: From<OsString>>(words: &[OsString], name: &str) -> Option<T> {
    let at = words.iter().rposition(|word| word == name)?;
    words.get(at + 1).cloned().map(T::from)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_found_among_unfinished_words() {
        let words: Vec<OsString> =
            ["recount", "--db", "a b.db", "search", "--speaker"].map(Into::into).to_vec();
        assert_eq!(option::<OsString>(&words, "--db"), Some("a b.db".into()));
        assert_eq!(option::<OsString>(&words, "--speaker"), None);
        assert_eq!(option::<OsString>(&words, "--config"), None);
    }

    #[test]
    fn arguments_keep_their_places() {
        let command = command();
        command.clone().debug_assert();
        let sessions = command.find_subcommand("sessions").unwrap();
        let rename = sessions.find_subcommand("rename").unwrap();
        let place = |id: &str| {
            let mut positional = rename.get_positionals();
            positional.find(|arg| arg.get_id() == id).and_then(clap::Arg::get_index)
        };
        assert_eq!((place("id"), place("name")), (Some(1), Some(2)));
    }

    #[test]
    fn formats_are_told_without_a_memory() {
        let first = |command: &str| {
            let kind = Kind::of("format", command, false).unwrap();
            kind.candidates().unwrap()[0].get_value().to_owned()
        };
        assert_eq!((first("import"), first("export")), ("chatgpt".into(), "markdown".into()));
        assert_eq!(Kind::of("format", "search", false), None);
    }

    /// Renamed arguments would silently lose what completes them.
    #[test]
    fn what_memory_holds_is_completed() {
        fn completed(command: &Command, path: &str, found: &mut Vec<String>) {
            for arg in command.get_arguments() {
                if arg.get::<ArgValueCandidates>().is_some() {
                    found.push(format!("{path} {}", arg.get_id()));
                }
            }
            for below in command.get_subcommands() {
                completed(below, &format!("{path} {}", below.get_name()), found);
            }
        }
        let mut found = Vec::new();
        completed(&command(), "recount", &mut found);
        for expected in [
            "recount ask session",
            "recount search speaker",
            "recount search source",
            "recount sessions show id",
            "recount sessions list tag",
            "recount import undo",
            "recount forget import",
        ] {
            assert!(found.iter().any(|one| one == expected), "{expected}: {found:?}");
        }
    }
}
