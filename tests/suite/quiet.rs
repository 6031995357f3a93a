//! Nothing leaves the machine, and nothing is left on it but what is recount's.

use super::program::{Home, finish};

/// The runtime library's telemetry keeps a device id and a queue in the cache folder as soon as it
/// is loaded. That folder holds the unpacked library and nothing else.
#[test]
fn the_encoder_leaves_no_trace_of_telemetry() {
    let home = Home::new();
    let run = |args: [&str; 2]| {
        let mut command = home.command();
        // A cache of its own: others share one, to unpack the library once.
        command.env("XDG_CACHE_HOME", home.path("cache"));
        finish(command.args(args), "").expect(0);
    };
    run(["remember", "Pepper sleeps in the kitchen."]);
    run(["ask", "Where does Pepper sleep?"]);
    let mut folders = vec![home.path("")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    assert!(!files.is_empty());
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        assert!(
            name.starts_with("memory.db") || name.starts_with("libonnxruntime-"),
            "{} is not recount's",
            file.display()
        );
    }
}
