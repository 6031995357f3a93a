//! Tests of the screen without a terminal.
#![allow(clippy::unwrap_used, reason = "a test fails where something is missing")]

mod chat;
mod colours;
pub mod fixtures;
mod intent;
mod properties;
mod snapshots;
mod updates;
mod views;
