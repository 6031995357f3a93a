//! The tests that see recount from outside, in one binary: one link, one run.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says: this must hold")]

mod answers;
mod architecture;
mod asking;
mod commands;
mod compat;
mod disk;
mod evaluation;
mod faults;
mod importing;
mod keeping;
mod kill;
mod mcp;
mod model;
mod power;
mod program;
mod prose;
mod quality;
mod quiet;
mod review;
mod samples;
mod saying;
mod screen;
mod secrets;
mod settings;
mod soak;
mod trust;
mod watch;
