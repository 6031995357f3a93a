//! Sessions and turns to export in tests.

use super::{About, Exporter};
use crate::conversation::{
    Kind, Quotation, Role, Session, SessionId, SessionRecord, Timestamp, Turn, TurnId, TurnRecord,
};

pub(super) fn about() -> About {
    About { exported_at: at("2026-01-02T03:04:05Z"), query: None, masked: false }
}

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(super) fn session(id: i64, title: Option<&str>) -> SessionRecord {
    SessionRecord {
        session: Session {
            id: SessionId(id),
            source: "markdown".into(),
            source_id: None,
            title: title.map(str::to_owned),
            name: None,
            first_words: None,
            tags: Vec::new(),
            pinned: false,
            read_position: None,
            forked_from: None,
            first_said_at: Some(at("2023-05-08T13:56:00Z")),
            last_said_at: None,
            remembered_at: at("2024-01-01T00:00:00Z"),
            turns: 2,
        },
        merged: Vec::new(),
    }
}

pub(super) fn turn(id: i64, speaker: &str, text: &str) -> TurnRecord {
    TurnRecord {
        turn: Turn {
            id: TurnId(id),
            session: SessionId(1),
            position: 0,
            role: if speaker == "assistant" { Role::Assistant } else { Role::User },
            kind: Kind::Message,
            speaker: speaker.into(),
            text: text.into(),
            said_at: Some(at("2023-05-08T13:56:00Z")),
            remembered_at: at("2024-01-01T00:00:00Z"),
            source_id: None,
        },
        key: vec![1, 2],
        said_at_text: None,
        parent_source_id: None,
        on_active_path: true,
        quotations: Vec::new(),
        given: None,
        question: None,
        marked: None,
    }
}

/// An answer that quotes "Rye" from another turn.
pub(super) fn answer(id: i64, cited: i64) -> TurnRecord {
    let mut record = turn(id, "recount", "Rye");
    record.turn.role = Role::Assistant;
    record.turn.kind = Kind::Answer;
    record.quotations = vec![Quotation { number: 1, turn: TurnId(cited), quote: "Rye".into() }];
    record
}

pub(super) fn export(
    exporter: &mut dyn Exporter,
    sessions: &[(SessionRecord, Vec<TurnRecord>)],
) -> String {
    let mut out = Vec::new();
    exporter.begin(&about(), &mut out).unwrap();
    for (session, turns) in sessions {
        exporter.session(session, &mut out).unwrap();
        for turn in turns {
            exporter.turn(turn, &mut out).unwrap();
        }
        exporter.end_session(&mut out).unwrap();
    }
    exporter.end(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}
