//! A small memory of our own writing, and a hand that types.

use crate::assistant::{
    Discovered, EncoderStatus, ImportProgress, Imported, Outcome, Part, Reply, Report, Sizes,
    Stats, Status, Subject, Tally,
};
use crate::conversation::{ImportId, Kind, Role, Session, SessionId, Timestamp, Turn, TurnId};
use crate::evidence::{Answer, AnswerKind, Citation, Hit, Signals};
use crate::tui::effect::Effect;
use crate::tui::event::{Event, JobId, Page, Work};
use crate::tui::keymap::{DEFAULT, Keymap};
use crate::tui::model::{Model, View};
use crate::tui::review::{Review, Reviewed};
use crate::tui::settings::Settings;
use crate::tui::theme::Theme;
use crate::tui::update::update;
use crate::tui::view::draw;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::path::PathBuf;

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub fn model(width: u16, height: u16) -> Model {
    let keymap = Keymap::new(DEFAULT, &std::collections::BTreeMap::new()).unwrap();
    let mut model = Model::new(
        (width, height),
        at("2024-02-03T10:00:00Z"),
        &Theme::ansi(),
        keymap,
        Settings::default(),
    );
    update(&mut model, Event::Work(Work::Status(Ok(status(1234)))));
    update(&mut model, Event::Work(Work::Drafts(Vec::new())));
    model
}

pub fn status(turns: u64) -> Status {
    Status {
        turns,
        sessions: 12.min(turns),
        pending: 0,
        encoder: EncoderStatus::Ready { name: "all-MiniLM-L6-v2".to_owned() },
        decoder: "extractive",
        path: PathBuf::from("/home/ann/.local/share/recount/memory.db"),
        bytes: 2_300_000,
        read_only: false,
    }
}

pub fn turn(id: i64, speaker: &str, text: &str) -> Turn {
    let role = if speaker == "assistant" { Role::Assistant } else { Role::User };
    Turn {
        id: TurnId(id),
        session: SessionId(7),
        position: id - 100,
        role,
        kind: Kind::Message,
        speaker: speaker.to_owned(),
        text: text.to_owned(),
        said_at: Some(at("2023-05-08T13:56:00Z")),
        remembered_at: at("2024-01-01T00:00:00Z"),
        source_id: None,
    }
}

pub fn turns() -> Vec<Turn> {
    vec![
        turn(100, "Ida", "How is the allotment? Did the frost get your tomatoes after all?"),
        turn(
            101,
            "Bruno",
            "It did. But I planted eleven new seedlings yesterday, and put a cold frame over \
             them, so we shall see. The plum tree is in blossom already.",
        ),
        turn(102, "Ida", "Eleven! Save me a jar of the sauce, as in 2021.\nAnd of the plums."),
        turn(103, "Bruno", "Gern. 日本の梅も植えたい 🌱"),
    ]
}

pub fn stats() -> Stats {
    let tally = |(name, turns): (&str, u64)| Tally { name: name.to_owned(), turns, sessions: 3 };
    let month = |(month, count): (&str, u64)| (month.to_owned(), count);
    let mut hours = [0; 24];
    for (hour, count) in [(7, 40), (8, 90), (12, 300), (20, 500), (21, 304)] {
        hours[hour] = count;
    }
    Stats {
        sessions: 12,
        turns: 1_234,
        folded: 56,
        first_said_at: Some(at("2022-11-02T08:00:00Z")),
        last_said_at: Some(at("2023-05-09T08:00:00Z")),
        sources: [("chatgpt", 900), ("whatsapp", 320), ("chat", 14)].map(tally).to_vec(),
        speakers: [("assistant", 610), ("Ida", 400), ("Bruno", 210), ("花子", 14)]
            .map(tally)
            .to_vec(),
        tags: [("garden", 120)].map(tally).to_vec(),
        months: [
            ("2022-11", 90),
            ("2022-12", 0),
            ("2023-01", 210),
            ("2023-02", 400),
            ("2023-03", 34),
            ("2023-04", 250),
            ("2023-05", 250),
        ]
        .map(month)
        .to_vec(),
        hours,
        growth: [("2023-12", 300), ("2024-01", 900), ("2024-02", 34)].map(month).to_vec(),
        ..Stats::default()
    }
}

pub fn sizes() -> Sizes {
    Sizes {
        text: 310_000,
        words: 240_000,
        embeddings: 1_400_000,
        other: 120_000,
        free: 0,
        log: 230_000,
    }
}

pub fn session(id: i64, title: &str) -> Session {
    Session {
        id: SessionId(id),
        source: "markdown".to_owned(),
        source_id: None,
        title: Some(title.to_owned()),
        name: None,
        first_words: None,
        tags: Vec::new(),
        pinned: false,
        read_position: None,
        forked_from: None,
        first_said_at: Some(at("2023-05-08T13:56:00Z")),
        last_said_at: Some(at("2023-05-09T08:00:00Z")),
        remembered_at: at("2024-01-01T00:00:00Z"),
        turns: 4,
    }
}

pub fn citation(number: usize, turn: i64, quote: &str) -> Citation {
    Citation {
        number,
        turn: TurnId(turn),
        source_id: None,
        session: SessionId(7),
        speaker: "Bruno".to_owned(),
        said_at: Some(at("2023-05-08T13:56:00Z")),
        quote: quote.to_owned(),
    }
}

pub fn answer() -> Answer {
    Answer {
        question: "How many seedlings did Bruno plant?".to_owned(),
        text: "Eleven, on 7 May 2023 [1]".to_owned(),
        kind: AnswerKind::Span,
        abstained: false,
        reason: Some("“yesterday”, said on 8 May 2023".to_owned()),
        confidence: 0.84,
        decoder: "extractive",
        citations: vec![
            citation(1, 101, "I planted eleven new seedlings yesterday"),
            citation(2, 103, "Gern."),
        ],
        elapsed_ms: 12,
    }
}

pub fn hit(id: i64, score: f32) -> Hit {
    let turn = turns().into_iter().find(|turn| turn.id.0 == id).unwrap();
    Hit {
        turn,
        session_title: "The allotment".to_owned(),
        source: "markdown".to_owned(),
        score,
        signals: Signals {
            words: score,
            meaning: score / 2.0,
            coverage: score,
            cosine: score / 2.0,
            speaker: 1.0,
            ..Signals::default()
        },
        reading: None,
    }
}

pub fn report() -> Report {
    let mut report =
        Report { format: "markdown".to_owned(), elapsed_ms: 1_840, ..Report::default() };
    report.conversations.new = 3;
    report.conversations.unchanged = 1;
    report.messages.new = 4_120;
    report.messages.duplicate = 12;
    report.said_at(Some(at("2021-02-01T00:00:00Z")));
    report.said_at(Some(at("2023-05-09T00:00:00Z")));
    report.skip("hidden message", "system: be brief");
    report.warnings.push("two dates could be read either way; day first was taken".to_owned());
    report
}

pub fn key(code: KeyCode) -> Event {
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

pub fn ctrl(c: char) -> Event {
    Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL))
}

pub fn alt(c: char) -> Event {
    Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::ALT))
}

pub fn type_in(model: &mut Model, text: &str) -> Vec<Effect> {
    text.chars().flat_map(|c| update(model, key(KeyCode::Char(c)))).collect()
}

pub fn send(model: &mut Model, text: &str) -> Vec<Effect> {
    type_in(model, text);
    update(model, key(KeyCode::Enter))
}

/// The number of the newest work of a kind among effects.
pub fn job(effects: &[Effect]) -> JobId {
    effects
        .iter()
        .rev()
        .find_map(|effect| match effect {
            Effect::Say { job, .. }
            | Effect::Search { job, .. }
            | Effect::Sessions { job, .. }
            | Effect::Open { job, .. }
            | Effect::Page { job, .. }
            | Effect::Surroundings { job, .. }
            | Effect::Complete { job, .. }
            | Effect::Import { job, .. } => Some(*job),
            _ => None,
        })
        .unwrap()
}

pub fn work(model: &mut Model, work: Work) -> Vec<Effect> {
    update(model, Event::Work(work))
}

/// A conversation with a statement and an answered question.
pub fn answered(width: u16, height: u16) -> Model {
    let mut model = model(width, height);
    let said = job(&send(&mut model, "The plum tree blossoms early this year."));
    let stored = |turn| Part::Stored { session: SessionId(1), turn: TurnId(turn) };
    work(&mut model, Work::Part(said, stored(900)));
    let noted = Reply { session: SessionId(1), turn: TurnId(900), outcome: Outcome::Noted };
    work(&mut model, Work::Said(said, Ok(noted)));
    let asked = job(&send(&mut model, "How many seedlings did Bruno plant?"));
    work(&mut model, Work::Part(asked, stored(901)));
    work(&mut model, Work::Part(asked, Part::Text("Eleven".to_owned())));
    let outcome = Outcome::Answered { turn: TurnId(902), answer: answer() };
    let reply = Reply { session: SessionId(1), turn: TurnId(901), outcome };
    work(&mut model, Work::Said(asked, Ok(reply)));
    model
}

/// The same, and a question that memory cannot answer.
pub fn abstained(width: u16, height: u16) -> Model {
    let mut model = answered(width, height);
    let asked = job(&send(&mut model, "What is Ida's sister called?"));
    let answer = Answer {
        question: "What is Ida's sister called?".to_owned(),
        text: "Ida asks for a jar of the sauce [1]".to_owned(),
        abstained: true,
        reason: Some("Nobody mentions a sister of Ida.".to_owned()),
        confidence: 0.1,
        citations: vec![citation(1, 102, "Save me a jar of the sauce")],
        ..answer()
    };
    let outcome = Outcome::Answered { turn: TurnId(904), answer };
    let reply = Reply { session: SessionId(1), turn: TurnId(903), outcome };
    work(&mut model, Work::Said(asked, Ok(reply)));
    model
}

pub fn source_open(width: u16, height: u16) -> Model {
    let mut model = answered(width, height);
    let opened = job(&update(&mut model, alt('1')));
    work(&mut model, Work::Surroundings(opened, Ok(turns())));
    model
}

pub fn search(width: u16, height: u16) -> Model {
    let mut model = model(width, height);
    update(&mut model, ctrl('r'));
    let found = job(&type_in(&mut model, "seedlings speaker:bruno"));
    let effects = work(&mut model, Work::Hits(found, Ok(vec![hit(101, 1.0), hit(103, 0.4)])));
    work(&mut model, Work::Surroundings(job(&effects), Ok(turns())));
    model
}

/// Filters alone: what passes them, newest first.
pub fn filtered(width: u16, height: u16) -> Model {
    let mut model = model(width, height);
    update(&mut model, ctrl('r'));
    let found = job(&type_in(&mut model, "speaker:bruno since:2023"));
    let effects = work(&mut model, Work::Hits(found, Ok(vec![hit(103, 0.0), hit(101, 0.0)])));
    work(&mut model, Work::Surroundings(job(&effects), Ok(turns())));
    model
}

pub fn picking(width: u16, height: u16) -> Model {
    let mut model = search(width, height);
    update(&mut model, ctrl('f'));
    work(&mut model, Work::Reviewed(Reviewed::Stats(Ok(Box::new(stats())))));
    update(&mut model, key(KeyCode::Down));
    model
}

pub fn sessions(width: u16, height: u16) -> Model {
    let mut model = model(width, height);
    let page = job(&update(&mut model, ctrl('s')));
    let mut rows: Vec<_> =
        (0..30).map(|i| session(i, &format!("The allotment, part {i}"))).collect();
    rows[0].pinned = true;
    rows[0].tags = vec!["garden".to_owned(), "plums".to_owned()];
    rows[2].forked_from = Some(TurnId(101));
    rows[3].read_position = Some(2);
    work(&mut model, Work::Sessions(page, 0, 100, Ok(rows)));
    update(&mut model, key(KeyCode::Down));
    model
}

pub fn tagging(width: u16, height: u16) -> Model {
    let mut model = sessions(width, height);
    update(&mut model, key(KeyCode::Tab));
    update(&mut model, key(KeyCode::Char('t')));
    type_in(&mut model, "garden -old");
    model
}

pub fn reading(width: u16, height: u16) -> Model {
    let mut model = sessions(width, height);
    let opened = job(&update(&mut model, key(KeyCode::Enter)));
    let page = Page { turns: turns(), at_start: true, at_end: true, ..Page::default() };
    work(&mut model, Work::Opened(opened, Ok((session(7, "The allotment"), page))));
    update(&mut model, key(KeyCode::Tab));
    model
}

/// A path is typed behind the command, and what it is has been found out.
fn looked_at(model: &mut Model) {
    let looks = job(&send(model, "/import ~/export.zip"));
    work(model, Work::Reviewed(Reviewed::Imports(Ok(imports()))));
    work(model, Work::Imported(looks, Ok(Box::new(report()))));
}

pub fn imports() -> Vec<Imported> {
    let import = |id: i64, path: &str, format: &str| Imported {
        id: ImportId(id),
        formats: vec![format.to_owned()],
        paths: vec![PathBuf::from(path)],
        imported_at: at("2024-01-20T00:00:00Z"),
        conversations: 12,
        messages: 1_204,
        folded: 3,
    };
    vec![
        import(3, "/home/ann/Downloads/WhatsApp Chat with Ida.zip", "whatsapp"),
        import(1, "/home/ann/conversations.json", "chatgpt"),
    ]
}

pub fn recognised(width: u16, height: u16) -> Model {
    let mut model = model(width, height);
    looked_at(&mut model);
    model
}

pub fn undoing(width: u16, height: u16) -> Model {
    let mut model = model(width, height);
    send(&mut model, "/import");
    work(&mut model, Work::Reviewed(Reviewed::Imports(Ok(imports()))));
    update(&mut model, key(KeyCode::Down));
    update(&mut model, key(KeyCode::Down));
    update(&mut model, key(KeyCode::Char('u')));
    model
}

pub fn found() -> Vec<Discovered> {
    let one = |format, path: &str, files| Discovered {
        format,
        path: PathBuf::from(path),
        files,
        bytes: files * 41_000,
        oldest: Some(at("2023-11-20T00:00:00Z")),
        newest: Some(at("2024-01-20T00:00:00Z")),
    };
    vec![
        one("claude_code", "/home/ann/.claude/projects", 132),
        one("codex", "/home/ann/.codex/sessions", 12),
        one("chatgpt", "/home/ann/conversations.json", 1),
    ]
}

/// What other programs keep here, and the second of it selected.
pub fn discovered(width: u16, height: u16) -> Model {
    let mut model = model(width, height);
    send(&mut model, "/import");
    work(&mut model, Work::Reviewed(Reviewed::Imports(Ok(imports()))));
    work(&mut model, Work::Reviewed(Reviewed::Discovered(found())));
    update(&mut model, key(KeyCode::Down));
    update(&mut model, key(KeyCode::Down));
    model
}

pub fn importing(width: u16, height: u16) -> Model {
    let mut model = model(width, height);
    looked_at(&mut model);
    let began = job(&update(&mut model, key(KeyCode::Enter)));
    model.now = at("2024-02-03T10:00:04Z");
    let progress = ImportProgress {
        path: PathBuf::from("/home/ann/export.zip"),
        bytes_read: 3_000_000,
        bytes_total: 12_000_000,
        conversations: 40,
        messages: 2_210,
    };
    work(&mut model, Work::ImportProgress(began, progress));
    model
}

pub fn imported(width: u16, height: u16) -> Model {
    let mut model = importing(width, height);
    let job = model.import.job().unwrap();
    work(&mut model, Work::Imported(job, Ok(Box::new(report()))));
    model
}

pub fn first_run(width: u16, height: u16) -> Model {
    let mut model = model(width, height);
    work(&mut model, Work::Status(Ok(status(0))));
    model
}

pub fn demo(width: u16, height: u16) -> Model {
    let mut model = first_run(width, height);
    let effects = update(&mut model, key(KeyCode::F(2)));
    assert_eq!(effects, [Effect::Review(Review::Demo(true))]);
    work(&mut model, Work::Reviewed(Reviewed::Demo(Ok(()))));
    let demo = Imported { formats: vec!["demo".to_owned()], ..imports()[0].clone() };
    work(&mut model, Work::Reviewed(Reviewed::Imports(Ok(vec![demo]))));
    work(&mut model, Work::Status(Ok(status(27))));
    model.notice = None;
    model
}

pub fn memory(width: u16, height: u16) -> Model {
    let mut model = model(width, height);
    send(&mut model, "/status");
    assert_eq!(model.view, View::Memory);
    work(&mut model, Work::Reviewed(Reviewed::Stats(Ok(Box::new(stats())))));
    work(&mut model, Work::Reviewed(Reviewed::Sizes(Ok(sizes()))));
    work(&mut model, Work::Reviewed(Reviewed::Subjects(Ok(subjects()))));
    work(&mut model, Work::Reviewed(Reviewed::Checked(Ok(Box::default()), true)));
    model
}

pub fn subjects() -> Vec<Subject> {
    let subject = |(words, turns): (&str, u64)| Subject {
        words: words.split(' ').map(str::to_owned).collect(),
        turns,
        sessions: 4,
    };
    [("tomato seedlings frost allotment", 410), ("rust borrow compiler", 290), ("梅 花", 40)]
        .map(subject)
        .to_vec()
}

pub fn help(width: u16, height: u16) -> Model {
    let mut model = answered(width, height);
    update(&mut model, key(KeyCode::F(1)));
    model
}

pub fn commands(width: u16, height: u16) -> Model {
    let mut model = answered(width, height);
    type_in(&mut model, "/se");
    model
}

pub fn drawn(model: &Model) -> Buffer {
    let backend = TestBackend::new(model.area.width, model.area.height);
    let mut terminal = Terminal::new(backend).unwrap();
    terminal.draw(|frame| draw(model, frame)).unwrap();
    terminal.backend().buffer().clone()
}

/// The text of a frame, without the space at the ends of its lines.
pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if skip > 0 {
                skip -= 1;
                continue;
            }
            skip = crate::tui::wrap::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
