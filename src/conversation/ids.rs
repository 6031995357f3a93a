//! Identities that the memory gives out.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// A turn's identity. Later appended turns have larger ids; an id is never given twice.
    TurnId
}
id! {
    /// A session's identity. An id is never given twice.
    SessionId
}
id! {
    /// The identity of one run of an import over one input.
    ImportId
}
