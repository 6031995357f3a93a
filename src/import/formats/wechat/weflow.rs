//! The JSON that `WeFlow` and `EchoTrace` write of a chat: `{session, messages}`.

use super::{Said, said};
use crate::conversation::{Conversation, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::service;
use crate::import::reading::input::{Part, Source};
use crate::import::reading::json::{Parts, id_under, text_under};
use crate::import::reading::time::instant_in;
use crate::import::reading::turns::Turns;
use crate::import::{Options, Sample, Sink};
use serde_json::Value;

const PARTS: Parts = Parts { records: &["messages"], around: &[], members: &["session"] };

/// Whether a file is such a chat. A picture in front can be longer than the sample.
pub(super) fn holds(sample: &Sample) -> bool {
    let Some(document) = sample.document() else { return false };
    let under = |key: &str| document.get(key).unwrap_or(&Value::Null);
    let session = under("session").get("wxid").is_some();
    let message = under("messages").get(0).is_some_and(is_message);
    session && (message || under("weflow").is_object())
}

fn is_message(value: &Value) -> bool {
    value.get("createTime").is_some()
        && value.get("content").is_some()
        && (value.get("senderUsername").is_some() || value.get("isSend").is_some())
}

/// Reads the chat.
pub(super) fn read(
    source: &mut Source<'_>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let stem = source.stem().to_owned();
    let (mut session, mut turns) = (Value::Null, Turns::long());
    source.each_part(PARTS, sink, |part, sink| {
        match part {
            Part::Member(_, about) => session = about,
            Part::Record(message) => match turn(&message, options) {
                Some(turn) => turns.push(turn, sink),
                None => sink.skipped("record that is no message", &shorten(&message.to_string())),
            },
            Part::End => {}
        }
        Ok(())
    })?;
    if turns.is_empty() {
        sink.skipped("chat without messages", &shorten(&stem));
        return Ok(());
    }
    let head = Conversation {
        source_id: id_under(&session, &["wxid"]),
        title: id_under(&session, &["remark", "displayName", "nickname"]).or(Some(stem)),
        started_at: turns.first_at(),
        turns: Vec::new(),
    };
    Ok(turns.send(head, sink)?)
}

fn turn(message: &Value, options: &Options) -> Option<NewTurn> {
    if !is_message(message) {
        return None;
    }
    let content = match message.get("content")? {
        Value::String(content) => content.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    // The number beside this word is not to be trusted.
    let kind = text_under(message, "type").unwrap_or_default();
    let account = text_under(message, "senderUsername");
    let mine = message.get("isSend").and_then(Value::as_i64);
    // The chat itself speaks where nobody does.
    let nobody = mine.is_none() && account.is_none_or(|account| account.ends_with("@chatroom"));
    let word = kind.strip_suffix("消息").unwrap_or(kind);
    let text = match said(if word == "系统" { "系统消息" } else { word }, content.trim()) {
        Said::Said(text) if !nobody => text,
        Said::Said(text) | Said::Told(text) => {
            return Some(finish(service(text), message, options));
        }
    };
    let me = (mine == Some(1)).then_some("Me");
    let speaker = text_under(message, "senderDisplayName").or(me).or(account).unwrap_or("unknown");
    Some(finish(NewTurn::message(Role::User, speaker, text), message, options))
}

fn finish(mut turn: NewTurn, message: &Value, options: &Options) -> NewTurn {
    let when = instant_in(message.get("createTime").unwrap_or(&Value::Null), &options.time_zone);
    turn.source_id = id_under(message, &["platformMessageId", "serverId", "localId"]);
    turn.said_at_text = when.text;
    turn.at(when.said_at)
}

#[cfg(test)]
mod tests {
    use crate::import::testing::read_as;

    #[test]
    fn a_chat() {
        let text = r#"{"weflow": {"version": "1"}, "session": {"wxid": "wxid_a", "nickname": "雨", "displayName": "小雨", "type": "私聊"},
            "messages": [
            {"localId": 1, "createTime": 1714557601, "type": "文本消息", "localType": 1, "content": "几点", "isSend": 0, "senderUsername": "wxid_a", "senderDisplayName": "小雨"},
            {"localId": 2, "createTime": 1714557700, "type": "图片消息", "localType": 3, "content": "[图片]", "isSend": 1, "senderUsername": "wxid_me", "senderDisplayName": ""},
            {"localId": 3, "createTime": 1714557701, "type": "系统消息", "localType": 10000, "content": "你撤回了一条消息", "isSend": null, "senderUsername": "x@chatroom", "senderDisplayName": ""},
            {"localId": 4, "createTime": 1714557702, "type": "动画表情", "localType": 47, "content": null, "isSend": 0, "senderUsername": "wxid_a", "senderDisplayName": "小雨"},
            {"localId": 5}], "avatars": {"wxid_a": "data:x"}}"#;
        let sink = read_as("wechat", text);
        assert_eq!(
            sink.said(),
            ["小雨: 几点", "Me: [picture]", "(tool) system: 你撤回了一条消息", "小雨: [sticker]"]
        );
        assert_eq!(sink.conversations[0].title.as_deref(), Some("小雨"));
        assert_eq!(sink.conversations[0].source_id.as_deref(), Some("wxid_a"));
        assert_eq!(sink.skipped["record that is no message"], 1);
        assert_eq!(sink.span().0.unwrap().to_string(), "2024-05-01T10:00:01Z");
        let older = text.replacen(r#""weflow": {"version": "1"}, "#, "", 1);
        assert_eq!(read_as("wechat", &older).said(), sink.said());
    }
}
