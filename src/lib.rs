//! recount remembers every conversation and answers questions from it, with sources.
//!
//! As a library it opens a memory, appends, imports, searches and answers. The start of
//! everything is [`assistant::Assistant`]; `examples/` has whole programs.
//!
//! ```
//! use recount::assistant::{Assistant, Cancel, EncoderSetup, Setup};
//! use recount::conversation::SystemClock;
//! use recount::decoder::Extractive;
//! use recount::encoder::HashingEncoder;
//! use recount::evidence::Query;
//! use recount::memory::Memory;
//! use std::sync::Arc;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let assistant = Assistant::new(Setup {
//!     memory: Memory::open_in_memory()?,
//!     // `MiniLm` is the model that comes with recount; this one needs none.
//!     encoder: EncoderSetup {
//!         name: "hashing",
//!         dim: 384,
//!         start: Box::new(|| Ok(Arc::new(HashingEncoder::new(384)))),
//!     },
//!     reader: None,
//!     decoder: Box::<Extractive>::default(),
//!     clock: Arc::new(SystemClock),
//! });
//! assistant.remember("Bruno planted eleven tomato seedlings in the allotment.")?;
//! let question = Query::new("How many tomato seedlings did Bruno plant?");
//! let answer = assistant.ask(&question, &Cancel::new(), &mut |_| ())?;
//! assert_eq!(answer.text, "eleven");
//! assert_eq!(answer.citations[0].number, 1);
//! # Ok(())
//! # }
//! ```
//!
//! The rooms, from the ground up; arrows between them point down only (`tests/suite/architecture.rs`).

pub mod conversation;
pub mod evidence;
pub mod files;
pub mod language;
pub mod question;
pub mod secrets;
pub mod shapes;

pub mod encoder;
pub mod export;
pub mod import;
pub mod index;
pub mod memory;
pub mod reader;
pub mod runtime;

pub mod decoder;
pub mod retrieval;

pub mod assistant;

pub mod evaluation;

pub mod cli;
pub mod mcp;
pub mod tui;

pub mod completion;
pub mod config;
pub mod logging;

use assistant::{Assistant, Cancel, EncoderSetup, Setup};
use clap::Parser as _;
use cli::{Cli, Command, Output};
use conversation::{Clock as _, SystemClock};
use decoder::Extractive;
use encoder::Encoder;
use memory::Memory;
use reader::Reader;
use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};

/// Runs the program with the arguments of this process; returns its exit status.
pub fn run() -> u8 {
    completion::complete();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refused(&error),
    };
    match start(cli) {
        Ok(code) => code,
        Err(error) => {
            // What stands in a message can come from a file: it must not reach the terminal raw.
            let text = conversation::visible_line(&format!("recount: {error:#}")).into_owned();
            let _ = std::io::Write::write_all(&mut std::io::stderr(), (text + "\n").as_bytes());
            1
        }
    }
}

/// Says what is wrong with the arguments, or what was asked about them; returns the exit status.
fn refused(error: &clap::Error) -> u8 {
    let text = error.render().to_string();
    if text.contains(|char| conversation::acts(char) || char == '\r') {
        // Control characters in an argument must not reach the terminal.
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            conversation::visible(&text).as_bytes(),
        );
    } else {
        // Where nobody reads, nobody can be told.
        let _ = error.print();
    }
    u8::try_from(error.exit_code()).unwrap_or(2)
}

fn start(mut cli: Cli) -> anyhow::Result<u8> {
    let environment = |name: &str| std::env::var_os(name);
    if let Some(Command::Config(args)) = &cli.command {
        let output = Output::new(cli.color.unwrap_or(cli::Color::Auto), cli.quiet);
        config::run(&cli, &args.command, &environment, output)?;
        return Ok(0);
    }
    let settings = config::resolve(&cli, &environment)?;
    let output = Output::new(settings.config.color, cli.quiet);
    conversation::set_own_name(&settings.config.name);
    let mut command = cli.command.take().unwrap_or(Command::Chat);
    if let Some(ended) = cli::run_without_memory(&command, output) {
        return Ok(status_of(ended, output));
    }
    settings.complete(&mut command);
    let screen = matches!(command, Command::Chat);
    if screen && !(std::io::stdout().is_terminal() && std::io::stdin().is_terminal()) {
        anyhow::bail!(
            "the screen needs a terminal; use `recount ask QUESTION` or `recount search QUERY` \
             instead, or see `recount --help`"
        );
    }
    logging::start(cli.verbose, screen);
    if let Command::Eval(args) = command {
        let places = encoder::Places::usual(settings.config.encoders.as_deref());
        return evaluate(&args, output, &settings.config.encoder, &places);
    }
    let places = encoder::Places::usual(settings.config.encoders.as_deref());
    if let Command::Reindex(args) = &command
        && args.list_encoders
    {
        return Ok(status_of(cli::list_encoders(args, output, &encoder::listed(&places)), output));
    }
    let path = settings.memory()?;
    if let Command::Restore(args) = &command {
        return Ok(status_of(cli::restore(args, output, &path, SystemClock.now()), output));
    }
    let memory = match memory_for(&command) {
        Wanted::Begun if !path.exists() => Memory::open(&path)?,
        Wanted::Looked if !path.exists() => Memory::open_in_memory()?,
        Wanted::Begun | Wanted::Looked | Wanted::There => Memory::open_existing(&path)?,
    };
    if memory.is_read_only() && !screen {
        output.message(&format!("{} is read-only; nothing is stored in it", path.display()));
    }
    let encoder = encoder_of(&memory, &settings, &places, output)?;
    let setup = setup(memory, encoder);
    let assistant =
        if command.wants_meaning() { Assistant::new(setup) } else { Assistant::asleep(setup) };
    let assistant = assistant.with_secrets(settings.config.secrets.mode, command.shows_secrets());
    let assistant = Arc::new(assistant);
    let cancel = Cancel::new();
    if screen {
        let file = settings.file.clone();
        let options = tui::Options {
            color: output.color(),
            settings: settings.config.screen,
            themes: config::themes(),
            import: settings.config.import.options(),
            keep_theme: Arc::new(move |name| {
                config::write(&file, "screen.theme", name).map_err(|error| error.to_string())?;
                Ok(file.clone())
            }),
        };
        let ended = tui::run(Arc::clone(&assistant), options);
        assistant.close();
        return match ended {
            Ok(()) => Ok(0),
            // As a shell tells of a program that a signal ended.
            Err(tui::TuiError::Signal(signal)) => Ok(u8::try_from(128 + signal).unwrap_or(1)),
            Err(error) => Err(error.into()),
        };
    }
    if let Command::Mcp(args) = command {
        let options = mcp::Options { read_only: args.read_only, allow_forget: args.allow_forget };
        let ended = mcp::serve(&assistant, options, &cancel);
        assistant.close();
        return ended.map(|()| 0).map_err(Into::into);
    }
    on_interrupt(&cancel)?;
    let ended = cancel.ends_waiting(|| match &command {
        Command::Reindex(args) => {
            let usual = settings.config.encoder.as_str();
            let start = |name: &str| {
                let name = if name.is_empty() { usual } else { name };
                Ok((encoder::named(name, &places)?.start)()?)
            };
            cli::reindex(args, output, &assistant, &start, &cancel)
        }
        _ => cli::run(command, output, &assistant, &cancel),
    });
    assistant.close();
    Ok(status_of(ended, output))
}

/// What a command does where there is no memory yet.
enum Wanted {
    /// It begins one. One that is there and can only be read is opened for reading.
    Begun,
    /// It only looks, as into an empty one, and begins none.
    Looked,
    /// It says that there is none.
    There,
}

fn memory_for(command: &Command) -> Wanted {
    match command {
        Command::Import(args) if args.only_looks() => Wanted::Looked,
        Command::Say(args) if args.dry_run => Wanted::Looked,
        Command::Chat
        | Command::Say(_)
        | Command::Remember(_)
        | Command::Import(_)
        | Command::Watch(_) => Wanted::Begun,
        Command::Mcp(args) if !args.read_only => Wanted::Begun,
        _ => Wanted::There,
    }
}

/// The encoder of a memory: that of its embeddings, so that they answer; the chosen one where there
/// are none.
fn encoder_of(
    memory: &Memory,
    settings: &config::Resolved,
    places: &encoder::Places,
    output: Output,
) -> anyhow::Result<EncoderSetup> {
    let answering = memory.encoder_name()?;
    let chosen = settings.config.encoder.as_str();
    let told = settings.is_chosen("encoder");
    if let Some(answering) = answering.as_deref().filter(|one| told && *one != chosen) {
        output.message(&format!(
            "the embeddings were made with {answering}, not {chosen} as in the settings; run `recount \
             reindex --encoder {chosen}` to rebuild them"
        ));
    }
    let name = answering.unwrap_or_else(|| chosen.to_owned());
    Ok(match encoder::named(&name, places) {
        Ok(choice) => EncoderSetup { name: choice.name, dim: choice.dim, start: choice.start },
        // Words alone answer, and it is said why.
        Err(error) => EncoderSetup { name: "unknown", dim: 1, start: Box::new(|| Err(error)) },
    })
}

/// Names the concrete decoder.
fn setup(memory: Memory, encoder: EncoderSetup) -> Setup {
    let reader: assistant::StartReader = Box::new(|| Ok(Arc::new(Reader::start()?)));
    Setup {
        memory,
        encoder,
        reader: Some(reader),
        decoder: Box::<Extractive>::default(),
        clock: Arc::new(SystemClock),
    }
}

/// Measures on memories that end with the program: the user's own is not opened. One encoder, the one
/// that the settings name, and one reader serve them all.
fn evaluate(
    args: &cli::EvalArgs,
    output: Output,
    encoder: &str,
    places: &encoder::Places,
) -> anyhow::Result<u8> {
    let cancel = Cancel::new();
    on_interrupt(&cancel)?;
    let choice = encoder::named(encoder, places)?;
    let (name, dim) = (choice.name, choice.dim);
    let (encoder, places) = (encoder.to_owned(), places.clone());
    let started: Arc<Mutex<Option<Arc<dyn Encoder>>>> = Arc::default();
    let reader: Arc<Mutex<Option<Arc<Reader>>>> = Arc::default();
    let open = move || {
        let reader = Arc::clone(&reader);
        let read: assistant::StartReader = Box::new(move || {
            let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(reader) = &*reader {
                return Ok(Arc::clone(reader));
            }
            Ok(Arc::clone(reader.insert(Arc::new(Reader::start()?))))
        });
        let started = Arc::clone(&started);
        let (wanted, places) = (encoder.clone(), places.clone());
        let start = move || {
            let mut started = started.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(encoder) = &*started {
                return Ok(Arc::clone(encoder));
            }
            let encoder = (encoder::named(&wanted, &places)?.start)()?;
            Ok(Arc::clone(started.insert(encoder)))
        };
        let encoder = EncoderSetup { name, dim, start: Box::new(start) };
        let setup = setup(Memory::open_in_memory()?, encoder);
        Ok(Assistant::new(Setup { reader: Some(read), ..setup }))
    };
    Ok(status_of(cli::evaluate(args, output, &open, &cancel), output))
}

/// The exit status of a command that has ended; what went wrong is said.
fn status_of(ended: Result<cli::Status, cli::CliError>, output: Output) -> u8 {
    match ended {
        Ok(status) => status.into(),
        Err(error) => {
            if !error.is_closed_pipe() {
                output.error(&error.to_string());
            }
            error.exit_code()
        }
    }
}

/// The first interrupt asks the running job to end in good order; the second ends the program.
fn on_interrupt(cancel: &Cancel) -> std::io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
    let cancel = cancel.clone();
    std::thread::spawn(move || {
        for _ in signals.forever() {
            if cancel.is_cancelled() {
                // What is stored is durable at any instant.
                signal_hook::low_level::exit(130);
            }
            cancel.cancel();
        }
    });
    Ok(())
}
