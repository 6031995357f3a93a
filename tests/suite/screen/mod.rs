//! The screen end to end, through a real pseudo-terminal. Nothing sleeps: each step waits for what
//! it leads to on the screen.

mod keeping;
mod leaving;
mod looks;
mod paths;
mod terminal;
