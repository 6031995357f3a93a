//! The state of the view of the memory as a whole.

use crate::assistant::{Checked, Sizes, Stats, Subject};

/// What is known of the memory as a whole.
#[derive(Debug, Default)]
pub struct Holdings {
    /// What it holds, once counted.
    pub stats: Option<Box<Stats>>,
    /// What takes the room in its file, once looked at.
    pub sizes: Option<Sizes>,
    /// What it is about, the largest subject first.
    pub subjects: Vec<Subject>,
    /// Whether it is whole.
    pub health: Health,
    /// Why that could not be found out.
    pub error: Option<String>,
    /// The first part that is shown.
    pub scroll: usize,
}

/// Whether the memory is whole.
#[derive(Debug, Default)]
pub enum Health {
    /// Nobody has looked.
    #[default]
    Unknown,
    /// It is being looked at; all of it, or at a glance.
    Looking {
        /// Whether it is only a glance.
        quick: bool,
    },
    /// It was looked at.
    Known {
        /// What was seen.
        checked: Box<Checked>,
        /// Whether it was only a glance.
        quick: bool,
    },
}
