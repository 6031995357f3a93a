//! The files that a format reads, and the way it reads them: counted, decoded, record by record.

use crate::import::error::{ImportError, shorten};
use crate::import::reading::database::Database;
use crate::import::reading::encoding::Charset;
use crate::import::reading::json::{Layout, Parts, Record, Records, read_line_capped};
use crate::import::reading::package::Package;
use crate::import::reading::sample::{SAMPLE, Sample};
use crate::import::{Sink, Stop};
use serde_json::Value;
use std::cell::Cell;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::PathBuf;
use std::rc::Rc;

/// The longest line of a text; what it has beyond is left out.
const LINE: usize = 8 << 20;

/// The files of one package that one format reads, in the order of their names.
pub struct Input<'p> {
    package: &'p mut Package,
    chosen: Vec<usize>,
    progress: Progress,
}

/// How far the reading of an input is.
#[derive(Debug, Clone, Default)]
pub(in crate::import) struct Progress {
    read: Rc<Cell<u64>>,
    total: u64,
}

impl Progress {
    pub(in crate::import) fn new(total: u64) -> Self {
        Self { read: Rc::default(), total }
    }

    pub(in crate::import) fn tell(&self, sink: &mut dyn Sink) -> Result<(), Stop> {
        sink.progress(self.read.get().min(self.total), self.total)
    }
}

impl<'p> Input<'p> {
    pub(in crate::import) fn new(
        package: &'p mut Package,
        chosen: Vec<usize>,
        progress: Progress,
    ) -> Self {
        Self { package, chosen, progress }
    }

    /// The path that the user gave, for messages.
    pub fn path(&self) -> &std::path::Path {
        &self.package.path
    }

    /// The names of all files that came together, with what opens them; the chosen ones and those
    /// beside them, such as lists of users.
    pub fn beside(&self) -> impl Iterator<Item = (usize, &str)> {
        self.package.entries.iter().enumerate().map(|(index, entry)| (index, entry.name.as_str()))
    }

    /// Opens a file by its index from [`Input::beside`].
    pub fn open(&mut self, index: usize) -> Result<Source<'_>, ImportError> {
        let entry = self.package.entries.get(index);
        let name = entry.map(|entry| entry.name.clone()).unwrap_or_default();
        let path = if self.package.single {
            self.package.path.clone()
        } else {
            self.package.path.join(shorten(&name))
        };
        let raw = Counted { raw: self.package.open(index)?, read: self.progress.read.clone() };
        Source::open(name, path, Box::new(raw), self.progress.clone())
    }

    /// Returns what a look at the beginning of each chosen file gives. What is read so does not count
    /// as progress. A file that cannot be opened gives nothing: reading it tells why.
    pub(in crate::import) fn look<T>(
        &mut self,
        mut look: impl FnMut(usize, &Sample) -> Option<T>,
    ) -> Vec<T> {
        let mut seen = Vec::new();
        for index in self.chosen.clone() {
            let entry = self.package.entries.get(index);
            let name = entry.map(|entry| entry.name.clone()).unwrap_or_default();
            let mut head = Vec::new();
            let raw = self.package.open(index).ok();
            let read = raw.and_then(|raw| raw.take(SAMPLE as u64).read_to_end(&mut head).ok());
            let whole = read.is_some_and(|read| read < SAMPLE);
            seen.extend(look(index, &Sample::new(name, head, whole)));
        }
        seen
    }

    /// Has the chosen files read in another order: in that of what a key gives for each.
    pub(in crate::import) fn order_by<K: Ord>(&mut self, key: impl FnMut(&usize) -> K) {
        self.chosen.sort_by_key(key);
    }

    /// Reads each of the chosen files in the way that it needs: databases, and all others.
    pub(in crate::import) fn each_of_either(
        &mut self,
        sink: &mut dyn Sink,
        mut read_database: impl FnMut(&Database, &mut dyn Sink) -> Result<(), ImportError>,
        read: impl FnMut(&mut Source<'_>, &mut dyn Sink) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let chosen = std::mem::take(&mut self.chosen);
        let (databases, others): (Vec<usize>, Vec<usize>) =
            chosen.iter().partition(|index| self.package.is_database(**index));
        let alone = chosen.len() == 1;
        for index in databases {
            match self.package.database(index).and_then(|db| read_database(&db, sink)) {
                Err(ImportError::Stopped(stop)) => return Err(stop.into()),
                Err(error) if !alone => sink.failed("file cannot be read", &error.to_string()),
                done => done?,
            }
            let size = self.package.entries.get(index).map_or(0, |entry| entry.size);
            self.progress.read.set(self.progress.read.get() + size);
            self.progress.tell(sink)?;
        }
        self.chosen = others;
        if self.chosen.is_empty() { Ok(()) } else { self.each(sink, read) }
    }

    /// Reads each of the chosen files. One that cannot be read is counted and does not keep the
    /// others from being read, unless it is the only one.
    pub fn each(
        &mut self,
        sink: &mut dyn Sink,
        mut read: impl FnMut(&mut Source<'_>, &mut dyn Sink) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let chosen = self.chosen.clone();
        for index in &chosen {
            let done = self.open(*index).and_then(|mut source| read(&mut source, sink));
            match done {
                Err(ImportError::Stopped(stop)) => return Err(stop.into()),
                Err(error) if chosen.len() > 1 => {
                    sink.failed("file cannot be read", &error.to_string());
                }
                done => done?,
            }
            self.progress.tell(sink)?;
        }
        Ok(())
    }
}

/// Counts the bytes that pass.
struct Counted<R> {
    raw: R,
    read: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.raw.read(buffer)?;
        self.read.set(self.read.get() + count as u64);
        Ok(count)
    }
}

/// A file that is being read.
pub struct Source<'r> {
    sample: Sample,
    path: PathBuf,
    charset: Charset,
    reader: BufReader<Box<dyn Read + 'r>>,
    progress: Progress,
}

impl<'r> Source<'r> {
    pub(in crate::import) fn open(
        name: String,
        path: PathBuf,
        mut raw: Box<dyn Read + 'r>,
        progress: Progress,
    ) -> Result<Self, ImportError> {
        let mut head = Vec::new();
        let read = raw.by_ref().take(SAMPLE as u64).read_to_end(&mut head);
        let whole = read.map_err(|error| ImportError::io(&path, error))? < SAMPLE;
        let charset = Charset::of(&head);
        let again = Cursor::new(head.clone()).chain(raw);
        let reader =
            charset.reader(Box::new(again)).map_err(|error| ImportError::io(&path, error))?;
        let reader = BufReader::with_capacity(64 << 10, reader);
        Ok(Self { sample: Sample::new(name, head, whole), path, charset, reader, progress })
    }

    /// The beginning of the file.
    pub fn sample(&self) -> &Sample {
        &self.sample
    }

    /// The file's name without folders and ending: what stands in for a title.
    pub fn stem(&self) -> &str {
        let name = self.sample.name().rsplit('/').next().unwrap_or_default();
        let name = name.strip_suffix(".zst").unwrap_or(name);
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    /// Hands over the JSON records of the file with what stands around them. What is damaged is
    /// counted as a skipped record. A file that ends in the middle ends what was open.
    pub(in crate::import) fn each_part(
        &mut self,
        parts: Parts,
        sink: &mut dyn Sink,
        mut take: impl FnMut(Part, &mut dyn Sink) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let layout = Layout::Parts(parts);
        let mut records = Records::new(&mut self.reader, self.charset, layout);
        let mut count: u64 = 0;
        loop {
            let record = records.next().map_err(|error| ImportError::io(&self.path, error))?;
            match record {
                None => return Ok(()),
                Some(Record::Value(value)) => take(Part::Record(value), sink)?,
                Some(Record::Member(key, value)) => take(Part::Member(key, value), sink)?,
                Some(Record::End) => take(Part::End, sink)?,
                Some(Record::Bad(reason, example)) => sink.skipped(reason, &example),
                Some(Record::Cut) => {
                    sink.warning(format!(
                        "{} ends in the middle of its JSON, as a broken download does: what stands \
                         before that was read",
                        self.path.display()
                    ));
                    take(Part::End, sink)?;
                }
            }
            count += 1;
            if count.is_multiple_of(256) {
                self.progress.tell(sink)?;
            }
        }
    }

    /// Hands over each JSON record of the file. What is damaged is counted: as a conversation that
    /// failed, or, where records are smaller than conversations, as a skipped record.
    pub(in crate::import) fn each_record(
        &mut self,
        layout: Layout,
        unit: Unit,
        sink: &mut dyn Sink,
        mut take: impl FnMut(Value, &mut dyn Sink) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let mut records = Records::new(&mut self.reader, self.charset, layout);
        let mut count: u64 = 0;
        loop {
            match records.next() {
                Ok(None) => return Ok(()),
                Ok(Some(Record::Value(value))) => take(value, sink)?,
                Ok(Some(Record::Bad(reason, example))) if unit == Unit::Conversation => {
                    sink.failed(reason, &example);
                }
                Ok(Some(Record::Bad(reason, example))) => sink.skipped(reason, &example),
                Ok(Some(Record::Member(..) | Record::End)) => {}
                Ok(Some(Record::Cut)) => sink.warning(format!(
                    "{} ends in the middle of its JSON, as a broken download does: the {count} \
                     records before that were read",
                    self.path.display()
                )),
                // A damaged archive: what it gave before is kept.
                Err(error) if count > 0 => {
                    sink.warning(format!(
                        "{} cannot be read to its end ({error}): the {count} records before that were read",
                        self.path.display()
                    ));
                    return Ok(());
                }
                Err(error) => return Err(ImportError::io(&self.path, error)),
            }
            count += 1;
            self.progress.tell(sink)?;
        }
    }

    /// Hands over the text from each mark up to the next; what stands before the first is a piece
    /// too. So a page of any size is read whose every entry begins with the same words.
    pub(in crate::import) fn each_piece(
        &mut self,
        mark: &str,
        sink: &mut dyn Sink,
        mut take: impl FnMut(&str, &mut dyn Sink) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let mark = mark.as_bytes();
        let mut open: Vec<u8> = Vec::new();
        loop {
            let chunk = self.reader.fill_buf().map_err(|e| ImportError::io(&self.path, e))?;
            let length = chunk.len();
            // A mark can lie across the end of what was there.
            let mut from = open.len().saturating_sub(mark.len() - 1).max(1);
            open.extend_from_slice(chunk);
            self.reader.consume(length);
            while let Some(at) =
                open.get(from..).and_then(|rest| rest.windows(mark.len()).position(|w| w == mark))
            {
                let rest = open.split_off(from + at);
                take(&self.charset.text(&open), sink)?;
                self.progress.tell(sink)?;
                (open, from) = (rest, 1);
            }
            if length == 0 {
                return take(&self.charset.text(&open), sink);
            }
            if open.len() > LINE {
                sink.skipped("piece that is too long", &shorten(&self.charset.text(&open[..200])));
                open.clear();
            }
        }
    }

    /// Reads over everything up to a byte and with it: what some files put before their JSON. A file
    /// without that byte is read to its end.
    pub(in crate::import) fn skip_past(&mut self, byte: u8) -> Result<(), ImportError> {
        let skipped = self.reader.skip_until(byte);
        skipped.map(|_| ()).map_err(|error| ImportError::io(&self.path, error))
    }

    /// Hands over the text from the beginning of each element of some kinds (`<sms `) up to the next
    /// one, for XML that is too large to be read as a whole; what is before the first is left out. Of
    /// a text that is too long only the beginning is handed over, which is counted: what an element
    /// says of itself comes before the file that it holds.
    pub(in crate::import) fn each_element(
        &mut self,
        marks: &[&str],
        sink: &mut dyn Sink,
        mut take: impl FnMut(&str, &mut dyn Sink) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let longest = marks.iter().map(|mark| mark.len()).max().unwrap_or(0);
        let begins = |bytes: &[u8]| marks.iter().any(|mark| bytes.starts_with(mark.as_bytes()));
        let mut open: Vec<u8> = Vec::new();
        let (mut inside, mut from) = (false, 0);
        let mut told = false;
        loop {
            let chunk = self.reader.fill_buf().map_err(|e| ImportError::io(&self.path, e))?;
            let length = chunk.len();
            open.extend_from_slice(chunk);
            self.reader.consume(length);
            // A mark can lie across the end of what was there.
            let until = if length == 0 { open.len() } else { open.len().saturating_sub(longest) };
            let mut begin = 0;
            while let Some(at) =
                open.get(from..until).and_then(|rest| rest.iter().position(|b| *b == b'<'))
            {
                let next = from + at;
                from = next + 1;
                if begins(&open[next..]) {
                    if inside {
                        take(&self.charset.text(&open[begin..next]), sink)?;
                    }
                    (begin, inside, told) = (next, true, false);
                }
            }
            self.progress.tell(sink)?;
            open.drain(..begin);
            if length == 0 {
                return if inside { take(&self.charset.text(&open), sink) } else { Ok(()) };
            }
            from = from.max(until) - begin;
            if open.len() > LINE {
                if inside && !told {
                    let begin = shorten(&self.charset.text(&open[..200]));
                    sink.skipped("rest of an element that is too long", &begin);
                    told = true;
                }
                // The last bytes can begin a mark.
                open.drain(if inside { LINE / 2 } else { 0 }..from);
                from = if inside { LINE / 2 } else { 0 };
            }
        }
    }

    /// Hands over each line of the file with its end, as bytes: for formats whose parts have
    /// charsets of their own. What a line has beyond a limit is left out.
    pub(in crate::import) fn each_line(
        &mut self,
        sink: &mut dyn Sink,
        mut take: impl FnMut(&[u8], &mut dyn Sink) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let mut line = Vec::new();
        let mut count: u64 = 0;
        loop {
            line.clear();
            let read = read_line_capped(&mut self.reader, &mut line, LINE);
            if read.map_err(|error| ImportError::io(&self.path, error))?.is_none() {
                return Ok(());
            }
            take(&line, sink)?;
            count += 1;
            if count.is_multiple_of(4096) {
                self.progress.tell(sink)?;
            }
        }
    }

    /// Hands over each line of a text with its end. What a line has beyond a limit is left out and
    /// counted.
    pub(in crate::import) fn each_line_of_text(
        &mut self,
        sink: &mut dyn Sink,
        mut take: impl FnMut(&str, &mut dyn Sink) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let mut line = Vec::new();
        let mut count: u64 = 0;
        loop {
            line.clear();
            match read_line_capped(&mut self.reader, &mut line, LINE) {
                Ok(None) => return Ok(()),
                Ok(Some(true)) => take(&self.charset.text(&line), sink)?,
                Ok(Some(false)) => {
                    let begin = shorten(&self.charset.text(&line[..200]));
                    sink.skipped("rest of a line that is too long", &begin);
                    take(&format!("{}\n", self.charset.text(&line)), sink)?;
                }
                Err(error) => return Err(ImportError::io(&self.path, error)),
            }
            count += 1;
            if count.is_multiple_of(4096) {
                self.progress.tell(sink)?;
            }
        }
    }

    /// Returns the whole text, or an error where it is longer than `limit` bytes.
    pub(in crate::import) fn whole_text(
        &mut self,
        limit: usize,
        sink: &mut dyn Sink,
    ) -> Result<String, ImportError> {
        let mut text = String::new();
        let path = self.path.clone();
        self.each_line_of_text(sink, |line, _| {
            text.push_str(line);
            if text.len() > limit {
                let limit = limit >> 20;
                return Err(ImportError::TooLong { path: path.clone(), limit });
            }
            Ok(())
        })?;
        Ok(text)
    }

    /// The file's path, for messages.
    pub(in crate::import) fn path(&self) -> &std::path::Path {
        &self.path
    }
}

/// A piece of a document whose records stand inside of objects.
#[derive(Debug)]
pub(in crate::import) enum Part {
    /// Something said about the records beside it: a key and a value.
    Member(String, Value),
    /// A record.
    Record(Value),
    /// The end of an object around records.
    End,
}

/// What a record of a file stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::import) enum Unit {
    /// A conversation.
    Conversation,
    /// A message or less.
    Message,
}
