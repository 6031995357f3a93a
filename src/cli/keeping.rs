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
    /// File to write; in a folder, creates a file with the date in its name
    pub path: PathBuf,
    /// Overwrite an existing file
    #[arg(long)]
    pub force: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `recount restore`
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// Backup to restore
    pub path: PathBuf,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub yes: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `recount check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Rebuild derived data and fix file permissions
    #[arg(long)]
    pub repair: bool,
    /// Skip checks that read every text and vector
    #[arg(long)]
    pub quick: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `recount reindex`
#[derive(Debug, Args)]
pub struct ReindexArgs {
    /// Switch to this encoder
    #[arg(long, value_name = "NAME", conflicts_with = "words")]
    pub encoder: Option<String>,
    /// Rebuild only the words
    #[arg(long)]
    pub words: bool,
    /// List known encoders and whether their weights are installed
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
            "{} already exists; use --force to overwrite it",
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
        output.message(&format!("{}: backed up and verified {}", path.display(), words(&copied)));
    }
    Ok(Status::Done)
}

/// Replaces the memory with a backup. No memory needs to be open.
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
            "{} holds {}.\nReplace {} with it? The old memory is kept under another name.",
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
    output.message(&format!("{} now holds {}", memory.display(), words(&copied)));
    if let Some(kept) = kept {
        output.message(&format!("the old memory is kept as {}", kept.display()));
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
                n => format!(", {n} pending"),
            };
            let _ = writeln!(
                text,
                "{} is intact: {} in {}, {}{pending}",
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
            "run `recount check --repair` to fix the permissions"
        }
        (true, false) if only(&[MemoryPart::LeftOver]) => {
            "run `recount check --repair` to remove it"
        }
        (true, false) => "run `recount check --repair` to rebuild derived data from the turns",
        (true, true) => "the remaining problems cannot be repaired; restore a backup",
        (false, _) if checked.findings.iter().any(|one| one.part == MemoryPart::Turns) => {
            "restore a backup with `recount restore`, or delete the changed turns with `recount forget --turn ID`"
        }
        (false, _) => "original data may be damaged; restore a backup with `recount restore`",
    }))
}

/// Rebuilds derived data. Starts the encoder before it changes anything.
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
    output.message(&format!("rebuilt the words of {}", number(read?, "turn")));
    let Some(encoder) = encoder else { return Ok(Status::Done) };
    let begun = assistant.coming()?.filter(|coming| coming.encoder == encoder.name());
    if let Some(coming) = begun {
        output.message(&format!("continuing after {} of {}", coming.made, coming.wanted));
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
                "rebuilt {} with {}",
                number(made, "embedding"),
                encoder.name()
            ));
            Ok(Status::Done)
        }
        Err(AssistantError::Cancelled) => {
            output.message("the old embeddings are still in use; run the same command to continue");
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

/// Asks on a terminal. Without a terminal, the command fails.
fn agreed(output: Output, question: &str) -> Result<bool, CliError> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(CliError::Usage(
            "a memory already exists and there is no terminal to ask on; use --yes to replace it"
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
