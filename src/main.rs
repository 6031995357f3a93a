//! The program: runs the library, maps how it ended to an exit status.

use std::process::ExitCode;

fn main() -> ExitCode {
    recount::run()
}
