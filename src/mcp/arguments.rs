//! What the tools take. The doc comments become the schema that agents read.

use crate::evidence::{Filter, FilterError, FilterWords, Query};
use rmcp::schemars::{self, JsonSchema};
use serde::Deserialize;

/// Which turns may be found. Everything that is given must hold.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(super) struct Where {
    /// Only turns of the session with this id
    #[serde(default)]
    pub(super) session: Option<i64>,
    /// Only turns said by this person or assistant, by name
    #[serde(default)]
    pub(super) speaker: Option<String>,
    /// Only turns of this role: user, assistant, system or tool
    #[serde(default)]
    pub(super) role: Option<String>,
    /// Only turns from this source: chat, note, or an import format such as whatsapp
    #[serde(default)]
    pub(super) source: Option<String>,
    /// Only turns said at this time or later: 2023, 2023-05, 2023-05-08 or RFC 3339
    #[serde(default)]
    pub(super) since: Option<String>,
    /// Only turns said before the end of this time
    #[serde(default)]
    pub(super) until: Option<String>,
}

impl Where {
    /// The filter that the arguments mean.
    pub(super) fn filter(self) -> Result<Filter, FilterError> {
        FilterWords {
            session: self.session,
            speaker: self.speaker,
            role: self.role,
            source: self.source,
            since: self.since,
            until: self.until,
        }
        .read()
    }

    /// The query of a text among these turns.
    pub(super) fn query(self, text: &str) -> Result<Query, FilterError> {
        Ok(Query { filter: self.filter()?, ..Query::new(text) })
    }
}

/// `search`
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Search {
    /// What to look for, in words or as a question; meaning counts as well as words
    pub(super) query: String,
    /// How many turns at most, 1 to 100 (10 if not given)
    #[serde(default)]
    pub(super) limit: Option<u32>,
    #[serde(flatten)]
    pub(super) place: Where,
}

/// `ask`
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Ask {
    /// The question, complete in itself
    pub(super) question: String,
    #[serde(flatten)]
    pub(super) place: Where,
}

/// `read_session`
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct ReadSession {
    /// The turn to read around, as a search or a citation names it
    #[serde(default)]
    pub(super) turn: Option<i64>,
    /// The session to read, where no turn is given
    #[serde(default)]
    pub(super) session: Option<i64>,
    /// How many turns before that turn, 0 to 100 (5 if not given)
    #[serde(default)]
    pub(super) before: Option<u32>,
    /// How many turns after it, 0 to 100 (10 if not given)
    #[serde(default)]
    pub(super) after: Option<u32>,
    /// Where to begin in the session, from 0, where no turn is given
    #[serde(default)]
    pub(super) from: Option<u32>,
}

/// `remember`
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Remember {
    /// The note, complete in itself: names instead of pronouns, dates instead of "yesterday"
    pub(super) text: String,
}

/// `forget`
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Forget {
    /// The ids of the turns to forget, as a search names them; at most 100
    pub(super) turns: Vec<i64>,
}

/// `list_sessions`
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct ListSessions {
    /// Only sessions in whose title or turns these words stand
    #[serde(default)]
    pub(super) text: Option<String>,
    /// Only sessions from this source: chat, note, or an import format such as whatsapp
    #[serde(default)]
    pub(super) source: Option<String>,
    /// Only sessions in which this person or assistant speaks
    #[serde(default)]
    pub(super) speaker: Option<String>,
    /// Only sessions that the user gave this tag
    #[serde(default)]
    pub(super) tag: Option<String>,
    /// How many at most, 1 to 200 (50 if not given)
    #[serde(default)]
    pub(super) limit: Option<u32>,
    /// Leave out the first so many
    #[serde(default)]
    pub(super) offset: Option<u32>,
}
