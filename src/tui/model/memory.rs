//! The state of the view of the memory as a whole.

use crate::assistant::{Sizes, Stats};

/// What is known of the memory as a whole.
#[derive(Debug, Default)]
pub struct Holdings {
    /// What it holds, once counted.
    pub stats: Option<Box<Stats>>,
    /// What takes the room in its file, once looked at.
    pub sizes: Option<Sizes>,
    /// Why that could not be found out.
    pub error: Option<String>,
    /// The first part that is shown.
    pub scroll: usize,
}
