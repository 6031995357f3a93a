//! recount remembers every conversation and recounts it, with its sources.
//!
//! The rooms, from the ground up; arrows between them point down only (`tests/architecture.rs`).

pub mod conversation;
pub mod evidence;
pub mod language;

pub mod encoder;
pub mod import;
pub mod index;
pub mod memory;

pub mod retrieval;
