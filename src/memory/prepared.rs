//! A conversation with what can be worked out of it before it is the writer's turn: keys and words.
//!
//! Reading an export, working out its words and writing them each take their time. A thread that
//! reads prepares as well, so that the one that writes only writes.

use super::append::Key;
use super::identity::keys_of;
use super::recognise::Coming;
use super::words::Words;
use crate::conversation::{Conversation, Restored, Said};

/// A conversation that is ready to be taken in.
pub struct Prepared {
    conversation: Conversation,
    /// The turns, where they are too many to be held in the conversation.
    long: Option<Box<dyn Said>>,
    /// Worked out when it is taken in, where turns are many or bring their keys.
    pub(super) keys: Option<Vec<Key>>,
    pub(super) restored: Option<Box<Restored>>,
    /// The words of each turn; `None` where most of it is thought to be known.
    pub(super) words: Option<Vec<Words>>,
}

impl Prepared {
    /// Works out the keys of a conversation, and its words if it is likely to be new.
    pub fn new(conversation: Conversation, likely_new: bool) -> Self {
        let keys = keys_of(&conversation.turns).ok();
        Self { keys, ..Self::with(conversation, likely_new) }
    }

    /// The same for a conversation of recount's own export, whose turns bring their keys.
    pub fn restored(conversation: Conversation, restored: Restored, likely_new: bool) -> Self {
        Self { restored: Some(Box::new(restored)), ..Self::with(conversation, likely_new) }
    }

    /// A conversation whose turns stand beside it. Nothing of them is worked out before: it would
    /// have to be held.
    pub fn long(conversation: Conversation, turns: Box<dyn Said>) -> Self {
        Self { long: Some(turns), ..Self::with(conversation, false) }
    }

    fn with(conversation: Conversation, likely_new: bool) -> Self {
        let words = likely_new.then(|| {
            conversation.turns.iter().map(|turn| Words::of(&turn.speaker, &turn.text)).collect()
        });
        Self { conversation, long: None, keys: None, restored: None, words }
    }

    /// The conversation; without its turns where they are too many to be held.
    pub fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    /// What was said in it.
    pub fn said(&self) -> &dyn Said {
        self.long.as_deref().unwrap_or(&self.conversation.turns)
    }

    pub(super) fn coming(&self) -> Coming<'_> {
        Coming { about: &self.conversation, said: self.said() }
    }
}
