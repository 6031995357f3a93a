//! The words of the command line.

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

/// A terminal assistant that remembers every conversation and recounts it, with its sources
#[derive(Debug, Parser)]
#[command(name = "recount", version, about, max_term_width = 100, arg_required_else_help = false,
          after_help = examples::RECOUNT)]
pub struct Cli {
    /// The memory's file [default: memory.db in recount's data folder]
    #[arg(long, global = true, value_name = "PATH", help_heading = EVERYWHERE)]
    pub db: Option<PathBuf>,
    /// The config file [default: config.toml in recount's config folder]
    #[arg(long, global = true, value_name = "PATH", help_heading = EVERYWHERE)]
    pub config: Option<PathBuf>,
    /// When to colour: auto (on a terminal), always or never [default: auto]
    #[arg(long, global = true, value_name = "WHEN", hide_possible_values = true,
          help_heading = EVERYWHERE)]
    pub color: Option<Color>,
    /// Say more on standard error; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = EVERYWHERE)]
    pub verbose: u8,
    /// Say nothing on standard error but errors
    #[arg(long, global = true, conflicts_with = "verbose", help_heading = EVERYWHERE)]
    pub quiet: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// Reads words, the first of which is the program's name; what is wrong with them is said as
    /// the program would say it.
    pub fn from_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        Self::try_parse_from(words).map_err(|error| error.to_string())
    }
}

/// When to colour.
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
    /// The word for it.
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
    /// Remember a statement or answer a question, as Enter does in the screen
    #[command(after_help = examples::SAY)]
    Say(SayArgs),
    /// Find remembered turns
    #[command(after_help = examples::SEARCH)]
    Search(SearchArgs),
    /// Append a note to memory
    #[command(after_help = examples::REMEMBER)]
    Remember(RememberArgs),
    /// Import conversations from files, folders and ZIPs
    #[command(after_help = examples::IMPORT)]
    Import(ImportArgs),
    /// List, show, rename, tag, pin, merge and delete stored sessions
    #[command(after_help = examples::SESSIONS)]
    Sessions(SessionsArgs),
    /// List stored answers, mark them right or wrong, and export marked ones
    #[command(after_help = examples::ANSWERS)]
    Answers(AnswersArgs),
    /// Write sessions to a file: markdown, JSON, JSONL or HTML
    #[command(after_help = examples::EXPORT)]
    Export(ExportArgs),
    /// Take turns out of memory, for good
    #[command(after_help = examples::FORGET)]
    Forget(ForgetArgs),
    /// Tell what memory holds
    #[command(after_help = examples::STATS)]
    Stats(StatsArgs),
    /// Measure finding and answering on LoCoMo-like samples, each in a memory of its own
    #[command(after_help = examples::EVAL)]
    Eval(EvalArgs),
    /// Copy the memory to a file, also while it is in use
    #[command(after_help = examples::BACKUP)]
    Backup(BackupArgs),
    /// Put a backup in the place of the memory, which is kept under another name
    #[command(after_help = examples::RESTORE)]
    Restore(RestoreArgs),
    /// Say whether the memory is whole, and repair what is derived
    #[command(after_help = examples::CHECK)]
    Check(CheckArgs),
    /// Make the words and the embeddings of all turns anew, or by another encoder
    #[command(after_help = examples::REINDEX)]
    Reindex(ReindexArgs),
    /// Show the settings and where they come from, or write a commented config file
    #[command(after_help = examples::CONFIG)]
    Config(ConfigArgs),
    /// Follow the logs of coding agents, and remember new turns as they come
    #[command(after_help = examples::WATCH)]
    Watch(WatchArgs),
    /// Serve memory to agents: the Model Context Protocol on standard input and output
    #[command(after_help = examples::MCP)]
    Mcp(McpArgs),
    /// Print the script that completes commands, sessions, speakers, sources and tags in a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Print the manual page, or write the pages of all commands
    #[command(after_help = examples::MAN)]
    Man(ManArgs),
}

impl Command {
    /// Whether the encoder is worth starting at once. Where it is not, it starts when it is wanted
    /// after all.
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

    /// Whether secrets were asked for as they are stored.
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
    /// The shell
    #[arg(value_name = "SHELL", value_parser = ["bash", "elvish", "fish", "powershell", "zsh"])]
    pub shell: String,
}

/// `recount man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write a page for each command into this folder
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// `recount watch`
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Files and folders to follow [default: the logs of agents that `import --discover` finds]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Begin with what comes from now on, without importing what is there
    #[arg(long)]
    pub no_catch_up: bool,
    /// Print a report as a line of JSON for each file that brought something
    #[arg(long)]
    pub json: bool,
}

/// `recount mcp`
#[derive(Debug, Args)]
pub struct McpArgs {
    /// Offer nothing that writes: no `remember`
    #[arg(long, conflicts_with = "allow_forget")]
    pub read_only: bool,
    /// Offer the tool `forget`; what an agent forgets is gone for good
    #[arg(long)]
    pub allow_forget: bool,
}

/// Which turns may be found.
#[derive(Debug, Clone, Default, Args)]
pub struct FilterArgs {
    /// Only turns of this session
    #[arg(long, value_name = "ID")]
    pub session: Option<i64>,
    /// Only turns of this speaker
    #[arg(long, value_name = "NAME")]
    pub speaker: Option<String>,
    /// Only turns of this role
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
    /// The question; `-` reads it from standard input
    #[arg(required_unless_present = "batch", value_name = "QUESTION")]
    pub question: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Read questions as JSON lines {"id", "query"} from standard input, write a JSON line each
    #[arg(long, conflicts_with_all = ["question", "remember"])]
    pub batch: bool,
    /// Append question and answer to memory
    #[arg(long)]
    pub remember: bool,
    /// Say why: the hits that the answer was read from
    #[arg(long)]
    pub explain: bool,
    /// Show secrets as they are stored, not masked
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
    /// What to look for; `-` reads it from standard input
    #[arg(required_unless_present = "batch", value_name = "QUERY")]
    pub query: Option<String>,
    /// How many turns at most [default: 10]
    #[arg(short = 'k', long = "limit", value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: Option<u32>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Read queries as JSON lines {"id", "query"} from standard input, write a JSON line each
    #[arg(long, conflicts_with = "query")]
    pub batch: bool,
    /// Show what each score is made of
    #[arg(long)]
    pub explain: bool,
    /// Look through reasoning, tool calls and their results too
    #[arg(long)]
    pub folded: bool,
    /// Rank past questions and answers among the rest, not after it
    #[arg(long)]
    pub questions: bool,
    /// Show secrets as they are stored, not masked
    #[arg(long)]
    pub secrets: bool,
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// `recount remember`
#[derive(Debug, Args)]
pub struct RememberArgs {
    /// The note; `-`, or none where something is piped in, reads it from standard input
    pub text: Option<String>,
    /// Read the note from standard input
    #[arg(long, conflicts_with = "text")]
    pub stdin: bool,
    /// What it comes from, such as git: `--source` of the other commands finds it by this
    #[arg(long, value_name = "SOURCE", default_value = "note", conflicts_with = "primer")]
    pub source: String,
    /// Remember it as the primer: who you are and what this memory is about, always weighed in
    #[arg(long)]
    pub primer: bool,
}

/// `recount import`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Files, folders and ZIPs; `-` reads standard input
    #[arg(required_unless_present_any = ["list_formats", "list", "undo", "discover"], value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Read as this format instead of recognising it
    #[arg(long, value_name = "NAME")]
    pub format: Option<String>,
    /// List the formats that can be read
    #[arg(long)]
    pub list_formats: bool,
    /// List the conversations of other programs on this machine, and import those that are chosen:
    /// by number or format in place of PATH, or when asked
    #[arg(long, conflicts_with_all = ["list", "undo", "format"])]
    pub discover: bool,
    /// With --discover: import all of it without asking
    #[arg(long, requires = "discover")]
    pub yes: bool,
    /// List the imports that were made, newest first
    #[arg(long, conflicts_with_all = ["paths", "undo"])]
    pub list: bool,
    /// Remove exactly what an import added; its id stands in the report and in --list
    #[arg(long, value_name = "ID", conflicts_with = "paths")]
    pub undo: Option<i64>,
    /// Say what would be imported or undone, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Bring back what was forgotten, where a file still holds it
    #[arg(long)]
    pub again: bool,
    /// The time zone of times without one, such as Europe/Lisbon [default: this machine's]
    #[arg(long, value_name = "ZONE")]
    pub tz: Option<String>,
    /// The order of day, month and year in the file's dates [default: decided from the file]
    #[arg(long, value_name = "ORDER", value_parser = ["dmy", "mdy", "ymd"])]
    pub date_order: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}

impl ImportArgs {
    /// Whether it only tells something, of files or of a memory.
    pub fn only_looks(&self) -> bool {
        let lists_places = self.discover && self.json && self.paths.is_empty() && !self.yes;
        self.list_formats || self.list || self.undo.is_some() || self.dry_run || lists_places
    }
}

/// `recount eval`
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// Files of conversations with questions in LoCoMo format (multiple files are combined), of notes with
    /// everyday questions, or of yes-or-no items
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// A file of corrected evidence: figures are shown with and without it
    #[arg(long, value_name = "FILE")]
    pub evidence: Option<PathBuf>,
    /// Print each answer to everyday questions that is not right
    #[arg(long)]
    pub show: bool,
    /// Draw reliability.svg and refusals.svg into this folder
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
    /// Write a config file with every default as a comment; never overwrites one
    Init,
    /// Show what holds and where each value comes from
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print where the config file lies
    Path,
}
