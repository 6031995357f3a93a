//! What several formats need: files, ZIPs and databases, encodings, JSON, dates, trees of messages, chats,
//! and turns that wait in a file.

pub(super) mod chat;
pub(super) mod database;
pub(super) mod dates;
pub(super) mod encoding;
pub(super) mod html;
pub(super) mod input;
pub(super) mod json;
pub(super) mod package;
pub(super) mod rooms;
pub(super) mod sample;
pub(super) mod spool;
pub(super) mod time;
pub(super) mod tree;
pub(super) mod turns;
