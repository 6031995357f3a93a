//! IRC: logs of irssi, `WeeChat`, mIRC, `HexChat`, ZNC, Textual, `EnergyMech`, dircproxy and the
//! many that write like one of them.
//!
//! A line is what somebody said, did, or what the server told. Who came and went is folded away;
//! a file is one conversation.

mod line;
mod when;

use crate::conversation::{Conversation, Kind, NewTurn, Role, Said};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{service, spoken};
use crate::import::reading::dates::Dates;
use crate::import::reading::sample::prose;
use crate::import::reading::spool::Spool;
use crate::import::reading::turns::Turns;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use line::What;
use std::io;
use when::Clockwork;

/// The format `irc`.
pub(super) struct Irc;

impl Importer for Irc {
    fn format(&self) -> &'static str {
        "irc"
    }

    fn description(&self) -> &'static str {
        "IRC logs of irssi, WeeChat, mIRC, HexChat, ZNC, Textual, EnergyMech and alike"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        const LOOKED_AT: usize = 300;
        let Some(text) = prose(sample) else { return Confidence::No };
        let lines = text.lines().filter(|line| !line.trim().is_empty()).take(LOOKED_AT);
        let (mut all, mut known, mut said, mut timed, mut marked) = (0, 0, 0, 0, false);
        for raw in lines {
            all += 1;
            let line = line::read(&line::plain(raw));
            known += usize::from(!matches!(line.what, What::Other(_)));
            marked |= line.time.is_none() && matches!(line.what, What::Day(_));
            let speech = matches!(&line.what, What::Said(_, text) if !text.is_empty());
            said += usize::from(speech);
            timed += usize::from(speech && line.time.is_some());
        }
        if said == 0 || known * 10 < all * 6 {
            return Confidence::No;
        }
        // Without times it looks like the tags of a page.
        let tags = text.contains("</") || !text.contains("> ");
        match timed * 2 > said {
            true => Confidence::Certain,
            // Times are an option of some programs; the beginning of a log is not.
            false if marked => Confidence::Likely,
            false if said > 1 && said * 10 > all * 8 && !tags => Confidence::Possible,
            false => Confidence::No,
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            // Each line as it stands; what only all of them tell is the order of their dates.
            let mut lines = Spool::long();
            let mut dates = Dates::default();
            source.each_line_of_text(sink, |raw, sink| {
                let raw = raw.trim_end_matches(['\n', '\r']);
                if !raw.trim().is_empty() {
                    if let Some(written) = when::written(&line::read(&line::plain(raw))) {
                        dates.push(written);
                    }
                    lines.push(NewTurn::message(Role::User, "", raw), sink);
                }
                Ok(())
            })?;
            let path = source.sample().name();
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            let folder = folder.rsplit('/').next().unwrap_or_default();
            // ZNC has a folder for each channel with a file for each day.
            let bare = !source.stem().contains(char::is_alphabetic) && !folder.is_empty();
            let title =
                if bare { format!("{folder} {}", source.stem()) } else { source.stem().to_owned() };
            let clockwork = Clockwork::new(dates.as_slice(), name, options, sink);
            let (channel, turns) = turns(&lines, clockwork, sink)
                .map_err(|error| ImportError::io(source.path(), error))?;
            let title = match channel {
                Some(channel) if !title.contains(channel.trim_start_matches('#')) => {
                    format!("{channel} {title}")
                }
                _ => title,
            };
            let head = Conversation {
                title: Some(title),
                started_at: turns.first_at(),
                ..Conversation::default()
            };
            Ok(turns.send(head, sink)?)
        })
    }
}

/// Returns the channel, where a log tells it, and what was said.
fn turns(
    lines: &Spool,
    mut clockwork: Clockwork<'_>,
    sink: &mut dyn Sink,
) -> io::Result<(Option<String>, Turns)> {
    let mut channel: Option<String> = None;
    let mut turns = Turns::long();
    let mut open: Option<NewTurn> = None;
    for raw in lines.tell() {
        let line = line::read(&line::plain(&raw?.text));
        let (said_at, text) = clockwork.instant(&line);
        let mut turn = match line.what {
            What::Said(nick, text) | What::Did(nick, text) => {
                NewTurn::message(Role::User, nick, spoken(text))
            }
            What::Told(text) => NewTurn::message(Role::System, Role::System.as_str(), text),
            What::Noise(text) => {
                channel = channel.or_else(|| line::channel(&text));
                service(text)
            }
            What::Channel(name) => {
                channel = Some(name);
                continue;
            }
            What::Day(_) => continue,
            What::Other(text) if line.time.is_none() && open.is_some() => {
                // A line that was wrapped, or pasted into the log.
                if let Some(last) = open.as_mut().filter(|last| last.kind == Kind::Message) {
                    last.text.push('\n');
                    last.text.push_str(&text);
                } else {
                    sink.skipped("line of no known form", &shorten(&text));
                }
                continue;
            }
            What::Other(text) => service(text),
        };
        turn.said_at_text = text;
        if let Some(before) = open.replace(turn.at(said_at)) {
            turns.push(before, sink);
        }
    }
    if let Some(last) = open {
        turns.push(last, sink);
    }
    Ok((channel, turns))
}

#[cfg(test)]
mod tests;
