//! Reviewing from the shell: sessions, export, forget, stats.

use crate::program::{Home, finish};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// Two sessions of two people, and one with a model that thought aloud and was asked again.
fn home() -> Home {
    let home = Home::new();
    let garden = json!([{"sample_id": "garden", "qa": [], "conversation": {
        "speaker_a": "Mira", "speaker_b": "Jonas",
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_1": [
            {"speaker": "Mira", "dia_id": "D1:1", "text": "I adopted a greyhound called Pepper yesterday!"},
            {"speaker": "Jonas", "dia_id": "D1:2", "text": "Lovely. I am learning to repair clocks."}],
        "session_2_date_time": "10:00 am on 2 June, 2023",
        "session_2": [
            {"speaker": "Jonas", "dia_id": "D2:1", "text": "My first clock ticks again, an oak one from 1890."}]}}]);
    let node = |id: &str, parent: &str, children: &[&str], role: &str, content: Value| {
        json!({"id": id, "parent": parent, "children": children, "message": {
            "id": id, "author": {"role": role}, "create_time": 1_714_900_000.0,
            "content": content, "metadata": {}}})
    };
    let text = |text: &str| json!({"content_type": "text", "parts": [text]});
    let bread = json!([{"id": "conv-1", "title": "Bread", "create_time": 1_714_900_000.0,
    "current_node": "m3", "mapping": {
        "root": {"id": "root", "parent": null, "children": ["m1"], "message": null},
        "m1": node("m1", "root", &["m2", "m4"], "user", text("Which <b>flour</b> for rye?")),
        "m2": node("m2", "m1", &["m3"], "assistant",
            json!({"content_type": "thoughts", "thoughts": [{"content": "They bake."}]})),
        "m3": node("m3", "m2", &[], "assistant", text("Type 1150.")),
        "m4": node("m4", "m1", &[], "assistant", text("Any flour will do.")),
    }}]);
    for (name, file) in [("garden.json", garden), ("bread.json", bread)] {
        let path = home.file(name, file.to_string());
        finish(home.command().arg("import").arg(path), "").expect(0);
    }
    home
}

fn ids(home: &Home, args: &[&str]) -> Vec<i64> {
    let all = ["sessions", "list", "--json"].iter().chain(args).copied();
    let listed = home.run(all).json();
    listed["sessions"].as_array().unwrap().iter().map(|s| s["session"].as_i64().unwrap()).collect()
}

#[test]
fn sessions_are_named_tagged_pinned_and_found_by_it() {
    let home = home();
    assert_eq!(ids(&home, &[]), [3, 2, 1]);
    home.run(["sessions", "rename", "2", "Clock work"]).expect(0);
    home.run(["sessions", "tag", "2", "Old Things", "#craft"]).expect(0);
    home.run(["sessions", "tag", "1", "craft"]).expect(0);
    home.run(["sessions", "pin", "1"]).expect(0);
    for (args, expected) in [
        (&[][..], &[1, 3, 2][..]),
        (&["clock work"], &[2]),
        (&["--tag", "craft"], &[1, 2]),
        (&["--pinned"], &[1]),
        (&["--text", "rye flour"], &[3]),
        (&["--speaker", "jonas", "--sort", "turns"], &[1, 2]),
        (&["--source", "chatgpt"], &[3]),
        (&["--until", "2023-05"], &[1]),
        (&["--since", "2023-06", "--until", "2023"], &[2]),
        (&["--sort", "title"], &[3, 2, 1]),
        (&["--sort", "created", "--reverse", "-n", "2"], &[1, 2]),
    ] {
        assert_eq!(ids(&home, args), expected, "{args:?}");
    }
    let table = home.run(["sessions", "list", "--tag", "craft"]).expect(0).out;
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("*      1  8 May 2023"), "{table}");
    assert!(lines[1].ends_with("Clock work #craft #old-things"), "{table}");
    home.run(["sessions", "rename", "2", "--clear"]).expect(0);
    home.run(["sessions", "tag", "2", "-r", "craft"]).expect(0);
    home.run(["sessions", "pin", "1", "--off"]).expect(0);
    let two = home.json(["sessions", "show", "2", "--json"]);
    assert_eq!(
        (&two["name"], &two["tags"], &two["pinned"]),
        (&Value::Null, &json!(["old-things"]), &json!(false))
    );
    for args in [
        &["rename", "9", "x"][..],
        &["tag", "9", "x"],
        &["pin", "9"],
        &["merge", "1", "9"],
        &["delete", "9", "--yes"],
    ] {
        let ran = home.run(["sessions"].iter().chain(args)).expect(1);
        assert!(ran.err.contains("session 9 not found"), "{ran:?}");
    }
    home.run(["sessions", "rename", "1", " "]).expect(2);
    home.run(["sessions", "tag", "1", "#"]).expect(2);
}

#[test]
fn folded_turns_and_branches_are_shown_on_request() {
    let home = home();
    let shown =
        |args: &[&str]| home.run(["sessions", "show", "3"].iter().chain(args)).expect(0).out;
    let plain = shown(&[]);
    assert!(plain.contains("Type 1150.") && !plain.contains("They bake."), "{plain}");
    assert!(
        plain.contains("1 turn hidden") && plain.contains("1 turn on other branches"),
        "{plain}"
    );
    let folded = shown(&["--folded"]);
    assert!(folded.contains("They bake.") && folded.contains(", reasoning"), "{folded}");
    let branches = shown(&["--branches"]);
    assert!(branches.contains("Any flour") && branches.contains(", another branch"), "{branches}");
    let all = home.json(["sessions", "show", "3", "--json"]);
    assert_eq!(all["turns"].as_array().unwrap().len(), 4);
}

#[test]
fn merged_sessions_are_one_and_deleted_ones_gone() {
    let home = home();
    home.run(["sessions", "merge", "2", "1"]).expect(0);
    let merged = home.json(["sessions", "show", "2", "--json"]);
    let texts: Vec<&str> = merged["turns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t["source_id"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["D1:1", "D1:2", "D2:1"]);
    home.run(["sessions", "merge", "2", "2"]).expect(1);
    let look = home.run(["sessions", "delete", "2", "--dry-run"]).expect(0);
    assert!(look.out.contains("3 turns in 1 session, 1 of them entirely"), "{look:?}");
    let refused = home.run(["sessions", "delete", "2"]).expect(2);
    assert!(refused.err.contains("--yes"), "{refused:?}");
    assert_eq!(ids(&home, &[]), [3, 2]);
    home.run(["sessions", "delete", "2", "--yes"]).expect(0);
    assert_eq!(ids(&home, &[]), [3]);
}

#[test]
fn exports_hold_what_is_asked_for() {
    let home = home();
    let everything = home.json(["export", "--format", "json"]);
    assert_eq!((&everything["format"], &everything["version"]), (&json!("recount"), &json!(1)));
    let sessions = everything["sessions"].as_array().unwrap();
    let counts: Vec<usize> =
        sessions.iter().map(|s| s["turns"].as_array().unwrap().len()).collect();
    assert_eq!(counts, [2, 1, 4]);
    assert_eq!(sessions[0]["turns"][0]["text"], "I adopted a greyhound called Pepper yesterday!");

    let nowhere = home.run(["export", "-o", home.path("no/x.md").to_str().unwrap()]).expect(1);
    assert!(nowhere.err.contains("x.md: No such file or directory"), "{nowhere:?}");

    let odd = home.path("odd.csv");
    let refused = home.run(["export", "-o", odd.to_str().unwrap()]).expect(2);
    assert!(refused.err.contains(".csv; use --format with one of: markdown, json"), "{refused:?}");
    assert!(!odd.exists());
    home.run(["export", "--format", "jsonl", "-o", odd.to_str().unwrap()]).expect(0);

    let one = home.run(["export", "--session", "3"]).expect(0).out;
    assert!(one.starts_with("<!-- exported by recount -->\n\n# Bread\n"), "{one}");
    assert!(
        one.contains("### user (2024-05-05 09:06:40 UTC)\n\nWhich <b>flour</b> for rye?"),
        "{one}"
    );
    assert!(one.contains("2 folded turns or turns of other branches left out"), "{one}");
    let lines =
        home.run(["export", "--format", "jsonl", "--speaker", "Jonas"]).expect(0).json_lines();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["messages"][0]["name"], "Jonas");
    let found = home.json(["export", "--format", "json", "--search", "greyhound", "-k", "1"]);
    assert_eq!(found["query"], "greyhound");
    assert_eq!(found["sessions"][0]["turns"].as_array().unwrap().len(), 1);

    let page = home.path("all.html");
    finish(home.command().args(["export", "-o"]).arg(&page), "").expect(0);
    let html = fs::read_to_string(&page).unwrap();
    assert!(html.starts_with("<!doctype html>") && html.contains("&lt;b&gt;flour"), "{html}");
    let again = finish(home.command().args(["export", "-o"]).arg(&page), "").expect(1);
    assert!(again.err.contains("--force"), "{again:?}");
    finish(home.command().args(["export", "--force", "--format", "jsonl", "-o"]).arg(&page), "")
        .expect(0);
    assert!(fs::read_to_string(&page).unwrap().starts_with("{\"messages\""));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&page).unwrap().permissions().mode() & 0o777, 0o600);
    }

    let none = home.path("none.md");
    finish(home.command().args(["export", "--speaker", "Nobody", "-o"]).arg(&none), "").expect(3);
    assert!(!none.exists());
    home.run(["export", "--session", "77"]).expect(1);
    finish(home.command().args(["export", "-o"]).arg(home.path("no/such/folder.md")), "").expect(1);
    let left: Vec<PathBuf> =
        fs::read_dir(home.path("")).unwrap().map(|e| e.unwrap().path()).collect();
    assert!(
        !left.iter().any(|path| path.to_string_lossy().contains(".recount-export")),
        "{left:?}"
    );
}

#[test]
fn forgetting_asks_says_and_leaves_nothing() {
    let home = home();
    home.run(["ask", "Which dog did Mira adopt?", "--remember"]).expect(0);
    let refused = home.run(["forget", "--yes"]).expect(2);
    assert!(refused.err.contains("choose what to delete"), "{refused:?}");
    assert!(home.run(["forget", "--text", "greyhound"]).expect(2).err.contains("--yes"));
    home.run(["forget", "--text", "no such thing", "--yes"]).expect(3);
    home.run(["forget", "--text", " ", "--yes"]).expect(2);

    let bytes = |home: &Home| {
        let mut all = Vec::new();
        for entry in fs::read_dir(home.path("")).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_string_lossy().starts_with("memory.db") {
                all.extend(fs::read(path).unwrap().to_ascii_lowercase());
            }
        }
        all
    };
    let stands =
        |home: &Home, what: &str| bytes(home).windows(what.len()).any(|w| w == what.as_bytes());
    let looked = home.json(["forget", "--text", "greyhound", "--dry-run", "--json"]);
    assert_eq!((&looked["forgotten"], &looked["dry_run"]), (&json!(false), &json!(true)));
    assert!(looked["turns"].as_array().unwrap().contains(&json!(1)));
    assert!(stands(&home, "greyhound") && stands(&home, "pepper"));
    let draft = home.file("memory.db-draft", "About the greyhound: ");
    let ran = home.run(["forget", "--text", "greyhound", "--yes"]).expect(0);
    assert!(
        ran.out.contains("greyhound called Pepper") && ran.err.contains("permanently deleted"),
        "{ran:?}"
    );
    assert!(!stands(&home, "greyhound") && !stands(&home, "reyhound"));
    assert!(!draft.exists());
    // The answer rested on it: it went along.
    assert!(!stands(&home, "pepper"));
    assert_eq!(
        home.run(["search", "greyhound", "--json"]).json()["hits"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|hit| hit["text"].as_str().unwrap().contains("greyhound"))
            .count(),
        0
    );

    let done = home.json(["forget", "--speaker", "jonas", "--since", "2023-06", "--yes", "--json"]);
    assert_eq!((&done["forgotten"], &done["log_emptied"]), (&json!(true), &json!(true)));
    assert!(!stands(&home, "oak one from 1890") && stands(&home, "repair clocks"));
    home.run(["forget", "--source", "locomo", "--yes"]).expect(0);
    assert!(!stands(&home, "jonas"));
    let by_meaning =
        home.json(["forget", "--meaning", "Which flour is right for rye?", "--dry-run", "--json"]);
    assert!(!by_meaning["turns"].as_array().unwrap().is_empty(), "{by_meaning}");
}

#[test]
fn figures_are_told_as_tables_and_as_json() {
    let home = home();
    let stats = home.json(["stats", "--json", "--tz", "UTC"]);
    assert_eq!(
        (&stats["sessions"], &stats["turns"], &stats["folded"]),
        (&json!(3), &json!(6), &json!(1))
    );
    assert_eq!(stats["months"][0], json!({"month": "2023-05", "turns": 2}));
    assert_eq!(stats["months"].as_array().unwrap().len(), 13);
    assert_eq!(stats["hours"][13], 2);
    let topics = stats["topics"].as_array().unwrap();
    assert!(topics.iter().any(|one| one["name"] == "clock" && one["turns"] == 2), "{topics:?}");
    assert_eq!(stats["sources"][0], json!({"name": "chatgpt", "turns": 3, "sessions": 1}));
    let size = fs::metadata(home.memory()).unwrap().len();
    assert_eq!(stats["bytes"]["total"], size);
    let table = home.run(["stats"]).expect(0).out;
    assert!(table.contains("2023-05") && table.contains("Mira") && !table.contains('█'), "{table}");
    let charts = home.run(["stats", "--charts"]).expect(0).out;
    assert!(charts.contains('█') && !charts.contains('\u{1b}'), "{charts}");
    let none = Home::new().run(["stats"]).expect(1);
    assert!(none.err.contains("no memory at"), "{none:?}");
    home.run(["stats", "--tz", "Nowhere"]).expect(2);
}

#[test]
fn what_was_forgotten_or_merged_is_known_when_it_is_imported_again() {
    let home = home();
    let again = |args: &[&str]| {
        let mut command = home.command();
        command.arg("import").arg(home.path("garden.json")).args(args).arg("--json");
        finish(&mut command, "").expect(0).json()
    };
    home.run(["sessions", "merge", "1", "2"]).expect(0);
    home.run(["forget", "--text", "greyhound", "--yes"]).expect(0);
    assert_eq!(again(&[])["messages"]["new"], 0);
    assert_eq!(ids(&home, &[]), [3, 1]);
    let all = home.run(["export", "--session", "1"]).expect(0).out;
    assert!(!all.contains("greyhound") && all.contains("repair clocks"), "{all}");
    // All of it forgotten, nothing comes back either.
    home.run(["sessions", "delete", "1", "--yes"]).expect(0);
    assert_eq!(again(&[])["messages"]["new"], 0);
    assert_eq!(ids(&home, &[]), [3]);
}

#[test]
fn markdown_comes_back_as_it_went() {
    let home = home();
    let file = home.path("all.md");
    finish(home.command().args(["export", "-o"]).arg(&file), "").expect(0);
    let other = Home::new();
    finish(other.command().arg("import").arg(&file), "").expect(0);
    let said = |home: &Home| -> Vec<(String, String, Value)> {
        let all = home.json(["export", "--format", "json"]);
        let sessions = all["sessions"].as_array().unwrap().clone();
        let turns = sessions.iter().flat_map(|session| session["turns"].as_array().unwrap());
        turns
            .filter(|turn| turn["kind"] == "message" && turn["on_active_path"] == true)
            .map(|turn| {
                let text = |field: &str| turn[field].as_str().unwrap().to_owned();
                (text("speaker"), text("text"), turn["said_at"].clone())
            })
            .collect()
    };
    assert_eq!(said(&other), said(&home));
}

/// Notes from elsewhere are found by their source, and what a format leaves out is not counted.
#[test]
fn notes_have_a_source_and_exports_count_what_they_hold() {
    let home = Home::new();
    let log = "commit 1f2e\n\n    kettle: boil the water first";
    home.run_with(log, ["remember", "--stdin", "--source", "git"]).expect(0);
    let found = home.json(["search", "kettle", "--source", "git", "--json"]);
    assert_eq!(found["hits"][0]["text"], log);
    assert_eq!(found["hits"][0]["session_title"], "Notes from git");
    for wrong in ["", "chat", "Git hub"] {
        let ran = home.run(["remember", "x", "--source", wrong]).expect(1);
        assert!(ran.err.contains("not a valid source"), "{ran:?}");
    }
    home.run_with("Piped in.", ["remember"]).expect(0);
    home.run(["remember"]).expect(1);

    home.run(["import", "tests/fixtures/import/claude_code"]).expect(0);
    let (page, whole) = (home.path("a.md"), home.path("a.json"));
    let page = home.run(["export", "-o", page.to_str().unwrap()]).expect(0);
    let whole = home.run(["export", "-o", whole.to_str().unwrap()]).expect(0);
    let turns = |ran: &crate::program::Ran| -> u64 {
        let words = ran.err.split("exported ").nth(1).unwrap();
        words.split(' ').next().unwrap().parse().unwrap()
    };
    assert!(turns(&page) < turns(&whole), "{page:?} {whole:?}");
}

/// An export with what only one memory knows replaced: ids by the order in which they stand.
fn comparable(home: &Home, name: &str) -> Value {
    let path = home.path(name);
    home.run(["export", "--secrets", "-o", path.to_str().unwrap()]).expect(0);
    let mut whole: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    whole["exported_at"] = Value::Null;
    let mut order = std::collections::HashMap::new();
    for session in whole["sessions"].as_array().unwrap() {
        for turn in session["turns"].as_array().unwrap() {
            let next = order.len();
            order.insert(turn["turn"].as_i64().unwrap(), next);
        }
    }
    let place = |id: &Value| id.as_i64().map_or(Value::Null, |id| json!(order.get(&id)));
    for (number, session) in whole["sessions"].as_array_mut().unwrap().iter_mut().enumerate() {
        session["session"] = json!(number);
        session["forked_from"] = place(&session["forked_from"]);
        for turn in session["turns"].as_array_mut().unwrap() {
            turn["turn"] = place(&turn["turn"]);
            if !turn["question"].is_null() {
                turn["question"] = place(&turn["question"]);
            }
            for citation in turn["citations"].as_array_mut().unwrap() {
                citation["turn"] = place(&citation["turn"]);
            }
        }
    }
    whole
}

/// Everything that memory keeps of what was said comes back from our own JSON.
#[test]
fn a_memory_comes_back_from_its_own_export() {
    let home = home();
    home.run(["import", "tests/fixtures/import/claude_code", "tests/fixtures/garden.md"]).expect(0);
    home.run(["remember", "Pepper sleeps in the kitchen."]).expect(0);
    home.run(["remember", "--primer", "I am Mira, a gardener."]).expect(0);
    home.run(["ask", "Where does Pepper sleep?", "--remember"]).expect(0);
    home.run(["sessions", "rename", "1", "Allotment"]).expect(0);
    home.run(["sessions", "tag", "1", "garden", "spring"]).expect(0);
    home.run(["sessions", "pin", "1"]).expect(0);
    home.run(["sessions", "merge", "1", "2"]).expect(0);
    home.run(["forget", "--text", "learning to repair", "--yes"]).expect(0);
    let before = comparable(&home, "before.json");
    let sessions = before["sessions"].as_array().unwrap();
    assert!(sessions.len() > 3 && sessions.iter().any(|one| one["merged"] != json!([])));
    let cited = |turn: &Value| turn["citations"] != json!([]);
    let mut turns = sessions.iter().flat_map(|one| one["turns"].as_array().unwrap());
    assert!(turns.any(cited), "no answer with its citations");

    let other = Home::new();
    let file = home.path("before.json");
    let told = other.run(["import", file.to_str().unwrap()]).expect(0).out;
    // Questions and answers were said; only reasoning and tools are folded.
    assert!(told.contains("tool kept folded") && !told.contains("answer kept folded"), "{told}");
    // What was forgotten is no example.
    let again = home.run(["import", "tests/fixtures/garden.md"]).expect(0).out;
    assert!(again.contains("--again brings it back\n"), "{again}");
    assert_eq!(comparable(&other, "after.json"), before);
    // Once more changes nothing, on either of them.
    for home in [&home, &other] {
        let again = home.json(["import", "--json", file.to_str().unwrap()]);
        assert_eq!(again["messages"]["new"], 0, "{again}");
        assert_eq!(comparable(home, "again.json"), before);
    }
}
