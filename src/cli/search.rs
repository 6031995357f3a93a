//! `recount search`, and the filters that `ask` shares with it.

use super::args::{FilterArgs, SearchArgs};
use super::{CliError, Output, Status};
use crate::assistant::{Assistant, Cancel};
use crate::conversation::{Timestamp, name_of};
use crate::evidence::{Filter, FilterError, FilterWords, Hit, Query};
use crate::shapes;
use serde_json::{Map, Value};
use std::io::{self, BufRead, Write};

/// How many turns are printed where nobody says.
const DEFAULT_LIMIT: u32 = 10;

pub(super) fn run(
    args: &SearchArgs,
    output: Output,
    assistant: &Assistant,
    cancel: &Cancel,
) -> Result<Status, CliError> {
    let limit = args.limit.unwrap_or(DEFAULT_LIMIT) as usize;
    let base = Filter { folded: args.folded, ..filter(&args.filter)? };
    super::import::encode_a_few(output, assistant, cancel)?;
    if args.batch {
        return batch(&base, cancel, |query| {
            let query = Query { questions: args.questions, ..query.clone() };
            let hits = assistant.search(&query, limit)?;
            Ok(shapes::hits(&query.text, &hits))
        });
    }
    let text = super::output::argument_or_stdin(args.query.as_deref().unwrap_or_default())?;
    if text.trim().is_empty() {
        return Err(CliError::Usage("the query is empty; type what to search for".into()));
    }
    let query = Query { filter: base, questions: args.questions, ..Query::new(text) };
    let hits = assistant.search(&query, limit)?;
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", shapes::line(&Value::Object(shapes::hits(&query.text, &hits))))?;
    } else {
        for (index, hit) in hits.iter().enumerate() {
            print_hit(&mut out, output, index + 1, hit, args.explain)?;
        }
        if hits.is_empty() {
            output.message("nothing found");
        }
    }
    out.flush()?;
    Ok(if hits.is_empty() { Status::NothingFound } else { Status::Done })
}

pub(super) fn print_hit(
    out: &mut impl Write,
    output: Output,
    rank: usize,
    hit: &Hit,
    explain: bool,
) -> io::Result<()> {
    let turn = &hit.turn;
    let when = turn.said_at.map(day).unwrap_or_default();
    let folded = if turn.kind.is_said() { String::new() } else { format!("{}, ", turn.kind) };
    writeln!(
        out,
        "{} {}  {}",
        output.accent(&format!("[{rank}]")),
        output.bold(name_of(&turn.speaker)),
        output.dim(&format!(
            "{when}  {} ({folded}session {}, turn {})",
            hit.session_title, turn.session, turn.id
        )),
    )?;
    for line in turn.text.lines() {
        writeln!(out, "    {}", crate::conversation::visible(line))?;
    }
    if explain {
        let signals: Vec<String> =
            hit.signals.named().iter().map(|(name, value)| format!("{name} {value:.3}")).collect();
        writeln!(
            out,
            "    {}",
            output.dim(&format!("score {:.3} = {}", hit.score, signals.join(", ")))
        )?;
    }
    Ok(())
}

/// A day as people write it.
pub(super) fn day(at: Timestamp) -> String {
    at.civil().date().strftime("%-d %B %Y").to_string()
}

/// Answers JSON lines, in order, each as it is done. A bad line gets an error of its own.
pub(super) fn batch(
    base: &Filter,
    cancel: &Cancel,
    mut one: impl FnMut(&Query) -> Result<Map<String, Value>, CliError>,
) -> Result<Status, CliError> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().split(b'\n') {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        if cancel.is_cancelled() {
            return Err(CliError::Interrupted);
        }
        let (id, query) = request(&line, base);
        let mut reply = Map::new();
        reply.insert("id".into(), id);
        match query.map_err(CliError::Usage).and_then(|query| one(&query)) {
            Ok(fields) => reply.extend(fields),
            Err(error) => {
                reply.insert("error".into(), error.to_string().into());
            }
        }
        writeln!(out, "{}", shapes::line(&Value::Object(reply)))?;
        out.flush()?;
    }
    Ok(Status::Done)
}

/// One line of a batch: its id, and the query or what is wrong with it.
fn request(line: &[u8], base: &Filter) -> (Value, Result<Query, String>) {
    let fields: Map<String, Value> = match serde_json::from_slice(line) {
        Ok(fields) => fields,
        Err(error) => return (Value::Null, Err(format!("not a JSON object: {error}"))),
    };
    let id = fields.get("id").cloned().unwrap_or_default();
    let query = (|| {
        let text = match fields
            .get("query")
            .or_else(|| fields.get("question"))
            .or_else(|| fields.get("text"))
        {
            Some(Value::String(text)) if !text.trim().is_empty() => text.clone(),
            Some(Value::String(_)) => return Err("\"query\" is empty".to_owned()),
            _ => return Err("\"query\" is missing or not a string".to_owned()),
        };
        let word = |name: &str| match fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(word)) => Ok(Some(word.clone())),
            Some(_) => Err(format!("\"{name}\" is not a string")),
        };
        let session = match fields.get("session") {
            None | Some(Value::Null) => None,
            Some(id) => Some(id.as_i64().ok_or("\"session\" is not a whole number")?),
        };
        let given = FilterWords {
            session,
            speaker: word("speaker")?,
            role: word("role")?,
            source: word("source")?,
            since: word("since")?,
            until: word("until")?,
        };
        let given = given.read().map_err(|error| error.to_string())?;
        let filter = Filter {
            session: given.session.or(base.session),
            speaker: given.speaker.or_else(|| base.speaker.clone()),
            role: given.role.or(base.role),
            source: given.source.or_else(|| base.source.clone()),
            since: given.since.or(base.since),
            until: given.until.or(base.until),
            ..base.clone()
        };
        Ok(Query { filter, ..Query::new(text) })
    })();
    (id, query)
}

/// The filter that the options describe.
pub(super) fn filter(args: &FilterArgs) -> Result<Filter, CliError> {
    let words = FilterWords {
        session: args.session,
        speaker: args.speaker.clone(),
        role: args.role.clone(),
        source: args.source.clone(),
        since: args.since.clone(),
        until: args.until.clone(),
    };
    words.read().map_err(|error| CliError::Usage(error.to_string()))
}

/// Reads a time as it is typed.
pub(super) fn time(
    text: &str,
    parse: fn(&str) -> Option<Timestamp>,
) -> Result<Timestamp, CliError> {
    parse(text).ok_or_else(|| CliError::Usage(FilterError::Time(text.to_owned()).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_lines_of_a_batch_say_what_is_wrong() {
        let open = Filter::default();
        assert!(request(b"{", &open).1.is_err());
        assert_eq!(request(b"{\"id\": 7}", &open).0, 7);
        assert!(request(b"{\"id\": 7, \"query\": 3}", &open).1.is_err());
        assert!(request(b"{\"query\": \"x\", \"role\": \"queen\"}", &open).1.is_err());
        let (_, query) = request(b"{\"query\": \"x\", \"speaker\": \"Ann\"}", &open);
        assert_eq!(query.unwrap().filter.speaker.as_deref(), Some("Ann"));
    }
}
