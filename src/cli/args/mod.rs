//! The command line.

mod answers;
mod examples;
mod review;

pub use answers::{AnswersArgs, AnswersCommand, AnswersListArgs, MarkArg};
pub use review::{
    ExportArgs, ForgetArgs, SessionsArgs, SessionsCommand, SessionsListArgs, SortArg, StatsArgs,
    SureArgs,
};

use super::keeping::{BackupArgs, CheckArgs, ReindexArgs, RestoreArgs};
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Above the options that every command has.
const EVERYWHERE: &str = "Everywhere";

/// A terminal assistant that remembers every conversation and answers questions from it, with sources
#[derive(Debug, Parser)]
#[command(name = "recount", version, about, max_term_width = 100, arg_required_else_help = false,
          after_help = examples::RECOUNT)]
pub struct Cli {
    /// Memory file to use [default: memory.db in recount's data folder]
    #[arg(long, global = true, value_name = "PATH", help_heading = EVERYWHERE)]
    pub db: Option<PathBuf>,
    /// Config file to use [default: config.toml in recount's config folder]
    #[arg(long, global = true, value_name = "PATH", help_heading = EVERYWHERE)]
    pub config: Option<PathBuf>,
    /// When to use colours: auto (on a terminal), always or never [default: auto]
    #[arg(long, global = true, value_name = "WHEN", hide_possible_values = true,
          help_heading = EVERYWHERE)]
    pub color: Option<Color>,
    /// Print more to standard error; repeat to print everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = EVERYWHERE)]
    pub verbose: u8,
    /// Print only errors to standard error
    #[arg(long, global = true, conflicts_with = "verbose", help_heading = EVERYWHERE)]
    pub quiet: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// Parses arguments, the first of which is the program's name. An error reads as the program
    /// would print it.
    pub fn from_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        Self::try_parse_from(words).map_err(|error| error.to_string())
    }
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the screen (the default)
    Chat,
    /// Answer a question from memory, with sources
    #[command(after_help = examples::ASK)]
    Ask(AskArgs),
    /// Remember a statement or answer a question, like Enter in the screen
    #[command(after_help = examples::SAY)]
    Say(SayArgs),
    /// Search memory for turns
    #[command(after_help = examples::SEARCH)]
    Search(SearchArgs),
    /// Append a note to memory
    #[command(after_help = examples::REMEMBER)]
    Remember(RememberArgs),
    /// Import conversations from files, folders and ZIPs
    #[command(after_help = examples::IMPORT)]
    Import(ImportArgs),
    /// List, show, rename, tag, pin, merge and delete sessions
    #[command(after_help = examples::SESSIONS)]
    Sessions(SessionsArgs),
    /// List answers, mark them right or wrong, and export marked answers
    #[command(after_help = examples::ANSWERS)]
    Answers(AnswersArgs),
    /// Export sessions to a Markdown, JSON, JSONL or HTML file
    #[command(after_help = examples::EXPORT)]
    Export(ExportArgs),
    /// Permanently delete turns from memory
    #[command(after_help = examples::FORGET)]
    Forget(ForgetArgs),
    /// Show what memory holds
    #[command(after_help = examples::STATS)]
    Stats(StatsArgs),
    /// Measure search and answers on samples in LoCoMo format
    #[command(after_help = examples::EVAL)]
    Eval(EvalArgs),
    /// Back up the memory to a file, even while it is in use
    #[command(after_help = examples::BACKUP)]
    Backup(BackupArgs),
    /// Replace the memory with a backup, keeping the old memory under another name
    #[command(after_help = examples::RESTORE)]
    Restore(RestoreArgs),
    /// Check the memory for damage, and repair derived data
    #[command(after_help = examples::CHECK)]
    Check(CheckArgs),
    /// Rebuild the words and embeddings of all turns, or switch to another encoder
    #[command(after_help = examples::REINDEX)]
    Reindex(ReindexArgs),
    /// Show the settings and their origin, or write a commented config file
    #[command(after_help = examples::CONFIG)]
    Config(ConfigArgs),
    /// Watch the logs of coding agents and import new turns as they appear
    #[command(after_help = examples::WATCH)]
    Watch(WatchArgs),
    /// Serve memory to agents over the Model Context Protocol (standard input and output)
    #[command(after_help = examples::MCP)]
    Mcp(McpArgs),
    /// Print a shell completion script
    #[command(after_help = examples::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Print the manual page, or write one page per command
    #[command(after_help = examples::MAN)]
    Man(ManArgs),
}

impl Command {
    /// Whether to start the encoder at once. If not, it starts when it is first needed.
    pub fn wants_meaning(&self) -> bool {
        match self {
            Self::Chat
            | Self::Ask(_)
            | Self::Say(_)
            | Self::Search(_)
            | Self::Watch(_)
            | Self::Mcp(_) => true,
            Self::Import(args) => !args.list && !args.dry_run && args.undo.is_none(),
            Self::Export(args) => args.search.is_some(),
            Self::Forget(args) => args.meaning.is_some(),
            _ => false,
        }
    }

    /// Whether `--secrets` was given.
    pub fn shows_secrets(&self) -> bool {
        match self {
            Self::Ask(args) => args.secrets,
            Self::Search(args) => args.secrets,
            Self::Export(args) => args.secrets,
            Self::Sessions(args) => {
                matches!(args.command, Some(SessionsCommand::Show { secrets: true, .. }))
            }
            _ => false,
        }
    }
}

/// `recount completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Shell to complete in
    #[arg(value_name = "SHELL", value_parser = ["bash", "elvish", "fish", "powershell", "zsh"])]
    pub shell: String,
}

/// `recount man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write one page per command to this folder
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// `recount watch`
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Files and folders to watch [default: the agent logs that `import --discover` finds]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Import only turns that appear from now on
    #[arg(long)]
    pub no_catch_up: bool,
    /// Print a JSON line for each file with new turns
    #[arg(long)]
    pub json: bool,
}

/// `recount mcp`
#[derive(Debug, Args)]
pub struct McpArgs {
    /// Offer only tools that read memory: no `remember`
    #[arg(long, conflicts_with = "allow_forget")]
    pub read_only: bool,
    /// Offer the tool `forget`, which permanently deletes turns
    #[arg(long)]
    pub allow_forget: bool,
}

/// Which turns can be found.
#[derive(Debug, Clone, Default, Args)]
pub struct FilterArgs {
    /// Only turns in this session
    #[arg(long, value_name = "ID")]
    pub session: Option<i64>,
    /// Only turns by this speaker
    #[arg(long, value_name = "NAME")]
    pub speaker: Option<String>,
    /// Only turns with this role
    #[arg(long, value_parser = ["user", "assistant", "system", "tool"])]
    pub role: Option<String>,
    /// Only turns from this source: chat, note, or an import format
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,
    /// Only turns said at this time or later: 2023, 2023-05, 2023-05-08, or with a time
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only turns said before the end of this time
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
}

/// `recount ask`
#[derive(Debug, Args)]
pub struct AskArgs {
    /// Question to answer; `-` reads it from standard input
    #[arg(required_unless_present = "batch", value_name = "QUESTION")]
    pub question: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Read questions as JSON lines {"id", "query"} from standard input; print one JSON line each
    #[arg(long, conflicts_with_all = ["question", "remember"])]
    pub batch: bool,
    /// Append the question and the answer to memory
    #[arg(long)]
    pub remember: bool,
    /// Show the hits that the answer is based on
    #[arg(long)]
    pub explain: bool,
    /// Show secrets unmasked
    #[arg(long)]
    pub secrets: bool,
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// `recount say`
#[derive(Debug, Args)]
pub struct SayArgs {
    /// The text; `-` reads it from standard input
    #[arg(required_unless_present = "batch", value_name = "TEXT")]
    pub text: Option<String>,
    /// Print JSON; "kind" is "tell" or "ask"
    #[arg(long)]
    pub json: bool,
    /// Read JSON lines {"id", "text"} from standard input, write a JSON line each
    #[arg(long, conflicts_with = "text")]
    pub batch: bool,
    /// Only decide whether the text tells or asks; store and answer nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `recount search`
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Text to search for; `-` reads it from standard input
    #[arg(required_unless_present = "batch", value_name = "QUERY")]
    pub query: Option<String>,
    /// Maximum number of turns [default: 10]
    #[arg(short = 'k', long = "limit", value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: Option<u32>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Read queries as JSON lines {"id", "query"} from standard input; print one JSON line each
    #[arg(long, conflicts_with = "query")]
    pub batch: bool,
    /// Show the signals behind each score
    #[arg(long)]
    pub explain: bool,
    /// Also search reasoning, tool calls and their results
    #[arg(long)]
    pub folded: bool,
    /// Rank past questions and answers with other turns, not below them
    #[arg(long)]
    pub questions: bool,
    /// Show secrets unmasked
    #[arg(long)]
    pub secrets: bool,
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// `recount remember`
#[derive(Debug, Args)]
pub struct RememberArgs {
    /// Note to store; `-`, or no text when input is piped, reads standard input
    pub text: Option<String>,
    /// Read the note from standard input
    #[arg(long, conflicts_with = "text")]
    pub stdin: bool,
    /// Source of the note, such as git, for other commands' `--source`
    #[arg(long, value_name = "SOURCE", default_value = "note", conflicts_with = "primer")]
    pub source: String,
    /// Store the note as a primer: who you are and what you will ask; always considered
    #[arg(long)]
    pub primer: bool,
}

/// `recount import`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Files, folders and ZIPs to import; `-` reads standard input
    #[arg(required_unless_present_any = ["list_formats", "list", "undo", "discover"], value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Import as this format instead of detecting it
    #[arg(long, value_name = "NAME")]
    pub format: Option<String>,
    /// List supported formats
    #[arg(long)]
    pub list_formats: bool,
    /// List other programs' conversations on this machine and import your choice, given by number
    /// or format as PATH, or when asked
    #[arg(long, conflicts_with_all = ["list", "undo", "format"])]
    pub discover: bool,
    /// With --discover: import everything without asking
    #[arg(long, requires = "discover")]
    pub yes: bool,
    /// List past imports, newest first
    #[arg(long, conflicts_with_all = ["paths", "undo"])]
    pub list: bool,
    /// Undo the import with this id, as --list prints it
    #[arg(long, value_name = "ID", conflicts_with = "paths")]
    pub undo: Option<i64>,
    /// Show what would be imported or undone, without changing anything
    #[arg(long)]
    pub dry_run: bool,
    /// Import permanently deleted turns again
    #[arg(long)]
    pub again: bool,
    /// Time zone for times without one, such as Europe/Lisbon [default: this machine's]
    #[arg(long, value_name = "ZONE")]
    pub tz: Option<String>,
    /// Order of day, month and year in the file's dates [default: detected from the file]
    #[arg(long, value_name = "ORDER", value_parser = ["dmy", "mdy", "ymd"])]
    pub date_order: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}

impl ImportArgs {
    /// Whether it only reports on files or a memory.
    pub fn only_looks(&self) -> bool {
        let lists_places = self.discover && self.json && self.paths.is_empty() && !self.yes;
        self.list_formats || self.list || self.undo.is_some() || self.dry_run || lists_places
    }
}

/// `recount eval`
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// Files to measure: conversations in LoCoMo format (multiple files are combined), notes with
    /// everyday questions, or yes-or-no items
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// File of corrected evidence; prints figures with and without it
    #[arg(long, value_name = "FILE")]
    pub evidence: Option<PathBuf>,
    /// Print each answer to an everyday question that is not right
    #[arg(long)]
    pub show: bool,
    /// Write reliability.svg and refusals.svg to this folder
    #[arg(long, value_name = "DIR")]
    pub pictures: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `recount config`
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// What to do with the settings
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What to do with the settings.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Write a config file with every default as a comment; never overwrites a file
    Init,
    /// Show all settings and where each value comes from
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the config file's path
    Path,
}
