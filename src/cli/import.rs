//! `recount import`, and the embeddings that commands make by the way.

use super::args::ImportArgs;
use super::{CliError, Output, Status, discover, imports, json};
use crate::assistant::{
    Assistant, AssistantError, Cancel, DateOrder, EncoderStatus, ImportOptions, Places, Report,
    Skipped, discover, formats,
};
use crate::conversation::ImportId;
use crate::files::Partial;
use crate::shapes;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

/// How many pending embeddings a question or a search makes before it is answered: so few that
/// nobody notices.
const A_FEW: u64 = 64;

pub(super) fn run(
    args: ImportArgs,
    output: Output,
    assistant: &Assistant,
    cancel: &Cancel,
) -> Result<Status, CliError> {
    let mut out = io::stdout().lock();
    if args.list_formats {
        for importer in formats() {
            writeln!(
                out,
                "{}  {}",
                output.bold(&format!("{:<12}", importer.format())),
                importer.description()
            )?;
        }
        return Ok(Status::Done);
    }
    if args.list {
        return imports::list(&mut out, output, assistant, args.json);
    }
    if let Some(id) = args.undo {
        let how = imports::Undo { id: ImportId(id), dry_run: args.dry_run, as_json: args.json };
        return imports::undo(&mut out, output, assistant, &how, cancel);
    }
    let mut paths = args.paths;
    if args.discover {
        let places = Places::of_this_process().ok_or_else(|| {
            CliError::Usage("no home folder to search; name a file or folder".into())
        })?;
        let found = discover(&places);
        let chosen = !paths.is_empty() || args.yes;
        if args.json && !chosen {
            writeln!(out, "{}", shapes::line(&discover::to_json(&found)))?;
            return Ok(Status::Done);
        }
        if !chosen {
            discover::list(&mut out, output, &found)?;
            out.flush()?;
        }
        paths = discover::choose(output, &found, &paths, args.yes, cancel)?;
        if paths.is_empty() {
            return Ok(if found.is_empty() { Status::NothingFound } else { Status::Done });
        }
    }
    let options = ImportOptions {
        format: args.format,
        time_zone: time_zone(args.tz.as_deref())?,
        date_order: args.date_order.as_deref().and_then(DateOrder::parse),
        dry_run: args.dry_run,
        again: args.again,
    };
    let spooled = Spooled::standard_input(&paths, assistant)?;
    let paths = spooled.paths(&paths);
    let bar =
        bar(output, "{spinner} {msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta} left");
    let report = assistant.import(&paths, &options, cancel, &mut |progress| {
        bar.set_length(progress.bytes_total);
        bar.set_position(progress.bytes_read);
        bar.set_message(format!("{} messages", progress.messages));
    });
    bar.finish_and_clear();
    let report = report?;
    if args.json {
        writeln!(out, "{}", shapes::line(&Value::Object(json::report(&report))))?;
    } else {
        print(&mut out, output, &report, options.dry_run)?;
    }
    out.flush()?;
    for warning in report.warnings.iter().filter(|_| args.json) {
        output.message(&format!("warning: {warning}"));
    }
    if !options.dry_run {
        encode(output, assistant, cancel)?;
    }
    Ok(Status::Done)
}

/// The time zone that is named, or this machine's.
pub(super) fn time_zone(name: Option<&str>) -> Result<jiff::tz::TimeZone, CliError> {
    let Some(name) = name else { return Ok(jiff::tz::TimeZone::system()) };
    jiff::tz::TimeZone::get(name).map_err(|_| {
        CliError::Usage(format!("unknown time zone {name}; write it like Europe/Lisbon or UTC"))
    })
}

/// Makes the embeddings that are pending, with a progress bar. Words can be searched meanwhile.
pub(super) fn encode(
    output: Output,
    assistant: &Assistant,
    cancel: &Cancel,
) -> Result<(), CliError> {
    if assistant.status()?.pending == 0 {
        return Ok(());
    }
    if let EncoderStatus::Unavailable { why } = assistant.wait_for_encoder() {
        output.message(&format!("warning: {why}; turns are searched by words only"));
        return Ok(());
    }
    let bar = bar(output, "{spinner} making embeddings {bar:30} {pos}/{len} {per_sec} {eta} left");
    let left = assistant.encode_pending(cancel, &mut |done, left| {
        bar.set_length(done + left);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let left = left?;
    if cancel.is_cancelled() && left > 0 {
        output.message(&format!(
            "{left} turns have no embedding yet; the next import or the screen continues"
        ));
        return Err(AssistantError::Cancelled.into());
    }
    Ok(())
}

/// Makes pending embeddings if they are few; else says that meaning is missing for them.
pub(super) fn encode_a_few(
    output: Output,
    assistant: &Assistant,
    cancel: &Cancel,
) -> Result<(), CliError> {
    match assistant.status()?.pending {
        0 => {}
        1..=A_FEW => {
            assistant.encode_pending(cancel, &mut |_, _| ())?;
        }
        many => output.message(&format!(
            "{many} turns are searched by words only until the screen or the next import makes their embeddings"
        )),
    }
    if let EncoderStatus::Unavailable { why } = assistant.wait_for_encoder() {
        output.message(&format!("warning: {why}; turns are searched by words only"));
    }
    Ok(())
}

pub(super) fn bar(output: Output, template: &str) -> ProgressBar {
    if !output.shows_progress() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn print(out: &mut impl Write, output: Output, report: &Report, dry_run: bool) -> io::Result<()> {
    let (conversations, messages) = (&report.conversations, &report.messages);
    let verb = if dry_run { "would import" } else { "imported" };
    writeln!(
        out,
        "{} {} in {} ({})",
        verb,
        count(output, messages.new, "message"),
        count(output, conversations.new + conversations.updated, "conversation"),
        report.format,
    )?;
    if messages.edited > 0 {
        let verb = if dry_run { "would replace" } else { "replaced" };
        writeln!(out, "  {verb} the text of {}", count(output, messages.edited, "edited message"))?;
    }
    if messages.duplicate > 0 {
        writeln!(
            out,
            "  already known: {}; unchanged: {}",
            count(output, messages.duplicate, "message"),
            count(output, conversations.unchanged, "conversation"),
        )?;
    }
    if let (Some(first), Some(last)) = (report.first_said_at, report.last_said_at) {
        writeln!(out, "  said {} to {}", super::search::day(first), super::search::day(last))?;
    }
    if let Some(id) = report.import {
        writeln!(out, "  undo with `recount import --undo {id}`")?;
    }
    for skipped in &report.skipped {
        writeln!(out, "  {}", output.dim(&left_out(skipped)))?;
    }
    for warning in &report.warnings {
        writeln!(out, "  warning: {}", crate::conversation::visible(warning))?;
    }
    Ok(())
}

/// "3 × hidden message, such as: m17"; what has no example to show has none.
fn left_out(skipped: &Skipped) -> String {
    let example = one_line(&skipped.example);
    let such_as = if example.trim().is_empty() { "" } else { ", such as: " };
    format!("{} × {}{such_as}{}", skipped.count, skipped.reason, example.trim())
}

/// "1 message", "2 messages".
pub(super) fn count(output: Output, count: u64, noun: &str) -> String {
    format!("{} {noun}{}", output.bold(&count.to_string()), if count == 1 { "" } else { "s" })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Standard input as a file: formats are recognised by looking at their beginning twice.
struct Spooled(Option<Partial>);

impl Spooled {
    fn standard_input(paths: &[PathBuf], assistant: &Assistant) -> io::Result<Self> {
        if !paths.iter().any(|path| path.as_os_str() == "-") {
            return Ok(Self(None));
        }
        let mut file = assistant.spool()?;
        io::copy(&mut io::stdin().lock(), file.file())?;
        Ok(Self(Some(file)))
    }

    fn paths(&self, paths: &[PathBuf]) -> Vec<PathBuf> {
        paths
            .iter()
            .map(|path| match &self.0 {
                Some(file) if path.as_os_str() == "-" => file.path().to_owned(),
                _ => path.clone(),
            })
            .collect()
    }
}
