//! recount remembers every conversation and recounts it, with its sources.
//!
//! The rooms, from the ground up; arrows between them point down only (`tests/architecture.rs`).

pub mod conversation;
pub mod evidence;
pub mod language;

pub mod encoder;
pub mod import;
pub mod index;
pub mod memory;

pub mod decoder;
pub mod retrieval;

pub mod assistant;

pub mod evaluation;

pub mod cli;
pub mod tui;

pub mod config;
pub mod logging;

use assistant::{Assistant, Cancel, EncoderSetup, Setup};
use clap::Parser as _;
use cli::{Cli, Command, Output};
use conversation::SystemClock;
use decoder::Extractive;
use encoder::{Encoder, EncoderError, MiniLm};
use std::io::IsTerminal as _;
use std::sync::Arc;

/// Runs the program with the arguments of this process; returns its exit status.
pub fn run() -> u8 {
    let cli = Cli::parse();
    let output = Output::new(cli.color, cli.quiet);
    match start(cli, output) {
        Ok(code) => code,
        Err(error) => {
            // What stands in a message can come from a file: it must not reach the terminal raw.
            let text = conversation::visible_line(&format!("recount: {error:#}")).into_owned();
            let _ = std::io::Write::write_all(&mut std::io::stderr(), (text + "\n").as_bytes());
            1
        }
    }
}

fn start(cli: Cli, output: Output) -> anyhow::Result<u8> {
    let command = cli.command.unwrap_or(Command::Chat);
    let screen = matches!(command, Command::Chat);
    if screen && !(std::io::stdout().is_terminal() && std::io::stdin().is_terminal()) {
        anyhow::bail!(
            "the screen needs a terminal; ask with `recount ask QUESTION`, find with \
             `recount search QUERY`, or see `recount --help`"
        );
    }
    logging::start(cli.verbose, screen);
    let path = match cli.db {
        Some(path) => path,
        None => config::default_memory().ok_or_else(|| {
            anyhow::anyhow!("there is no home folder; name the memory's file with --db")
        })?,
    };
    let assistant = Arc::new(Assistant::new(Setup {
        memory: memory::Memory::open(&path)?,
        encoder: EncoderSetup {
            name: MiniLm::NAME,
            dim: MiniLm::DIM,
            start: Box::new(|| -> Result<Arc<dyn Encoder>, EncoderError> {
                Ok(Arc::new(MiniLm::start()?))
            }),
        },
        decoder: Box::<Extractive>::default(),
        clock: Arc::new(SystemClock),
    }));
    let cancel = Cancel::new();
    if screen {
        let color = output.color();
        let ended = tui::run(Arc::clone(&assistant), tui::Options { color });
        assistant.close();
        return match ended {
            Ok(()) => Ok(0),
            // As a shell tells of a program that a signal ended.
            Err(tui::TuiError::Signal(signal)) => Ok(u8::try_from(128 + signal).unwrap_or(1)),
            Err(error) => Err(error.into()),
        };
    }
    on_interrupt(&cancel)?;
    let ended = cli::run(command, output, &assistant, &cancel);
    assistant.close();
    match ended {
        Ok(status) => Ok(status.into()),
        Err(error) => {
            let code = error.exit_code();
            if !error.is_closed_pipe() {
                output.error(&error.to_string());
            }
            Ok(code)
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
