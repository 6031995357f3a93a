//! What is done with remembered sessions and imports, and what is asked of the memory as a whole:
//! as data, and carried out on a lane of its own, so that a pass over all turns holds up nothing.

use super::event::Failure;
use super::workers::caught;
use crate::assistant::{
    Assistant, Checked, Discovered, Imported, Places, Removed, Sizes, Stats, Subject, discover,
};
use crate::conversation::{Session, SessionId};

/// Something to be done, or to be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Review {
    /// Give a session a name, or take it away.
    Rename(SessionId, Option<String>),
    /// Add tags to a session, and take others away.
    Tag {
        /// The session.
        session: SessionId,
        /// These are added.
        add: Vec<String>,
        /// These are taken away.
        remove: Vec<String>,
    },
    /// Pin a session to the top, or take the pin away.
    Pin(SessionId, bool),
    /// Move the turns of one session into another.
    Merge {
        /// The one that stays.
        into: SessionId,
        /// The one that goes.
        from: SessionId,
    },
    /// Delete a session when the screen is left.
    Delete(SessionId),
    /// Take a deletion back.
    TakeBack(SessionId),
    /// The sessions whose deletion waits.
    Waiting,
    /// What the memory is about.
    Subjects,
    /// What is wrong with the memory: at a glance, or by reading all of it.
    Check {
        /// Whether the glance is enough.
        quick: bool,
    },
    /// What other programs on this machine keep that can be imported.
    Discover,
    /// Keep the position up to which a session was read.
    ReadTo(SessionId, i64),
    /// What the memory holds, in figures.
    Stats,
    /// What takes the room in its file.
    Sizes,
    /// The imports that were made.
    Imports,
    /// Append the demo, or take it back.
    Demo(bool),
}

impl Review {
    /// Whether it passes over the whole memory, or over the disk.
    pub fn counts(&self) -> bool {
        matches!(
            self,
            Self::Stats | Self::Sizes | Self::Subjects | Self::Check { .. } | Self::Discover
        )
    }
}

/// What came of it.
pub enum Reviewed {
    /// A session was changed; what is said of it, or what failed.
    Changed(Result<&'static str, (&'static str, Failure)>),
    /// The sessions whose deletion waits, the last first.
    Waiting(Result<Vec<Session>, Failure>),
    /// What the memory holds.
    Stats(Result<Box<Stats>, Failure>),
    /// What takes the room in its file.
    Sizes(Result<Sizes, Failure>),
    /// What the memory is about, the largest subject first.
    Subjects(Result<Vec<Subject>, Failure>),
    /// What is wrong with the memory, and whether that was only a glance.
    Checked(Result<Box<Checked>, Failure>, bool),
    /// What other programs keep that can be imported.
    Discovered(Vec<Discovered>),
    /// The imports that were made, newest first.
    Imports(Result<Vec<Imported>, Failure>),
    /// The demo was appended.
    Demo(Result<(), Failure>),
    /// The demo was removed.
    DemoRemoved(Result<Removed, Failure>),
}

/// Carries it out. `None` where nobody needs to know.
pub fn carry_out(review: Review, assistant: &Assistant) -> Option<Reviewed> {
    let changed = |done: &'static str, failed: &'static str, result: Result<(), Failure>| {
        Some(Reviewed::Changed(result.map(|()| done).map_err(|why| (failed, why))))
    };
    match review {
        Review::Rename(session, name) => {
            let result = caught(|| assistant.rename_session(session, name.as_deref()));
            changed("Renamed", "The session was not renamed", result)
        }
        Review::Tag { session, add, remove } => {
            let result = caught(|| assistant.tag_session(session, &add, &remove));
            changed("Tagged", "The session was not tagged", result)
        }
        Review::Pin(session, pinned) => {
            let result = caught(|| assistant.pin_session(session, pinned));
            let done = if pinned { "Pinned to the top" } else { "Unpinned" };
            changed(done, "The session was not pinned", result)
        }
        Review::Merge { into, from } => {
            let result = caught(|| assistant.merge_sessions(into, &[from]));
            changed("Merged", "The sessions were not merged", result)
        }
        Review::Delete(session) => {
            let result = caught(|| assistant.wish_deleted(session));
            let done = "Deleted. Press u to undo (until you quit)";
            changed(done, "The session was not deleted", result)
        }
        Review::TakeBack(session) => {
            let result = caught(|| assistant.take_deletion_back(session));
            changed("Session restored", "The deletion was not undone", result)
        }
        Review::Waiting => Some(Reviewed::Waiting(caught(|| assistant.waiting_deletions()))),
        Review::ReadTo(session, position) => {
            // It is a convenience; what is wrong with the memory shows elsewhere.
            let _ = caught(|| assistant.set_read_position(session, Some(position)));
            None
        }
        Review::Stats => {
            let zone = jiff::tz::TimeZone::system();
            Some(Reviewed::Stats(caught(|| assistant.stats(&zone)).map(Box::new)))
        }
        Review::Sizes => Some(Reviewed::Sizes(caught(|| assistant.sizes()))),
        Review::Subjects => Some(Reviewed::Subjects(caught(|| assistant.subjects()))),
        Review::Check { quick } => {
            Some(Reviewed::Checked(caught(|| assistant.check(quick)).map(Box::new), quick))
        }
        Review::Discover => {
            let places = Places::of_this_process();
            Some(Reviewed::Discovered(places.as_ref().map(discover).unwrap_or_default()))
        }
        Review::Imports => Some(Reviewed::Imports(caught(|| assistant.imports()))),
        Review::Demo(true) => Some(Reviewed::Demo(caught(|| assistant.load_demo()))),
        Review::Demo(false) => Some(Reviewed::DemoRemoved(caught(|| assistant.remove_demo()))),
    }
}
