//! Keeping the memory safe: backup, restore, check and repair, making derived state anew.
//!
//! Owns the order of these and when each looks at the cancel flag. What is checked and copied, and
//! how, is `memory`'s.

use super::meaning::{BATCH, encode};
use super::{Assistant, AssistantError, Cancel};
use crate::conversation::Timestamp;
use crate::encoder::Encoder;
use crate::memory::{Checked, Coming, Copied, Memory, Part};
use std::path::{Path, PathBuf};

/// What a backup holds, after all of it was checked.
pub fn inspect_backup(backup: &Path) -> Result<Copied, AssistantError> {
    Ok(Memory::inspect_backup(backup)?)
}

/// Puts a backup in the place of a memory that nobody has open. Returns what it holds, and where the
/// memory is kept that was there.
pub fn restore(
    backup: &Path,
    memory: &Path,
    now: Timestamp,
) -> Result<(Copied, Option<PathBuf>), AssistantError> {
    Ok(Memory::restore(backup, memory, now)?)
}

impl Assistant {
    /// Copies the memory to a file, as it is at one instant; see [`Memory::backup`].
    pub fn backup(
        &self,
        path: &Path,
        overwrite: bool,
        cancel: &Cancel,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Copied, AssistantError> {
        let copied = self.memory.backup(path, overwrite, &mut |left, of| {
            progress(of.saturating_sub(left), of);
            !cancel.is_cancelled()
        });
        Ok(copied?)
    }

    /// Reads all of the memory and says what is wrong with it; `quick` leaves out what reads every
    /// text and every vector.
    pub fn check(&self, quick: bool) -> Result<Checked, AssistantError> {
        Ok(self.memory.check(quick)?)
    }

    /// Makes a part of the memory again from the turns, where it can be.
    pub fn repair(&self, part: Part) -> Result<(), AssistantError> {
        Ok(self.memory.repair(part)?)
    }

    /// Makes the words of all turns anew. Returns how many turns were read.
    pub fn reindex_words(
        &self,
        cancel: &Cancel,
        progress: &mut dyn FnMut(u64),
    ) -> Result<u64, AssistantError> {
        Ok(self.memory.rebuild_words(&mut |read| {
            progress(read);
            !cancel.is_cancelled()
        })?)
    }

    /// The name of the encoder whose embeddings answer; `None` where there is none yet.
    pub fn answering_encoder(&self) -> Result<Option<String>, AssistantError> {
        Ok(self.memory.encoder_name()?)
    }

    /// The embeddings that are being made anew, if any are.
    pub fn coming(&self) -> Result<Option<Coming>, AssistantError> {
        Ok(self.memory.coming()?)
    }

    /// Makes the embeddings of all turns anew, newest first. The old ones answer until none is
    /// missing, and then the new ones take their place at once. Cancelled or killed in between, the
    /// same call with the same encoder goes on where it was. Tells how many are made and wanted.
    pub fn reindex_embeddings(
        &self,
        encoder: &dyn Encoder,
        cancel: &Cancel,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<u64, AssistantError> {
        self.memory.begin_coming(encoder.name())?;
        let wanted = self.memory.counts()?.turns;
        let mut made = self.memory.coming()?.map_or(0, |coming| coming.made);
        loop {
            // From the newest down; what is said meanwhile comes in the next pass.
            let mut before = None;
            loop {
                if cancel.is_cancelled() {
                    return Err(AssistantError::Cancelled);
                }
                let pending = self.memory.without_coming(before, BATCH)?;
                let Some(last) = pending.last() else { break };
                before = Some(last.turn);
                let encoded = encode(encoder, pending)?;
                self.memory.store_coming(encoder.name(), &encoded)?;
                made += encoded.len() as u64;
                progress(made, wanted.max(made));
            }
            if self.memory.finish_coming()? {
                return Ok(made);
            }
        }
    }
}
