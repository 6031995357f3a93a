//! Searching: what a query means to this memory, the best turns for it, and misspelt words.
//!
//! Owns the order of these steps. Ranking is `retrieval`'s, the order that the reader gives `reading`'s.

use super::{Assistant, AssistantError, READ_FOR_SEARCH};
use crate::conversation::Kind;
use crate::evidence::{Filter, Hit, Query, Signals};
use crate::question::{self, Question};

impl Assistant {
    /// The best turns for a query, by words and meaning. Waits for the encoder to start; where it
    /// cannot, words alone decide. Without a word to look for, the newest that pass the filter.
    pub fn search(&self, query: &Query, limit: usize) -> Result<Vec<Hit>, AssistantError> {
        if query.text.trim().is_empty() {
            return self.newest_passing(&query.filter, limit);
        }
        said_first(query, limit, &mut |query| {
            let question = self.understand(query)?;
            let mut hits = self.retrieve(&question, limit.max(READ_FOR_SEARCH))?;
            self.read(&question, &mut hits, READ_FOR_SEARCH)?;
            hits.truncate(limit);
            Ok(hits)
        })
    }

    pub(super) fn retrieve(
        &self,
        question: &Question,
        limit: usize,
    ) -> Result<Vec<Hit>, AssistantError> {
        let hits = self.meaning.with(|meaning| {
            Ok(self.retriever.retrieve(&self.memory, meaning, question, limit)?)
        })?;
        Ok(self.guard.hits(hits))
    }

    /// The question that a query is, to this memory, now.
    pub(super) fn understand(&self, query: &Query) -> Result<Question, AssistantError> {
        let query = Query { asked_at: query.asked_at.or(Some(self.clock.now())), ..query.clone() };
        let speakers = self.memory.speakers(question::MOST_SPEAKERS)?;
        let mut question = Question::understand(&query, &speakers);
        self.spell(&mut question)?;
        Ok(question)
    }

    /// Replaces the terms of misspelt words: of words that the encoder's vocabulary does not hold and that
    /// no turn contains. The most similar term of this memory takes their place.
    fn spell(&self, question: &mut Question) -> Result<(), AssistantError> {
        let Some(encoder) = self.meaning.started() else { return Ok(()) };
        let spelt = |word: &str| encoder.knows(word).unwrap_or(true);
        for term in question.strange_terms(&spelt) {
            let held = self.memory.document_frequencies(std::slice::from_ref(&term))?;
            if held == [0]
                && let Some(meant) = self.memory.like_term(&term)?
            {
                question.respell(&term, &meant);
            }
        }
        Ok(())
    }

    /// The best turns for a query by their words alone, at once.
    pub fn search_words(&self, query: &Query, limit: usize) -> Result<Vec<Hit>, AssistantError> {
        if query.text.trim().is_empty() {
            return self.newest_passing(&query.filter, limit);
        }
        let speakers = self.memory.speakers(question::MOST_SPEAKERS)?;
        said_first(query, limit, &mut |query| {
            let question = Question::understand(query, &speakers);
            Ok(self.guard.hits(self.retriever.retrieve(&self.memory, None, &question, limit)?))
        })
    }

    /// The turns that pass a filter, newest first.
    pub(super) fn newest_passing(
        &self,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Hit>, AssistantError> {
        let found = self.memory.found(&self.memory.newest_passing(filter, limit)?)?;
        let hits = self.guard.found(found).into_iter().map(|found| Hit {
            turn: found.turn,
            session_title: found.session_title,
            source: found.source,
            score: 0.0,
            signals: Signals::default(),
            reading: None,
        });
        Ok(hits.collect())
    }
}

/// Ranks what was said before what recount was asked and what it answered, unless the query wants them
/// mixed: a question repeats the words that are searched for, and tells nothing.
fn said_first(
    query: &Query,
    limit: usize,
    search: &mut dyn FnMut(&Query) -> Result<Vec<Hit>, AssistantError>,
) -> Result<Vec<Hit>, AssistantError> {
    if query.questions || query.filter.evidence_only {
        return search(query);
    }
    let is_asked = |hit: &Hit| matches!(hit.turn.kind, Kind::Question | Kind::Answer);
    let mut hits = Vec::new();
    // No answer rests on what is hidden, so that what was said cannot be searched for alone.
    if !query.filter.folded {
        let filter = Filter { evidence_only: true, ..query.filter.clone() };
        hits = search(&Query { filter, ..query.clone() })?;
        if hits.len() >= limit {
            return Ok(hits);
        }
    }
    let (asked, said): (Vec<Hit>, Vec<Hit>) = search(query)?.into_iter().partition(is_asked);
    if query.filter.folded {
        hits = said;
    }
    hits.extend(asked);
    hits.truncate(limit);
    Ok(hits)
}
