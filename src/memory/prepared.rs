//! A conversation with what can be worked out of it before it is the writer's turn: keys and words.
//!
//! Reading an export, working out its words and writing them each take their time. A thread that
//! reads prepares as well, so that the one that writes only writes.

use super::append::Key;
use super::identity::keys_of;
use super::words::Words;
use crate::conversation::{Conversation, Restored};

/// A conversation that is ready to be taken in.
#[derive(Debug)]
pub struct Prepared {
    conversation: Conversation,
    pub(super) keys: Vec<Key>,
    pub(super) restored: Option<Box<Restored>>,
    /// The words of each turn; `None` where most of it is thought to be known.
    pub(super) words: Option<Vec<Words>>,
}

impl Prepared {
    /// Works out the keys of a conversation, and its words if it is likely to be new.
    pub fn new(conversation: Conversation, likely_new: bool) -> Self {
        let keys = keys_of(&conversation);
        Self::with(conversation, keys, None, likely_new)
    }

    /// The same for a conversation of recount's own export, whose turns bring their keys.
    pub fn restored(conversation: Conversation, restored: Restored, likely_new: bool) -> Self {
        Self::with(conversation, Vec::new(), Some(Box::new(restored)), likely_new)
    }

    fn with(
        conversation: Conversation,
        keys: Vec<Key>,
        restored: Option<Box<Restored>>,
        likely_new: bool,
    ) -> Self {
        let words = likely_new.then(|| {
            conversation.turns.iter().map(|turn| Words::of(&turn.speaker, &turn.text)).collect()
        });
        Self { conversation, keys, restored, words }
    }

    /// The conversation.
    pub fn conversation(&self) -> &Conversation {
        &self.conversation
    }
}
