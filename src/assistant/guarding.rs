//! Secrets in what goes in and out: what is stored, warned of and shown.
//!
//! Every door of the program (commands, screen, protocol server, exports) gets turns from the
//! assistant, so this is the one place where they are masked. Questions are answered from masked
//! turns: neither an answer nor a quote can hold a secret, not even a part of one. Does not own
//! what a secret is (`secrets`).

use super::{Assistant, AssistantError};
use crate::conversation::{
    Conversation, NewTurn, Restored, Said, Session, SessionRecord, Telling, Turn, TurnRecord,
};
use crate::evidence::{Citation, Hit};
use crate::import::Report;
use crate::memory::Found;
use crate::secrets::{self, Census, Mode};
use std::borrow::Cow;
use std::io;

/// The turns of a long conversation without those that may not be stored.
struct Admitted {
    turns: Box<dyn Said>,
    refused: Vec<bool>,
}

impl Said for Admitted {
    fn count(&self) -> usize {
        self.refused.iter().filter(|refused| !**refused).count()
    }

    fn tell(&self) -> Telling<'_> {
        let told = self.turns.tell().zip(&self.refused);
        Box::new(told.filter(|(_, refused)| !**refused).map(|(turn, _)| turn))
    }
}

/// What becomes of secrets.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Guard {
    pub(super) mode: Mode,
    /// Whether they are shown as they are stored, whatever the mode.
    pub(super) open: bool,
}

impl Guard {
    /// Whether what is shown is masked.
    pub(super) fn masks(self) -> bool {
        self.mode != Mode::Keep && !self.open
    }

    /// A text as it is shown.
    pub(super) fn shown(self, text: &str) -> Cow<'_, str> {
        if self.masks() { secrets::masked(text) } else { Cow::Borrowed(text) }
    }

    pub(super) fn text(self, text: &mut String) {
        if let Cow::Owned(masked) = self.shown(text) {
            *text = masked;
        }
    }

    pub(super) fn turns(self, mut turns: Vec<Turn>) -> Vec<Turn> {
        for turn in &mut turns {
            self.text(&mut turn.text);
            self.text(&mut turn.speaker);
        }
        turns
    }

    pub(super) fn hits(self, mut hits: Vec<Hit>) -> Vec<Hit> {
        for hit in &mut hits {
            self.text(&mut hit.turn.text);
            self.text(&mut hit.turn.speaker);
            self.text(&mut hit.session_title);
        }
        hits
    }

    pub(super) fn found(self, mut found: Vec<Found>) -> Vec<Found> {
        for one in &mut found {
            self.text(&mut one.turn.text);
            self.text(&mut one.turn.speaker);
            self.text(&mut one.session_title);
        }
        found
    }

    pub(super) fn session(self, session: &mut Session) {
        let texts = [&mut session.title, &mut session.name, &mut session.first_words];
        for text in texts.into_iter().flatten() {
            self.text(text);
        }
    }

    /// The record as it is shown, where that differs.
    pub(super) fn record(self, record: &SessionRecord) -> Cow<'_, SessionRecord> {
        if !self.masks() {
            return Cow::Borrowed(record);
        }
        let mut shown = record.clone();
        self.session(&mut shown.session);
        Cow::Owned(shown)
    }

    /// The same of a turn's.
    pub(super) fn turn(self, record: &TurnRecord) -> Cow<'_, TurnRecord> {
        let quotes = !record.quotations.is_empty();
        let named = secrets::any(&record.turn.speaker);
        if !self.masks() || !quotes && !named && !secrets::any(&record.turn.text) {
            return Cow::Borrowed(record);
        }
        let mut shown = record.clone();
        self.text(&mut shown.turn.text);
        self.text(&mut shown.turn.speaker);
        for quotation in &mut shown.quotations {
            self.text(&mut quotation.quote);
        }
        Cow::Owned(shown)
    }

    /// Citations as they are shown.
    pub(super) fn citations(self, mut citations: Vec<Citation>) -> Vec<Citation> {
        for citation in &mut citations {
            self.text(&mut citation.quote);
            self.text(&mut citation.speaker);
        }
        citations
    }

    /// Drops what may not be stored from a conversation that is imported, with what is told of it.
    pub(super) fn admit(
        self,
        conversation: &mut Conversation,
        restored: Option<&mut Restored>,
        report: &mut Report,
    ) {
        if self.mode != Mode::Refuse {
            return;
        }
        let Ok(refused) = Self::refused(conversation, None, report) else { return };
        if !refused.contains(&true) {
            return;
        }
        let mut at = 0;
        let mut stays = || {
            at += 1;
            !refused[at - 1]
        };
        conversation.turns.retain(|_| stays());
        if let Some(restored) = restored {
            let mut refused = refused.iter();
            restored.turns.retain(|_| !refused.next().copied().unwrap_or_default());
        }
    }

    /// The same for one whose turns are not held.
    pub(super) fn admit_long(
        self,
        conversation: &mut Conversation,
        turns: Box<dyn Said>,
        report: &mut Report,
    ) -> io::Result<Box<dyn Said>> {
        if self.mode != Mode::Refuse {
            return Ok(turns);
        }
        let refused = Self::refused(conversation, Some(&*turns), report)?;
        Ok(if refused.contains(&true) { Box::new(Admitted { turns, refused }) } else { turns })
    }

    /// Which turns may not be stored, each counted; masks the title.
    fn refused(
        conversation: &mut Conversation,
        turns: Option<&dyn Said>,
        report: &mut Report,
    ) -> io::Result<Vec<bool>> {
        if let Some(title) = &mut conversation.title
            && let Cow::Owned(masked) = secrets::masked(title)
        {
            *title = masked;
        }
        let holds = |turn: io::Result<Cow<'_, NewTurn>>| {
            let mut census = Census::default();
            let holds = census.count(&turn?.text);
            if holds {
                report.skip(&format!("message with {census} refused"), "");
            }
            Ok(holds)
        };
        turns.unwrap_or(&conversation.turns).tell().map(holds).collect()
    }

    /// Warns of what was stored.
    pub(super) fn warn(self, census: &Census, turns: u64, dry_run: bool, report: &mut Report) {
        if self.mode == Mode::Mask && !census.is_empty() {
            let s = if turns == 1 { "" } else { "s" };
            let are = if dry_run { "would be" } else { "are" };
            report.warnings.push(format!(
                "{census} in {turns} message{s} {are} stored, and masked when shown or exported"
            ));
        }
    }
}

impl Assistant {
    /// What becomes of secrets in turns. `open` shows them as they are stored.
    #[must_use]
    pub fn with_secrets(mut self, mode: Mode, open: bool) -> Self {
        self.guard = Guard { mode, open };
        self
    }

    /// What the user should know of a text that was appended: that it holds secrets, and what
    /// becomes of them.
    pub fn secrets_in(&self, text: &str) -> Option<String> {
        let mut census = Census::default();
        (self.guard.mode == Mode::Mask && census.count(text)).then(|| {
            let it = if census.total() == 1 { "it is" } else { "they are" };
            format!(
                "the text contains {census}: stored as written; {it} masked when shown or exported"
            )
        })
    }

    /// Refuses a text that may not be stored.
    pub(super) fn admit(&self, text: &str) -> Result<(), AssistantError> {
        let mut census = Census::default();
        if self.guard.mode == Mode::Refuse && census.count(text) {
            return Err(AssistantError::Secret(census));
        }
        Ok(())
    }
}
