//! Waiting for the right to write: for other threads of this process, and for other processes.
//!
//! Owns: in which order threads get the writing connection, how long another process is waited for,
//! and how the wait is ended when its result is not wanted any more. Does not own what is written.

use super::{MemoryError, lock};
use rusqlite::Connection;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How long another process may keep the memory to itself before a request fails.
pub(super) const BUSY: Duration = Duration::from_secs(30);
/// How soon a wait notices that it is not wanted any more.
const NOTICE: Duration = Duration::from_millis(20);

thread_local! {
    /// The flag that ends waits of this thread.
    static UNWANTED: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// Runs `body`. While `flag` is raised, whatever it does in a memory waits for nobody: it fails with
/// [`MemoryError::Stopped`] instead.
pub fn interruptible<T>(flag: &Arc<AtomicBool>, body: impl FnOnce() -> T) -> T {
    /// Puts the flag from before back, also after a panic.
    struct Before(Option<Arc<AtomicBool>>);
    impl Drop for Before {
        fn drop(&mut self) {
            UNWANTED.set(self.0.take());
        }
    }
    let _before = Before(UNWANTED.replace(Some(Arc::clone(flag))));
    body()
}

/// Whether the result of what this thread does is not wanted any more.
pub(super) fn is_unwanted() -> bool {
    UNWANTED.with_borrow(|flag| flag.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)))
}

/// Makes a connection wait for other processes, and give up as soon as nobody wants the result.
pub(super) fn be_patient(connection: &mut Connection) -> Result<(), MemoryError> {
    Ok(connection.busy_handler(Some(wait_again))?)
}

/// Whether to try once more after so many tries.
fn wait_again(tries: i32) -> bool {
    if is_unwanted() {
        return false;
    }
    let pause = Duration::from_millis(1 << tries.clamp(0, 5)).min(NOTICE);
    // The first pauses are shorter, which makes no difference to the whole.
    let waited = NOTICE.saturating_mul(u32::try_from(tries).unwrap_or(0));
    if waited >= BUSY {
        return false;
    }
    thread::sleep(pause);
    true
}

/// The threads that want to write, first come, first served. A plain lock would let long work, which
/// takes it again and again, keep all others out.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    /// The first one has its turn.
    numbers: VecDeque<u64>,
    last: u64,
}

/// A thread's turn. The next one has it when this is dropped.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    queue: &'a Queue,
    number: u64,
}

impl Queue {
    /// Waits for the turn.
    pub(super) fn wait(&self) -> Result<Turn<'_>, MemoryError> {
        let mut waiting = lock(&self.waiting);
        waiting.last += 1;
        let number = waiting.last;
        waiting.numbers.push_back(number);
        let turn = Turn { queue: self, number };
        while waiting.numbers.front() != Some(&number) {
            if is_unwanted() {
                drop(waiting);
                return Err(MemoryError::Stopped);
            }
            let waited = self.changed.wait_timeout(waiting, NOTICE);
            waiting = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(waiting);
        Ok(turn)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        lock(&self.queue.waiting).numbers.retain(|number| *number != self.number);
        self.queue.changed.notify_all();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;
    use crate::conversation::{NewTurn, Role, Timestamp};
    use crate::memory::Memory;
    use rusqlite::TransactionBehavior;

    fn say(memory: &Memory, text: &str) -> Result<(), MemoryError> {
        let at = Timestamp::from_millis(1).unwrap();
        let session = memory.begin_session("chat", None, at)?;
        memory.append(session, &NewTurn::message(Role::User, "Ann", text), None, at)?;
        Ok(())
    }

    #[test]
    fn a_wait_for_another_process_ends_when_its_result_is_not_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("memory.db");
        let memory = Memory::open(&path).unwrap();
        let mut other = Connection::open(&path).unwrap();
        let held = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        let flag = Arc::new(AtomicBool::new(false));
        thread::scope(|scope| {
            let writer = scope.spawn(|| interruptible(&flag, || say(&memory, "one")));
            // A second thread waits for the first one.
            let second = scope.spawn(|| interruptible(&flag, || say(&memory, "two")));
            while lock(&memory.queue.waiting).numbers.len() < 2 {
                thread::yield_now();
            }
            flag.store(true, Ordering::Relaxed);
            for ended in [writer.join().unwrap(), second.join().unwrap()] {
                assert!(matches!(ended, Err(MemoryError::Stopped)), "{ended:?}");
            }
        });
        drop(held);
        // Nothing is left of it, and what nobody interrupts goes on.
        say(&memory, "three").unwrap();
        assert_eq!(memory.counts().unwrap().turns, 1);
        assert!(interruptible(&flag, || say(&memory, "four")).is_ok(), "nobody was waited for");
    }

    #[test]
    fn whoever_came_first_is_served_first() {
        let queue = Queue::default();
        let order = Mutex::new(Vec::new());
        let first = queue.wait().unwrap();
        thread::scope(|scope| {
            for number in 1..=3 {
                let (queue, order) = (&queue, &order);
                scope.spawn(move || {
                    let _turn = queue.wait().unwrap();
                    order.lock().unwrap().push(number);
                });
                while lock(&queue.waiting).numbers.len() <= number {
                    thread::yield_now();
                }
            }
            drop(first);
        });
        assert_eq!(*order.lock().unwrap(), [1, 2, 3]);
    }
}
