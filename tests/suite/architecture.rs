//! Arrows between rooms point down only, and each library stays in its room.
//!
//! The rules are checked on the tokens of the source: `crate::x` in a comment or in a string is no
//! arrow, `use crate::{x, y}` is two.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What every room may use: nouns, what retrieval and decoding pass on, pure functions on text, and
/// the JSON shapes of all these.
const GROUND: &[&str] =
    &["conversation", "evidence", "files", "language", "question", "secrets", "shapes"];

/// Room → the rooms that it may use. The table of `docs/architecture.md`, from the ground up.
const TABLE: &[(&str, &[&[&str]])] = &[
    ("conversation", &[]),
    ("evidence", &[&["conversation"]]),
    ("files", &[]),
    ("language", &[]),
    ("question", &[&["conversation", "evidence", "language"]]),
    ("secrets", &[]),
    ("shapes", &[&["conversation", "evidence"]]),
    ("runtime", &[]),
    ("encoder", &[GROUND, &["runtime"]]),
    ("reader", &[GROUND, &["runtime"]]),
    ("memory", &[GROUND]),
    ("index", &[GROUND]),
    ("import", &[GROUND]),
    ("export", &[GROUND]),
    ("retrieval", &[GROUND, &["encoder", "memory", "index"]]),
    ("decoder", &[GROUND]),
    ("assistant", &[GROUND, ONE_AND_TWO]),
    ("evaluation", &[GROUND, &["assistant"]]),
    ("tui", &[GROUND, &["assistant"]]),
    ("cli", &[GROUND, &["assistant", "evaluation"]]),
    ("mcp", &[GROUND, &["assistant"]]),
    ("completion", &[GROUND, ONE_AND_TWO, THREE_TO_FIVE]),
    ("config", &[GROUND, ONE_AND_TWO, THREE_TO_FIVE]),
    ("logging", &[GROUND, ONE_AND_TWO, THREE_TO_FIVE]),
    ("lib", &[GROUND, ONE_AND_TWO, THREE_TO_FIVE]),
    ("main", &[GROUND, ONE_AND_TWO, THREE_TO_FIVE]),
];
const ONE_AND_TWO: &[&str] = &[
    "runtime",
    "encoder",
    "reader",
    "memory",
    "index",
    "import",
    "export",
    "retrieval",
    "decoder",
];
const THREE_TO_FIVE: &[&str] =
    &["assistant", "evaluation", "tui", "cli", "mcp", "config", "logging"];

/// Library → the one room that knows it.
const LIBRARIES: &[(&str, &str)] = &[
    ("ratatui", "tui"),
    ("pulldown_cmark", "tui"),
    ("syntect", "tui"),
    ("two_face", "tui"),
    ("frizbee", "tui"),
    ("terminal_colorsaurus", "tui"),
    ("crossterm", "tui"),
    ("rusqlite", "memory"),
    ("fastembed", "encoder"),
    ("ort", "runtime"),
    ("tokenizers", "reader"),
    ("clap", "cli"),
    ("clap_complete", "cli"),
    ("clap_mangen", "cli"),
    ("indicatif", "cli"),
    ("zip", "import"),
    ("csv", "import"),
    ("html5gum", "import"),
    ("mail_parser", "import"),
    ("serde_saphyr", "import"),
    ("rmcp", "mcp"),
    ("notify", "import"),
    ("tokio", "mcp"),
];

/// The one file outside of `memory` that knows SQL and rusqlite: it reads the databases of other
/// programs, which importing may not do through the memory.
const FOREIGN_DATABASES: &str = "import/reading/database.rs";

/// How a statement of SQL begins. Prose does not shout.
const SQL: &[&str] = &[
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "DELETE FROM ",
    "REPLACE INTO ",
    "CREATE TABLE",
    "CREATE INDEX",
    "CREATE VIRTUAL",
    "DROP TABLE",
    "PRAGMA ",
    "BEGIN IMMEDIATE",
    "ATTACH ",
    "VACUUM",
];

#[test]
fn arrows_point_down_only() {
    let mut wrong = String::new();
    let sources = sources();
    assert!(sources.len() > 50, "src was not found");
    for (file, text) in &sources {
        for fault in faults(file, text) {
            let _ = writeln!(wrong, "{fault}");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn what_formats_share_knows_no_format() {
    let upwards = |text: &str| text.contains("formats::") || text.contains("mod formats");
    for (file, text) in sources().iter().filter(|(file, _)| file.starts_with("import/reading/")) {
        assert!(!upwards(text), "{file} uses a format");
    }
    assert!(sources().iter().any(|(file, _)| file.starts_with("import/reading/")));
    assert!(upwards("use crate::import::formats::irc;"));
}

#[test]
fn every_room_stands_in_the_table() {
    for (file, _) in sources() {
        assert!(may_use(room_of(&file)).is_some(), "{file} is of a room without a row");
    }
}

#[test]
fn migrations_say_why() {
    let folder = root().join("migrations");
    let mut names: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    for (number, path) in (1..).zip(&names) {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with(&format!("{number:04}_")), "{name} is not number {number}");
        assert!(says_why(&fs::read_to_string(path).unwrap()), "{name} has no header that says why");
    }
    assert!(!names.is_empty());
    assert!(!says_why("CREATE TABLE t (x) STRICT;\n-- Why: because.\n"));
    assert!(!says_why("-- A table.\nCREATE TABLE t (x) STRICT;\n"));
}

/// A header is a comment before the first statement: what it makes, and after `Why` the reason.
fn says_why(sql: &str) -> bool {
    let header: Vec<&str> = sql.lines().take_while(|line| line.starts_with("--")).collect();
    header.len() >= 3 && header.join(" ").contains("Why")
}

#[test]
fn invented_faults_are_seen() {
    for (file, text, expected) in [
        ("memory/turns.rs", "use crate::retrieval::Retriever;", "memory may not use retrieval"),
        ("memory/mod.rs", "use crate::{conversation::Turn, cli::Cli};", "memory may not use cli"),
        ("index/flat.rs", "fn f() { crate::memory::open(); }", "index may not use memory"),
        ("conversation/turn.rs", "use crate::evidence::Hit;", "conversation may not use evidence"),
        ("evidence.rs", "use super::memory::Memory;", "evidence may not use memory"),
        ("cli/mod.rs", "pub(crate) use super::memory;", "cli may not use memory"),
        (
            "import/reading/json/mod.rs",
            "use super::super::super::memory::M;",
            "import may not use memory",
        ),
        ("cli/ask.rs", "mod tests { use super::super::super::index::I; }", "cli may not use index"),
        ("tui/view/chat.rs", "use crate::decoder::Decoder;", "tui may not use decoder"),
        ("evaluation/asking.rs", "use crate::memory::M;", "evaluation may not use memory"),
        ("assistant/mod.rs", "use crate::evaluation::Run;", "assistant may not use evaluation"),
        ("cli/mod.rs", "use ratatui::Frame;", "ratatui is for tui"),
        ("lib.rs", "fn f() { crossterm::terminal::size(); }", "crossterm is for tui"),
        ("assistant/mod.rs", "use rusqlite::Connection;", "rusqlite is for memory"),
        ("assistant/mod.rs", "const Q: &str = \"SELECT id FROM turns\";", "SQL is for memory"),
        ("retrieval/mod.rs", "let q = r#\"\n  PRAGMA user_version\"#;", "SQL is for memory"),
        ("assistant/mod.rs", "fn f(e: fastembed::Error) {}", "fastembed is for encoder"),
        ("lib.rs", "fn f() { ort::init(); }", "ort is for runtime"),
        ("import/formats/llm.rs", "use rusqlite::Connection;", "rusqlite is for memory"),
        ("import/formats/llm.rs", "const Q: &str = \"SELECT id FROM turns\";", "SQL is for memory"),
        ("cli/mod.rs", "fn f() { println!(\"x\"); }", "println! prints past the output"),
        ("attic/mod.rs", "fn f() {}", "attic is not in the table"),
        ("memory/mod.rs", "use crate::attic::X;", "memory may not use attic"),
    ] {
        let found = faults(file, text);
        assert!(
            found.iter().any(|fault| fault.contains(expected)),
            "{file}: {text:?} gave {found:?}, not {expected:?}"
        );
    }
}

#[test]
fn what_is_allowed_is_no_fault() {
    for (file, text) in [
        ("memory/turns.rs", "use crate::conversation::Turn; // not crate::cli::Cli"),
        ("memory/turns.rs", "/* use crate::cli; /* nested */ crate::tui */ fn f() {}"),
        ("memory/mod.rs", "const Q: &str = \"SELECT 1\"; use rusqlite::Connection;"),
        ("import/reading/database.rs", "const Q: &str = \"SELECT 1\"; use rusqlite::Connection;"),
        ("decoder/mod.rs", "mod tests { use super::evidence::Found; }"),
        ("import/reading/json/records.rs", "use super::super::encoding::Charset;"),
        ("lib.rs", "use assistant::Assistant; use cli::Cli;"),
        (
            "cli/mod.rs",
            "const HELP: &str = \"crate::memory\"; fn f<'a>(x: &'a str, c: char) { c == '\"'; }",
        ),
        ("cli/mod.rs", "use super::assistant::Assistant;"),
        ("conversation/ids.rs", "use super::time::Timestamp; use std::fmt;"),
        ("tui/mod.rs", "use ratatui::Frame; use crate::tui::view;"),
    ] {
        assert_eq!(faults(file, text), Vec::<String>::new(), "{file}: {text:?}");
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of `src`, by its path below it.
fn sources() -> Vec<(String, String)> {
    let src = root().join("src");
    let mut folders = vec![src.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let name = path.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
                sources.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    sources.sort();
    sources
}

fn room_of(file: &str) -> &str {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs")
}

fn may_use(room: &str) -> Option<Vec<&'static str>> {
    let (_, groups) = TABLE.iter().find(|(name, _)| *name == room)?;
    Some(groups.iter().flat_map(|group| group.iter().copied()).collect())
}

/// How many modules a file's code lies below the crate's root.
fn depth_of(file: &str) -> usize {
    let parts = file.split('/').count();
    match file.rsplit('/').next() {
        Some("lib.rs" | "main.rs") if parts == 1 => 0,
        Some("mod.rs") => parts - 1,
        _ => parts,
    }
}

/// What a file does that its room may not do.
fn faults(file: &str, text: &str) -> Vec<String> {
    let room = room_of(file);
    let Some(may_use) = may_use(room) else {
        return vec![format!("{file}: {room} is not in the table")];
    };
    let tokens = tokens(text);
    let mut faults = Vec::new();
    for (line, target) in arrows(&tokens, depth_of(file)) {
        let inside = target == room || matches!(room, "lib" | "main");
        // `crate::run` is an arrow too: upwards, to the start.
        if !inside && !may_use.contains(&target.as_str()) {
            faults.push(format!("{file}:{line}: {room} may not use {target}"));
        }
    }
    for (place, (line, token)) in tokens.iter().enumerate() {
        match token {
            Token::Word(word) => {
                let path = path_sign(&tokens, place + 1);
                let first = place < 2 || !path_sign(&tokens, place - 2);
                for (library, home) in LIBRARIES {
                    let at_home = room == *home || wires(file, library);
                    if word == library && path && first && !at_home {
                        faults.push(format!("{file}:{line}: {library} is for {home}"));
                    }
                }
                if matches!(word.as_str(), "print" | "println" | "dbg")
                    && sign(&tokens, place + 1, '!')
                {
                    faults.push(format!("{file}:{line}: {word}! prints past the output"));
                }
            }
            Token::Text(text) => {
                let text = text.trim_start();
                let knows_sql = room == "memory" || file == FOREIGN_DATABASES;
                if !knows_sql && SQL.iter().any(|begin| text.starts_with(begin)) {
                    faults.push(format!("{file}:{line}: SQL is for memory"));
                }
            }
            Token::Sign(_) => {}
        }
    }
    faults
}

/// The start parses and completes the words of the command line with the libraries that declare
/// them; one file reads the databases of others.
fn wires(file: &str, library: &str) -> bool {
    matches!(
        (file, library),
        ("lib.rs" | "completion.rs", "clap")
            | ("completion.rs", "clap_complete")
            | (FOREIGN_DATABASES, "rusqlite")
    )
}

fn sign(tokens: &[(usize, Token)], place: usize, sign: char) -> bool {
    matches!(tokens.get(place), Some((_, Token::Sign(found))) if *found == sign)
}

fn word(tokens: &[(usize, Token)], place: usize) -> Option<&str> {
    match tokens.get(place) {
        Some((_, Token::Word(word))) => Some(word),
        _ => None,
    }
}

/// Every module of the crate's root that the code names, with its line.
fn arrows(tokens: &[(usize, Token)], depth: usize) -> Vec<(usize, String)> {
    let mut arrows = Vec::new();
    // For each open brace, whether it is that of an inline module.
    let mut open: Vec<bool> = Vec::new();
    let mut place = 0;
    while place < tokens.len() {
        match &tokens[place].1 {
            Token::Sign('{') => {
                let inline = place >= 2 && word(tokens, place - 2) == Some("mod");
                open.push(inline);
            }
            Token::Sign('}') => {
                open.pop();
            }
            Token::Word(first) if first == "crate" || first == "super" => {
                let below = depth + open.iter().filter(|inline| **inline).count();
                let mut ups = usize::from(first == "super");
                let mut next = place + 1;
                while path_sign(tokens, next) && word(tokens, next + 2) == Some("super") {
                    ups += 1;
                    next += 3;
                }
                let to_root = first == "crate" || ups >= below.max(1);
                if to_root && path_sign(tokens, next) {
                    arrows.extend(heads(tokens, next + 2));
                }
                place = next;
                continue;
            }
            _ => {}
        }
        place += 1;
    }
    arrows
}

fn path_sign(tokens: &[(usize, Token)], place: usize) -> bool {
    sign(tokens, place, ':') && sign(tokens, place + 1, ':')
}

/// The first names of a path or of a group of paths.
fn heads(tokens: &[(usize, Token)], place: usize) -> Vec<(usize, String)> {
    if let Some(name) = word(tokens, place) {
        return vec![(tokens[place].0, name.to_owned())];
    }
    let mut heads = Vec::new();
    if !sign(tokens, place, '{') {
        return heads;
    }
    let mut nested = 0;
    let mut expects = false;
    for (line, token) in &tokens[place..] {
        match token {
            Token::Sign('{') => {
                nested += 1;
                expects = nested == 1;
            }
            Token::Sign('}') => {
                nested -= 1;
                if nested == 0 {
                    break;
                }
            }
            Token::Sign(',') => expects = nested == 1,
            Token::Word(name) if expects => {
                heads.push((*line, name.clone()));
                expects = false;
            }
            _ => {}
        }
    }
    heads
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    /// What a string literal holds, escapes untouched.
    Text(String),
    Sign(char),
}

/// The tokens of Rust source, with their lines; comments are left out.
fn tokens(source: &str) -> Vec<(usize, Token)> {
    let chars: Vec<char> = source.chars().collect();
    let at = |place: usize| chars.get(place).copied().unwrap_or('\0');
    let mut tokens = Vec::new();
    let (mut place, mut line) = (0, 1);
    while place < chars.len() {
        let begin = place;
        let begin_line = line;
        match at(place) {
            '/' if at(place + 1) == '/' => {
                while place < chars.len() && at(place) != '\n' {
                    place += 1;
                }
            }
            '/' if at(place + 1) == '*' => {
                let mut nested = 0;
                loop {
                    match (at(place), at(place + 1)) {
                        ('/', '*') => (nested, place) = (nested + 1, place + 2),
                        ('*', '/') => (nested, place) = (nested - 1, place + 2),
                        _ => place += 1,
                    }
                    if nested == 0 || place >= chars.len() {
                        break;
                    }
                }
            }
            '"' => {
                place += 1;
                while place < chars.len() && at(place) != '"' {
                    place += if at(place) == '\\' { 2 } else { 1 };
                }
                place += 1;
                let text = chars[begin + 1..(place - 1).min(chars.len())].iter().collect();
                tokens.push((begin_line, Token::Text(text)));
            }
            'r' if at(place + 1) == '"'
                || (at(place + 1) == '#' && matches!(at(place + 2), '#' | '"')) =>
            {
                place += 1;
                let mut hashes = 0;
                while at(place) == '#' {
                    (hashes, place) = (hashes + 1, place + 1);
                }
                place += 1;
                let from = place;
                while place < chars.len()
                    && !(at(place) == '"' && (1..=hashes).all(|hash| at(place + hash) == '#'))
                {
                    place += 1;
                }
                let text = chars[from..place.min(chars.len())].iter().collect();
                tokens.push((begin_line, Token::Text(text)));
                place += 1 + hashes;
            }
            // A character, not a lifetime.
            '\'' if at(place + 1) == '\\' || at(place + 2) == '\'' => {
                place += if at(place + 1) == '\\' { 3 } else { 2 };
                while place < chars.len() && at(place) != '\'' {
                    place += 1;
                }
                place += 1;
            }
            c if c.is_alphanumeric() || c == '_' => {
                while at(place).is_alphanumeric() || at(place) == '_' {
                    place += 1;
                }
                // The prefix of a byte or C string.
                let word: String = chars[begin..place].iter().collect();
                if matches!(word.as_str(), "b" | "c") && at(place) == '"' {
                    continue;
                }
                if matches!(word.as_str(), "br" | "cr") && matches!(at(place), '"' | '#') {
                    place -= 1;
                    continue;
                }
                tokens.push((begin_line, Token::Word(word)));
            }
            c => {
                if !c.is_whitespace() {
                    tokens.push((begin_line, Token::Sign(c)));
                }
                place += 1;
            }
        }
        line += chars[begin..place.min(chars.len())].iter().filter(|c| **c == '\n').count();
    }
    tokens
}
