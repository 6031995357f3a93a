//! Conversations whose messages are mixed in a file, or spread over several: gathered by the chat that
//! they belong to, and handed over chat by chat.
//!
//! Owns: keeping them apart, their order within a chat, identities where an export gives none. All
//! turns are in one spool, so that the chats together may be larger than memory.

use crate::conversation::{Conversation, NewTurn, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::Stamps;
use crate::import::reading::spool::Spool;
use crate::import::reading::turns::Turns;
use crate::import::{Sink, UNREADABLE};
use std::collections::HashMap;

/// The order in which the messages of a chat are handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import) enum Order {
    /// As they came.
    Written,
    /// By time; those of one instant as they came.
    Time,
}

/// Gathers the messages of many chats.
#[derive(Debug)]
pub(in crate::import) struct Rooms {
    spool: Spool,
    list: Vec<Room>,
    places: HashMap<String, usize>,
}

/// A chat.
#[derive(Debug, Default)]
struct Room {
    head: Conversation,
    /// The place of each turn in the spool, and when it was said (in milliseconds).
    turns: Vec<(u32, i64)>,
    stamps: Stamps,
}

impl Rooms {
    /// None yet.
    pub(in crate::import) fn new() -> Self {
        Self { spool: Spool::long(), list: Vec::new(), places: HashMap::new() }
    }

    /// What is known of a chat itself, to be filled in; its identity is the key unless it is changed.
    pub(in crate::import) fn head(&mut self, key: &str) -> &mut Conversation {
        &mut self.room(key).head
    }

    fn room(&mut self, key: &str) -> &mut Room {
        let at = self.places.get(key).copied().unwrap_or_else(|| {
            let head = Conversation {
                source_id: Some(key.to_owned()).filter(|key| !key.is_empty()),
                ..Conversation::default()
            };
            self.list.push(Room { head, ..Room::default() });
            self.places.insert(key.to_owned(), self.list.len() - 1);
            self.list.len() - 1
        });
        &mut self.list[at]
    }

    /// Takes the next message of a chat. One that has a time and no identity gets one: when it was
    /// said, by whom, and the how-manieth in that moment.
    pub(in crate::import) fn push(&mut self, key: &str, turn: NewTurn, sink: &dyn Sink) {
        let first = turn.said_at;
        self.push_edited(key, turn, first, sink);
    }

    /// The same for a message that was edited, so that it has a later time: it is known by the first.
    pub(in crate::import) fn push_edited(
        &mut self,
        key: &str,
        mut turn: NewTurn,
        first: Option<Timestamp>,
        sink: &dyn Sink,
    ) {
        let place = self.spool.len() as u32;
        let room = self.room(key);
        if turn.source_id.is_none() && first.is_some() {
            turn.source_id = Some(room.stamps.id(first.map(Timestamp::civil), &turn.speaker));
        }
        // A message without a time stays behind the one before it.
        let last = room.turns.last().map_or(i64::MIN, |(_, at)| *at);
        room.turns.push((place, turn.said_at.map_or(last, Timestamp::as_millis)));
        self.spool.push(turn, sink);
    }

    /// Hands the chats to the sink, in the order in which they came.
    pub(in crate::import) fn send(
        mut self,
        order: Order,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        for mut room in self.list {
            if order == Order::Time {
                room.turns.sort_by_key(|(_, at)| *at);
            }
            let mut turns = Turns::long();
            for (place, _) in room.turns {
                match self.spool.take(place as usize) {
                    Ok(turn) => turns.push(turn, sink),
                    Err(error) => sink.failed(UNREADABLE, &error.to_string()),
                }
            }
            let name = room.head.title.as_deref().or(room.head.source_id.as_deref());
            if turns.is_empty() {
                sink.skipped("chat without messages", &shorten(name.unwrap_or_default()));
                continue;
            }
            let started_at = turns.first_at();
            turns.send(Conversation { started_at, ..room.head }, sink)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Role;
    use crate::import::testing::Counting;

    #[test]
    fn chats_are_kept_apart_and_in_order() {
        let mut sink = Counting::default();
        let mut rooms = Rooms::new();
        let said = |text: &str, seconds: i64| {
            let at = Timestamp::from_millis(1_700_000_000_000 + seconds * 1000);
            NewTurn::message(Role::User, "Ada", text).at(at)
        };
        rooms.push("a", said("second", 2), &sink);
        rooms.push("b", said("other", 1), &sink);
        rooms.push("a", NewTurn::message(Role::User, "Ada", "undated"), &sink);
        rooms.push("a", said("first", 1), &sink);
        rooms.push("a", said("first too", 1), &sink);
        rooms.head("c").title = Some("Empty".to_owned());
        // Larger than what is held in tests.
        rooms.push("b", said(&"long ".repeat(40_000), 3), &sink);
        rooms.push("b", said("last", 4), &sink);
        rooms.send(Order::Time, &mut sink).unwrap();
        let told: Vec<&str> =
            sink.conversations[0].turns.iter().map(|turn| turn.text.as_str()).collect();
        assert_eq!(told, ["first", "first too", "second", "undated"]);
        assert_eq!(sink.conversations[0].source_id.as_deref(), Some("a"));
        assert_eq!(sink.conversations[1].turns.len(), 3);
        assert_eq!(sink.skipped["chat without messages"], 1);
        let ids: Vec<_> =
            sink.conversations[0].turns.iter().filter_map(|turn| turn.source_id.clone()).collect();
        assert_eq!(ids[0], "2023-11-14T22:13:21/Ada/1");
        assert_eq!(ids.len(), 3);
    }
}
