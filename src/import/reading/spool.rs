//! Turns that are gathered before it is known what becomes of them: the first ones are held, those
//! of a long conversation lie in a temporary file. So a conversation may be longer than memory.
//!
//! Owns: how a turn is written there and read back. Does not own where the file lies (the sink says)
//! nor which turns there are. The file has no name and goes with the spool. Where it cannot be
//! written, as on a full disk, turns are held after all: nothing is lost for want of it.

use crate::conversation::{Kind, NewTurn, Role, Said, Telling, Timestamp};
use crate::import::Sink;
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

/// So many bytes of turns are held; in tests so few that many conversations are long ones.
const HELD: usize = if cfg!(test) { 64 << 10 } else { 12 << 20 };
/// What a turn takes beside its text.
const ASIDE: usize = 256;
/// So much is written and read at a time.
const BLOCK: usize = if cfg!(test) { 8 << 10 } else { 256 << 10 };
/// So much is read for one turn by itself.
const ONE: usize = 2 << 10;

/// Turns in the order in which they came.
#[derive(Debug, Default)]
pub(in crate::import) struct Spool {
    /// Where each turn in the file begins.
    begins: Vec<u64>,
    file: Option<Mutex<File>>,
    /// What is still to be written to the file, and where it will stand.
    block: Vec<u8>,
    written: u64,
    /// Those behind the ones in the file.
    held: Vec<NewTurn>,
    bytes: usize,
    /// Whether turns may go to a file; not where one failed before.
    spills: bool,
}

impl Spool {
    /// One whose turns go to a file when they are too many to be held.
    pub(in crate::import) fn long() -> Self {
        Self { spills: true, ..Self::default() }
    }

    /// Takes a turn.
    pub(in crate::import) fn push(&mut self, turn: NewTurn, sink: &dyn Sink) {
        self.bytes += turn.text.len() + ASIDE;
        self.held.push(turn);
        if self.bytes > HELD && self.spills {
            self.settle(sink);
        }
    }

    /// Puts into the file what is held.
    fn settle(&mut self, sink: &dyn Sink) {
        if self.file.is_none() {
            let Ok(file) = sink.scratch() else {
                self.spills = false;
                return;
            };
            self.file = Some(Mutex::new(file));
        }
        let held = std::mem::take(&mut self.held);
        let mut turns = held.into_iter();
        while let Some(turn) = turns.next() {
            self.begins.push(self.written + self.block.len() as u64);
            write(&turn, &mut self.block);
            if self.block.len() >= BLOCK && self.write_block().is_err() {
                // What is in the block is read from there.
                self.spills = false;
                self.held = turns.collect();
                return;
            }
        }
        // The next ones follow when they fill a block.
        self.bytes = HELD - BLOCK;
    }

    fn write_block(&mut self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.written))?;
        file.write_all(&self.block)?;
        self.written += self.block.len() as u64;
        self.block.clear();
        Ok(())
    }

    /// How many turns there are.
    pub(in crate::import) fn len(&self) -> usize {
        self.begins.len() + self.held.len()
    }

    /// Whether some of them are not held.
    pub(in crate::import) fn is_long(&self) -> bool {
        self.file.is_some()
    }

    /// One of the turns; `None` where there is none, or where it cannot be read.
    pub(in crate::import) fn get(&self, place: usize) -> Option<Cow<'_, NewTurn>> {
        match self.begins.get(place) {
            None => self.held.get(place - self.begins.len()).map(Cow::Borrowed),
            Some(begin) => read(&mut self.reader(*begin, ONE)).ok().map(Cow::Owned),
        }
    }

    /// The same, taken out: only its identity stays.
    pub(in crate::import) fn take(&mut self, place: usize) -> io::Result<NewTurn> {
        let Some(begin) = self.begins.get(place).copied() else {
            let held = self.held.get_mut(place - self.begins.len());
            let held = held.ok_or(io::ErrorKind::NotFound)?;
            let stays = NewTurn::message(held.role, "", "");
            let stays = NewTurn { source_id: held.source_id.clone(), ..stays };
            return Ok(std::mem::replace(held, stays));
        };
        read(&mut self.reader(begin, ONE))
    }

    /// The identity of one of them.
    pub(in crate::import) fn id(&self, place: usize) -> io::Result<Option<String>> {
        let turn = self.get(place).ok_or(io::ErrorKind::NotFound)?;
        Ok(turn.source_id.clone())
    }

    /// Those that are held.
    pub(in crate::import) fn into_held(self) -> Vec<NewTurn> {
        self.held
    }

    fn reader(&self, at: u64, capacity: usize) -> BufReader<At<'_>> {
        BufReader::with_capacity(capacity, At { spool: self, at })
    }
}

impl Said for Spool {
    fn count(&self) -> usize {
        self.len()
    }

    fn tell(&self) -> Telling<'_> {
        let mut reader = self.reader(0, BLOCK);
        let lying = self.begins.iter().map(move |_| read(&mut reader).map(Cow::Owned));
        Box::new(lying.chain(self.held.iter().map(|turn| Ok(Cow::Borrowed(turn)))))
    }
}

/// Reads what was written from a place on.
struct At<'s> {
    spool: &'s Spool,
    at: u64,
}

impl Read for At<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let spool = self.spool;
        let count = if let Some(place) = self.at.checked_sub(spool.written) {
            let rest = spool.block.get(place as usize..).unwrap_or_default();
            let count = rest.len().min(into.len());
            into[..count].copy_from_slice(&rest[..count]);
            count
        } else if let Some(file) = &spool.file {
            let most = (spool.written - self.at).min(into.len() as u64) as usize;
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(self.at))?;
            file.read(&mut into[..most])?
        } else {
            0
        };
        self.at += count as u64;
        Ok(count)
    }
}

/// Appends a turn to a block of bytes.
fn write(turn: &NewTurn, block: &mut Vec<u8>) {
    let texts = [
        Some(turn.speaker.as_str()),
        Some(turn.text.as_str()),
        turn.said_at_text.as_deref(),
        turn.source_id.as_deref(),
        turn.parent_source_id.as_deref(),
    ];
    let place = |at: Option<usize>| at.unwrap_or_default() as u8;
    block.push(place(Role::ALL.iter().position(|role| *role == turn.role)));
    block.push(place(Kind::ALL.iter().position(|kind| *kind == turn.kind)));
    block.push(u8::from(turn.on_active_path));
    let said_at = turn.said_at.map_or(NEVER, Timestamp::as_millis);
    block.extend_from_slice(&said_at.to_le_bytes());
    for text in texts {
        let length = text.map_or(NONE, |text| text.len() as u64);
        block.extend_from_slice(&length.to_le_bytes());
        block.extend_from_slice(text.unwrap_or_default().as_bytes());
    }
}

/// What stands for a time that is not told, and for a text that is not there.
const NEVER: i64 = i64::MIN;
const NONE: u64 = u64::MAX;

/// Reads the next turn.
fn read(reader: &mut impl Read) -> io::Result<NewTurn> {
    let damaged = || io::Error::from(io::ErrorKind::InvalidData);
    let [mut role, mut kind, mut active] = [[0; 1]; 3];
    reader.read_exact(&mut role)?;
    reader.read_exact(&mut kind)?;
    reader.read_exact(&mut active)?;
    let mut eight = [0; 8];
    reader.read_exact(&mut eight)?;
    let said_at = Timestamp::from_millis(i64::from_le_bytes(eight));
    let mut text = || -> io::Result<Option<String>> {
        let mut length = [0; 8];
        reader.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        if length == NONE {
            return Ok(None);
        }
        let mut text = String::new();
        let read = reader.by_ref().take(length).read_to_string(&mut text)?;
        if read as u64 == length { Ok(Some(text)) } else { Err(damaged()) }
    };
    Ok(NewTurn {
        role: *Role::ALL.get(usize::from(role[0])).ok_or_else(damaged)?,
        kind: *Kind::ALL.get(usize::from(kind[0])).ok_or_else(damaged)?,
        speaker: text()?.unwrap_or_default(),
        text: text()?.unwrap_or_default(),
        said_at,
        said_at_text: text()?,
        source_id: text()?,
        parent_source_id: text()?,
        on_active_path: active[0] != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::testing::Counting;

    fn turn(place: usize, length: usize) -> NewTurn {
        NewTurn {
            said_at_text: (place.is_multiple_of(3)).then(|| place.to_string()),
            parent_source_id: (place.is_multiple_of(2)).then(String::new),
            on_active_path: !place.is_multiple_of(5),
            said_at: Timestamp::from_millis(place as i64).filter(|_| place.is_multiple_of(2)),
            source_id: (place.is_multiple_of(4)).then(|| format!("m{place}")),
            ..NewTurn::message(Role::ALL[place % 4], "Zoë", "é".repeat(length + place % 7))
                .of_kind(Kind::ALL[place % 6])
        }
    }

    fn check(sink: &Counting, spooled: bool) {
        let length = HELD / 40;
        let mut spool = Spool::long();
        let turns: Vec<NewTurn> = (0..60).map(|place| turn(place, length)).collect();
        for turn in turns.clone() {
            spool.push(turn, sink);
        }
        assert_eq!((spool.is_long(), spool.len()), (spooled, turns.len()));
        for _ in 0..2 {
            assert!(spool.tell().map(|turn| turn.unwrap().into_owned()).eq(turns.iter().cloned()));
        }
        for place in [59, 0, 30] {
            assert_eq!(spool.get(place).as_deref(), turns.get(place));
        }
        assert!(spool.get(60).is_none());
        for place in [30, 2] {
            assert_eq!(spool.take(place).ok().as_ref(), turns.get(place));
            assert_eq!(spool.id(place).unwrap(), turns[place].source_id);
        }
    }

    #[test]
    fn many_turns_come_back_as_they_were() {
        check(&Counting::default(), true);
    }

    #[test]
    fn where_no_file_can_be_written_they_are_held() {
        check(&Counting { no_scratch: true, ..Counting::default() }, false);
    }
}
