//! Nothing acknowledged is lost by `kill -9`, at whatever instant it comes.
//!
//! A child process, which is this test binary itself, appends to one memory and acknowledges each
//! append on its standard error only after it returned. It is killed round after round: after a
//! seeded number of acknowledgements, and then as soon as the write-ahead log has grown by a
//! seeded number of bytes, so that the kill falls into the middle of a transaction. Nothing sleeps.
//! `RECOUNT_KILLS` sets the number of rounds, `RECOUNT_KILL_SEED` the seed.

use crate::program::{Home, finish};
use recount::assistant::{Assistant, Cancel, EncoderSetup, ImportOptions, Outcome, Part, Setup};
use recount::conversation::{NewTurn, Role, SystemClock, Timestamp, TurnId};
use recount::decoder::Extractive;
use recount::encoder::HashingEncoder;
use recount::memory::{Memory, SessionQuery};
use rusqlite::Connection;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// Says to this binary that it is the child: how it writes.
const WAY: &str = "RECOUNT_KILL_WAY";
/// The memory's file, for the child.
const MEMORY: &str = "RECOUNT_KILL_MEMORY";
/// Which round it is, for the child: the words of no two rounds are the same.
const ROUND: &str = "RECOUNT_KILL_ROUND";

/// How many turns a conversation of an imported file has.
const TURNS: usize = 40;
const ENCODER: &str = "hashing-16";

/// The child's side. Does nothing where nobody asks it to.
#[test]
fn child() {
    let Ok(way) = std::env::var(WAY) else { return };
    let path = PathBuf::from(std::env::var(MEMORY).unwrap());
    let round = std::env::var(ROUND).unwrap();
    let acknowledge = |turn: TurnId, text: &str| {
        let line = format!("turn {turn} {text}\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    };
    match way.as_str() {
        "talk" => talk(&path, &round, &acknowledge),
        "import" => import(&path, &round),
        "hasty" => hasty(&path, &round, &acknowledge),
        "reindex" => reindex(&path),
        "migrate" => migrate(&path),
        _ => panic!("{way}?"),
    }
}

pub(crate) fn assistant(path: &Path) -> Assistant {
    Assistant::new(Setup {
        memory: Memory::open(path).unwrap(),
        encoder: EncoderSetup {
            name: ENCODER,
            dim: 16,
            start: Box::new(|| Ok(Arc::new(HashingEncoder::new(16)))),
        },
        reader: None,
        decoder: Box::<Extractive>::default(),
        clock: Arc::new(SystemClock),
    })
}

/// Says things and asks about them, as the screen does.
fn talk(path: &Path, round: &str, acknowledge: &dyn Fn(TurnId, &str)) {
    let assistant = assistant(path);
    let mut session = None;
    for number in 0.. {
        let text = if number % 4 == 3 {
            format!("What did I say about kettle {round}x{}?", number - 1)
        } else {
            format!("Kettle {round}x{number} stands on shelf {number}.")
        };
        let mut told = |part: Part| {
            if let Part::Stored { turn, .. } = part {
                acknowledge(turn, &text);
            }
        };
        let reply = assistant.say(session, &text, None, &Cancel::new(), &mut told).unwrap();
        session = Some(reply.session);
        if let Outcome::Answered { turn, .. } = reply.outcome {
            // Which words it answers with is not this test's business.
            acknowledge(turn, "");
        }
        if number % 16 == 15 {
            assistant.encode_pending(&Cancel::new(), &mut |_, _| ()).unwrap();
        }
    }
}

/// Imports a file that grows by one conversation each time, and makes its embeddings.
fn import(path: &Path, round: &str) {
    let assistant = assistant(path);
    let file = path.with_file_name(format!("growing-{round}.json"));
    let mut conversations = Vec::new();
    for number in 0.. {
        conversations.push(conversation(&format!("{round}x{number}")));
        std::fs::write(&file, json!(conversations).to_string()).unwrap();
        let options = ImportOptions::default();
        let report = assistant
            .import(std::slice::from_ref(&file), &options, &Cancel::new(), &mut |_| ())
            .unwrap();
        assert_eq!(report.messages.new, TURNS as u64);
        std::io::stderr().write_all(format!("imported {round}x{number}\n").as_bytes()).unwrap();
        if number % 3 == 2 {
            assistant.encode_pending(&Cancel::new(), &mut |_, _| ()).unwrap();
        }
    }
}

fn conversation(id: &str) -> serde_json::Value {
    let messages: Vec<_> = (0..TURNS)
        .map(|turn| {
            let role = if turn % 2 == 0 { "user" } else { "assistant" };
            json!({"role": role, "content": said(id, turn)})
        })
        .collect();
    json!({"id": id, "messages": messages})
}

fn said(conversation: &str, turn: usize) -> String {
    format!("Ladder {conversation} has rung number {turn}.")
}

/// Acknowledges first and appends afterwards: what the test must catch. After each acknowledgement
/// it waits for leave, so that the kill falls between the two in every run.
fn hasty(path: &Path, round: &str, acknowledge: &dyn Fn(TurnId, &str)) {
    let memory = Memory::open(path).unwrap();
    let now = Timestamp::from_millis(0).unwrap();
    let session = memory.begin_session("chat", None, now).unwrap();
    let first = memory.counts().unwrap().turns as i64 + 1;
    for number in 0.. {
        let text = format!("Promise {round}x{number}.");
        acknowledge(TurnId(first + number), &text);
        std::io::stdin().read_exact(&mut [0]).unwrap();
        let turn = NewTurn::message(Role::User, "user", &text);
        memory.append(session, &turn, None, now).unwrap();
    }
}

/// Makes words and embeddings anew, again and again.
fn reindex(path: &Path) {
    let assistant = assistant(path);
    let encoder = HashingEncoder::new(16);
    loop {
        assistant.reindex_words(&Cancel::new(), &mut |_| ()).unwrap();
        assistant.reindex_embeddings(&encoder, &Cancel::new(), &mut |_, _| ()).unwrap();
        std::io::stderr().write_all(b"reindexed\n").unwrap();
    }
}

/// Brings a memory to the newest schema, and waits to be killed.
fn migrate(path: &Path) {
    drop(Memory::open(path).unwrap());
    std::io::stderr().write_all(b"opened\n").unwrap();
    let _ = std::io::stdin().read_exact(&mut [0]);
}

/// A child at work.
pub(crate) struct Working {
    process: Child,
    acknowledged: Receiver<String>,
    leave: std::process::ChildStdin,
}

impl Working {
    pub(crate) fn start(way: &str, memory: &Path, round: usize) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::child", "--nocapture", "--test-threads=1"])
            .env(WAY, way)
            .env(MEMORY, memory)
            .env(ROUND, round.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap());
        let (sender, acknowledged) = channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            // The last line may be cut: only a whole one is an acknowledgement.
            while lines.read_line(&mut line).is_ok_and(|read| read > 0) && line.ends_with('\n') {
                let _ = sender.send(line.trim_end().to_owned());
                line.clear();
            }
        });
        let leave = process.stdin.take().unwrap();
        Self { process, acknowledged, leave }
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Takes acknowledgements until there are `count` of them.
    fn take(&self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.acknowledged.recv().expect("the child ended of itself")).collect()
    }

    /// Looks at the write-ahead log until it has grown by `bytes`, or another few acknowledgements
    /// came (a checkpoint lets it begin anew, and it does not grow).
    fn watch(&self, memory: &Path, bytes: u64, acknowledged: &mut Vec<String>) {
        let log = memory.with_extension("db-wal");
        let size = || std::fs::metadata(&log).map_or(0, |log| log.len());
        let (begin, most) = (size(), acknowledged.len() + 3);
        while size() < begin + bytes && acknowledged.len() < most {
            match self.acknowledged.try_recv() {
                Ok(line) => acknowledged.push(line),
                Err(TryRecvError::Empty) => std::thread::yield_now(),
                Err(TryRecvError::Disconnected) => panic!("the child ended of itself"),
            }
        }
    }

    /// Looks at a file until it has grown by `bytes` or something was acknowledged.
    pub(crate) fn watch_file(&self, file: &Path, bytes: u64) {
        let size = || std::fs::metadata(file).map_or(0, |log| log.len());
        let begin = size();
        while size() < begin + bytes && self.acknowledged.try_recv().is_err() {
            std::thread::yield_now();
        }
    }

    /// Kills it and returns what it had acknowledged and nobody had read yet.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.process.kill().unwrap();
        let status = self.process.wait().unwrap();
        assert!(!status.success());
        self.acknowledged.iter().collect()
    }
}

/// What must be in the memory.
#[derive(Default)]
struct Acknowledged {
    turns: BTreeMap<TurnId, String>,
    conversations: Vec<String>,
}

impl Acknowledged {
    fn add(&mut self, lines: &[String]) {
        for line in lines {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["imported", id] => self.conversations.push(id.to_owned()),
                ["turn", id, ..] => {
                    let id = id.parse().unwrap();
                    let text = line.splitn(3, ' ').nth(2).unwrap_or_default();
                    self.turns.insert(TurnId(id), text.to_owned());
                }
                _ => panic!("the child failed: {lines:#?}"),
            }
        }
    }

    fn count(&self) -> usize {
        self.turns.len() + self.conversations.len()
    }

    /// What was acknowledged and is not there.
    fn lost(&self, path: &Path) -> Vec<String> {
        let memory = Memory::open(path).unwrap();
        let mut lost = Vec::new();
        for (id, text) in &self.turns {
            match memory.turn(*id).unwrap() {
                Some(turn) if text.is_empty() || turn.text == *text => {}
                found => lost.push(format!("turn {id} {text:?}: {found:?}")),
            }
        }
        for id in &self.conversations {
            let found = memory.sessions(&SessionQuery::titled(id), 0, 10_000).unwrap();
            let session = found.iter().find(|one| one.source_id.as_ref() == Some(id));
            let turns = session.map(|one| memory.turns(one.id, 0, TURNS + 1).unwrap());
            let texts: Vec<_> = turns.into_iter().flatten().map(|turn| turn.text).collect();
            if texts != (0..TURNS).map(|turn| said(id, turn)).collect::<Vec<_>>() {
                lost.push(format!("conversation {id}: {} turns", texts.len()));
            }
        }
        lost
    }
}

/// What is wrong with the file as such.
pub(crate) fn damage(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut damage = Vec::new();
    let mut check = |what: &str, sql: &str, wanted: &str| {
        let found: Result<String, _> = connection.query_row(sql, [], |row| row.get(0));
        if found.as_deref() != Ok(wanted) {
            damage.push(format!("{what}: {found:?}"));
        }
    };
    check("integrity", "PRAGMA integrity_check", "ok");
    check(
        "turns said = embeddings + pending",
        "SELECT cast((SELECT count(*) FROM turns WHERE kind NOT IN ('reasoning', 'tool'))
                   - (SELECT count(*) FROM embeddings)
                   - (SELECT count(*) FROM pending_embeddings) AS TEXT)",
        "0",
    );
    check(
        "turns said = rows of words",
        "SELECT cast(count(*) AS TEXT) FROM
            (SELECT id FROM turns WHERE kind NOT IN ('reasoning', 'tool')) t
            FULL JOIN words_docsize w ON w.id = t.id WHERE t.id IS NULL OR w.id IS NULL",
        "0",
    );
    check(
        "no embedding is pending too",
        "SELECT cast(count(*) AS TEXT) FROM embeddings JOIN pending_embeddings USING (turn_id)",
        "0",
    );
    check(
        "totals of sessions",
        "SELECT cast(count(*) AS TEXT) FROM sessions s WHERE turn_count !=
            (SELECT count(*) FROM turns t WHERE t.session_id = s.id
                                            AND t.kind NOT IN ('reasoning', 'tool'))",
        "0",
    );
    check("references", "SELECT cast(count(*) AS TEXT) FROM pragma_foreign_key_check", "0");
    let words =
        connection.execute_batch("INSERT INTO words (words, rank) VALUES ('integrity-check', 0)");
    if let Err(error) = words {
        damage.push(format!("words: {error}"));
    }
    damage
}

/// Random numbers that are the same in every run (splitmix64).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

pub(crate) fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn nothing_acknowledged_is_lost() {
    let rounds = number("RECOUNT_KILLS").unwrap_or(25) as usize;
    let seed = number("RECOUNT_KILL_SEED").unwrap_or(1);
    let mut numbers = Numbers(seed);
    let home = Home::new();
    let memory = home.memory();
    let mut acknowledged = Acknowledged::default();
    for round in 0..rounds {
        let (way, most) = if round % 3 == 2 { ("import", 4) } else { ("talk", 30) };
        let child = Working::start(way, &memory, round);
        // The first rounds are killed early, also while the schema is being made.
        let at_least = numbers.below(if round < 3 { 2 } else { most }) as usize;
        let mut lines = child.take(at_least);
        child.watch(&memory, 1 + numbers.below(24 << 10), &mut lines);
        lines.extend(child.kill());
        acknowledged.add(&lines);
        assert_eq!(acknowledged.lost(&memory), [""; 0], "round {round}, {way}, seed {seed}");
        assert_eq!(damage(&memory), [""; 0], "round {round}, {way}, seed {seed}");
    }
    assert!(acknowledged.count() > rounds, "the child hardly worked");

    // Going on makes the embeddings that are left.
    let assistant = assistant(&memory);
    assert_eq!(assistant.encode_pending(&Cancel::new(), &mut |_, _| ()).unwrap(), 0);
    drop(assistant);
    assert_eq!(damage(&memory), [""; 0]);
}

/// The harness can fail: it sees a program that acknowledges before it appends.
#[test]
fn a_lost_turn_is_seen() {
    let home = Home::new();
    let memory = home.memory();
    let mut child = Working::start("hasty", &memory, 0);
    let mut acknowledged = Acknowledged::default();
    for _ in 0..3 {
        acknowledged.add(&child.take(1));
        child.leave.write_all(b".").unwrap();
    }
    // The third append is over when the fourth is promised.
    acknowledged.add(&child.take(1));
    acknowledged.add(&child.kill());
    assert_eq!(acknowledged.turns.len(), 4);
    let lost = acknowledged.lost(&memory);
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert!(lost[0].contains("Promise 0x3."), "{lost:?}");
    assert_eq!(damage(&memory), [""; 0]);
}

/// The harness can fail: each kind of damage is seen.
#[test]
fn damage_is_seen() {
    for (sql, expected) in [
        ("DELETE FROM pending_embeddings WHERE turn_id = 2", "turns said = embeddings"),
        ("DELETE FROM words_docsize WHERE id = 2", "rows of words"),
        ("UPDATE sessions SET turn_count = 7", "totals of sessions"),
        ("DELETE FROM words_data WHERE id > 10", "words"),
        ("UPDATE turns SET session_id = 99 WHERE id = 1", "references"),
    ] {
        let home = Home::new();
        let memory = Memory::open(&home.memory()).unwrap();
        let now = Timestamp::from_millis(0).unwrap();
        let session = memory.begin_session("chat", None, now).unwrap();
        for text in ["The first kettle.", "The second kettle."] {
            let turn = NewTurn::message(Role::User, "user", text);
            memory.append(session, &turn, None, now).unwrap();
        }
        drop(memory);
        assert_eq!(damage(&home.memory()), [""; 0]);
        let connection = Connection::open(home.memory()).unwrap();
        connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        connection.execute_batch(sql).unwrap();
        drop(connection);
        let damage = damage(&home.memory());
        assert!(damage.iter().any(|one| one.contains(expected)), "{sql}: {damage:?}");
    }
}

/// The program itself, killed in an import, and the same import again.
#[test]
fn a_killed_import_goes_on() {
    let mut numbers = Numbers(number("RECOUNT_KILL_SEED").unwrap_or(1));
    let home = Home::new();
    let conversations: Vec<_> = (0..30).map(|number| conversation(&format!("c{number}"))).collect();
    let file = home.file("ladders.json", json!(conversations).to_string());
    let total = 30 * TURNS as u64;
    let import = || {
        let mut command = home.command();
        command.args(["import", "--json"]).arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    for round in 0..3 {
        let mut process = import().spawn().unwrap();
        let log = home.memory().with_extension("db-wal");
        let size = || std::fs::metadata(&log).map_or(0, |log| log.len());
        let (begin, wanted) = (size(), 1 + numbers.below(200 << 10));
        while size() < begin + wanted && process.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        let _ = process.kill();
        process.wait().unwrap();
        if home.memory().exists() {
            // Opening brings the file to its schema, wherever the kill fell.
            drop(Memory::open(&home.memory()).unwrap());
            assert_eq!(damage(&home.memory()), [""; 0], "round {round}");
        }
    }
    let report = finish(&mut import(), "").expect(0).json();
    let messages = &report["messages"];
    let (new, known) = (messages["new"].as_u64().unwrap(), messages["duplicate"].as_u64().unwrap());
    assert_eq!(new + known, total);
    let memory = Memory::open(&home.memory()).unwrap();
    assert_eq!((memory.counts().unwrap().turns, memory.pending_count().unwrap()), (total, 0));
    assert_eq!(damage(&home.memory()), [""; 0]);
}

/// The program itself, interrupted while it makes embeddings: every word is there by then, it says
/// what is left, and the same import finishes it.
#[test]
fn an_interrupted_import_goes_on() {
    let home = Home::new();
    let conversations: Vec<_> = (0..20).map(|number| conversation(&format!("c{number}"))).collect();
    let file = home.file("ladders.json", json!(conversations).to_string());
    let total = 20 * TURNS as u64;
    let import = || {
        let mut command = home.command();
        command.args(["import", "--json"]).arg(&file);
        command
    };
    let mut process = import().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The report comes when all is read and can be searched.
    let mut report = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut report).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["messages"]["new"], total);
    let id = process.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let ended = process.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    let memory = Memory::open(&home.memory()).unwrap();
    assert_eq!(memory.counts().unwrap().turns, total);
    let pending = memory.pending_count().unwrap();
    if pending > 0 {
        assert_eq!(ended.status.code(), Some(130), "{said}");
        assert!(said.contains(&format!("{pending} turns have no embedding yet")), "{said}");
    }
    drop(memory);
    let again = finish(&mut import(), "").expect(0).json();
    assert_eq!(
        (&again["messages"]["new"], &again["messages"]["duplicate"]),
        (&json!(0), &json!(total))
    );
    let memory = Memory::open(&home.memory()).unwrap();
    assert_eq!(memory.pending_count().unwrap(), 0);
    assert_eq!(damage(&home.memory()), [""; 0]);
}
