//! The program: runs the library, maps how it ended to an exit status.

use std::io::Write as _;

#[expect(
    unsafe_code,
    reason = "ONNX Runtime starts a telemetry collector when it is loaded unless the environment \
              says no; that must be said before there is a second thread, so here and nowhere else"
)]
fn main() {
    // SAFETY: no other thread runs yet.
    unsafe { std::env::set_var(recount::encoder::NO_TELEMETRY, "1") };
    let status = recount::run();
    // Nobody can be told that the streams are closed.
    let _ = std::io::stdout().flush();
    let _ = std::io::stderr().flush();
    // Everything is durable. The exit handlers of C are passed over: a worker may still be inside of
    // the runtime library, whose destructors would pull it from under that thread.
    signal_hook::low_level::exit(status.into());
}
