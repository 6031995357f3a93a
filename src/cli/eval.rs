//! `recount eval`.

use super::args::EvalArgs;
use super::import::bar;
use super::{CliError, Output, Status, json};
use crate::assistant::{Assistant, AssistantError, Cancel};
use crate::evaluation::{
    self, EvaluationError, Everyday, Evidence, Figure, Group, Interval, Measure, Row, Run, Sample,
    Stage, Table, Tally, pictures,
};
use crate::files::Partial;
use crate::shapes;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The columns whose intervals are shown; JSON has them all.
const MAIN: [Measure; 6] = [
    Measure::Recall(1),
    Measure::Recall(10),
    Measure::Mrr,
    Measure::F1,
    Measure::Abstained,
    Measure::Cited,
];

/// Measures finding and answering. `open` opens an assistant on an empty memory.
pub fn run(
    args: &EvalArgs,
    output: Output,
    open: &dyn Fn() -> Result<Assistant, AssistantError>,
    cancel: &Cancel,
) -> Result<Status, CliError> {
    let mut samples = Vec::new();
    let mut everyday = Vec::new();
    for file in &args.files {
        if evaluation::is_everyday(file) {
            everyday.push((file, Everyday::read(file)?));
        } else {
            samples.extend(evaluation::read(file)?);
        }
    }
    let mut tallies = Vec::new();
    for (file, notes) in &everyday {
        tallies.push((*file, notes_asked(args, output, notes, open, cancel)?));
    }
    if samples.is_empty() && !tallies.is_empty() {
        let mut out = io::stdout().lock();
        if args.json {
            let files: Vec<Value> =
                tallies.iter().map(|(file, tally)| tally_json(file, tally)).collect();
            writeln!(out, "{}", shapes::line(&json!({"everyday": files})))?;
        } else {
            print_tallies(&mut out, &tallies)?;
        }
        return Ok(Status::Done);
    }
    if let Some(file) = &args.evidence {
        correct(&mut samples, file, output)?;
    }
    // What cannot be written is better known before than after minutes of work.
    if let Some(folder) = &args.pictures {
        std::fs::create_dir_all(folder)
            .map_err(|why| CliError::Write { path: folder.clone(), why })?;
    }
    let run = ask(&samples, output, open, cancel)?;
    if run.asked.is_empty() {
        let files: Vec<String> = args.files.iter().map(|path| path.display().to_string()).collect();
        return Err(EvaluationError::NoQuestions(files.join(", ")).into());
    }
    let sorts: &[Evidence] = match args.evidence {
        Some(_) => &[Evidence::Given, Evidence::Corrected],
        None => &[Evidence::Given],
    };
    let tables: Vec<Table> =
        sorts.iter().map(|evidence| evaluation::table(&run.asked, *evidence)).collect();
    if let (Some(folder), Some(table)) = (&args.pictures, tables.last()) {
        draw(folder, "reliability.svg", &pictures::reliability(table))?;
        draw(folder, "refusals.svg", &pictures::refusals(table))?;
    }
    let mut out = io::stdout().lock();
    if args.json {
        let mut made = report(args, &run, &tables);
        if !tallies.is_empty() {
            made["everyday"] =
                tallies.iter().map(|(file, tally)| tally_json(file, tally)).collect();
        }
        writeln!(out, "{}", shapes::line(&made))?;
    } else {
        print_tallies(&mut out, &tallies)?;
        for (place, table) in tables.iter().enumerate() {
            if tables.len() > 1 {
                let gap = if place > 0 { "\n" } else { "" };
                let head = match table.evidence {
                    Evidence::Given => "original evidence",
                    Evidence::Corrected => "corrected evidence",
                };
                writeln!(out, "{gap}{}", output.accent(head))?;
            }
            print(&mut out, output, table)?;
        }
    }
    out.flush()?;
    tell(&run, output);
    Ok(Status::Done)
}

/// Asks the questions about notes; with `--verbose`, each answer is shown that is not right.
fn notes_asked(
    args: &EvalArgs,
    output: Output,
    notes: &Everyday,
    open: &dyn Fn() -> Result<Assistant, AssistantError>,
    cancel: &Cancel,
) -> Result<Tally, CliError> {
    Ok(evaluation::run_everyday(notes, open, cancel, &mut |question, answer, became| {
        if args.show && became != "right" {
            let said = if answer.abstained { "(does not know)" } else { answer.text.as_str() };
            let line = format!("{became:8} {question}  →  {said}");
            output.message(&crate::conversation::visible_line(&line));
        }
    })?)
}

fn print_tallies(out: &mut impl Write, tallies: &[(&PathBuf, Tally)]) -> io::Result<()> {
    for (file, tally) in tallies {
        writeln!(
            out,
            "{}: right {}, clumsy {}, wrong {}, refused {}, harmful {} of {}",
            file.display(),
            tally.right,
            tally.clumsy,
            tally.wrong,
            tally.refused,
            tally.harmful,
            tally.all()
        )?;
    }
    Ok(())
}

fn tally_json(file: &Path, tally: &Tally) -> Value {
    json!({
        "file": file.display().to_string(),
        "asked": tally.all(),
        "right": tally.right,
        "clumsy": tally.clumsy,
        "wrong": tally.wrong,
        "refused": tally.refused,
        "harmful": tally.harmful,
    })
}

fn correct(samples: &mut [Sample], file: &Path, output: Output) -> Result<(), CliError> {
    let corrections = evaluation::read_corrections(file)?;
    let unused = evaluation::correct(samples, &corrections);
    if let Some(first) = unused.first() {
        output.message(&format!(
            "warning: corrections that match no question in these files: {} of {}, such as {first}",
            unused.len(),
            corrections.len()
        ));
    }
    Ok(())
}

/// Asks, with a progress bar for each stage of each sample.
fn ask(
    samples: &[Sample],
    output: Output,
    open: &dyn Fn() -> Result<Assistant, AssistantError>,
    cancel: &Cancel,
) -> Result<Run, CliError> {
    let mut shown: Option<(Stage, String, ProgressBar)> = None;
    let run = evaluation::run(samples, open, cancel, &mut |progress| {
        let same =
            |stage: Stage, sample: &str| stage == progress.stage && sample == progress.sample;
        if !shown.as_ref().is_some_and(|(stage, sample, _)| same(*stage, sample)) {
            if let Some((_, _, old)) = shown.take() {
                old.finish_and_clear();
            }
            let template = match progress.total {
                0 => "{spinner} {msg}",
                _ => "{spinner} {msg} {bar:30} {pos}/{len} {eta} left",
            };
            let made = bar(output, template);
            let what = match progress.stage {
                Stage::Importing => "importing",
                Stage::Encoding => "making embeddings",
                Stage::Searching => "searching",
                Stage::Asking => "asking",
            };
            let sample = crate::conversation::visible_line(progress.sample).into_owned();
            made.set_message(format!("{sample}: {what}"));
            shown = Some((progress.stage, progress.sample.to_owned(), made));
        }
        if let Some((_, _, bar)) = &shown {
            bar.set_length(progress.total);
            bar.set_position(progress.done);
        }
    });
    if let Some((_, _, bar)) = shown {
        bar.finish_and_clear();
    }
    Ok(run?)
}

fn draw(folder: &Path, name: &str, svg: &str) -> Result<(), CliError> {
    let path = folder.join(name);
    let write = || {
        let mut file = Partial::beside(&path)?;
        file.file().write_all(svg.as_bytes())?;
        file.name(&path, true)
    };
    write().map_err(|why| CliError::Write { path: path.clone(), why })
}

/// Says what is no figure: what was left out, what was missing, how long it took.
fn tell(run: &Run, output: Output) {
    if run.left_out > 0 {
        output.message(&format!(
            "questions skipped because none of their evidence is in the conversation: {}",
            run.left_out
        ));
    }
    if let Some(why) = &run.without_meaning {
        output.message(&format!("warning: {why}; searched by words only"));
    }
    let seconds = run.seconds;
    output.message(&format!(
        "seconds: import {:.1}, search {:.1}, ask {:.1}",
        seconds.import.as_secs_f64(),
        seconds.search.as_secs_f64(),
        seconds.ask.as_secs_f64()
    ));
}

/// The JSON object; its fields are told in `docs/evaluation.md`.
fn report(args: &EvalArgs, run: &Run, tables: &[Table]) -> Value {
    let files: Vec<String> = args.files.iter().map(|path| path.display().to_string()).collect();
    let questions: Vec<Value> = tables
        .iter()
        .flat_map(|table| {
            evaluation::scored(&run.asked, table.evidence).into_iter().map(|one| {
                let mut fields = shapes::object([("evidence", table.evidence.name().into())]);
                fields.extend(json::scored(&one));
                fields.into()
            })
        })
        .collect();
    let tables: Vec<Value> = tables.iter().map(json::table).collect();
    let seconds = run.seconds;
    json!({
        "files": files,
        "samples": run.samples,
        "asked": run.asked.len(),
        "left_out": run.left_out,
        "meaning": run.without_meaning.is_none(),
        "tables": tables,
        "questions": questions,
        "elapsed_ms": {
            "import": seconds.import.as_millis() as u64,
            "search": seconds.search.as_millis() as u64,
            "ask": seconds.ask.as_millis() as u64,
        },
    })
}

fn print(out: &mut impl Write, output: Output, table: &Table) -> io::Result<()> {
    let shown = table.rows.iter().filter(|row| row.n > 0 || row.group == Group::All);
    let rows: Vec<&Row> = shown.collect();
    let head = cells(format!("{:16}{:>5}", "", "n"), 10, Measure::COLUMNS.map(Measure::name));
    writeln!(out, "{}", output.dim(&head))?;
    for row in &rows {
        let begin = format!("{:16}{:>5}", row.group.name(), row.n);
        let figures = Measure::COLUMNS.map(|measure| three(row.figure(measure)));
        writeln!(out, "{}", cells(begin, 10, figures))?;
    }
    writeln!(
        out,
        "false refusals (1-4): {}   refused (5): {}",
        three(table.false_refusals()),
        three(table.refused()),
    )?;
    let all = |measure| table.row(Group::All).and_then(|row| row.figure(measure));
    writeln!(
        out,
        "times that mean the reference's (2): {}   yes or no: right {}, false claims {}",
        three(all(Measure::Date)),
        three(all(Measure::YesNo)),
        three(all(Measure::FalseClaim)),
    )?;

    let head = cells(format!("{:21}", "95 % of resamples"), 15, MAIN.map(Measure::name));
    writeln!(out, "\n{}", output.dim(&head))?;
    for row in &rows {
        let begin = format!("{:21}", row.group.name());
        writeln!(out, "{}", cells(begin, 15, MAIN.map(|one| bounds(row.figure(one)))))?;
    }

    let calibration = &table.calibration;
    let Some(error) = calibration.error else { return Ok(()) };
    writeln!(
        out,
        "\nconfidence of {} answers: expected calibration error {error:.3}",
        calibration.n
    )?;
    let head = cells(format!("{:16}{:>5}", "", "n"), 12, ["confidence", "right"]);
    writeln!(out, "{}", output.dim(&head))?;
    for bin in &calibration.bins {
        if let (Some(confidence), Some(right)) = (bin.confidence, bin.right) {
            let begin = format!("{:.1} to {:.1}{:6}{:>5}", bin.from, bin.to, "", bin.n);
            let figures = [confidence, right].map(|figure| format!("{figure:.3}"));
            writeln!(out, "{}", cells(begin, 12, figures))?;
        }
    }
    if let Some(refusals) = &table.refusals {
        writeln!(
            out,
            "area under refused (5) by false refusals (1-4), by confidence alone: {:.3}",
            refusals.area
        )?;
    }
    Ok(())
}

/// A line of cells, all of one width, after what it begins with.
fn cells<T: AsRef<str>>(mut line: String, width: usize, cells: impl AsRef<[T]>) -> String {
    for cell in cells.as_ref() {
        let _ = write!(line, "{:>width$}", cell.as_ref());
    }
    line
}

/// A figure as it is printed; a dash where nothing counts for it.
fn three(figure: Option<Figure>) -> String {
    figure.map_or_else(|| "–".to_owned(), |figure| format!("{:.3}", figure.value))
}

fn bounds(figure: Option<Figure>) -> String {
    match figure {
        Some(Figure { interval: Interval { low, high }, .. }) => format!("{low:.3}–{high:.3}"),
        None => "–".to_owned(),
    }
}
