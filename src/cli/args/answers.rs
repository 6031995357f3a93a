//! The arguments of `recount answers`.

use clap::{Args, Subcommand, ValueEnum};

/// The default number of answers to list.
const PAGE: u32 = 50;

/// `recount answers`
#[derive(Debug, Args)]
pub struct AnswersArgs {
    /// What to do with stored answers
    #[command(subcommand)]
    pub command: Option<AnswersCommand>,
}

/// What to do with stored answers.
#[derive(Debug, Subcommand)]
pub enum AnswersCommand {
    /// List stored answers, newest first
    List(AnswersListArgs),
    /// Mark an answer right or wrong, or remove its mark
    Mark {
        /// The answer's id, as `recount answers list` prints it
        id: i64,
        /// right, wrong, or none to remove the mark
        #[arg(value_name = "MARK", hide_possible_values = true)]
        mark: MarkArg,
    },
    /// Print marked answers as questions for `recount eval`
    Export,
}

/// `recount answers list`
#[derive(Debug, Clone, Args)]
pub struct AnswersListArgs {
    /// List only answers with this mark: right, wrong or none
    #[arg(long, value_name = "MARK", hide_possible_values = true)]
    pub marked: Option<MarkArg>,
    /// Number of answers to list
    #[arg(short = 'n', long, value_name = "N", default_value_t = PAGE)]
    pub limit: u32,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

impl Default for AnswersListArgs {
    fn default() -> Self {
        Self { marked: None, limit: PAGE, json: false }
    }
}

/// The mark of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MarkArg {
    /// It is right.
    Right,
    /// It is wrong.
    Wrong,
    /// It has no mark.
    None,
}
