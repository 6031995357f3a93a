//! The slash commands.

use super::{
    compose, import, memory, messages, notify, onboarding, palette, search, session, sessions,
    source,
};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::model::{Focus, Lists, Model, Overlay, Tone, View};

/// A slash command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command {
    /// What is typed.
    pub name: &'static str,
    /// What follows it, for the list.
    pub takes: &'static str,
    /// What it does.
    pub help: &'static str,
    /// The action that does the same, whose key is shown beside it.
    pub action: Option<Action>,
}

const fn command(name: &'static str, takes: &'static str, help: &'static str) -> Command {
    Command { name, takes, help, action: None }
}

/// The same, for a command that has a key.
const fn keyed(
    name: &'static str,
    takes: &'static str,
    help: &'static str,
    action: Action,
) -> Command {
    Command { name, takes, help, action: Some(action) }
}

/// Every slash command.
pub const COMMANDS: &[Command] = &[
    keyed("/new", "", "start a new session", Action::New),
    keyed("/sessions", "[TITLE]", "list sessions", Action::Sessions),
    keyed("/search", "[WORDS]", "search all turns", Action::Search),
    command("/remember", "TEXT", "store a note without a reply"),
    command("/import", "[PATH]", "import conversations"),
    keyed("/sources", "", "open the answer's sources", Action::Source(1)),
    command("/export", "[FILE]", "write this session, or everything, to a file"),
    command("/forget", "TEXT", "permanently delete turns containing a text"),
    keyed("/copy", "", "copy the answer", Action::Copy),
    keyed("/edit", "", "rephrase the question in a new branch", Action::EditQuestion),
    keyed("/again", "", "answer the question again", Action::Again),
    keyed("/incognito", "", "turn incognito on or off: store nothing", Action::Incognito),
    command("/theme", "[NAME]", "choose a theme"),
    keyed("/demo", "", "load or remove the demo", Action::Demo),
    command("/status", "", "show what memory holds"),
    command("/check", "", "check the whole memory"),
    command("/decoder", "", "show where answers come from"),
    command("/notices", "", "show past notices"),
    keyed("/help", "", "show keys and commands", Action::Help),
    keyed("/quit", "", "quit", Action::Interrupt),
];

/// What a draft asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    Known(&'static str),
    Unknown,
}

/// Reads a draft as a command. A draft of several words whose first holds another slash is a path
/// or something like it, and is said rather than obeyed.
pub(super) fn read(draft: &str) -> Option<Read> {
    let name = draft.split_whitespace().next()?;
    if !draft.starts_with('/') || name[1..].contains('/') {
        return None;
    }
    let known = COMMANDS.iter().find(|command| command.name == name);
    Some(known.map_or(Read::Unknown, |command| Read::Known(command.name)))
}

/// The commands that what is typed may become, while its name is being typed.
pub fn matching(draft: &str) -> impl Iterator<Item = &'static Command> {
    let typing = draft.starts_with('/') && !draft.contains(char::is_whitespace);
    COMMANDS.iter().filter(move |command| typing && command.name.starts_with(draft))
}

/// What Tab makes of the draft.
pub(super) fn completion(model: &Model) -> Option<String> {
    if model.chat.focus != Focus::Composer {
        return None;
    }
    let draft = model.chat.draft();
    let found = matching(&draft).next()?;
    Some(if found.takes.is_empty() { found.name.to_owned() } else { format!("{} ", found.name) })
}

pub(super) fn run(model: &mut Model, draft: &str, read: Read) -> Vec<Effect> {
    let Read::Known(name) = read else {
        let first = draft.split_whitespace().next().unwrap_or_default().to_owned();
        let why = NOT_HERE.iter().find(|(name, _)| *name == first).map(|(_, why)| *why);
        let said = why.map_or_else(
            || format!("Unknown command {first}. /help lists all commands"),
            |why| format!("{first} is not available: {why}"),
        );
        return notify(model, Tone::Bad, &said);
    };
    let rest = draft[name.len()..].trim().to_owned();
    if name == "/remember" && rest.is_empty() {
        return notify(model, Tone::Plain, "Type the note after /remember");
    }
    if name == "/forget" && rest.is_empty() {
        let said = "Type a text after /forget. To delete whole sessions, use the list";
        return notify(model, Tone::Plain, said);
    }
    compose::stash(model);
    obey(model, name, &rest)
}

/// Carries out a command.
pub(super) fn obey(model: &mut Model, name: &str, rest: &str) -> Vec<Effect> {
    match name {
        "/new" => session::new(model),
        "/sessions" => sessions::open(model, rest),
        "/search" => search::open(model, Some(rest)),
        "/remember" => vec![Effect::Remember(rest.to_owned())],
        "/import" => import::open(model, rest),
        "/sources" => {
            model.view = View::Chat;
            source::open(model, 0)
        }
        "/export" => export(model, rest),
        "/forget" => vec![Effect::Choose(rest.to_owned())],
        "/copy" => messages::copy_message(model),
        "/edit" => messages::edit_question(model),
        "/again" => messages::again(model),
        "/incognito" => messages::incognito(model),
        "/theme" if rest.is_empty() => palette::open(model, true),
        "/theme" => palette::theme(model, rest),
        "/demo" => onboarding::demo(model),
        "/status" => memory::open(model),
        "/check" => {
            let mut effects = memory::open(model);
            effects.extend(memory::check(model, false));
            effects
        }
        "/decoder" => decoder(model),
        "/help" => {
            model.overlay = Some(Overlay::of(Lists::Keys));
            Vec::new()
        }
        "/notices" => {
            model.overlay = Some(Overlay::of(Lists::Notices));
            Vec::new()
        }
        _ => vec![Effect::Quit(None)],
    }
}

/// What other programs of this sort understand and this one does not, and why.
const NOT_HERE: &[(&str, &str)] = &[
    ("/translate", "it needs a language model, and recount has none"),
    ("/write", "it needs a language model, and recount has none"),
    ("/model", "recount has no language model; /decoder shows where answers come from"),
];

/// Says what makes the answers.
fn decoder(model: &mut Model) -> Vec<Effect> {
    let name = model.status.as_ref().map_or("extractive", |status| status.decoder);
    let said = format!("Answers quote what was said, word for word (decoder {name})");
    notify(model, Tone::Plain, &said)
}

/// Writes the session that is shown, or everything where none is.
fn export(model: &mut Model, path: &str) -> Vec<Effect> {
    let session = model.chat.transcript.id;
    let path = match (path, session) {
        ("", Some(session)) => format!("recount-{session}.md"),
        ("", None) => "recount.json".to_owned(),
        (path, _) => path.to_owned(),
    };
    vec![Effect::Export { session, path }]
}
