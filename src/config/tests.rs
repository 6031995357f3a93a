#![allow(clippy::unwrap_used, reason = "a test fails where something is missing")]

use super::*;
use std::fmt::Write as _;
use std::fs;

/// What a command line gives, in an environment and with a config file.
fn resolved(args: &[&str], environment: &[(&str, &str)], text: &str) -> Result<Resolved, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let args = ["recount", "--config", file].into_iter().chain(args.iter().copied());
    let cli = Cli::from_words(args)?;
    let environment = |name: &str| {
        environment.iter().find(|(set, _)| *set == name).map(|(_, value)| OsString::from(value))
    };
    resolve(&cli, &environment)
        .map_err(|error| error.to_string().replace(folder.path().to_str().unwrap(), "DIR"))
}

fn key(name: &str) -> &'static Key {
    KEYS.iter().find(|key| key.name == name).unwrap()
}

#[test]
fn the_command_line_goes_before_the_environment_before_the_file() {
    let text = "[search]\n\nlimit = 3\n[import]\ntz = \"Europe/Lisbon\"\n";
    let environment = [("RECOUNT_SEARCH_LIMIT", "4"), ("RECOUNT_COLOR", "")];
    let all = resolved(&["search", "x", "-k", "5"], &environment, text).unwrap();
    assert_eq!(all.config.search.limit, 5);
    let limit = |resolved: &Resolved| resolved.value(key("search.limit"));
    assert_eq!(limit(&all), (Some(5.into()), Origin::CommandLine("--limit")));

    let without = resolved(&["search", "x"], &environment, text).unwrap();
    assert_eq!(limit(&without), (Some(4.into()), Origin::Environment("RECOUNT_SEARCH_LIMIT")));
    // Empty is not set.
    assert_eq!(without.value(key("color")), (Some("auto".into()), Origin::Default));

    let file = resolved(&["search", "x"], &[], text).unwrap();
    assert_eq!(limit(&file).0, Some(3.into()));
    let (_, Origin::File { line, .. }) = limit(&file) else { panic!("{file:?}") };
    assert_eq!(line, 3);
    assert_eq!(file.config.import.tz.as_deref(), Some("Europe/Lisbon"));

    let none = resolved(&["search", "x"], &[], "").unwrap();
    assert_eq!(none.config, Config::default());
    let mut command = Cli::from_words(["recount", "search", "x"]).unwrap().command.unwrap();
    file.complete(&mut command);
    assert!(matches!(command, Command::Search(args) if args.limit == Some(3)));
}

#[test]
fn faults_name_the_line_and_what_to_write() {
    for (text, expected) in [
        (
            "\ncolour = \"auto\"\n",
            "DIR/config.toml:2: unknown option `colour`; did you mean `color`?",
        ),
        (
            "theme = \"dark\"",
            "DIR/config.toml:1: unknown option `theme`; did you mean `screen.theme`?",
        ),
        (
            "[screen]\nmouse = false\nthem = \"x\"",
            "DIR/config.toml:3: unknown option `screen.them`; did you mean `screen.theme`?",
        ),
        (
            "qwertz = 1",
            "DIR/config.toml:1: unknown option `qwertz`; `recount config show` lists all",
        ),
        (
            "screen = 1",
            "DIR/config.toml:1: unknown option `screen`; it is a section: write [screen]",
        ),
        ("[scren]\nmouse = true", "DIR/config.toml:1: unknown option `scren`"),
        (
            "[screen]\n\n mouse = \"yes\"",
            "DIR/config.toml:3: `screen.mouse` must be true or false, not \"yes\"",
        ),
        ("color = \"red\"", "must be \"auto\" or \"always\" or \"never\", not \"red\""),
        ("[search]\nlimit = 0", "`search.limit` must be a whole number from 1 to 10000, not 0"),
        ("[search]\nlimit = 1.5", "must be a whole number from 1 to 10000, not 1.5"),
        ("[search]\nlimit = 99999999999999999999", "must be a whole number"),
        ("[import]\ntz = \"Mars/Olympus\"", "`import.tz` must be a time zone"),
        ("[screen]\nkeys = { search = 1 }", "`screen.keys` must be a table from actions to keys"),
        ("[screen.keys]\nsearch = [1]", "DIR/config.toml:2: `screen.keys` must be a table"),
        (
            "[screen.keys]\nnew = \"ctrl-t\"\nsaerch = \"ctrl-g\"",
            "DIR/config.toml:3: `screen.keys` cannot be used: `saerch` is not an action",
        ),
        (
            "[screen.keys]\n\nsearch = \"ctrl-p\"",
            "DIR/config.toml:3: `screen.keys` cannot be used: `ctrl-p` is bound to both `palette` and `search`",
        ),
        (
            "[screen.keys]\nsearch = \"ctrl-t\"\nnew = \"ctrl-t\"",
            "DIR/config.toml:1: `screen.keys` cannot be used: `ctrl-t` is bound to both",
        ),
        ("encoder = \"\"", "`encoder` must be an encoder that"),
        ("a = 1\nb = ", "DIR/config.toml:2: "),
        ("a = 1\na = 2", "DIR/config.toml:2: "),
    ] {
        let error = resolved(&["chat"], &[], text).unwrap_err();
        assert!(error.contains(expected), "{text:?}: {error}");
        assert!(!error.contains('\n'), "{error:?}");
    }
    for (variable, value, expected) in [
        (
            "RECOUNT_SCREEN_MOUSE",
            "maybe",
            "RECOUNT_SCREEN_MOUSE must be true or false, not \"maybe\"",
        ),
        ("RECOUNT_SEARCH_LIMIT", "ten", "must be a whole number"),
        ("RECOUNT_COLOR", "red", "must be \"auto\""),
        ("RECOUNT_SCREEN_KEYS", "ctrl-f", "must be a table"),
    ] {
        let error = resolved(&["chat"], &[(variable, value)], "").unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn every_option_can_be_set_by_the_environment() {
    for key in KEYS {
        let value = match key.name {
            "screen.keys" => "{ search = \"ctrl-f\" }",
            _ => key.value.trim_matches('"'),
        };
        let set = resolved(&["chat"], &[(key.variable, value)], "").unwrap();
        assert_eq!(set.value(key).1, Origin::Environment(key.variable));
    }
    let set = resolved(&["chat"], &[("RECOUNT_SCREEN_KEYS", "{ search = \"ctrl-f\" }")], "");
    assert_eq!(set.unwrap().config.screen.keys["search"], ["ctrl-f"]);
    let set = resolved(&["chat"], &[("RECOUNT_SCREEN_VIM", "on")], "");
    assert!(set.unwrap().config.screen.vim);
}

/// The table and the struct know the same options and the same defaults.
#[test]
fn the_table_is_the_struct() {
    let mut text = String::new();
    for key in KEYS.iter().filter(|key| key.parts().0.is_empty() && key.default.is_none()) {
        let _ = writeln!(text, "{} = {}", key.name, key.value);
    }
    for key in KEYS.iter().filter(|key| !key.parts().0.is_empty() && key.default.is_none()) {
        let _ = writeln!(text, "{} = {}", key.name, key.value);
    }
    let defaults: Config = toml::from_str(&text).unwrap();
    assert_eq!(defaults, Config::default());
    // What has no plain default is set too: each name is one of the struct's.
    let mut whole = BTreeMap::new();
    for key in KEYS {
        let value: Value = key.value.parse().unwrap();
        assert_eq!(key.kind.fault(&value), None, "{}", key.name);
        whole.insert(key.name, (value, Origin::Default));
    }
    let written = toml::Table::try_from(typed(&whole)).unwrap();
    let mut names = Vec::new();
    for (name, value) in &written {
        match value {
            Value::Table(section) => {
                names.extend(section.keys().map(|inner| format!("{name}.{inner}")));
            }
            _ => names.push(name.clone()),
        }
    }
    let mut known: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    known.sort_unstable();
    names.sort();
    assert_eq!(names, known);
}

/// The defaults as they are written are a file that changes nothing, and each line of it is right
/// when its mark is taken away.
#[test]
fn the_commented_defaults_can_be_used() {
    let text = file::commented_defaults();
    assert_eq!(resolved(&["chat"], &[], &text).unwrap().config, Config::default());
    let mut used = String::new();
    for line in text.lines() {
        let bare = line.strip_prefix("# ").filter(|rest| {
            KEYS.iter().any(|key| rest.starts_with(&format!("{} = ", key.parts().1)))
        });
        used += bare.unwrap_or(line);
        used.push('\n');
    }
    let used = resolved(&["chat"], &[], &used).unwrap();
    assert_eq!(used.chosen.len(), KEYS.len());
}

#[test]
fn paths_are_relative_to_where_they_are_written() {
    let text = "[memory]\npath = \"notes.db\"";
    let file = resolved(&["chat"], &[], text).unwrap();
    let path = file.memory().unwrap();
    assert!(path.is_absolute() && path.parent() == file.file.parent(), "{path:?}");
    let environment = resolved(&["chat"], &[("RECOUNT_DB", "notes.db")], text).unwrap();
    assert_eq!(environment.memory().unwrap(), Path::new("notes.db"));
    let given = resolved(&["--db", "other.db"], &[("RECOUNT_DB", "notes.db")], text).unwrap();
    assert_eq!(given.memory().unwrap(), Path::new("other.db"));
}

/// The documentation lists every option as it is.
#[test]
fn the_documentation_is_in_step() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let text = fs::read_to_string(path).unwrap();
    for key in KEYS {
        let default = key.default.unwrap_or(key.value).replace('|', "\\|");
        let default = if key.default.is_some() { default } else { format!("`{default}`") };
        let row = format!("| `{}` | `{}` | {default} | {} |", key.name, key.variable, key.help);
        assert!(text.contains(&row), "docs/configuration.md lacks this row:\n{row}");
    }
}

#[test]
fn an_import_assumes_what_the_settings_say() {
    let text = "[import]\ntz = \"Europe/Lisbon\"\ndate_order = \"mdy\"\n";
    let options = resolved(&[], &[], text).unwrap().config.import.options();
    assert_eq!(options.time_zone.iana_name(), Some("Europe/Lisbon"));
    assert_eq!(options.date_order, Some(crate::assistant::DateOrder::MonthFirst));
    let options = resolved(&[], &[], "").unwrap().config.import.options();
    assert_eq!((options.date_order, options.dry_run), (None, false));
}
