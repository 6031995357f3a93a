//! The words: nothing that people read sounds translated. A list of phrases that did, and the length of
//! lines in the help. Whether a sentence reads well is for people to say.

use super::program::Home;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Phrases that were translated word by word, and what to write instead.
const TRANSLATED: &[(&str, &str)] = &[
    (" anew", "again"),
    ("for good", "permanently"),
    ("so many ", "N, or the number"),
    ("once more, please", "press again"),
    ("may stand", "can be repeated"),
    ("what shall", "what would you like"),
    ("take back", "undo"),
    ("takes back", "undoes"),
    ("put aside", "stash"),
    ("puts it aside", "stashes it"),
    (" stands in ", "is in"),
    (" stand in ", "are in"),
    ("there is no option", "unknown option"),
    ("says so when", "tells you when"),
    ("turn round", "reverse"),
    ("a memory of recount", "a recount database"),
];

/// The phrases in a text, with the line of each.
fn translated(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let low = line.to_lowercase();
        for (phrase, better) in TRANSLATED.iter().filter(|(phrase, _)| low.contains(phrase)) {
            found.push(format!("{name}:{number}: “{phrase}”: write {better}: {}", line.trim()));
        }
    }
    found
}

/// The commands below `path`, as its help lists them.
fn commands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    let names = listed.take_while(|line| line.starts_with("  ")).filter_map(|line| {
        let indent = line.len() - line.trim_start().len();
        (indent == 2).then(|| line.split_whitespace().next()).flatten()
    });
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn the_help_reads_well() {
    let home = Home::new();
    let mut open = vec![Vec::<String>::new()];
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    while let Some(path) = open.pop() {
        let args = path.iter().map(String::as_str).chain(["-h"]);
        let help = finish_wide(&home, args);
        let name = format!("recount {} -h", path.join(" "));
        wrong.extend(translated(&name, &help));
        for line in help.lines().filter(|line| line.chars().count() > 100) {
            wrong.push(format!("{name}: longer than 100 characters: {line}"));
        }
        for command in commands(&help) {
            let path = [path.as_slice(), &[command]].concat();
            if seen.insert(path.clone()) {
                open.push(path);
            }
        }
    }
    assert!(seen.len() > 20, "the commands were not found: {seen:?}");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The help as a window of 100 columns shows it.
fn finish_wide<'a>(home: &Home, args: impl Iterator<Item = &'a str>) -> String {
    let mut command = home.command();
    command.env("COLUMNS", "100").args(args);
    super::program::finish(&mut command, "").expect(0).out
}

#[test]
fn the_documents_read_well() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).unwrap().flatten().map(|entry| entry.path());
    let mut files: Vec<_> =
        docs.filter(|path| path.extension().is_some_and(|e| e == "md")).collect();
    files.extend(["README.md", "CONTRIBUTING.md"].map(|name| root.join(name)));
    assert!(files.len() > 10);
    let mut wrong = Vec::new();
    for file in files {
        wrong.extend(translated(&file.display().to_string(), &fs::read_to_string(&file).unwrap()));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(translated("x", "It may stand several times.\nfine\nforgotten for good").len(), 2);
}
