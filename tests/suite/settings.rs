//! The settings as their users meet them: `recount config`, and that a setting holds.

use crate::program::{Home, finish};
use serde_json::json;
use std::fs;

#[test]
fn defaults_are_written_once_and_shown_with_where_they_come_from() {
    let home = Home::new();
    let run = |args: &[&str]| finish(home.bare_command().args(args), "");
    let path = run(&["config", "path"]).expect(0).out;
    let path = std::path::PathBuf::from(path.trim_end());
    assert_eq!(path, home.path("config").join("recount/config.toml"));
    assert!(!path.exists());

    run(&["config", "init"]).expect(0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let written = fs::read_to_string(&path).unwrap();
    let again = run(&["config", "init"]).expect(1);
    assert!(again.err.contains("already exists and was not changed"), "{again:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), written);

    fs::write(&path, "[search]\nlimit = 1\n").unwrap();
    let mut command = home.bare_command();
    command.env("RECOUNT_SCREEN_VIM", "yes").args(["--color", "never", "config", "show", "--json"]);
    let shown = finish(&mut command, "").expect(0).json();
    assert_eq!((&shown["file"], &shown["exists"]), (&json!(path), &json!(true)));
    let option = |name: &str| {
        let options = shown["options"].as_array().unwrap();
        options.iter().find(|option| option["name"] == name).unwrap().clone()
    };
    assert_eq!(
        option("search.limit"),
        json!({"name": "search.limit", "value": 1, "from": "file", "file": path, "line": 2})
    );
    assert_eq!(
        option("screen.vim"),
        json!({"name": "screen.vim", "value": true, "from": "environment", "variable": "RECOUNT_SCREEN_VIM"})
    );
    assert_eq!(
        option("color"),
        json!({"name": "color", "value": "never", "from": "command line", "option": "--color"})
    );
    assert_eq!(option("import.tz")["from"], "default");

    // What is shown is a file that says the same.
    let shown = run(&["config", "show"]).expect(0).out;
    let other = home.file("other.toml", &shown);
    let mut command = home.bare_command();
    command.arg("--config").arg(&other).args(["config", "show"]);
    let again = finish(&mut command, "").expect(0).out;
    let values = |text: &str| -> Vec<String> {
        let bare = text.lines().map(|line| line.split("  #").next().unwrap().trim_end().to_owned());
        bare.filter(|line| !line.starts_with('#')).collect()
    };
    assert_eq!(values(&again), values(&shown));
}

#[test]
fn a_setting_holds_and_a_wrong_one_ends_every_command() {
    let home = Home::new();
    for text in ["The blue kettle.", "The red kettle.", "The green kettle."] {
        home.run(["remember", text]).expect(0);
    }
    let file = home.file("my.toml", "[search]\nlimit = 2\n");
    let file = file.to_str().unwrap();
    let hits = |args: &[&str]| home.json(args)["hits"].as_array().unwrap().len();
    assert_eq!(hits(&["--config", file, "search", "kettle", "--json"]), 2);
    assert_eq!(hits(&["--config", file, "search", "kettle", "--json", "-k", "1"]), 1);
    assert_eq!(hits(&["search", "kettle", "--json"]), 3);

    fs::write(file, "[search]\nlimits = 2\n").unwrap();
    let ran = home.run(["--config", file, "search", "kettle"]).expect(1);
    assert!(ran.out.is_empty());
    assert!(ran.err.contains("my.toml:2: unknown option `search.limits`"), "{ran:?}");
    let ran = home.run(["--config", "nowhere.toml", "search", "kettle"]).expect(1);
    assert!(ran.err.contains("nowhere.toml") && ran.err.contains("config init"), "{ran:?}");
    // The file's path still can be told, and a new file be begun.
    home.run(["--config", file, "config", "path"]).expect(0);
}
