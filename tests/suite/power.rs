//! The power goes, or the disk fails: nothing acknowledged is lost, and what is there is whole.
//!
//! A child records every write below SQLite while turns are appended, imported, encoded and forgotten.
//! The record is played back up to many instants; at each the power goes: what was not synced is
//! there, is not, or is torn. What is left is opened and checked. The same harness with syncing made to
//! do nothing must find losses. `RECOUNT_CUTS` sets the number of instants, `RECOUNT_KILL_SEED` the seed.

use crate::disk::{self, Disk, Event};
use crate::kill::{Numbers, assistant, damage, number};
use recount::assistant::{Assistant, Cancel, ForgetFilter, ImportOptions};
use recount::conversation::TurnId;
use recount::memory::Memory;
use rusqlite::ffi;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Says to this binary that it is the child: what it does.
const WAY: &str = "RECOUNT_POWER_WAY";
const NOTES: usize = 24;

/// Runs a part of these tests in a process of its own: the layer is below all of its databases.
fn apart(way: &str) {
    let ran = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "power::child", "--nocapture", "--test-threads=1"])
        .env(WAY, way)
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && err.contains("the child was here"), "{err}");
}

/// The child's side. Does nothing where nobody asks it to.
#[test]
fn child() {
    use std::io::Write as _;
    let Ok(way) = std::env::var(WAY) else { return };
    disk::insert();
    match way.as_str() {
        "power" => power(),
        "input-output" => faults(ffi::SQLITE_IOERR_WRITE, "disk I/O error"),
        "full" => faults(ffi::SQLITE_FULL, "full"),
        _ => panic!("{way}?"),
    }
    std::io::stderr().write_all(b"the child was here\n").unwrap();
}

#[test]
fn nothing_acknowledged_is_lost_when_the_power_goes() {
    apart("power");
}

#[test]
fn a_disk_that_fails_costs_nothing_that_was_acknowledged() {
    apart("input-output");
}

#[test]
fn a_disk_that_is_full_at_any_write_costs_nothing_that_was_acknowledged() {
    apart("full");
}

fn note(number: usize) -> String {
    format!("Lantern number {number} hangs in room {}.", number % 7)
}

fn conversation(number: usize) -> serde_json::Value {
    let said: Vec<_> = (0..12)
        .map(|turn| json!({"role": "user", "content": format!("Rope {number} has knot {turn}.")}))
        .collect();
    json!([{"id": format!("rope-{number}"), "messages": said}])
}

/// Does a bit of everything that writes, and tells what is acknowledged.
fn work(assistant: &Assistant, folder: &Path, tell: &mut dyn FnMut(String)) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| error.to_string();
    let mut last = None;
    for number in 0..NOTES {
        let turn = assistant.remember(&note(number)).map_err(|error| failed(&error))?;
        tell(format!("turn {turn} {}", note(number)));
        if number % 8 == 7 {
            let file = folder.join(format!("rope-{number}.json"));
            std::fs::write(&file, conversation(number).to_string()).unwrap();
            assistant
                .import(&[file], &ImportOptions::default(), &Cancel::new(), &mut |_| ())
                .map_err(|error| failed(&error))?;
            tell(format!("imported rope-{number}"));
            assistant
                .encode_pending(&Cancel::new(), &mut |_, _| ())
                .map_err(|error| failed(&error))?;
        }
        if number % 12 == 11 {
            let forgotten: TurnId = last.unwrap();
            tell(format!("going {forgotten}"));
            let filter = ForgetFilter { turns: Some(vec![forgotten]), ..ForgetFilter::default() };
            let chosen = assistant.choose(&filter, None).map_err(|error| failed(&error))?;
            assistant.forget(&chosen).map_err(|error| failed(&error))?;
            tell(format!("gone {forgotten}"));
        }
        last = Some(turn);
    }
    assistant.close();
    Ok(())
}

/// What a memory must hold and must not.
#[derive(Default)]
struct Promised {
    turns: BTreeMap<TurnId, String>,
    conversations: BTreeSet<String>,
    gone: BTreeSet<TurnId>,
}

impl Promised {
    fn told(&mut self, line: &str) {
        let words: Vec<&str> = line.splitn(3, ' ').collect();
        let id = || TurnId(words[1].parse().unwrap());
        match words[0] {
            "turn" => {
                self.turns.insert(id(), words[2].to_owned());
            }
            "imported" => {
                self.conversations.insert(words[1].to_owned());
            }
            "going" => {
                self.turns.remove(&id());
            }
            "gone" => {
                self.gone.insert(id());
            }
            _ => panic!("{line}?"),
        }
    }

    fn is_empty(&self) -> bool {
        self.turns.is_empty() && self.conversations.is_empty() && self.gone.is_empty()
    }

    /// What was promised of a memory and does not hold.
    fn broken(&self, path: &Path) -> Vec<String> {
        let memory = match Memory::open(path) {
            Ok(memory) => memory,
            Err(error) => return vec![error.to_string()],
        };
        let mut broken = Vec::new();
        for (id, text) in &self.turns {
            match memory.turn(*id) {
                Ok(Some(turn)) if turn.text == *text => {}
                found => broken.push(format!("turn {id}: {found:?}")),
            }
        }
        for id in &self.gone {
            if !matches!(memory.turn(*id), Ok(None)) {
                broken.push(format!("turn {id} is back"));
            }
        }
        let held = memory.sessions(&recount::memory::SessionQuery::default(), 0, 1_000);
        for name in &self.conversations {
            let found = held.iter().flatten().find(|one| one.source_id.as_ref() == Some(name));
            if found.is_none_or(|session| session.turns != 12) {
                broken.push(format!("conversation {name}: {found:?}"));
            }
        }
        drop(memory);
        broken.extend(damage(path));
        broken
    }
}

fn power() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("memory.db");
    disk::record();
    {
        let assistant = assistant(&path);
        assistant.wait_for_encoder();
        work(&assistant, home.path(), &mut disk::tell).unwrap();
    }
    let events = disk::recorded();
    let synced = events.iter().filter(|event| matches!(event, Event::Synced(_))).count();
    assert!(synced > NOTES, "{synced} syncs in {} events", events.len());
    let cuts = number("RECOUNT_CUTS").unwrap_or(150) as usize;
    let seed = number("RECOUNT_KILL_SEED").unwrap_or(1);
    assert_eq!(losses(&events, cuts, seed, false), [""; 0], "seed {seed}");
    // What cannot be seen is no proof.
    assert!(!losses(&events, cuts.min(60), seed, true).is_empty(), "no loss without a sync");
}

/// What was lost at which instant.
fn losses(events: &[Event], cuts: usize, seed: u64, deaf: bool) -> Vec<String> {
    let mut numbers = Numbers(seed);
    let mut disk = Disk::new(deaf);
    let mut promised = Promised::default();
    let mut lost = Vec::new();
    let mut done = 0;
    for (at, event) in events.iter().enumerate() {
        disk.happen(event);
        if let Event::Told(line) = event {
            promised.told(line);
        }
        // As many instants as are due by now, each with another luck.
        while done * events.len() < cuts * (at + 1) && done < cuts {
            done += 1;
            let left = disk.after_the_power_went(&mut |most| numbers.below(most));
            let folder = tempfile::tempdir().unwrap();
            for (name, bytes) in &left {
                std::fs::write(folder.path().join(name), bytes).unwrap();
            }
            let path = folder.path().join("memory.db");
            if promised.is_empty() && left.get("memory.db").is_none_or(Vec::is_empty) {
                continue;
            }
            for what in promised.broken(&path) {
                lost.push(format!("event {at} of {}, cut {done}: {what}", events.len()));
            }
        }
    }
    lost
}

/// Every change of the disk fails, one after the other: once, and from then on.
fn faults(code: std::ffi::c_int, says: &str) {
    let every = if number("RECOUNT_CUTS").is_some() { 1 } else { 23 };
    let mut met = 0;
    for for_good in [false, true] {
        let mut after = 0;
        loop {
            let home = tempfile::tempdir().unwrap();
            let path = home.path().join("memory.db");
            // The file is there: what fails is the work on it.
            let assistant = assistant(&path);
            assistant.wait_for_encoder();
            let mut promised = Promised::default();
            disk::fail(Some((after, code)), for_good);
            let ended = work(&assistant, home.path(), &mut |line| promised.told(&line));
            if let Err(error) = &ended {
                met += 1;
                assert!(error.contains(says) && !error.contains('\n'), "{error}");
                // Reading goes on.
                assistant.status().unwrap();
            }
            drop(assistant);
            let changes = disk::fail(None, false);
            assert_eq!(promised.broken(&path), [""; 0], "after {after} changes, {ended:?}");
            let again = crate::kill::assistant(&path);
            again.remember("The lantern is lit again.").unwrap();
            if ended.is_ok() && changes <= after {
                break;
            }
            after += every;
        }
    }
    assert!(met > 10, "only {met} faults were met");
}
