//! Sessions as resources: listed in pages, read as plain text.

use super::text;
use crate::assistant::{Assistant, AssistantError, SessionQuery};
use crate::conversation::{SessionId, visible_line};
use rmcp::ErrorData;
use rmcp::model::{
    ListResourceTemplatesResult, ListResourcesResult, ReadResourceResult, Resource,
    ResourceContents, ResourceTemplate,
};

/// How many sessions are listed at once.
const PAGE: usize = 50;
/// How many turns are read at once: more would flood the agent that reads them.
const TURNS: usize = 200;
const BEGINS: &str = "recount://session/";

/// Returns a page of the sessions, the last active first. The cursor is how many came before.
pub(super) fn list(
    assistant: &Assistant,
    cursor: Option<&str>,
) -> Result<ListResourcesResult, ErrorData> {
    let offset = match cursor {
        None => 0,
        Some(cursor) => cursor
            .parse()
            .map_err(|_| ErrorData::invalid_params("this cursor is not one of ours", None))?,
    };
    let sessions = assistant.sessions(&SessionQuery::default(), offset, PAGE).map_err(failed)?;
    let more = sessions.len() == PAGE;
    let resources = sessions.into_iter().map(|session| {
        let title = session.display_title();
        let source = visible_line(&session.source);
        Resource::new(format!("{BEGINS}{}", session.id), visible_line(&title))
            .with_description(format!("{source}, {}", text::turn_count(&session)))
            .with_mime_type("text/plain")
    });
    let mut listed = ListResourcesResult::with_all_items(resources.collect());
    listed.next_cursor = more.then(|| (offset + PAGE).to_string());
    Ok(listed)
}

/// Returns how resources are named that are not listed.
pub(super) fn templates() -> ListResourceTemplatesResult {
    let named = [
        (
            "recount://session/{id}",
            "A session",
            "What was said in a session, its first turns where it is long",
        ),
        (
            "recount://session/{id}/{position}",
            "A session from a position on",
            "What was said in a session from a turn's position on, counted from 0",
        ),
    ];
    let templates = named.into_iter().map(|(uri, name, description)| {
        ResourceTemplate::new(uri, name).with_description(description).with_mime_type("text/plain")
    });
    ListResourceTemplatesResult::with_all_items(templates.collect())
}

/// Reads a session by its URI.
pub(super) fn read(assistant: &Assistant, uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let unknown = || {
        let why = format!("unknown resource {}; sessions are {BEGINS}ID", visible_line(uri));
        ErrorData::resource_not_found(why, None)
    };
    let (id, from) = place(uri).ok_or_else(unknown)?;
    let session = assistant.session(id).map_err(failed)?.ok_or_else(unknown)?;
    let turns = assistant.turns(id, from, TURNS + 1).map_err(failed)?;
    let (shown, rest) = turns.split_at(turns.len().min(TURNS));
    let goes_on = rest.first().map(|next| format!("{BEGINS}{id}/{}", next.position));
    let text = text::session(&session, shown, goes_on.as_deref());
    Ok(ReadResourceResult::new(vec![ResourceContents::text(text, uri)]))
}

fn place(uri: &str) -> Option<(SessionId, i64)> {
    let rest = uri.strip_prefix(BEGINS)?;
    let (id, from) = rest.split_once('/').unwrap_or((rest, "0"));
    Some((SessionId(id.parse().ok()?), from.parse().ok().filter(|from| *from >= 0)?))
}

#[expect(clippy::needless_pass_by_value, reason = "taken by map_err")]
fn failed(error: AssistantError) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}
