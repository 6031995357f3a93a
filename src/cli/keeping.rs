//! `recount backup`, `restore`, `check` and `reindex`.

use super::import::{bar, count};
use super::{CliError, Output, Status};
use crate::assistant::{
    self, Assistant, AssistantError, Cancel, Copied, Encoder, Finding, MemoryPart,
};
use crate::conversation::Timestamp;
use crate::shapes;
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `recount backup`
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The file to write; a folder gets a file with the date in its name
    pub path: PathBuf,
    /// Overwrite the file where it is there
    #[arg(long)]
    pub force: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `recount restore`
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The backup
    pub path: PathBuf,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `recount check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Make again what is derived from the turns, and mend who may read the files
    #[arg(long)]
    pub repair: bool,
    /// Leave out what reads every text and every vector
    #[arg(long)]
    pub quick: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `recount reindex`
#[derive(Debug, Args)]
pub struct ReindexArgs {
    /// Make the embeddings by this encoder from now on
    #[arg(long, value_name = "NAME", conflicts_with = "words")]
    pub encoder: Option<String>,
    /// The words alone
    #[arg(long)]
    pub words: bool,
    /// List the encoders that have a name, and whether their weights are here
    #[arg(long, conflicts_with_all = ["encoder", "words"])]
    pub list_encoders: bool,
    /// Print the list as JSON
    #[arg(long, requires = "list_encoders")]
    pub json: bool,
}

/// Starts an encoder by its name.
pub type StartEncoder<'a> = &'a dyn Fn(&str) -> Result<Arc<dyn Encoder>, AssistantError>;

pub(super) fn backup(
    args: &BackupArgs,
    output: Output,
    assistant: &Assistant,
    now: Timestamp,
    cancel: &Cancel,
) -> Result<Status, CliError> {
    let path = if args.path.is_dir() {
        args.path.join(format!("recount-{}.db", now.civil().strftime("%Y-%m-%dT%H-%M-%SZ")))
    } else {
        args.path.clone()
    };
    if path.exists() && !args.force {
        return Err(CliError::Usage(format!(
            "{} is there already; --force overwrites it",
            path.display()
        )));
    }
    let shown = bar(output, "{spinner} copying {bar:30} {percent}% {eta} left");
    let copied = assistant.backup(&path, args.force, cancel, &mut |done, of| {
        shown.set_length(of);
        shown.set_position(done);
    });
    shown.finish_and_clear();
    let copied = copied?;
    if args.json {
        let mut told = held(&copied);
        told["path"] = path.to_string_lossy().into();
        print(&(shapes::line(&told) + "\n"))?;
    } else {
        output.message(&format!(
            "{} holds {}; it was read back and is whole",
            path.display(),
            words(&copied)
        ));
    }
    Ok(Status::Done)
}

/// Puts a backup in the place of the memory; needs none to be open.
pub fn restore(
    args: &RestoreArgs,
    output: Output,
    memory: &Path,
    now: Timestamp,
) -> Result<Status, CliError> {
    let held_there = assistant::inspect_backup(&args.path)?;
    let there = std::fs::metadata(memory).is_ok_and(|meta| meta.len() > 0);
    if there && !args.yes {
        let question = format!(
            "{} holds {}.\nPut it in the place of {}, which is kept under another name?",
            args.path.display(),
            words(&held_there),
            memory.display()
        );
        if !agreed(output, &question)? {
            output.message("nothing was changed");
            return Ok(Status::Done);
        }
    }
    let (copied, kept) = assistant::restore(&args.path, memory, now)?;
    if args.json {
        let mut told = held(&copied);
        told["path"] = memory.to_string_lossy().into();
        told["kept"] = kept.map_or(Value::Null, |kept| kept.to_string_lossy().into());
        print(&(shapes::line(&told) + "\n"))?;
        return Ok(Status::Done);
    }
    output.message(&format!("{} holds {} now", memory.display(), words(&copied)));
    if let Some(kept) = kept {
        output.message(&format!("what was there before is kept as {}", kept.display()));
    }
    Ok(Status::Done)
}

pub(super) fn check(
    args: &CheckArgs,
    output: Output,
    assistant: &Assistant,
    cancel: &Cancel,
) -> Result<Status, CliError> {
    let mut checked = assistant.check(args.quick)?;
    let mut repaired: Vec<Finding> = Vec::new();
    if args.repair && !checked.findings.is_empty() {
        let before = checked.findings;
        let mut parts: Vec<_> = before.iter().map(|finding| finding.part).collect();
        parts.dedup();
        for part in parts.into_iter().filter(|part| part.can_be_repaired()) {
            assistant.repair(part)?;
        }
        super::import::encode(output, assistant, cancel)?;
        checked = assistant.check(args.quick)?;
        let left = &checked.findings;
        repaired = before.into_iter().filter(|finding| !left.contains(finding)).collect();
    }
    let whole = checked.findings.is_empty();
    let status = assistant.status()?;
    if args.json {
        let list = |findings: &[Finding]| -> Value {
            let one = |finding: &Finding| {
                json!({"part": finding.part.name(), "what": finding.what,
                       "repairable": finding.part.can_be_repaired()})
            };
            findings.iter().map(one).collect()
        };
        let told = json!({
            "path": status.path.to_string_lossy(), "ok": whole, "schema": checked.schema,
            "turns": checked.turns, "sessions": checked.sessions,
            "embeddings": checked.embeddings, "pending": checked.pending,
            "checksums_made_later": checked.summed_later,
            "findings": list(&checked.findings), "repaired": list(&repaired),
        });
        print(&(shapes::line(&told) + "\n"))?;
    } else {
        let mut text = String::new();
        for (verb, findings) in [("repaired", &repaired), ("wrong", &checked.findings)] {
            for finding in findings {
                let name = output.bold(&format!("{verb}: {}", finding.part.name()));
                let what = crate::conversation::visible_line(&finding.what);
                let _ = writeln!(text, "{name}: {what}");
            }
        }
        if whole {
            let pending = match checked.pending {
                0 => String::new(),
                n => format!(", {n} to be made"),
            };
            let _ = writeln!(
                text,
                "{} is whole: {} in {}, {}{pending}",
                crate::conversation::visible_line(&status.path.to_string_lossy()),
                count(output, checked.turns, "turn"),
                count(output, checked.sessions, "session"),
                count(output, checked.embeddings, "embedding"),
            );
        }
        print(&text)?;
    }
    if whole {
        return Ok(Status::Done);
    }
    let only = |parts: &[MemoryPart]| checked.findings.iter().all(|one| parts.contains(&one.part));
    let derived = checked.findings.iter().all(|finding| finding.part.can_be_repaired());
    Err(CliError::NotWhole(match (derived, args.repair) {
        (true, false) if only(&[MemoryPart::Permissions]) => {
            "`recount check --repair` takes away the others' permission"
        }
        (true, false) if only(&[MemoryPart::LeftOver]) => "`recount check --repair` removes it",
        (true, false) => {
            "`recount check --repair` mends it; what is derived is made again from the turns"
        }
        (true, true) => "what is left could not be repaired; restore a backup",
        (false, _) if checked.findings.iter().any(|one| one.part == MemoryPart::Turns) => {
            "restore a backup with `recount restore`, or delete the changed turns with `recount forget --turn ID`"
        }
        (false, _) => "what people said may be touched; restore a backup with `recount restore`",
    }))
}

/// Makes derived state anew. The encoder is started before anything is changed.
pub fn reindex(
    args: &ReindexArgs,
    output: Output,
    assistant: &Assistant,
    start: StartEncoder<'_>,
    cancel: &Cancel,
) -> Result<Status, CliError> {
    let encoder = if args.words {
        None
    } else {
        let name = match &args.encoder {
            Some(name) => Some(name.clone()),
            // What was begun is finished first.
            None => match assistant.coming()? {
                Some(coming) => Some(coming.encoder),
                None => assistant.answering_encoder()?,
            },
        };
        Some(start(name.as_deref().unwrap_or_default())?)
    };
    let shown = bar(output, "{spinner} words of {pos} turns");
    let read = assistant.reindex_words(cancel, &mut |read| shown.set_position(read));
    shown.finish_and_clear();
    output.message(&format!("made the words of {} anew", number(read?, "turn")));
    let Some(encoder) = encoder else { return Ok(Status::Done) };
    let begun = assistant.coming()?.filter(|coming| coming.encoder == encoder.name());
    if let Some(coming) = begun {
        output.message(&format!("going on after {} of {}", coming.made, coming.wanted));
    }
    let shown =
        bar(output, "{spinner} making embeddings {bar:30} {pos}/{len} {per_sec} {eta} left");
    let made = assistant.reindex_embeddings(encoder.as_ref(), cancel, &mut |made, wanted| {
        shown.set_length(wanted);
        shown.set_position(made);
    });
    shown.finish_and_clear();
    match made {
        Ok(made) => {
            output.message(&format!(
                "made {} anew by {}",
                number(made, "embedding"),
                encoder.name()
            ));
            Ok(Status::Done)
        }
        Err(AssistantError::Cancelled) => {
            output.message(
                "the old embeddings answer as before; the same command goes on where it was",
            );
            Err(AssistantError::Cancelled.into())
        }
        Err(error) => Err(error.into()),
    }
}

fn held(copied: &Copied) -> Value {
    json!({"turns": copied.turns, "sessions": copied.sessions, "schema": copied.schema,
           "bytes": copied.bytes})
}

fn words(copied: &Copied) -> String {
    format!("{} in {}", number(copied.turns, "turn"), number(copied.sessions, "session"))
}

/// "1 turn", "2 turns", without a style: messages show no control characters, also not our own.
fn number(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Asks on a terminal. Where nobody can be asked, the command is refused.
fn agreed(output: Output, question: &str) -> Result<bool, CliError> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(CliError::Usage(
            "there is a memory already and nobody can be asked; --yes puts the backup in its place"
                .into(),
        ));
    }
    output.ask(&format!("{question} [y/N] "));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
