//! The arguments of sessions, export, forget and stats.

use super::FilterArgs;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `recount sessions`
#[derive(Debug, Args)]
pub struct SessionsArgs {
    /// What to do with sessions
    #[command(subcommand)]
    pub command: Option<SessionsCommand>,
}

/// What to do with sessions.
#[derive(Debug, Subcommand)]
pub enum SessionsCommand {
    /// List sessions, pinned first, then by last activity
    List(SessionsListArgs),
    /// Show the turns of a session
    Show {
        /// The session's id, as `list` and `search` print it
        id: i64,
        /// Also show reasoning, tool calls and their results
        #[arg(long)]
        folded: bool,
        /// Also show turns on other branches
        #[arg(long)]
        branches: bool,
        /// Show secrets unmasked
        #[arg(long)]
        secrets: bool,
        /// Print JSON, with every turn
        #[arg(long)]
        json: bool,
    },
    /// Rename a session
    Rename {
        /// The session's id
        id: i64,
        /// The name
        #[arg(required_unless_present = "clear")]
        name: Option<String>,
        /// Remove the name and show the title again
        #[arg(long, conflicts_with = "name")]
        clear: bool,
    },
    /// Add tags to a session, or remove them
    Tag {
        /// The session's id
        id: i64,
        /// Tags to add
        #[arg(value_name = "TAG", required_unless_present = "remove")]
        tags: Vec<String>,
        /// Tag to remove; can be repeated
        #[arg(short, long, value_name = "TAG")]
        remove: Vec<String>,
    },
    /// Pin sessions to the top of the list
    Pin {
        /// The sessions' ids
        #[arg(required = true, value_name = "ID")]
        ids: Vec<i64>,
        /// Unpin the sessions
        #[arg(long)]
        off: bool,
    },
    /// Merge sessions into one, ordered by time
    Merge {
        /// Session to merge into
        into: i64,
        /// Sessions to merge
        #[arg(required = true)]
        from: Vec<i64>,
    },
    /// Permanently delete sessions
    Delete {
        /// The sessions' ids
        #[arg(required = true, value_name = "ID")]
        ids: Vec<i64>,
        #[command(flatten)]
        sure: SureArgs,
    },
}

/// `recount sessions list`
#[derive(Debug, Clone, Args)]
pub struct SessionsListArgs {
    /// List only sessions whose title, tags, source or source id contain this text
    pub filter: Option<String>,
    /// Only sessions with all of these words in one turn, or in the title
    #[arg(long, value_name = "WORDS")]
    pub text: Option<String>,
    /// Only sessions from this source: chat, note, or an import format
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,
    /// Only sessions with this speaker
    #[arg(long, value_name = "NAME")]
    pub speaker: Option<String>,
    /// Only sessions with this tag
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    /// Only sessions with turns said at this time or later
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only sessions with turns said before the end of this time
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Only pinned sessions
    #[arg(long)]
    pub pinned: bool,
    /// Sort by activity, title, turns or created
    #[arg(long, value_name = "ORDER", default_value = "activity", hide_possible_values = true)]
    pub sort: SortArg,
    /// Reverse the order
    #[arg(long)]
    pub reverse: bool,
    /// Maximum number of sessions
    #[arg(short = 'n', long, value_name = "N", default_value_t = 50)]
    pub limit: u32,
    /// Skip the first N
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: u32,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The order of a list of sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SortArg {
    /// Pinned first, then the last active first.
    Activity,
    /// By title.
    Title,
    /// The longest first.
    Turns,
    /// The last remembered first.
    Created,
}

/// Options for permanent deletion.
#[derive(Debug, Clone, Copy, Args)]
pub struct SureArgs {
    /// Show what would be deleted, without deleting anything
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub yes: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `recount export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Format: markdown, json, jsonl or html [default: by file extension, or else markdown]
    #[arg(long, value_name = "FORMAT", value_parser = ["markdown", "json", "jsonl", "html"])]
    pub format: Option<String>,
    /// File to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long, requires = "output")]
    pub force: bool,
    /// Only this session; can be repeated
    #[arg(long, value_name = "ID")]
    pub session: Vec<i64>,
    /// Only turns that match this search
    #[arg(long, value_name = "QUERY")]
    pub search: Option<String>,
    /// Maximum number of turns for --search
    #[arg(short = 'k', long = "limit", value_name = "N", default_value_t = 100,
          requires = "search", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
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
    /// In Markdown and HTML, also write reasoning, tool calls and their results
    #[arg(long)]
    pub folded: bool,
    /// In Markdown and HTML, also write turns on other branches
    #[arg(long)]
    pub branches: bool,
    /// Write secrets unmasked
    #[arg(long)]
    pub secrets: bool,
}

impl ExportArgs {
    /// Which turns to export, in the form of the other commands.
    pub fn filter(&self) -> FilterArgs {
        FilterArgs {
            session: None,
            speaker: self.speaker.clone(),
            role: self.role.clone(),
            source: self.source.clone(),
            since: self.since.clone(),
            until: self.until.clone(),
        }
    }
}

/// `recount forget`
#[derive(Debug, Args)]
pub struct ForgetArgs {
    /// Only this turn; can be repeated
    #[arg(long, value_name = "ID")]
    pub turn: Vec<i64>,
    /// Only this session; can be repeated
    #[arg(long, value_name = "ID")]
    pub session: Vec<i64>,
    /// Only turns from this source: chat, note, or an import format
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,
    /// Only turns by this speaker
    #[arg(long, value_name = "NAME")]
    pub speaker: Option<String>,
    /// Only turns that this import added
    #[arg(long, value_name = "ID")]
    pub import: Option<i64>,
    /// Only turns containing this text, ignoring case
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// Only turns with a similar meaning to this text
    #[arg(long, value_name = "TEXT")]
    pub meaning: Option<String>,
    /// Minimum similarity to --meaning, from 0 to 1
    #[arg(long, value_name = "NUMBER", default_value_t = 0.5, requires = "meaning")]
    pub likeness: f32,
    /// Only turns said at this time or later: 2023, 2023-05, 2023-05-08, or with a time
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only turns said before the end of this time
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Only remove what the file may still hold of turns deleted earlier
    #[arg(long, exclusive = true)]
    pub traces: bool,
    #[command(flatten)]
    pub sure: SureArgs,
}

/// `recount stats`
#[derive(Debug, Args)]
pub struct StatsArgs {
    /// Draw charts
    #[arg(long, conflicts_with = "json")]
    pub charts: bool,
    /// Time zone for months and hours, such as Europe/Lisbon [default: this machine's]
    #[arg(long, value_name = "ZONE")]
    pub tz: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
