//! `recount import --list` and `--undo`: the imports that were made.

use super::import::{bar, count};
use super::search::day;
use super::{CliError, Output, Status, json};
use crate::assistant::{Assistant, AssistantError, Cancel, Imported, Removed};
use crate::conversation::{ImportId, visible_line};
use crate::shapes;
use serde_json::{Value, json};
use std::io::Write;

pub(super) fn list(
    out: &mut impl Write,
    output: Output,
    assistant: &Assistant,
    as_json: bool,
) -> Result<Status, CliError> {
    let imports = assistant.imports()?;
    if as_json {
        let listed: Vec<Value> = imports.iter().map(json::imported).collect();
        writeln!(out, "{}", shapes::line(&json!({"imports": listed})))?;
    } else {
        for import in &imports {
            writeln!(
                out,
                "{:>6}  {:<18}  {}, {}  {}",
                import.id.0,
                day(import.imported_at),
                count(output, import.messages, "message"),
                count(output, import.conversations, "conversation"),
                output.dim(&origin(import)),
            )?;
        }
        if imports.is_empty() {
            output.message("no imports");
        }
    }
    out.flush()?;
    Ok(Status::Done)
}

/// The formats and the inputs of an import, on one line.
fn origin(import: &Imported) -> String {
    let paths: Vec<String> = import.paths.iter().map(|path| path.display().to_string()).collect();
    visible_line(&format!("{}: {}", import.formats.join(", "), paths.join(", "))).into_owned()
}

/// Which import is undone, and how that is reported.
pub(super) struct Undo {
    pub(super) id: ImportId,
    pub(super) dry_run: bool,
    pub(super) as_json: bool,
}

pub(super) fn undo(
    out: &mut impl Write,
    output: Output,
    assistant: &Assistant,
    &Undo { id, dry_run, as_json }: &Undo,
    cancel: &Cancel,
) -> Result<Status, CliError> {
    let removed = if dry_run {
        assistant.would_undo(id)?
    } else {
        let template =
            "{spinner} removing turns {bar:30} {human_pos}/{human_len} {per_sec} {eta} left";
        let bar = bar(output, template);
        let removed = assistant.undo_import(id, cancel, &mut |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        });
        bar.finish_and_clear();
        if matches!(removed, Err(AssistantError::Cancelled)) {
            output.message(&format!(
                "stopped; run `recount import --undo {id}` again to remove the rest of the import"
            ));
        }
        removed?
    };
    let Removed { messages, folded, answers, sessions } = removed;
    if as_json {
        let removed = json!({"messages": messages, "folded": folded, "answers": answers,
            "conversations": sessions});
        writeln!(
            out,
            "{}",
            shapes::line(&json!({"import": id.0, "dry_run": dry_run, "removed": removed}))
        )?;
    } else {
        writeln!(
            out,
            "{} {} and {} of import {id}",
            if dry_run { "would remove" } else { "removed" },
            // The answers, which are messages as well, are told by themselves.
            count(output, messages - answers, "message"),
            count(output, sessions, "conversation"),
        )?;
        if folded > 0 {
            writeln!(out, "  and {folded} hidden turns")?;
        }
        if answers > 0 {
            writeln!(out, "  with {} based on it", count(output, answers, "answer"))?;
        }
    }
    out.flush()?;
    Ok(Status::Done)
}
