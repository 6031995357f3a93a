//! The nouns of recount: turn, session, speaker, role, source, ids, time, embedding.
//!
//! Every other room speaks in these. This one never performs I/O and knows nothing of storage,
//! retrieval or the screen.

mod embedding;
mod ids;
mod naming;
mod record;
mod said;
mod session;
mod time;
mod tokens;
mod turn;
mod visible;

pub use embedding::{Embedding, Encoded};
pub use ids::{ImportId, SessionId, TurnId};
pub use naming::{USER, name_of, set_own_name, speaker_of};
pub use record::{
    GivenAnswer, Mark, Marked, Merged, Quotation, Restored, RestoredTurn, SessionRecord, TurnRecord,
};
pub use said::{Said, Telling};
pub use session::{Conversation, SOURCE_CHAT, SOURCE_NOTE, Session, tag_of, title_of};
pub use time::{Clock, FixedClock, SystemClock, Timestamp};
pub use tokens::{DIRECTIONS, TokenQuery, Tokens};
pub use turn::{Kind, NewTurn, Role, Turn, spoken};
pub use visible::{acts, visible, visible_line};
