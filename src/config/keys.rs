//! The options as data: each one's name, environment variable, kind and meaning. The reader, the
//! commented defaults and the documentation are made from this one table.

use crate::encoder;
use crate::secrets;
use crate::tui;
use std::collections::BTreeMap;
use std::path::Path;
use toml::{Table, Value};

/// What an option's value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Switch,
    /// A whole number from the first to the second.
    Number(i64, i64),
    /// Any text that is not empty.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A file or folder. `~/` is the home folder; in a config file, what is relative is relative
    /// to that file's folder.
    File,
    /// A time zone, such as `Europe/Lisbon`.
    Zone,
    /// An encoder that can be started by its name.
    Encoder,
    /// A table from actions to a key or a list of keys.
    Keys,
}

/// An option.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name in the config file, with its section: `screen.theme`.
    pub name: &'static str,
    /// The environment variable that sets it too.
    pub variable: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// The default as it stands in TOML, or an example after `default` where that depends on the
    /// machine.
    pub value: &'static str,
    /// What the default is, where it is no plain value.
    pub default: Option<&'static str>,
    /// What it is for, in one line.
    pub help: &'static str,
}

/// Every option, in the order in which they stand in a file: those without a section come first.
pub const KEYS: &[Key] = &[
    Key {
        name: "color",
        variable: "RECOUNT_COLOR",
        kind: Kind::OneOf(&["auto", "always", "never"]),
        value: "\"auto\"",
        default: None,
        help: "When to use colours; auto: on a terminal, unless NO_COLOR is set",
    },
    Key {
        name: "name",
        variable: "RECOUNT_NAME",
        kind: Kind::Text,
        value: "\"you\"",
        default: None,
        help: "The name that recount shows for you",
    },
    Key {
        name: "encoder",
        variable: "RECOUNT_ENCODER",
        kind: Kind::Encoder,
        value: "\"all-minilm-l6-v2-int8\"",
        default: None,
        help: "The encoder for turns; to change it, use `recount reindex --encoder NAME`",
    },
    Key {
        name: "encoders",
        variable: "RECOUNT_ENCODERS",
        kind: Kind::File,
        value: "\"~/models\"",
        default: Some("encoders in recount's data folder"),
        help: "The folder with the weights of other encoders, one subfolder each",
    },
    Key {
        name: "memory.path",
        variable: "RECOUNT_DB",
        kind: Kind::File,
        value: "\"~/notes/memory.db\"",
        default: Some("memory.db in recount's data folder"),
        help: "The memory file",
    },
    Key {
        name: "screen.theme",
        variable: "RECOUNT_SCREEN_THEME",
        kind: Kind::Text,
        value: "\"auto\"",
        default: None,
        help: "The theme; auto uses the terminal's own colours",
    },
    Key {
        name: "screen.mouse",
        variable: "RECOUNT_SCREEN_MOUSE",
        kind: Kind::Switch,
        value: "true",
        default: None,
        help: "Whether to use the mouse",
    },
    Key {
        name: "screen.vim",
        variable: "RECOUNT_SCREEN_VIM",
        kind: Kind::Switch,
        value: "false",
        default: None,
        help: "Whether the composer uses vim keys",
    },
    Key {
        name: "screen.reduced_motion",
        variable: "RECOUNT_SCREEN_REDUCED_MOTION",
        kind: Kind::Switch,
        value: "false",
        default: None,
        help: "Whether to turn off animation",
    },
    Key {
        name: "screen.screen_reader",
        variable: "RECOUNT_SCREEN_SCREEN_READER",
        kind: Kind::Switch,
        value: "false",
        default: None,
        help: "Whether to show plain lines for a screen reader",
    },
    Key {
        name: "screen.notifications",
        variable: "RECOUNT_SCREEN_NOTIFICATIONS",
        kind: Kind::Switch,
        value: "true",
        default: None,
        help: "Whether the terminal notifies you when a long job ends",
    },
    Key {
        name: "screen.keys",
        variable: "RECOUNT_SCREEN_KEYS",
        kind: Kind::Keys,
        value: "{}",
        default: None,
        help: "Your own keys for actions, such as { search = [\"ctrl-t\"] }",
    },
    Key {
        name: "import.tz",
        variable: "RECOUNT_IMPORT_TZ",
        kind: Kind::Zone,
        value: "\"Europe/Lisbon\"",
        default: Some("this machine's time zone"),
        help: "The time zone for imported times without one",
    },
    Key {
        name: "import.date_order",
        variable: "RECOUNT_IMPORT_DATE_ORDER",
        kind: Kind::OneOf(&["dmy", "mdy", "ymd"]),
        value: "\"dmy\"",
        default: Some("detected from each file"),
        help: "The order of day, month and year in imported dates",
    },
    Key {
        name: "search.limit",
        variable: "RECOUNT_SEARCH_LIMIT",
        kind: Kind::Number(1, 10_000),
        value: "10",
        default: None,
        help: "The maximum number of turns that `recount search` prints",
    },
    Key {
        name: "secrets.mode",
        variable: "RECOUNT_SECRETS_MODE",
        kind: Kind::OneOf(secrets::Mode::WORDS),
        value: "\"mask\"",
        default: None,
        help: "What to do with secrets in turns: keep them as they are, mask them when shown or \
               exported, or refuse the turn",
    },
];

impl Key {
    /// The section and the name in it; the section is empty for those without one.
    pub fn parts(&self) -> (&'static str, &'static str) {
        self.name.split_once('.').unwrap_or(("", self.name))
    }
}

impl Kind {
    /// Why a value does not fit, as the end of a sentence; `None` where it fits.
    pub fn fault(self, value: &Value) -> Option<String> {
        let wanted = match (self, value) {
            (Self::Switch, Value::Boolean(_)) => return None,
            (Self::Switch, _) => "true or false".to_owned(),
            (Self::Number(least, most), Value::Integer(number))
                if (least..=most).contains(number) =>
            {
                return None;
            }
            (Self::Number(least, most), _) => format!("a whole number from {least} to {most}"),
            (Self::Text | Self::File, Value::String(text)) if !text.trim().is_empty() => {
                return None;
            }
            (Self::Text, _) => "a string in quotation marks".to_owned(),
            (Self::File, _) => "a path in quotation marks".to_owned(),
            (Self::OneOf(words), Value::String(text)) if words.contains(&text.as_str()) => {
                return None;
            }
            (Self::OneOf(words), _) => {
                let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                words.join(" or ")
            }
            (Self::Zone, Value::String(text)) if jiff::tz::TimeZone::get(text).is_ok() => {
                return None;
            }
            (Self::Zone, _) => "a time zone such as \"Europe/Lisbon\"".to_owned(),
            (Self::Encoder, Value::String(name)) if encoder::is_name(name) => return None,
            (Self::Encoder, _) => {
                "an encoder that `recount reindex --list-encoders` shows, or own/FOLDER".to_owned()
            }
            (Self::Keys, Value::Table(table)) if table.values().all(is_keys) => {
                return tui::keys_fault(&listed(table));
            }
            (Self::Keys, _) => {
                "a table from actions to keys, such as { search = [\"ctrl-t\"] }".to_owned()
            }
        };
        Some(format!("must be {wanted}, not {value}"))
    }

    /// The value that an environment variable stands for.
    pub fn from_variable(self, text: &str) -> Value {
        let spelled = match self {
            Self::Switch => match text {
                "1" | "yes" | "on" => return Value::Boolean(true),
                "0" | "no" | "off" => return Value::Boolean(false),
                _ => text,
            },
            Self::Number(..) | Self::Keys => text,
            Self::Text | Self::OneOf(_) | Self::File | Self::Zone | Self::Encoder => {
                return Value::String(text.to_owned());
            }
        };
        // What is no TOML is kept as text, and found at fault as such.
        spelled.parse().unwrap_or_else(|_| Value::String(text.to_owned()))
    }

    /// The value in its one form: paths from `folder`, keys as lists.
    pub fn settled(self, value: Value, folder: &Path) -> Value {
        match (self, value) {
            (Self::File, Value::String(text)) => {
                Value::String(settle_path(&text, folder).to_string_lossy().into_owned())
            }
            (Self::Keys, Value::Table(table)) => {
                let listed = table.into_iter().map(|(action, keys)| match keys {
                    Value::Array(_) => (action, keys),
                    one => (action, Value::Array(vec![one])),
                });
                Value::Table(listed.collect())
            }
            (_, value) => value,
        }
    }
}

/// The keys of each action as texts.
fn listed(table: &Table) -> BTreeMap<String, Vec<String>> {
    let text = |key: &Value| key.as_str().map(str::to_owned);
    let keys = |value: &Value| match value {
        Value::Array(keys) => keys.iter().filter_map(text).collect(),
        one => text(one).into_iter().collect(),
    };
    table.iter().map(|(action, value)| (action.clone(), keys(value))).collect()
}

fn is_keys(value: &Value) -> bool {
    match value {
        Value::String(key) => !key.is_empty(),
        Value::Array(keys) => keys.iter().all(Value::is_str),
        _ => false,
    }
}

fn settle_path(text: &str, folder: &Path) -> std::path::PathBuf {
    match (text.strip_prefix("~/"), etcetera::home_dir()) {
        (Some(below), Ok(home)) => home.join(below),
        _ => folder.join(text),
    }
}
