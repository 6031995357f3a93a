//! A day's use in one process, watched for what grows: memory, open files, and files beside the
//! memory.

use super::program::Home;
use crate::kill::number;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

/// How much a process holds: resident memory in KiB, open files.
#[cfg(target_os = "linux")]
fn held(process: u32) -> (u64, usize) {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let resident = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    let open = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap().count();
    (resident, open)
}

/// The names of the files of a home that are not a cache.
fn files(home: &Home) -> Vec<String> {
    let entries = std::fs::read_dir(home.path("")).unwrap().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

/// Statements and questions, one after the other, in a process that stays. `RECOUNT_SOAK=5000` goes
/// on for so many of both.
#[test]
#[cfg(target_os = "linux")]
fn a_long_conversation_leaks_nothing() {
    /// The models are loaded and the caches are full by then.
    const WARM: u64 = 60;
    /// What a few hundred turns may add: their words, embeddings and pages.
    const GROWS: u64 = 48 << 10;
    let rounds = number("RECOUNT_SOAK").unwrap_or(160).max(WARM + 20);
    let home = Home::new();
    let mut command = home.command();
    command.args(["say", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut talking = command.stderr(Stdio::null()).spawn().unwrap();
    let mut to = talking.stdin.take().unwrap();
    let mut from = BufReader::new(talking.stdout.take().unwrap()).lines();
    let mut say = |text: &str| -> Value {
        writeln!(to, "{}", json!({"text": text})).unwrap();
        to.flush().unwrap();
        serde_json::from_str(&from.next().unwrap().unwrap()).unwrap()
    };
    let mut warm = None;
    for round in 0..rounds {
        let (colour, place) = (["red", "blue", "green"][round as usize % 3], round % 50);
        let told = say(&format!("The lamp in room {place} is {colour} since day {round}."));
        assert!(told.get("error").is_none(), "{told}");
        let asked = say(&format!("Which colour is the lamp in room {place}?"));
        assert!(asked.get("error").is_none(), "{asked}");
        if round == WARM {
            warm = Some((held(talking.id()), files(&home)));
        }
    }
    let ((resident, open), beside) = warm.unwrap();
    let (resident_now, open_now) = held(talking.id());
    assert_eq!(files(&home), beside);
    assert!(open_now <= open + 1, "{open} open files became {open_now}");
    // Turns that are added take room of their own.
    let allowed = resident + GROWS + rounds * 16;
    assert!(resident_now <= allowed, "{resident} KiB became {resident_now}");
    drop(to);
    assert!(talking.wait().unwrap().success());
    let checked = home.json(["check", "--json"]);
    assert_eq!(checked["ok"], true, "{checked}");
}
