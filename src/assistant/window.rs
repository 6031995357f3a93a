//! The window: the newest few, newest first.

use std::collections::VecDeque;

/// A bounded list of the newest inputs: each push puts the newest in front, and the oldest falls
/// out. The memory behind it keeps everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window<T> {
    slots: VecDeque<T>,
    capacity: usize,
}

impl<T> Window<T> {
    /// An empty window of at most `capacity` inputs.
    pub fn new(capacity: usize) -> Self {
        Self { slots: VecDeque::with_capacity(capacity), capacity }
    }

    /// A window whose every slot holds the same initial value.
    pub fn filled(capacity: usize, initial: &T) -> Self
    where
        T: Clone,
    {
        Self { slots: std::iter::repeat_n(initial.clone(), capacity).collect(), capacity }
    }

    /// Puts the newest in front.
    pub fn push(&mut self, newest: T) {
        self.slots.push_front(newest);
        self.slots.truncate(self.capacity);
    }

    /// What it holds, newest first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter()
    }

    /// How many it holds.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Embedding, Encoded, FixedClock, NewTurn, Role, Timestamp};
    use crate::memory::Memory;

    /// The worked example of the memory component: `Memory_t = Memory_{t-1} ⊕ Encoder(Input_t)`.
    #[test]
    fn newest_first_and_the_oldest_falls_out_while_memory_keeps_all() {
        let clock = FixedClock(Timestamp::from_millis(0).unwrap());
        let memory = Memory::open_in_memory().unwrap();
        let session = memory.begin_session("chat", None, clock.0).unwrap();
        let encoded = |x: f32| Embedding::raw(vec![x; 3]);
        let mut window = Window::filled(3, &encoded(0.0));
        let mut seen = Vec::new();
        for (input, x) in [("one", 0.5), ("two", 0.6), ("three", 0.7), ("four", 0.8)] {
            window.push(encoded(x));
            let turn = NewTurn::message(Role::User, "user", input);
            memory
                .append(session, &turn, Some(("example", &Encoded::from(encoded(x)))), clock.0)
                .unwrap();
            seen.push(window.iter().map(|e| e.as_slice().to_vec()).collect::<Vec<_>>());
        }
        let row = |x: f32| vec![x; 3];
        assert_eq!(seen[0], [row(0.5), row(0.0), row(0.0)]);
        assert_eq!(seen[1], [row(0.6), row(0.5), row(0.0)]);
        assert_eq!(seen[2], [row(0.7), row(0.6), row(0.5)]);
        assert_eq!(seen[3], [row(0.8), row(0.7), row(0.6)]);
        let mut kept = Vec::new();
        memory
            .embeddings_after("example", 0, |turn| kept.push(turn.embedding.as_slice()[0]))
            .unwrap();
        for (kept, x) in kept.iter().zip([0.5, 0.6, 0.7, 0.8]) {
            assert!((kept - x).abs() < 1e-3);
        }
        assert_eq!(memory.turns(session, 0, 10).unwrap().len(), 4);
    }
}
