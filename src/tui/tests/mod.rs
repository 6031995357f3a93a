//! Tests of the screen without a terminal.

mod fixtures;
mod properties;
mod snapshots;
mod updates;
