//! Importing conversations: appends what is new, replaces what was edited, leaves what is known.
//!
//! The same conversation is known by `(source, the file's id of it)` or by what it holds
//! (`recognise`), the same message by its key (`identity`); which message is which is decided in
//! `reconcile`. Does not own reading files, nor the account that the user gets.

use super::append::{
    Key, insert_pending, insert_session, insert_turn, next_position, update_session,
};
use super::bring_back::{Restore, Restoring};
use super::forget::tells;
use super::identity::{Home, keys_of, repeated};
use super::imagined::Imagined;
use super::merge::elsewhere;
use super::prepared::Prepared;
use super::recognise::{Coming, Recognised, Search, sides};
use super::reconcile::{Fate, Side, goes_on, reconcile};
use super::words::Words;
use super::{Memory, MemoryError, edit, imports, order, tombstones};
use crate::conversation::{Conversation, ImportId, SessionId, Timestamp, TurnId};
use rusqlite::{Connection, params};
use std::collections::{HashMap, HashSet};

/// What became of one conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Whether memory did not know the conversation, and does now.
    pub new_session: bool,
    /// What became of each of its turns, in their order.
    pub became: Vec<Became>,
}

/// What became of one turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// It was appended.
    Appended,
    /// It was known, with another text: that was replaced.
    Edited,
    /// It was known before.
    Known,
    /// It was forgotten before, and is left out.
    Forgotten,
}

/// One run of an import, over one input or several. Remembers what it has brought, so that a
/// conversation without an id that stands twice in one file is taken twice, and so that a dry run
/// counts as the real one does.
#[derive(Debug, Default)]
pub struct Ingest {
    source: &'static str,
    path: String,
    dry_run: bool,
    /// Whether what was forgotten is taken again.
    again: bool,
    import: Option<ImportId>,
    /// Whether the import says already that it reads this format of this input.
    recorded: bool,
    claimed: HashSet<SessionId>,
    imagined: Imagined,
    restoring: Restoring,
}

impl Ingest {
    /// Begins a run. Nothing is written before there is something new.
    pub fn new(dry_run: bool) -> Self {
        Self { dry_run, ..Self::default() }
    }

    /// The same run, which brings back what was forgotten as well.
    #[must_use]
    pub fn again(mut self, again: bool) -> Self {
        self.again = again;
        self
    }

    /// What is ingested from here on comes from this input.
    pub fn begin_input(&mut self, path: &str) {
        path.clone_into(&mut self.path);
        self.recorded = false;
        self.claimed.clear();
    }

    /// What is ingested from here on is of this format.
    pub fn begin_format(&mut self, source: &'static str) {
        self.source = source;
        self.recorded = false;
    }

    /// The import, written down where it is not yet.
    fn begin(&mut self, connection: &Connection, now: Timestamp) -> Result<ImportId, MemoryError> {
        let import = match self.import {
            Some(import) if self.recorded => import,
            known => imports::record(connection, known, self.source, &self.path, now)?,
        };
        self.import = Some(import);
        self.recorded = true;
        Ok(import)
    }

    /// The import, once it has changed something.
    pub fn import(&self) -> Option<ImportId> {
        self.import
    }
}

impl Memory {
    /// Takes conversations in one transaction; says what became of each, in their order.
    pub fn ingest(
        &self,
        run: &mut Ingest,
        conversations: &[Conversation],
        now: Timestamp,
    ) -> Result<Vec<Ingested>, MemoryError> {
        self.take(run, |connection, run| {
            conversations
                .iter()
                .map(|one| take(connection, run, Coming::whole(one), None, None, now))
                .collect()
        })
    }

    /// The same for conversations that were prepared by another thread.
    pub fn ingest_prepared(
        &self,
        run: &mut Ingest,
        prepared: &[Prepared],
        now: Timestamp,
    ) -> Result<Vec<Ingested>, MemoryError> {
        let restores = prepared.iter().any(|one| one.restored.is_some());
        let body = |connection: &Connection, run: &mut Ingest| {
            let ingested = prepared.iter().map(|one| take_prepared(connection, run, one, now));
            let ingested = ingested.collect::<Result<_, _>>()?;
            if restores {
                run.restoring.join(connection)?;
            }
            Ok(ingested)
        };
        // What recount exported itself is brought back under identities that it has already, so
        // that trying it out is simpler than imagining it.
        if run.dry_run && restores {
            return self.rehearse(|connection| body(connection, run));
        }
        self.take(run, body)
    }

    fn take<T>(
        &self,
        run: &mut Ingest,
        body: impl FnOnce(&Connection, &mut Ingest) -> Result<T, MemoryError>,
    ) -> Result<T, MemoryError> {
        if run.dry_run {
            self.read(|connection| body(connection, run))
        } else {
            self.write(|connection| body(connection, run))
        }
    }
}

fn take_prepared(
    connection: &Connection,
    run: &mut Ingest,
    prepared: &Prepared,
    now: Timestamp,
) -> Result<Ingested, MemoryError> {
    let (conversation, words) = (prepared.conversation(), prepared.words.as_deref());
    let Some(restored) = prepared.restored.as_deref() else {
        let keys = prepared.keys.clone();
        return take(connection, run, prepared.coming(), keys, words, now);
    };
    let restore = Restore { connection, conversation, restored, words, again: run.again, now };
    let mut restoring = std::mem::take(&mut run.restoring);
    let ingested = restore.carry_out(&mut restoring, &mut || run.begin(connection, now));
    run.restoring = restoring;
    let ingested = ingested?;
    if run.dry_run {
        // It was tried out only.
        run.import = None;
        run.recorded = false;
    }
    Ok(ingested)
}

fn take(
    connection: &Connection,
    run: &mut Ingest,
    conversation: Coming<'_>,
    keys: Option<Vec<Key>>,
    words: Option<&[Words]>,
    now: Timestamp,
) -> Result<Ingested, MemoryError> {
    let keys = keys.map_or_else(|| keys_of(conversation.said), Ok)?;
    let plan = Plan::make(connection, run, conversation, keys)?;
    if run.dry_run {
        plan.imagine(run, conversation)
    } else {
        plan.carry_out(connection, run, conversation, words, now)
    }
}

/// What is to be done about a conversation.
struct Plan {
    keys: Vec<Key>,
    recognised: Option<Recognised>,
    fates: Vec<Fate>,
    became: Vec<Became>,
    /// The tombstones to be lifted.
    lift: Vec<Key>,
}

impl Plan {
    fn make(
        connection: &Connection,
        run: &Ingest,
        conversation: Coming<'_>,
        keys: Vec<Key>,
    ) -> Result<Self, MemoryError> {
        let search = Search {
            connection,
            imagined: &run.imagined,
            source: run.source,
            claimed: &run.claimed,
        };
        let recognised = search.find(conversation, &keys)?;
        let comes = |home| sides(run.source, conversation, &keys, home);
        let fates = match &recognised {
            Some(known) if !goes_on(&known.turns, comes(known.home))? => {
                let comes: Vec<Side> = comes(known.home).collect::<Result<_, _>>()?;
                reconcile(&known.turns, &comes)
            }
            // Most conversations are new as a whole, or go on where they ended: which of their keys
            // are equal is all there is.
            known => {
                let known = known.as_ref().map_or(0, |known| known.turns.len());
                let mut fates = vec![Fate::New; keys.len()];
                for (place, _) in repeated(&keys) {
                    fates[place as usize] = Fate::Repeated;
                }
                for (at, fate) in fates.iter_mut().enumerate().take(known) {
                    *fate = Fate::Same(at);
                }
                fates
            }
        };
        let mut lift = Vec::new();
        let mut became = Vec::with_capacity(fates.len());
        let any_forgotten = tombstones::any(connection)?;
        for (fate, key) in fates.iter().zip(&keys) {
            became.push(match fate {
                Fate::New if any_forgotten => {
                    let identity = elsewhere(run.source, conversation.id(), key);
                    if !tombstones::stands(connection, &identity)? {
                        Became::Appended
                    } else if run.again {
                        lift.push(identity);
                        Became::Appended
                    } else {
                        Became::Forgotten
                    }
                }
                Fate::New => Became::Appended,
                Fate::Edited(_) => Became::Edited,
                Fate::Repeated | Fate::Same(_) | Fate::Moved(_) => Became::Known,
            });
        }
        Ok(Self { keys, recognised, fates, became, lift })
    }

    /// Whether there is nothing to append or to replace.
    fn is_idle(&self) -> bool {
        !self.became.iter().any(|became| matches!(became, Became::Appended | Became::Edited))
    }

    /// Whether a session is begun. One of which everything was forgotten is not; one that is empty
    /// in its file is, so that its title can be found.
    fn begins(&self) -> bool {
        self.recognised.is_none() && (self.became.is_empty() || !self.is_idle())
    }

    fn ingested(self) -> Ingested {
        Ingested { new_session: self.begins(), became: self.became }
    }

    fn carry_out(
        self,
        connection: &Connection,
        run: &mut Ingest,
        conversation: Coming<'_>,
        words: Option<&[Words]>,
        now: Timestamp,
    ) -> Result<Ingested, MemoryError> {
        if let Some(recognised) = &self.recognised {
            run.claimed.insert(recognised.session);
            self.follow(connection, run.source, recognised, conversation)?;
        }
        if self.is_idle() && !self.begins() {
            self.retitle(connection, conversation, run.import)?;
            return Ok(self.ingested());
        }
        let import = run.begin(connection, now)?;
        self.retitle(connection, conversation, Some(import))?;
        for identity in &self.lift {
            tombstones::lift(connection, identity)?;
        }
        let title = conversation.about.title.as_deref();
        let forgotten = self.recognised.is_none() && self.tells_forgotten(conversation)?;
        let session = match &self.recognised {
            Some(recognised) => recognised.session,
            None => insert_session(
                connection,
                run.source,
                conversation.id(),
                title.filter(|_| !forgotten),
                now,
                Some(import),
            )?,
        };
        run.claimed.insert(session);
        let home = self.recognised.as_ref().map_or(Home::Own, |recognised| recognised.home);
        let mut position = next_position(connection, session)?;
        // In which order they stand is asked only of a session that there was.
        let mut comes = Vec::new();
        for (at, turn) in conversation.said.tell().enumerate() {
            let turn = &*turn?;
            let known = self.known(at);
            match self.became[at] {
                Became::Appended => {
                    let key = home.stored(run.source, conversation.id(), &self.keys[at]);
                    let id = insert_turn(
                        connection,
                        session,
                        position,
                        key.as_slice(),
                        turn,
                        words.and_then(|words| words.get(at)),
                        now,
                        Some(import),
                    )?;
                    insert_pending(connection, id, turn.kind)?;
                    position += 1;
                    if self.recognised.is_some() {
                        comes.push((id, true));
                    }
                }
                Became::Edited => {
                    if let Some((id, _)) = known {
                        edit::replace(connection, id, turn, import)?;
                    }
                }
                Became::Known | Became::Forgotten => {}
            }
            if let Some((id, _)) = known {
                comes.push((id, false));
            }
        }
        self.lead(connection, session, home, conversation)?;
        if let Some(recognised) = &self.recognised {
            let last = recognised.turns.last().map(|(turn, _)| *turn);
            order::settle(connection, session, last, &comes)?;
        }
        update_session(connection, session, conversation.about.started_at.unwrap_or(now))?;
        Ok(self.ingested())
    }

    /// The known turn that an incoming one is.
    fn known(&self, at: usize) -> Option<(TurnId, Side)> {
        self.recognised.as_ref()?.turns.get(self.fates[at].known()?).copied()
    }

    /// Takes over what changed about what is known: keys, times, the branch that is shown.
    /// None of it is anything that was said.
    fn follow(
        &self,
        connection: &Connection,
        source: &str,
        recognised: &Recognised,
        conversation: Coming<'_>,
    ) -> Result<(), MemoryError> {
        let session = recognised.session;
        let rekeyed = |at: usize| matches!(self.fates[at], Fate::Moved(_) | Fate::Edited(_));
        if (0..self.fates.len()).any(rekeyed) {
            // Out of the way first: keys can be exchanged.
            let mut aside =
                connection.prepare_cached("UPDATE turns SET key = randomblob(20) WHERE id = ?1")?;
            for at in (0..self.fates.len()).filter(|at| rekeyed(*at)) {
                if let Some((id, _)) = self.known(at) {
                    aside.execute([id.0])?;
                }
            }
            let mut rekey = connection
                .prepare_cached("UPDATE turns SET key = ?2, source_id = ?3 WHERE id = ?1")?;
            for (at, turn) in conversation.said.tell().enumerate() {
                let turn = turn?;
                let Some((id, _)) = self.known(at).filter(|_| rekeyed(at)) else { continue };
                let key = recognised.home.stored(source, conversation.id(), &self.keys[at]);
                rekey.execute(params![id.0, key, turn.source_id])?;
            }
            self.lead(connection, session, recognised.home, conversation)?;
        }
        let mut told = connection.prepare_cached(
            "UPDATE turns SET said_at_ms = coalesce(?2, said_at_ms),
                    said_at_text = coalesce(?3, said_at_text), parent_source_id = ?4,
                    on_active_path = ?5, checksum = turn_checksum(kind, role,
                        (SELECT name FROM speakers WHERE id = speaker_id),
                        coalesce(?2, said_at_ms), text)
             WHERE id = ?1 AND (said_at_ms IS NOT coalesce(?2, said_at_ms)
                                OR said_at_text IS NOT coalesce(?3, said_at_text)
                                OR parent_source_id IS NOT ?4 OR on_active_path IS NOT ?5)",
        )?;
        let mut retimed = None;
        for (at, turn) in conversation.said.tell().enumerate() {
            let turn = turn?;
            let Some((id, _)) = self.known(at) else { continue };
            let changed = told.execute(params![
                id.0,
                turn.said_at.map(Timestamp::as_millis),
                turn.said_at_text,
                turn.parent_source_id,
                turn.on_active_path
            ])?;
            if changed > 0 {
                retimed = retimed.or(turn.said_at);
            }
        }
        // The session spans other times then, also where nothing is new.
        if let Some(said_at) = retimed {
            update_session(connection, session, said_at)?;
        }
        let current = recognised.home == Home::Own && self.reaches_the_end(recognised);
        if current && recognised.under_another_id {
            connection
                .prepare_cached("UPDATE sessions SET source_id = ?2 WHERE id = ?1")?
                .execute(params![session.0, conversation.id()])?;
        }
        Ok(())
    }

    /// Takes over the title of a known conversation. An import keeps what it was; a file that
    /// brings nothing but titles is no import.
    fn retitle(
        &self,
        connection: &Connection,
        conversation: Coming<'_>,
        import: Option<ImportId>,
    ) -> Result<(), MemoryError> {
        let (Some(recognised), Some(title)) = (&self.recognised, &conversation.about.title) else {
            return Ok(());
        };
        let older = recognised.home != Home::Own || !self.reaches_the_end(recognised);
        if older || self.tells_forgotten(conversation)? {
            return Ok(());
        }
        edit::retitle(connection, recognised.session, title, import)
    }

    /// Whether the title of a conversation tells what was forgotten of it.
    fn tells_forgotten(&self, conversation: Coming<'_>) -> Result<bool, MemoryError> {
        let Some(title) = conversation.about.title.as_deref() else { return Ok(false) };
        if !self.became.contains(&Became::Forgotten) {
            return Ok(false);
        }
        for (became, turn) in self.became.iter().zip(conversation.said.tell()) {
            if *became == Became::Forgotten && tells(title, &turn?.text.to_lowercase()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the last that is known stands in what comes: else it is an older file.
    fn reaches_the_end(&self, recognised: &Recognised) -> bool {
        let last = recognised.turns.len().checked_sub(1);
        last.is_none() || self.fates.iter().any(|fate| fate.known() == last)
    }

    /// The keys by which the session is found where its own id does not say it.
    fn leading(&self, conversation: Coming<'_>) -> &[Key] {
        let led = if conversation.id().is_some() { 1 } else { self.keys.len() };
        &self.keys[..led.min(self.keys.len())]
    }

    fn lead(
        &self,
        connection: &Connection,
        session: SessionId,
        home: Home,
        conversation: Coming<'_>,
    ) -> Result<(), MemoryError> {
        if home != Home::Own {
            return Ok(());
        }
        let mut insert = connection.prepare_cached(
            "INSERT OR IGNORE INTO session_keys (key, session_id) VALUES (?1, ?2)",
        )?;
        for key in self.leading(conversation) {
            insert.execute(params![key, session.0])?;
        }
        Ok(())
    }

    /// What [`Plan::carry_out`] would do, for what comes later in a dry run.
    fn imagine(
        mut self,
        run: &mut Ingest,
        conversation: Coming<'_>,
    ) -> Result<Ingested, MemoryError> {
        let source = run.source;
        let id = conversation.id();
        let is_known = self.recognised.is_some();
        let under_another_id = self.recognised.as_ref().is_some_and(|known| known.under_another_id);
        let begins = self.begins();
        let (session, home, mut turns) = match self.recognised.take() {
            Some(known) => (known.session, known.home, known.turns),
            None if begins => (run.imagined.begin(source, id), Home::Own, Vec::new()),
            None => return Ok(Ingested { new_session: begins, became: self.became }),
        };
        run.claimed.insert(session);
        if under_another_id {
            run.imagined.call(source, id, session);
        }
        let mut changed = !is_known;
        let mut comes = Vec::with_capacity(self.keys.len());
        for (at, side) in sides(source, conversation, &self.keys, home).enumerate() {
            let side = side?;
            match self.fates[at] {
                Fate::New if self.became[at] == Became::Appended => {
                    // Different from those of its session is all that it must be.
                    let id = TurnId(-1 - turns.len() as i64);
                    turns.push((id, side));
                    comes.push((id, true));
                    changed = true;
                }
                Fate::Moved(known) | Fate::Edited(known) => {
                    let said_at_ms = side.said_at_ms.or(turns[known].1.said_at_ms);
                    turns[known].1 = Side { said_at_ms, ..side };
                    changed = true;
                }
                Fate::Same(known)
                    if side.said_at_ms.is_some()
                        && side.said_at_ms != turns[known].1.said_at_ms =>
                {
                    turns[known].1.said_at_ms = side.said_at_ms;
                    changed = true;
                }
                _ => {}
            }
            if let Some(known) = self.fates[at].known() {
                comes.push((turns[known].0, false));
            }
        }
        if changed {
            if is_known {
                let new: HashSet<TurnId> =
                    comes.iter().filter(|(_, new)| *new).map(|(turn, _)| *turn).collect();
                let mut order: Vec<TurnId> = turns
                    .iter()
                    .map(|(turn, _)| *turn)
                    .filter(|turn| !new.contains(turn))
                    .collect();
                order::place(&mut order, &comes);
                let sides: HashMap<TurnId, Side> = turns.into_iter().collect();
                turns = order.into_iter().filter_map(|id| Some((id, *sides.get(&id)?))).collect();
            }
            run.imagined.set(session, home, turns);
            if home == Home::Own {
                run.imagined.lead(source, self.leading(conversation).iter().copied(), session);
            }
        }
        Ok(Ingested { new_session: begins, became: self.became })
    }
}

#[cfg(test)]
mod tests;
