//! What was said in a conversation, told from its beginning as often as somebody wants to hear it.

use super::NewTurn;
use std::borrow::Cow;
use std::io;

/// The turns of a conversation, which need not be held all at once: a log of an agent can be longer
/// than memory.
pub trait Said: Send {
    /// How many there are.
    fn count(&self) -> usize;
    /// Tells them in their order, the same each time. An `Err` means that where they lie cannot be
    /// read, and is the last that comes.
    fn tell(&self) -> Telling<'_>;
}

/// Turns one after the other.
pub type Telling<'t> = Box<dyn Iterator<Item = io::Result<Cow<'t, NewTurn>>> + 't>;

impl Said for Vec<NewTurn> {
    fn count(&self) -> usize {
        self.len()
    }

    fn tell(&self) -> Telling<'_> {
        Box::new(self.iter().map(|turn| Ok(Cow::Borrowed(turn))))
    }
}
