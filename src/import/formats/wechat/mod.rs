//! `WeChat`: what the programs write that read its database: CSV files (`WeChatMsg`, `PyWxDump`,
//! `chatlog` and alike), whatever order and language their columns have; JSON (`weflow`) and text.

mod text;
mod weflow;

use crate::conversation::{Conversation, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{Stamps, media, service, spoken};
use crate::import::reading::html::Element;
use crate::import::reading::sample::prose;
use crate::import::reading::time::{When, instant_in, parse};
use crate::import::reading::turns::Turns;
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use csv::StringRecord;
use serde_json::Value;
use std::collections::HashMap;

const LARGEST: usize = 256 << 20;

/// The format `wechat`.
pub(super) struct WeChat;

impl Importer for WeChat {
    fn format(&self) -> &'static str {
        "wechat"
    }

    fn description(&self) -> &'static str {
        "WeChat: CSV of WeChatMsg, PyWxDump, chatlog and alike; JSON of WeFlow; text of MemoTrace"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if weflow::holds(sample) {
            return Confidence::Certain;
        }
        let Some(text) = prose(sample) else { return Confidence::No };
        if text::holds(text) {
            return Confidence::Likely;
        }
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let mut reader = reader(first, separator(first));
        let header = reader.headers().cloned().unwrap_or_default();
        let columns = Columns::of(&header);
        if columns.is_wechat() { Confidence::Certain } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        input.each(sink, |source, sink| {
            if weflow::holds(source.sample()) {
                return weflow::read(source, options, sink);
            }
            if text::holds(source.sample().text()) {
                return text::read(source, options, sink);
            }
            let text = source.whole_text(LARGEST, sink)?;
            let stem = source.stem().to_owned();
            for conversation in conversations(&text, &stem, options, sink) {
                sink.conversation(conversation)?;
            }
            Ok(())
        })
    }
}

fn separator(header: &str) -> u8 {
    if header.matches('\t').count() > header.matches(',').count() { b'\t' } else { b',' }
}

fn reader(text: &str, separator: u8) -> csv::Reader<&[u8]> {
    let text = text.trim_start_matches(['\u{FEFF}', '\n', '\r']);
    csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text.as_bytes())
}

/// Where a file has what.
#[derive(Debug, Default)]
struct Columns {
    id: Option<usize>,
    chat: Vec<usize>,
    mine: Option<usize>,
    kind: Option<usize>,
    /// The best first.
    text: Vec<usize>,
    time: Vec<usize>,
    speaker: Vec<usize>,
    names: Vec<String>,
}

impl Columns {
    fn of(header: &StringRecord) -> Self {
        let names: Vec<String> = header
            .iter()
            .map(|name| name.trim().to_lowercase().replace(['_', ' ', '-'], ""))
            .collect();
        let all = |wanted: &[&str]| -> Vec<usize> {
            wanted.iter().filter_map(|w| names.iter().position(|name| name == w)).collect()
        };
        let one = |wanted: &[&str]| all(wanted).first().copied();
        Self {
            id: one(&["msgsvrid", "localid", "msgid", "seq", "id"]),
            chat: all(&[
                "roomname",
                "talkername",
                "talkerid",
                "strtalker",
                "talker",
                "群聊",
                "会话",
            ]),
            mine: one(&["issender", "isself", "issend", "是否发送", "是否自己"]),
            kind: one(&["type", "typename", "msgtype", "类型", "消息类型"]),
            text: all(&["strcontent", "content", "msg", "message", "内容", "消息内容", "消息"]),
            time: all(&[
                "createtime",
                "strtime",
                "time",
                "datetime",
                "date",
                "timestamp",
                "时间",
                "发送时间",
                "日期",
            ]),
            speaker: all(&[
                "remark",
                "nickname",
                "sendername",
                "sender",
                "from",
                "备注",
                "昵称",
                "发送者",
                "发送人",
                "发言人",
                "发送者昵称",
                "发送者备注",
                "发送者名称",
                "发送者身份",
                "talker",
            ]),
            names,
        }
    }

    /// Whether a file with these columns is one of `WeChat`'s, by columns that no other has.
    fn is_wechat(&self) -> bool {
        let has = |name: &str| self.names.iter().any(|known| known == name);
        let needed = !self.text.is_empty() && !self.time.is_empty();
        let own = has("strcontent")
            || has("strtalker")
            || has("talkerid")
            || (has("talker") && (has("issender") || has("talkername") || has("isself")))
            || (has("issender") && has("typename"))
            || (!self.speaker.is_empty()
                && ["时间", "发送时间", "日期"].iter().any(|name| has(name))
                && ["内容", "消息内容", "消息"].iter().any(|name| has(name)));
        needed && own
    }
}

/// The messages of a chat, in the order of the file.
struct Chat {
    name: String,
    turns: Turns,
    stamps: Stamps,
}

fn conversations(
    text: &str,
    stem: &str,
    options: &Options,
    sink: &mut dyn Sink,
) -> Vec<Conversation> {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut reader = reader(text, separator(first));
    let columns = reader.headers().map(Columns::of).unwrap_or_default();
    let mut chats: Vec<Chat> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                sink.skipped("row that cannot be read", &shorten(&error.to_string()));
                continue;
            }
        };
        let Some(mut turn) = turn(&record, &columns, options) else {
            let row: Vec<&str> = record.iter().collect();
            sink.skipped("row without a message", &shorten(&row.join(" ")));
            continue;
        };
        let name = field(&record, &columns.chat).unwrap_or_default();
        let place = *places.entry(name.to_owned()).or_insert_with(|| {
            chats.push(Chat {
                name: name.to_owned(),
                turns: Turns::default(),
                stamps: Stamps::default(),
            });
            chats.len() - 1
        });
        let chat = &mut chats[place];
        if turn.source_id.is_none() {
            let civil = turn.said_at.map(Timestamp::civil);
            turn.source_id = Some(chat.stamps.id(civil, &turn.speaker));
        }
        chat.turns.push(turn, sink);
    }
    let single = chats.len() == 1;
    let conversation = |chat: Chat| {
        let turns = chat.turns.into_vec();
        let title = if single || chat.name.is_empty() { stem } else { &chat.name };
        Conversation {
            source_id: Some(chat.name.clone()).filter(|name| !name.is_empty() && !is_number(name)),
            title: Some(title.to_owned()),
            started_at: turns.iter().find_map(|turn| turn.said_at),
            turns,
        }
    };
    chats.into_iter().map(conversation).collect()
}

/// Whether a chat is told by a number that another export may give to another chat.
fn is_number(name: &str) -> bool {
    name.len() < 6 && name.bytes().all(|b| b.is_ascii_digit())
}

/// Returns the first of some columns that has something in it.
fn field<'r>(record: &'r StringRecord, columns: &[usize]) -> Option<&'r str> {
    let values = columns.iter().filter_map(|at| record.get(*at)).map(str::trim);
    values.into_iter().find(|value| !value.is_empty())
}

fn turn(record: &StringRecord, columns: &Columns, options: &Options) -> Option<NewTurn> {
    let text = field(record, &columns.text).unwrap_or_default();
    let when = columns.time.iter().find_map(|at| {
        let when = when(record.get(*at)?.trim(), options);
        when.said_at.is_some().then_some(when)
    });
    if text.is_empty() && when.is_none() {
        return None;
    }
    let mine = columns.mine.and_then(|at| record.get(at)).map(str::trim);
    let mine = matches!(mine, Some("1" | "true" | "True" | "是"));
    let speaker = match field(record, &columns.speaker) {
        Some(name) => name.to_owned(),
        None if mine => "Me".to_owned(),
        None => field(record, &columns.chat).unwrap_or("user").to_owned(),
    };
    let kind = columns.kind.and_then(|at| record.get(at)).unwrap_or_default().trim();
    let mut turn = match said(kind, text) {
        Said::Told(text) => service(text),
        Said::Said(text) => NewTurn::message(Role::User, speaker, text),
    };
    let id = columns.id.and_then(|at| record.get(at)).map(str::trim);
    turn.source_id = id.filter(|id| !id.is_empty() && *id != "0").map(str::to_owned);
    let When { said_at, text } = when.unwrap_or_default();
    turn.said_at_text = text;
    Some(turn.at(said_at))
}

/// Reads a time: seconds since the epoch, or local time.
fn when(text: &str, options: &Options) -> When {
    if text.len() >= 9 && text.bytes().all(|b| b.is_ascii_digit()) {
        let number = text.parse::<i64>().map_or(Value::Null, Value::from);
        return instant_in(&number, &options.time_zone);
    }
    parse(&text.replace('/', "-"), &options.time_zone)
}

enum Said {
    Said(String),
    Told(String),
}

/// Returns what a row says: what is no text is XML, or the path of a file.
fn said(kind: &str, text: &str) -> Said {
    const KINDS: [(&str, &[&str]); 7] = [
        ("picture", &["3", "图片", "圖片", "image"]),
        ("audio", &["34", "语音", "語音", "voice"]),
        ("contact", &["42", "名片", "card"]),
        ("video", &["43", "62", "视频", "視頻", "video"]),
        ("sticker", &["47", "动画表情", "表情", "表情包", "emoji"]),
        ("place", &["48", "位置", "location"]),
        ("call", &["50", "通话", "语音通话", "voip"]),
    ];
    let lower = kind.to_lowercase();
    if matches!(lower.as_str(), "10000" | "10002" | "系统消息" | "系统通知" | "系统" | "system")
    {
        return Said::Told(words(text).unwrap_or_else(|| text.to_owned()));
    }
    if let Some((kind, _)) = KINDS.iter().find(|(_, names)| names.contains(&lower.as_str())) {
        let bare = text.is_empty() || text.starts_with('<') || text.starts_with('[');
        let line = media(kind);
        return Said::Said(match (bare, words(text)) {
            (_, Some(words)) => format!("{line}\n{words}"),
            (true, None) => line,
            (false, None) => format!("{line}\n{text}"),
        });
    }
    let looks_like_xml = text.starts_with("<?xml") || text.starts_with("<msg");
    match words(text).filter(|_| looks_like_xml) {
        Some(words) => Said::Said(words),
        None if text.is_empty() || looks_like_xml => {
            Said::Said(if kind.is_empty() { spoken(String::new()) } else { media(kind) })
        }
        None => Said::Said(text.to_owned()),
    }
}

/// Returns the words in the XML of a shared thing: its title, what it is about, where it is.
fn words(text: &str) -> Option<String> {
    if !text.starts_with('<') {
        return None;
    }
    let page = Element::parse(text);
    let tag = |name: &str| page.find(&|e| e.is(name)).map(Element::all_text);
    let mut found: Vec<String> = Vec::new();
    for name in ["title", "des", "label", "replacemsg", "content", "url"] {
        if let Some(words) = tag(name).filter(|words| !words.trim().is_empty())
            && !words.trim_start().starts_with('<')
            && !found.contains(&words)
        {
            found.push(words.trim().to_owned());
        }
    }
    (!found.is_empty()).then(|| found.join("\n"))
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{read_as, read_bytes};

    #[test]
    fn columns_of_the_database() {
        let text = "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime,Remark,NickName,Sender\n\
            1,7,1,0,0,1683183600,,\"你好，\n\"\"朋友\"\"\",2023-05-04 15:00:00,小明,明明,wxid_1\n\
            2,7,1,0,1,1683183601,,嗨,2023-05-04 15:00:01,,我,wxid_2\n\
            3,7,3,0,0,1683183602,,<msg><img /></msg>,2023-05-04 15:00:02,小明,明明,wxid_1\n\
            4,7,49,5,0,1683183603,,<msg><appmsg><title>一篇文章</title><des>关于山</des><url>https://x.example</url></appmsg></msg>,2023-05-04 15:00:03,小明,明明,wxid_1\n\
            5,7,10000,0,0,1683183604,,小明撤回了一条消息,2023-05-04 15:00:04,小明,明明,wxid_1\n\
            6,7,1\n";
        for text in [text.to_owned(), format!("\u{FEFF}{}", text.replace('\n', "\r\n"))] {
            let sink = read_as("wechat", &text);
            assert_eq!(
                sink.said().iter().map(|said| said.replace('\r', "")).collect::<Vec<_>>(),
                [
                    "小明: 你好，\n\"朋友\"",
                    "我: 嗨",
                    "小明: [picture]",
                    "小明: 一篇文章\n关于山\nhttps://x.example",
                    "(tool) system: 小明撤回了一条消息",
                ]
            );
            let turn = &sink.conversations[0].turns[0];
            assert_eq!(turn.said_at.unwrap().to_string(), "2023-05-04T07:00:00Z");
            assert_eq!(turn.source_id.as_deref(), Some("1"));
            assert_eq!(sink.skipped["row without a message"], 1);
        }
    }

    #[test]
    fn several_chats_in_one_file() {
        let text = "id,MsgSvrID,type_name,is_sender,talker,room_name,msg,src,CreateTime\n\
            1,900001,文本,0,wxid_a,wxid_a,hi,,2023-05-04 15:00:00\n\
            2,900002,文本,0,wxid_b,room@chatroom,in the room,,2023-05-04 15:00:01\n\
            3,900003,图片,1,me,wxid_a,,/x.jpg,2023-05-04 15:00:02\n";
        let sink = read_as("wechat", text);
        let titles: Vec<_> = sink.conversations.iter().filter_map(|c| c.title.as_deref()).collect();
        assert_eq!(titles, ["wxid_a", "room@chatroom"]);
        assert_eq!(sink.said(), ["wxid_a: hi", "me: [picture]", "wxid_b: in the room"]);
        assert_eq!(
            sink.conversations[0].turns[0].said_at_text.as_deref(),
            Some("2023-05-04 15:00:00")
        );
    }

    #[test]
    fn chinese_columns_in_an_old_charset() {
        let (bytes, _, _) = encoding_rs::GBK.encode(
            "时间,发送人,类型,内容\n2023/05/04 15:00:00,小明,文本,我们明天去爬山好不好\n2023/05/04 15:00:01,小红,文本,好的，一起去吧\n",
        );
        let (_, sink) = read_bytes(&bytes);
        assert_eq!(sink.said(), ["小明: 我们明天去爬山好不好", "小红: 好的，一起去吧"]);
    }

    #[test]
    fn other_files_are_not_taken() {
        for text in
            ["time,name,content\n1,2,3\n", "a,b\n1,2\n", "date,message,type\n2023-05-04,x,y\n"]
        {
            let (_, sink) = read_bytes(text.as_bytes());
            assert!(!sink.formats.contains(&"wechat"), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn texts_of_any_kind_do_no_harm(text in "([0-9]{1,10},|\"|<msg>|\\PC{0,8},|\n){0,20}") {
            let _ = read_bytes(format!("localId,Type,CreateTime,StrContent\n{text}").as_bytes());
        }
    }
}
