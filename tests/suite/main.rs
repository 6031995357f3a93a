//! The tests that see recount from outside, in one binary: one link, one run.

mod architecture;
mod commands;
mod kill;
mod program;
