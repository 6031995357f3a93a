//! LINE: the text of an exported chat, from phones and computers, in any of its languages.
//!
//! A line with a day is followed by lines with a time, a name and what was said, tabs between.

mod names;

use crate::conversation::{Conversation, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{Stamps, media, service, spoken};
use crate::import::reading::dates::{self, Orders, Written, clock};
use crate::import::reading::sample::prose;
use crate::import::reading::turns::Turns;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use jiff::civil::Time;

const LARGEST: usize = 256 << 20;

/// The format `line`.
pub(super) struct Line;

impl Importer for Line {
    fn format(&self) -> &'static str {
        "line"
    }

    fn description(&self) -> &'static str {
        "LINE: the text of an exported chat, in any language"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        const LOOKED_AT: usize = 60;
        let Some(text) = prose(sample) else { return Confidence::No };
        let mut day = false;
        let mut spaced = 0;
        for line in text.lines().filter(|line| !line.trim().is_empty()).take(LOOKED_AT) {
            match read(line) {
                Row::Day(_) => day = true,
                Row::Said { tabs: true, .. } | Row::Told(..) if day => return Confidence::Certain,
                Row::Said { .. } if day => spaced += 1,
                _ => {}
            }
        }
        let headed = text.lines().take(3).any(|line| title(line).is_some());
        match (headed, spaced) {
            (true, 1..) => Confidence::Certain,
            (false, 2..) => Confidence::Possible,
            _ => Confidence::No,
        }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            let text = source.whole_text(LARGEST, sink)?;
            let title = text.lines().take(3).find_map(title).map(str::to_owned);
            let turns = turns(&text, title.as_deref(), options, sink);
            let title = title.unwrap_or_else(|| source.stem().to_owned());
            sink.conversation(Conversation {
                title: Some(title),
                started_at: turns.iter().find_map(|turn| turn.said_at),
                turns,
                ..Conversation::default()
            })?;
            Ok(())
        })
    }
}

/// A line of the file.
#[derive(Debug, PartialEq)]
enum Row<'t> {
    Day(Written),
    /// Somebody said something.
    Said {
        time: Time,
        written: &'t str,
        name: &'t str,
        text: &'t str,
        tabs: bool,
    },
    /// The program tells something.
    Told(Time, &'t str, &'t str),
    Other,
}

fn read(line: &str) -> Row<'_> {
    let line = line.trim_start_matches(dates::is_mark).trim_end_matches('\r');
    if let Some(written) = day(line) {
        return Row::Day(written);
    }
    let Some((read, rest)) = clock(line) else { return Row::Other };
    let written = &line[..line.len() - rest.len()];
    if let Some(rest) = rest.strip_prefix('\t') {
        return match rest.split_once('\t') {
            Some((name, text)) if !name.trim().is_empty() => {
                Row::Said { time: read.time, written, name: name.trim(), text, tabs: true }
            }
            Some((_, text)) => Row::Told(read.time, written, text.trim()),
            None => Row::Told(read.time, written, rest.trim()),
        };
    }
    // Newer versions put a space where the tabs were; a name of several words is told by `names`.
    match rest.strip_prefix(' ').and_then(|rest| rest.split_once(' ')) {
        Some((name, text)) if !name.is_empty() => {
            Row::Said { time: read.time, written, name, text, tabs: false }
        }
        _ => Row::Other,
    }
}

/// Reads a line that holds a day and nothing else: `2024/01/01(Mon)`, `2024年1月1日（一）`,
/// `Thu, 8/14/2014`, `2024.01.15 Monday`.
fn day(line: &str) -> Option<Written> {
    const LONGEST: usize = 16;
    let line = line.trim();
    if line.contains('\t') || line.chars().count() > 40 {
        return None;
    }
    let name = |text: &str| {
        let inside = text.trim().trim_matches(['(', ')', '（', '）', ',', '.']);
        inside.chars().count() <= LONGEST && !inside.chars().any(|c| c.is_numeric() || c == ':')
    };
    if let Some((written, rest)) = Written::read(line) {
        return name(rest).then_some(written);
    }
    let (week, rest) = line.split_once([',', ' '])?;
    let (written, rest) = Written::read(rest.trim_start_matches([',', ' ']))?;
    let written = written.on(week);
    (name(week) && !week.is_empty() && rest.trim().is_empty()).then_some(written)
}

/// Returns the name of a chat from the first line of its file.
fn title(line: &str) -> Option<&str> {
    const BEFORE: [&str; 8] = [
        "Chat history with ",
        "Chat history in ",
        "ประวัติการสนทนากับ ",
        "ประวัติแชทกับ ",
        "Riwayat obrolan dengan ",
        "Historial de chat con ",
        "與",
        "与",
    ];
    const AFTER: [&str; 7] = [
        "とのトーク履歴",
        "のトーク履歴",
        "的聊天記錄",
        "的聊天记录",
        "님과 카카오톡 대화",
        "님과의 대화",
        "와의 대화",
    ];
    let line = line.trim().trim_start_matches(dates::is_mark);
    let (marked, line) = match line.strip_prefix("[LINE]") {
        Some(rest) => (true, rest.trim()),
        None => (false, line),
    };
    let ended = AFTER.iter().find_map(|words| line.strip_suffix(words));
    let begun = BEFORE.iter().find_map(|words| ended.unwrap_or(line).strip_prefix(words));
    // A name may begin with a word that stands before others.
    let found = match (begun, ended) {
        (Some(name), _) if ended.is_some() || name.len() < line.len().saturating_sub(6) => {
            Some(name)
        }
        (_, Some(name)) => Some(name),
        _ => None,
    };
    let found = found.or(Some(line).filter(|_| marked));
    found.map(str::trim).filter(|name| !name.is_empty())
}

struct Message<'t> {
    day: Option<Written>,
    time: Time,
    written: &'t str,
    name: Option<&'t str>,
    /// What begins with the name, where a space is all that ends it.
    spaced: Option<&'t str>,
    /// The name with further words that belong to it, as far as the whole file tells.
    wider: Option<&'t str>,
    text: String,
    /// Whether what was said stands in quotation marks that are still open.
    quoted: bool,
}

fn turns(text: &str, title: Option<&str>, options: &Options, sink: &mut dyn Sink) -> Vec<NewTurn> {
    let tabs = text.lines().any(|line| matches!(read(line), Row::Said { tabs: true, .. }));
    let mut days: Vec<Written> = Vec::new();
    let mut messages: Vec<Message<'_>> = Vec::new();
    let lines: Vec<&str> =
        text.split('\n').map(|raw| raw.strip_suffix('\r').unwrap_or(raw)).collect();
    for (at, raw) in lines.iter().copied().enumerate() {
        // In quotation marks a line can look like anything.
        if let Some(open) = messages.last_mut().filter(|message| message.quoted) {
            open.text.push('\n');
            open.text.push_str(raw);
            // Quotation marks that were said stand doubled.
            open.quoted = odd(&open.text);
            continue;
        }
        let mut push = |time, written, name, spaced, text: &str| {
            let quoted = text.starts_with('"') && odd(text) && closes(&lines[at + 1..]);
            let text = text.to_owned();
            let day = days.last().copied();
            messages.push(Message { day, time, written, name, spaced, wider: None, text, quoted });
        };
        match read(raw) {
            Row::Day(written) => days.push(written),
            Row::Said { time, written, name, text, tabs: true } => {
                push(time, written, Some(name), None, text);
            }
            Row::Said { time, written, name, text, .. } if !tabs && !days.is_empty() => {
                let at = raw.len() - text.len() - 1 - name.len();
                push(time, written, Some(name), raw.get(at..), text);
            }
            Row::Told(time, written, text) => push(time, written, None, None, text),
            _ => match messages.last_mut() {
                Some(message) => {
                    message.text.push('\n');
                    message.text.push_str(raw);
                }
                None if days.is_empty() => {}
                None if raw.trim().is_empty() => {}
                None => sink.skipped("line before the first message", &shorten(raw)),
            },
        }
    }
    names::widen(&mut messages, title);
    let orders = Orders::decide(&days, false, options.date_order, sink);
    let mut turns = Turns::default();
    let mut stamps = Stamps::default();
    for message in messages {
        let said = said(&message.text);
        let mut turn = match message.wider.or(message.name) {
            Some(name) => NewTurn::message(Role::User, name, spoken(said)),
            None => service(said),
        };
        let day = message.day.and_then(|written| orders.date(written));
        let civil = day.map(|day| day.to_datetime(message.time));
        // A longer export may tell more of a name: what was imported is known again by its first word.
        turn.source_id = Some(stamps.id(civil, message.name.unwrap_or(&turn.speaker)));
        let when = civil.map(|civil| {
            dates::instant(civil, &format!("{} {}", civil.date(), message.written), options)
        });
        let when = when.unwrap_or_default();
        turn.said_at_text = when.text.or_else(|| Some(message.written.to_owned()));
        turns.push(turn.at(when.said_at), sink);
    }
    turns.into_vec()
}

/// Whether a text leaves a quotation mark open.
fn odd(text: &str) -> bool {
    text.matches('"').count() % 2 == 1
}

/// Whether a quotation that is open is closed before the next message: somebody may just have
/// begun with a quotation mark.
fn closes(lines: &[&str]) -> bool {
    let own = lines.iter().take_while(|line| !matches!(read(line), Row::Said { tabs: true, .. }));
    own.into_iter().any(|line| odd(line) && line.ends_with('"'))
}

/// Returns what was said: without quotation marks around several lines, placeholders in recount's
/// form.
fn said(text: &str) -> String {
    const KINDS: [(&str, &[&str]); 5] = [
        (
            "picture",
            &["photo", "写真", "画像", "照片", "圖片", "图片", "사진", "รูป", "ภาพ", "foto"],
        ),
        ("sticker", &["sticker", "スタンプ", "貼圖", "贴图", "스티커", "สติกเกอร์", "stiker"]),
        ("video", &["video", "動画", "影片", "视频", "視頻", "동영상", "วิดีโอ"]),
        (
            "audio",
            &[
                "voice message",
                "ボイスメッセージ",
                "語音訊息",
                "语音消息",
                "음성메시지",
                "ข้อความเสียง",
            ],
        ),
        ("file", &["file", "ファイル", "檔案", "文件", "파일", "ไฟล์"]),
    ];
    let text = text.trim_end();
    let inside = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    let text = match inside {
        Some(inside) if inside.contains('\n') => inside.replace("\"\"", "\""),
        _ => text.to_owned(),
    };
    let word = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or_default();
    let word = word.trim().to_lowercase();
    match KINDS.iter().find(|(_, words)| words.contains(&word.as_str())) {
        Some((kind, _)) => media(kind),
        None => text,
    }
}

#[cfg(test)]
mod tests;
