//! The command line: arguments, printing, exit statuses.
//!
//! Data goes to standard output; messages, progress and warnings to standard error. Does not own
//! what the commands do: that is `assistant`'s.

mod answers;
mod args;
mod ask;
mod charts;
mod discover;
mod encoders;
mod eval;
mod export;
mod forget;
mod generated;
mod import;
mod imports;
mod json;
mod keeping;
mod output;
mod pager;
mod say;
mod search;
mod sessions;
mod show;
mod stats;
mod watch;

pub use args::{Cli, Color, Command, ConfigArgs, ConfigCommand, EvalArgs};
pub use encoders::list_encoders;
pub use eval::run as evaluate;
pub use keeping::{BackupArgs, CheckArgs, ReindexArgs, RestoreArgs, reindex, restore};

use crate::assistant::{Assistant, AssistantError, Cancel};
use crate::evaluation::EvaluationError;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;

/// How a command ended. The numbers are a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Done.
    Done,
    /// It was done, but nothing was found: an answer abstained from, a search without a hit.
    NothingFound,
}

impl From<Status> for u8 {
    fn from(status: Status) -> Self {
        match status {
            Status::Done => 0,
            Status::NothingFound => 3,
        }
    }
}

/// Why a command failed. Each message is one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CliError {
    /// The assistant failed.
    #[error(transparent)]
    Assistant(#[from] AssistantError),
    /// Nothing could be measured.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// A file that was asked for could not be written.
    #[error("cannot write {path}: {why}")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// A file would have been overwritten.
    #[error("{0} already exists; choose another name, or use --force to overwrite it")]
    Exists(PathBuf),
    /// Something is to be taken away for good, and nobody has said yes.
    #[error(
        "nothing was deleted: there is no terminal to ask on; use --yes, or --dry-run to preview"
    )]
    Unsure,
    /// Standard input or output failed.
    #[error("cannot read or write: {0}")]
    Io(#[from] std::io::Error),
    /// The words were not understood.
    #[error("{0}")]
    Usage(String),
    /// A check found something wrong.
    #[error("the check found problems: {0}")]
    NotWhole(&'static str),
    /// The user interrupted.
    #[error("interrupted; data stored so far is kept")]
    Interrupted,
}

impl CliError {
    /// Whether standard output was closed by its reader, which is no failure.
    pub fn is_closed_pipe(&self) -> bool {
        let (Self::Io(error) | Self::Assistant(AssistantError::Write(error))) = self else {
            return false;
        };
        error.kind() == std::io::ErrorKind::BrokenPipe
    }

    /// The exit status that tells the kind of failure.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Interrupted
            | Self::Assistant(AssistantError::Cancelled)
            | Self::Evaluation(EvaluationError::Interrupted) => 130,
            Self::Usage(_) | Self::Unsure => 2,
            _ if self.is_closed_pipe() => 0,
            _ => 1,
        }
    }
}

/// Runs a command that needs no memory, if it is one.
pub fn run_without_memory(command: &Command, output: Output) -> Option<Result<Status, CliError>> {
    match command {
        Command::Completions(args) => Some(generated::completions(args)),
        Command::Man(args) => Some(generated::man(args, output)),
        _ => None,
    }
}

/// Runs any command but those that the start sees to: the screen, the protocol server, [`evaluate`],
/// which has memories of its own, `config`, [`restore`] and [`run_without_memory`], which open none,
/// and [`reindex`], which names an encoder.
pub fn run(
    command: Command,
    output: output::Output,
    assistant: &Arc<Assistant>,
    cancel: &Cancel,
) -> Result<Status, CliError> {
    match command {
        Command::Chat
        | Command::Eval(_)
        | Command::Config(_)
        | Command::Mcp(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Restore(_)
        | Command::Reindex(_) => {
            Err(CliError::Usage("this command is handled before the memory is opened".into()))
        }
        Command::Ask(args) => ask::run(&args, output, assistant, cancel),
        Command::Say(args) => say::run(&args, output, assistant, cancel),
        Command::Search(args) => search::run(&args, output, assistant, cancel),
        Command::Remember(args) => {
            if args.text.is_none() && !args.stdin && std::io::stdin().is_terminal() {
                return Err(CliError::Usage(
                    "nothing to remember; type a text, or pipe it in".into(),
                ));
            }
            let text = output::argument_or_stdin(args.text.as_deref().unwrap_or("-"))?;
            let turn = if args.primer {
                assistant.prime(&text)?
            } else {
                assistant.remember_from(&args.source, &text)?
            };
            output.message(&format!("remembered as turn {turn}"));
            if let Some(notice) = assistant.secrets_in(&text) {
                output.message(&format!("warning: {notice}"));
            }
            Ok(Status::Done)
        }
        Command::Watch(args) => watch::run(args, output, assistant, cancel),
        Command::Import(args) => import::run(args, output, assistant, cancel),
        Command::Sessions(args) => sessions::run(args, output, assistant, cancel),
        Command::Answers(args) => answers::run(args, output, assistant),
        Command::Export(args) => export::run(&args, output, assistant, cancel),
        Command::Forget(args) => forget::run(&args, output, assistant, cancel),
        Command::Stats(args) => stats::run(&args, output, assistant),
        Command::Backup(args) => keeping::backup(&args, output, assistant, assistant.now(), cancel),
        Command::Check(args) => keeping::check(&args, output, assistant, cancel),
    }
}

pub use output::Output;
