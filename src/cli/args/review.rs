//! The words of reviewing: sessions, export, forget, stats.

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
    /// List sessions, pinned ones and then the last active first
    List(SessionsListArgs),
    /// Show what was said in a session
    Show {
        /// The session's id, as `list` and `search` print it
        id: i64,
        /// Show reasoning, tool calls and their results as well
        #[arg(long)]
        folded: bool,
        /// Show turns on other branches as well
        #[arg(long)]
        branches: bool,
        /// Show secrets as they are stored, not masked
        #[arg(long)]
        secrets: bool,
        /// Print JSON, with every turn
        #[arg(long)]
        json: bool,
    },
    /// Give a session a name, which stands before its title
    Rename {
        /// The session's id
        id: i64,
        /// The name
        #[arg(required_unless_present = "clear")]
        name: Option<String>,
        /// Take the name away, so that the title shows again
        #[arg(long, conflicts_with = "name")]
        clear: bool,
    },
    /// Add tags to a session, or remove some
    Tag {
        /// The session's id
        id: i64,
        /// Tags to add
        #[arg(value_name = "TAG", required_unless_present = "remove")]
        tags: Vec<String>,
        /// A tag to remove; may stand several times
        #[arg(short, long, value_name = "TAG")]
        remove: Vec<String>,
    },
    /// Pin sessions to the top of the list
    Pin {
        /// The sessions' ids
        #[arg(required = true, value_name = "ID")]
        ids: Vec<i64>,
        /// Take the pins away
        #[arg(long)]
        off: bool,
    },
    /// Move the turns of sessions into one, by time
    Merge {
        /// The session that stays
        into: i64,
        /// The sessions that go into it
        #[arg(required = true)]
        from: Vec<i64>,
    },
    /// Forget whole sessions, for good
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
    /// Only those whose title, tags, source or source id hold this
    pub filter: Option<String>,
    /// Only those with a turn that holds all of these words, or whose title holds them
    #[arg(long, value_name = "WORDS")]
    pub text: Option<String>,
    /// Only those from this source: chat, note, or an import format
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,
    /// Only those in which this speaker speaks
    #[arg(long, value_name = "NAME")]
    pub speaker: Option<String>,
    /// Only those with this tag
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    /// Only those in which something was said at this time or later
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only those in which something was said before the end of this time
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Only pinned ones
    #[arg(long)]
    pub pinned: bool,
    /// The order: activity, title, turns or created
    #[arg(long, value_name = "ORDER", default_value = "activity", hide_possible_values = true)]
    pub sort: SortArg,
    /// Turn the order round
    #[arg(long)]
    pub reverse: bool,
    /// How many at most
    #[arg(short = 'n', long, value_name = "N", default_value_t = 50)]
    pub limit: u32,
    /// Leave out the first so many
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

/// What goes before taking something away.
#[derive(Debug, Clone, Copy, Args)]
pub struct SureArgs {
    /// Say what would be forgotten, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `recount export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The format: markdown, json, jsonl or html [default: by the file's name, else markdown]
    #[arg(long, value_name = "FORMAT", value_parser = ["markdown", "json", "jsonl", "html"])]
    pub format: Option<String>,
    /// The file to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Overwrite the file if it is there
    #[arg(long, requires = "output")]
    pub force: bool,
    /// Only this session; may stand several times
    #[arg(long, value_name = "ID")]
    pub session: Vec<i64>,
    /// Only what a search finds
    #[arg(long, value_name = "QUERY")]
    pub search: Option<String>,
    /// How many turns a search may find
    #[arg(short = 'k', long = "limit", value_name = "N", default_value_t = 100,
          requires = "search", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
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
    /// In markdown and HTML, reasoning, tool calls and their results as well
    #[arg(long)]
    pub folded: bool,
    /// In markdown and HTML, turns on other branches as well
    #[arg(long)]
    pub branches: bool,
    /// Write secrets as they are stored, not masked
    #[arg(long)]
    pub secrets: bool,
}

impl ExportArgs {
    /// Which turns may be exported, as other commands say it.
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
    /// This turn; may stand several times
    #[arg(long, value_name = "ID")]
    pub turn: Vec<i64>,
    /// All of this session; may stand several times
    #[arg(long, value_name = "ID")]
    pub session: Vec<i64>,
    /// All from this source: chat, note, or an import format
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,
    /// All that this speaker said
    #[arg(long, value_name = "NAME")]
    pub speaker: Option<String>,
    /// All that this import added
    #[arg(long, value_name = "ID")]
    pub import: Option<i64>,
    /// Every turn that holds this text; case does not matter
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// Every turn that means about this
    #[arg(long, value_name = "TEXT")]
    pub meaning: Option<String>,
    /// How near a turn must be to --meaning, from 0 to 1
    #[arg(long, value_name = "NUMBER", default_value_t = 0.5, requires = "meaning")]
    pub likeness: f32,
    /// What was said at this time or later: 2023, 2023-05, 2023-05-08, or with a time
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// What was said before the end of this time
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
    /// The time zone of months and hours, such as Europe/Lisbon [default: this machine's]
    #[arg(long, value_name = "ZONE")]
    pub tz: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
