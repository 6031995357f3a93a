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

/// However much is logged, it tells nothing of what was said.
#[test]
fn logs_hold_no_text_of_a_turn() {
    const SAID: &str = "quince marmalade";
    let home = Home::new();
    let told = format!("Nadia stores {SAID} in the cellar.");
    let file = home.file(
        "said.json",
        serde_json::json!([{"id": "a", "messages": [{"role": "user", "content": told}]}])
            .to_string(),
    );
    let file = file.to_str().unwrap();
    let run = |args: &[&str], input: &str| {
        let mut command = home.command();
        command.env("RECOUNT_ENCODER", "hashing").arg("-vv").args(args);
        let ran = finish(&mut command, input);
        assert!(!ran.err.contains("quince"), "{args:?}: {}", ran.err);
        ran
    };
    let logged = run(&["remember", "-"], &told).expect(0).err;
    assert!(logged.contains("migration applied"), "nothing is logged: {logged}");
    run(&["import", file], "").expect(0);
    run(&["search", "marmalade"], "").expect(0);
    run(&["ask", "What is in the cellar?"], "").expect(0);
    let id = |id: u32, method: &str, params: serde_json::Value| serde_json::json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
    let client = serde_json::json!({
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"}});
    let call = serde_json::json!({"name": "remember", "arguments": {"text": told}});
    let lines = format!(
        "{}\n{}\n{}\n",
        id(1, "initialize", client),
        serde_json::json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        id(2, "tools/call", call)
    );
    run(&["mcp"], &lines);
    run(&["forget", "--text", "quince", "--yes"], "").expect(0);
    run(&["check"], "").expect(0);
}
