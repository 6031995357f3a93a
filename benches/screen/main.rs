//! What a user feels: the first frame, a key press to the drawn frame, a paste, and what it costs
//! to look at a screen on which nothing happens. The built program runs in a pseudo-terminal, on a
//! memory of 100,000 turns with a session of 5,000 turns open; see benches/README.md.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench prints its figures, and stops where it cannot measure"
)]

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use recount::conversation::{
    Clock, Conversation, Embedding, Encoded, NewTurn, Role, SystemClock, Timestamp,
};
use recount::encoder::MiniLm;
use recount::memory::{Ingest, Memory};
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

const TURNS: usize = 100_000;
const OPEN: usize = 5_000;
const PRESSES: usize = 400;
const SEARCHED: &str =
    "number of the turn that was said about the garden and the clock before summer";
const ROWS: u16 = 50;
const COLUMNS: u16 = 160;
/// Reached only when something is wrong.
const DEADLINE: Duration = Duration::from_mins(1);

fn main() {
    let memory = memory();
    let mut firsts: Vec<Duration> = (0..10).map(|_| first_frame(&memory)).collect();
    report("first frame", &mut firsts);

    let mut screen = Screen::start(&memory);
    screen.wait("the first frame", |text| text.contains("are remembered"));
    screen.write("\x13long");
    screen.wait("the long session in the list", |text| text.contains("The long one"));
    thread::sleep(Duration::from_millis(300));
    screen.write("\r");
    screen.wait("the long session", |text| text.contains("turn number"));
    thread::sleep(Duration::from_millis(500));

    let mut scrolled = Vec::new();
    for press in 0..PRESSES {
        let key = ["k", "k", "\x1b[5~", "j", "\x15"][press % 5];
        scrolled.push(screen.press(key));
    }
    report("key to frame, scrolling the session", &mut scrolled);

    screen.write("\x1b");
    thread::sleep(Duration::from_millis(300));
    screen.drain();
    let mut typed = Vec::new();
    for press in 0..PRESSES {
        typed.push(screen.press(["a", "b", "日", " ", "é"][press % 5]));
    }
    report("key to frame, writing", &mut typed);

    let pasted =
        format!("\x1b[200~{}the last line\x1b[201~", "a line of a long paste\r".repeat(5_000));
    let began = Instant::now();
    screen.write(&pasted);
    screen.wait("the paste", |text| text.contains("the last line"));
    report("a paste of 5,000 lines", &mut [began.elapsed()]);
    screen.drain();
    let mut after: Vec<Duration> = (0..PRESSES).map(|_| screen.press("x")).collect();
    report("key to frame, writing below it", &mut after);

    screen.write("\x13");
    screen.wait("the sessions", |text| text.contains("sessions ›"));
    screen.drain();
    let mut walked: Vec<Duration> = (0..PRESSES).map(|_| screen.press("\x1b[B")).collect();
    report("key to frame, walking down the sessions", &mut walked);

    screen.write("\x12");
    screen.wait("the search", |text| text.contains("search ›"));
    screen.drain();
    let looked: Vec<&str> = SEARCHED.split_inclusive("").filter(|key| !key.is_empty()).collect();
    let mut found: Vec<Duration> = looked.iter().map(|key| screen.press(key)).collect();
    report("key to the hits by words, in the search", &mut found);
    screen.write("\x1b");
    screen.drain();

    let before = screen.ticks();
    thread::sleep(Duration::from_secs(5));
    println!("{:<40} {} ms of 5,000", "processor time while idle", (screen.ticks() - before) * 10);
}

fn report(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    println!(
        "{what:<40} p50 {:6.1} ms   p99 {:6.1} ms   most {:6.1} ms   of {}",
        ms(at(0.5)),
        ms(at(0.99)),
        ms(at(1.0)),
        times.len()
    );
}

fn first_frame(memory: &Path) -> Duration {
    let began = Instant::now();
    let mut screen = Screen::start(memory);
    screen.wait("the first frame", |text| text.contains("recount"));
    began.elapsed()
}

/// The program in a terminal.
struct Screen {
    parser: vt100::Parser,
    output: Receiver<Vec<u8>>,
    input: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
}

impl Screen {
    fn start(memory: &Path) -> Self {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_recount"));
        command.args(["--db".as_ref(), memory.as_os_str()]);
        let home = memory.parent().expect("a folder");
        command.env("TERM", "xterm-256color");
        command.env("COLORFGBG", "15;0");
        command.env("HOME", home);
        command.env("XDG_CONFIG_HOME", home.join("config"));
        command.env("XDG_CACHE_HOME", home.join("cache"));
        let child = pair.slave.spawn_command(command).expect("the program");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("its output");
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 1 << 13];
            while let Ok(count) = reader.read(&mut buffer) {
                if count == 0 || sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let cells = |number| NonZero::new(number).expect("a size");
        Self {
            parser: vt100::Parser::new(cells(ROWS), cells(COLUMNS), 0),
            output,
            input: pair.master.take_writer().expect("its input"),
            child,
            _master: pair.master,
        }
    }

    fn write(&mut self, text: &str) {
        self.input.write_all(text.as_bytes()).expect("keys are taken");
        self.input.flush().expect("keys are taken");
    }

    fn wait(&mut self, what: &str, wanted: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !wanted(&self.parser.screen().contents()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.parser.process(&bytes),
                Err(error) => {
                    panic!("{what}: {error}; the screen is\n{}", self.parser.screen().contents())
                }
            }
        }
    }

    /// Reads what is still on its way.
    fn drain(&mut self) {
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(200)) {
            self.parser.process(&bytes);
        }
    }

    /// Presses a key and waits until the frame is drawn that shows it: until something was written
    /// and nothing follows for a while, which is not counted.
    fn press(&mut self, key: &str) -> Duration {
        let began = Instant::now();
        self.write(key);
        let mut last = None;
        loop {
            let patience = if last.is_some() { Duration::from_millis(25) } else { DEADLINE };
            match self.output.recv_timeout(patience) {
                Ok(bytes) => {
                    self.parser.process(&bytes);
                    last = Some(began.elapsed());
                }
                Err(_) => return last.unwrap_or(DEADLINE),
            }
        }
    }

    /// The processor time that it has used, in hundredths of a second.
    fn ticks(&self) -> u64 {
        let id = self.child.process_id().expect("a process");
        let text = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let fields: Vec<&str> =
            text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let field = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
        field(11).unwrap_or(0) + field(12).unwrap_or(0)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The memory's file, made if it is not there.
fn memory() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screen");
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join(format!("{TURNS}-turns.db"));
    if !file.exists() {
        eprintln!("making {}, once", file.display());
        let unfinished = file.with_extension("unfinished");
        let _ = std::fs::remove_file(&unfinished);
        let memory = Memory::open(&unfinished).expect("a memory");
        let mut run = Ingest::new(false);
        run.begin_input("generated");
        run.begin_format("talk");
        let mut conversations: Vec<Conversation> =
            (0..(TURNS - OPEN) / 20).map(|number| conversation(number, 20)).collect();
        let mut long = conversation(0, OPEN);
        long.title = Some("The long one".to_owned());
        long.source_id = Some("long".to_owned());
        conversations.push(long);
        for some in conversations.chunks(200) {
            memory.ingest(&mut run, some, SystemClock.now()).expect("turns");
        }
        encode(&memory);
        memory.checkpoint().expect("one file");
        drop(memory);
        std::fs::rename(&unfinished, &file).expect("a file under its name");
    }
    file
}

fn conversation(number: usize, turns: usize) -> Conversation {
    let turn = |at: usize| {
        let (role, speaker) =
            if at.is_multiple_of(2) { (Role::User, "Ida") } else { (Role::Assistant, "assistant") };
        let text = match at % 10 {
            9 => format!("```rust\nfn f{at}() -> u32 {{\n    {at} // turn number {at}\n}}\n```"),
            7 => format!("- *turn number {at}* of {number}\n- 梅 and `plums`\n\n> said so"),
            _ => format!(
                "This is turn number {at} of conversation {number}: we spoke of tomatoes, frost and \
                 the allotment for a while, and then of something else altogether."
            ),
        };
        let said =
            Timestamp::from_millis(1_600_000_000_000 + (number * 40_000 + at * 60) as i64 * 1_000);
        NewTurn::message(role, speaker, text).at(said)
    };
    Conversation {
        source_id: Some(format!("c{number}")),
        title: Some(format!("Conversation {number}")),
        started_at: None,
        turns: (0..turns).map(turn).collect(),
    }
}

/// Gives every turn a vector: what is measured is the screen, and not the making of embeddings.
fn encode(memory: &Memory) {
    let mut state = 1_u32;
    let mut component = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (f64::from(state) / f64::from(u32::MAX) - 0.5) as f32
    };
    loop {
        let pending = memory.pending(1_000).expect("what is pending");
        if pending.is_empty() {
            break;
        }
        let made: Vec<_> = pending
            .iter()
            .map(|turn| {
                let vector = (0..MiniLm::DIM).map(|_| component()).collect();
                (turn.turn, Encoded::from(Embedding::normalised(vector)))
            })
            .collect();
        memory.store_embeddings(MiniLm::NAME, &made).expect("stored vectors");
    }
}
