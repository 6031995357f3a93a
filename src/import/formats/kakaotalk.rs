//! `KakaoTalk`: the text that the app exports of a chat, of phones (a time before each message) and
//! of Windows (a line for each day), and the CSV of a Mac; in Korean and English.

use crate::conversation::{Conversation, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{Stamps, media, service, spoken};
use crate::import::reading::dates::{self, Stamp, Written};
use crate::import::reading::input::Source;
use crate::import::reading::sample::prose;
use crate::import::reading::time::{When, parse};
use crate::import::reading::turns::{Turns, file};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use jiff::civil::{Date, Time};

/// The format `kakaotalk`.
pub(super) struct KakaoTalk;

impl Importer for KakaoTalk {
    fn format(&self) -> &'static str {
        "kakaotalk"
    }

    fn description(&self) -> &'static str {
        "KakaoTalk: the exported text of a chat (phone or Windows), or its CSV (Mac)"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        const LOOKED_AT: usize = 200;
        let Some(text) = prose(sample) else { return Confidence::No };
        if is_csv(text) {
            return Confidence::Likely;
        }
        let titled = text.lines().take(3).any(|line| title(line).is_some());
        let lines: Vec<Line<'_>> = text.lines().take(LOOKED_AT).map(read).collect();
        let days = lines.iter().filter(|line| matches!(line, Line::Day(_))).count();
        let said = lines.iter().filter(|line| matches!(line, Line::Said { .. })).count();
        let clocked = lines.iter().filter(|line| matches!(line, Line::Clocked { .. })).count();
        match (titled, said + clocked) {
            (_, 0) => Confidence::No,
            (true, _) => Confidence::Certain,
            (false, 2..) if said > 1 || days > 0 => Confidence::Likely,
            (false, _) => Confidence::No,
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            if is_csv(source.sample().text()) {
                return table(source, options, sink);
            }
            let mut chat = Chat { turns: Turns::long(), ..Chat::default() };
            source.each_line_of_text(sink, |line, sink| {
                chat.take(line.trim_end_matches(['\n', '\r']), options, sink);
                Ok(())
            })?;
            chat.send(source.stem(), sink)
        })
    }
}

fn is_csv(text: &str) -> bool {
    let first = text.trim_start_matches('\u{FEFF}').lines().next().unwrap_or_default();
    first.trim().replace('"', "").eq_ignore_ascii_case("date,user,message")
}

/// The name of the chat that an export begins with.
fn title(line: &str) -> Option<&str> {
    const AROUND: [&str; 5] = [
        " 님과 카카오톡 대화",
        " 카카오톡 대화",
        " KakaoTalk Chats",
        "KakaoTalk Chats with ",
        "님과의 카카오톡 대화",
    ];
    let line = line.trim_matches(|c: char| dates::is_mark(c) || c.is_whitespace());
    let name = AROUND.iter().find_map(|words| {
        line.strip_suffix(words)
            .or_else(|| line.strip_suffix(words.trim_end()))
            .or_else(|| line.strip_prefix(words))
    })?;
    Some(name.trim_end_matches(" with").trim())
}

/// What a line is.
enum Line<'t> {
    /// A day, which the messages below it are of.
    Day(Written),
    /// A message of a phone, with its own date. Without a name the app speaks.
    Said { when: Stamp, name: Option<&'t str>, text: &'t str },
    /// A message below its day.
    Clocked { time: Time, written: &'t str, name: &'t str, text: &'t str },
    /// When the export was made.
    Saved,
    /// Goes on with what stands before.
    Other,
}

fn read(line: &str) -> Line<'_> {
    let line = line.trim_start_matches(dates::is_mark);
    let bare = line.trim_matches(['-', ' ']);
    if let Some(day) = day(bare) {
        return Line::Day(day);
    }
    if ["저장한 날짜", "Date Saved", "Saved Date"].iter().any(|words| line.starts_with(words))
    {
        return Line::Saved;
    }
    // [name] [오후 2:30] text
    if let Some((name, rest)) = line.strip_prefix('[').and_then(|rest| rest.split_once("] ["))
        && let Some((written, text)) = rest.split_once(']')
        && let Some((clock, after)) = dates::clock(written)
        && after.trim().is_empty()
    {
        let text = text.strip_prefix(' ').unwrap_or(text);
        return Line::Clocked { time: clock.time, written, name: name.trim(), text };
    }
    // 2024년 12월 9일 오후 2:30, name : text
    if !line.contains(':') {
        return Line::Other;
    }
    for (at, _) in line.match_indices(", ").take(4) {
        let Some(when) = Stamp::read(&line[..at]) else { continue };
        let rest = &line[at + 2..];
        return match rest.split_once(" : ").or_else(|| Some((rest.strip_suffix(" :")?, ""))) {
            Some((name, text)) => Line::Said { when, name: Some(name.trim()), text },
            None => Line::Said { when, name: None, text: rest },
        };
    }
    Line::Other
}

/// A day by itself: `2024년 12월 9일 월요일`, `Monday, December 9, 2024`.
fn day(line: &str) -> Option<Written> {
    const LONGEST: usize = 40;
    if line.chars().count() > LONGEST || line.contains(':') {
        return None;
    }
    if let Some((written, rest)) = Written::read(line) {
        let rest = rest.trim();
        return (rest.ends_with("요일") && rest.chars().count() <= 4).then_some(written);
    }
    let (weekday, rest) = line.split_once(", ")?;
    let is_weekday = weekday.ends_with("day") && weekday.len() <= 9;
    let (written, rest) = Written::read_named(rest).filter(|_| is_weekday)?;
    rest.trim().is_empty().then_some(written)
}

/// Whether a line without a name is one of the app's.
fn is_notice(line: &str) -> bool {
    const ENDS: [&str; 9] = [
        "들어왔습니다.",
        "나갔습니다.",
        "초대했습니다.",
        "내보냈습니다.",
        "가렸습니다.",
        "삭제된 메시지입니다.",
        "joined this chatroom.",
        "left this chatroom.",
        "was removed from this chatroom.",
    ];
    ENDS.iter().any(|end| line.trim_end().ends_with(end))
        || line.contains(" invited ") && line.ends_with('.')
}

/// What a message says; what was sent with nothing but a word for it, as that.
fn said(text: &str) -> String {
    let text = text.trim_end();
    if let Some(name) = text.strip_prefix("파일: ").or_else(|| text.strip_prefix("File: ")) {
        return file(name);
    }
    match text {
        "사진" | "Photo" | "<사진 읽지 않음>" => media("picture"),
        "동영상" | "Video" => media("video"),
        "이모티콘" | "Emoticons" | "(이모티콘)" | "(emoticon)" => media("sticker"),
        "음성메시지" | "Voice Note" => media("voice message"),
        "삭제된 메시지입니다." | "This message was deleted." => media("deleted message"),
        _ => spoken(text.to_owned()),
    }
}

/// A chat as far as it was read.
#[derive(Default)]
struct Chat {
    title: Option<String>,
    day: Option<Date>,
    open: Option<NewTurn>,
    turns: Turns,
    stamps: Stamps,
    /// Whether anything was said: what stands before is about the file.
    begun: bool,
}

impl Chat {
    fn take(&mut self, raw: &str, options: &Options, sink: &mut dyn Sink) {
        if !self.begun && self.title.is_none() {
            self.title = title(raw).map(str::to_owned);
            if self.title.is_some() {
                return;
            }
        }
        let orders = dates::Orders::year_first();
        match read(raw) {
            Line::Day(written) => {
                self.close(sink);
                self.begun = true;
                self.day = orders.date(written);
            }
            Line::Saved => {}
            Line::Said { when, name, text } => {
                let civil = when.civil(&orders);
                self.begin(name, text, civil, when.instant(&orders, options), sink);
            }
            Line::Clocked { time, written, name, text } => {
                let civil = self.day.map(|day| day.to_datetime(time));
                let when = match civil {
                    Some(civil) => dates::instant(civil, written, options),
                    None => When { said_at: None, text: Some(written.to_owned()) },
                };
                let text_of_day = civil.map(|civil| civil.to_string());
                let when = When { text: text_of_day.or(when.text), ..when };
                self.begin(Some(name), text, civil, when, sink);
            }
            Line::Other if is_notice(raw) && self.begun => {
                self.close(sink);
                let when = self
                    .day
                    .map(|day| dates::instant(day.to_datetime(Time::midnight()), raw, options));
                self.turns.push(service(raw.trim()).at(when.and_then(|when| when.said_at)), sink);
            }
            Line::Other => match &mut self.open {
                Some(open) => {
                    open.text.push('\n');
                    open.text.push_str(raw);
                }
                None if raw.trim().is_empty() => {}
                None => sink.skipped("line before the first message", &shorten(raw)),
            },
        }
    }

    fn begin(
        &mut self,
        name: Option<&str>,
        text: &str,
        civil: Option<jiff::civil::DateTime>,
        when: When,
        sink: &mut dyn Sink,
    ) {
        self.close(sink);
        self.begun = true;
        let mut turn = match name {
            Some(name) => NewTurn::message(Role::User, name, text),
            None => service(text),
        };
        turn.source_id = Some(self.stamps.id(civil, &turn.speaker));
        turn.said_at_text = when.text;
        self.open = Some(turn.at(when.said_at));
    }

    /// Ends the message that is open.
    fn close(&mut self, sink: &mut dyn Sink) {
        let Some(mut turn) = self.open.take() else { return };
        if turn.role == Role::User {
            turn.text = said(&turn.text);
        }
        self.turns.push_unique(turn, sink);
    }

    fn send(mut self, stem: &str, sink: &mut dyn Sink) -> Result<(), ImportError> {
        self.close(sink);
        if self.turns.is_empty() {
            sink.failed("file without a message", &shorten(stem));
            return Ok(());
        }
        let title = self.title.filter(|title| !title.is_empty());
        let head = Conversation {
            title: title.or_else(|| Some(stem.to_owned())),
            started_at: self.turns.first_at(),
            ..Conversation::default()
        };
        Ok(self.turns.send(head, sink)?)
    }
}

/// Reads the CSV of a Mac: `Date,User,Message`.
fn table(
    source: &mut Source<'_>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    const LARGEST: usize = 256 << 20;
    let text = source.whole_text(LARGEST, sink)?;
    let text = text.trim_start_matches('\u{FEFF}');
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let mut chat = Chat { turns: Turns::long(), ..Chat::default() };
    for record in reader.records() {
        let Ok(record) = record else {
            sink.skipped("row that cannot be read", "");
            continue;
        };
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let when = parse(cell(0), &options.time_zone);
        if when.said_at.is_none() {
            sink.skipped("time that cannot be read", &shorten(cell(0)));
        }
        let civil = cell(0).trim().replacen(' ', "T", 1).parse().ok();
        let name = Some(cell(1).trim()).filter(|name| !name.is_empty() && !is_notice(cell(2)));
        chat.begin(name, cell(2), civil, when, sink);
    }
    chat.send(source.stem(), sink)
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{Counting, read_as, read_bytes};

    fn times(sink: &Counting) -> Vec<String> {
        let turns = sink.conversations.iter().flat_map(|c| &c.turns);
        turns.map(|turn| turn.said_at.map(|at| at.to_string()).unwrap_or_default()).collect()
    }

    #[test]
    fn of_windows() {
        for (head, day, [first, second]) in [
            (
                "정원 님과 카카오톡 대화\n저장한 날짜 : 2024-12-10 09:00:00\n",
                "--------------- 2024년 12월 9일 월요일 ---------------",
                ["오후 2:30", "오후 11:05"],
            ),
            (
                "정원 KakaoTalk Chats\nDate Saved : 2024-12-10 09:00:00\n",
                "--------------- Monday, December 9, 2024 ---------------",
                ["2:30 PM", "11:05 PM"],
            ),
        ] {
            let text = format!(
                "\u{FEFF}{head}\n{day}\n영희님이 들어왔습니다.\n[지우] [{first}] 안녕\n하세요\n[영희] [{second}] 사진\n[영희] [{second}] [네] [x] y\n"
            );
            let sink = read_as("kakaotalk", &text);
            assert_eq!(
                sink.said(),
                [
                    "(tool) system: 영희님이 들어왔습니다.",
                    "지우: 안녕\n하세요",
                    "영희: [picture]",
                    "영희: [네] [x] y"
                ],
                "{text}"
            );
            assert_eq!(times(&sink)[1..3], ["2024-12-09T14:30:00Z", "2024-12-09T23:05:00Z"]);
            assert_eq!(sink.conversations[0].title.as_deref(), Some("정원"));
        }
    }

    #[test]
    fn of_phones() {
        for (head, [first, second]) in [
            ("지우 님과 카카오톡 대화", ["2024년 12월 9일 오후 2:30", "2024년 12월 9일 오후 2:31"]),
            ("지우 님과 카카오톡 대화", ["2024. 12. 9. 오후 2:30", "2024. 12. 9. 오후 2:31"]),
            (
                "KakaoTalk Chats with 지우",
                ["December 9, 2024 at 2:30 PM", "December 9, 2024 at 2:31 PM"],
            ),
            ("KakaoTalk Chats with 지우", ["Dec 9, 2024, 2:30 PM", "Dec 9, 2024, 2:31 PM"]),
        ] {
            let text = format!(
                "{head}\n저장한 날짜 : 2024-12-10\n\n2024년 12월 9일 월요일\n{first}, 지우 : 몇 시?\n{second}, 영희 : 여덟 : 시\n그래\n{second}, 지우님이 나갔습니다.\n"
            );
            let sink = read_as("kakaotalk", &text);
            assert_eq!(
                sink.said(),
                ["지우: 몇 시?", "영희: 여덟 : 시\n그래", "(tool) system: 지우님이 나갔습니다."],
                "{text}"
            );
            assert_eq!(
                times(&sink)[..2],
                ["2024-12-09T14:30:00Z", "2024-12-09T14:31:00Z"],
                "{text}"
            );
            assert_eq!(sink.conversations[0].title.as_deref(), Some("지우"));
        }
    }

    #[test]
    fn of_a_mac() {
        let sink = read_as(
            "kakaotalk",
            "Date,User,Message\n2024-12-09 14:30:05,\"지우\",\"안녕\n하세요\"\n2024-12-09 14:31:00,\"영희\",\"이모티콘\"\n",
        );
        assert_eq!(sink.said(), ["지우: 안녕\n하세요", "영희: [sticker]"]);
        assert_eq!(times(&sink), ["2024-12-09T14:30:05Z", "2024-12-09T14:31:00Z"]);
        let (_, other) = read_bytes("[10:00] <ada> hi\n[10:01] <bob> ho\n".as_bytes());
        assert!(!other.formats.contains(&"kakaotalk"));
    }
}
