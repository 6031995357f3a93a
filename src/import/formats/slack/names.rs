//! Who is who and what a channel is called, from the lists of an export.

use crate::import::error::ImportError;
use crate::import::reading::input::Unit;
use crate::import::reading::json::{array_under, id_under, text_under};
use crate::import::{Input, Sink};
use serde_json::Value;
use std::collections::HashMap;

/// The names of an export.
#[derive(Debug, Default)]
pub(super) struct Names {
    users: HashMap<String, String>,
    /// The identity and the title of a channel, by its folder's name.
    channels: HashMap<String, (String, String)>,
    /// The name of a channel by its identity.
    by_id: HashMap<String, String>,
}

impl Names {
    /// Reads the lists that lie beside the messages. One that cannot be read is counted.
    pub(super) fn read(input: &mut Input<'_>, sink: &mut dyn Sink) -> Result<Self, ImportError> {
        let mut names = Self::default();
        let lists: Vec<(usize, String)> = input
            .beside()
            .map(|(index, name)| (index, name.rsplit('/').next().unwrap_or(name).to_lowercase()))
            .filter(|(_, name)| {
                matches!(
                    name.as_str(),
                    "users.json"
                        | "org_users.json"
                        | "channels.json"
                        | "groups.json"
                        | "dms.json"
                        | "mpims.json"
                )
            })
            .collect();
        let mut of_members = Vec::new();
        for (index, name) in lists {
            let opened = input.open(index).and_then(|mut source| {
                let is = |value: &Value| is_user(value) || is_channel(value) || is_direct(value);
                let layout = source.sample().layout(is);
                source.each_record(layout, Unit::Message, sink, |value, _| {
                    if name.ends_with("users.json") {
                        names.add_user(&value);
                    } else {
                        of_members.push((name.clone(), value));
                    }
                    Ok(())
                })
            });
            match opened {
                Err(ImportError::Stopped(stop)) => return Err(stop.into()),
                Err(error) => sink.skipped("list that cannot be read", &error.to_string()),
                Ok(()) => {}
            }
        }
        // Members have names only after all users were read.
        for (list, channel) in &of_members {
            names.add_channel(list, channel);
        }
        Ok(names)
    }

    fn add_user(&mut self, user: &Value) {
        if let Some(id) = id_under(user, &["id"])
            && let Some(name) = user.get("profile").and_then(name).or_else(|| name(user))
        {
            // A bot speaks under an identity of its own.
            if let Some(bot) = user.get("profile").and_then(|p| text_under(p, "bot_id")) {
                self.users.insert(bot.to_owned(), name.clone());
            }
            self.users.insert(id, name);
        }
    }

    /// Takes over who a message says that somebody is whom no list names: bots, people of other
    /// workspaces, everybody where there are no lists.
    pub(super) fn learn(&mut self, message: &Value) {
        let bot = text_under(message, "username").map(str::to_owned);
        let profile = |key: &str| message.get(key).and_then(name);
        let told = [
            ("user", profile("user_profile")),
            ("bot_id", profile("bot_profile")),
            ("bot_id", bot),
        ];
        for (key, name) in told {
            if let (Some(id), Some(name)) = (text_under(message, key), name)
                && !self.users.contains_key(id)
            {
                self.users.insert(id.to_owned(), name);
            }
        }
    }

    fn add_channel(&mut self, list: &str, channel: &Value) {
        let Some(id) = id_under(channel, &["id"]) else { return };
        let members: Vec<String> = array_under(channel, "members")
            .iter()
            .filter_map(Value::as_str)
            .map(|id| self.user(id).unwrap_or_else(|| id.to_owned()))
            .collect();
        let name = id_under(channel, &["name"]);
        let direct = matches!(list, "dms.json" | "mpims.json");
        let title = match &name {
            Some(name) if !direct => format!("#{name}"),
            _ if !members.is_empty() => members.join(", "),
            _ => name.clone().unwrap_or_else(|| id.clone()),
        };
        if let Some(name) = &name {
            self.by_id.insert(id.clone(), name.clone());
            self.channels.insert(name.clone(), (id.clone(), title.clone()));
        }
        self.channels.insert(id.clone(), (id, title));
    }

    /// The name of a user or a bot.
    pub(super) fn user(&self, id: &str) -> Option<String> {
        self.users.get(id).cloned()
    }

    /// The name of a channel by its identity.
    pub(super) fn channel_name(&self, id: &str) -> Option<&str> {
        self.by_id.get(id).map(String::as_str)
    }

    /// The identity and the title of a channel by its folder's name.
    pub(super) fn channel(&self, folder: &str) -> (String, String) {
        let known = self.channels.get(folder).cloned();
        known.unwrap_or_else(|| (folder.to_owned(), format!("#{folder}")))
    }
}

/// Returns the name that people see: what somebody calls themselves, before what they are called.
pub(super) fn name(profile: &Value) -> Option<String> {
    const KEYS: [&str; 4] = ["display_name", "real_name", "name", "first_name"];
    KEYS.iter().find_map(|key| text_under(profile, key)).map(str::to_owned)
}

/// Whether a record of a list is a user.
pub(super) fn is_user(value: &Value) -> bool {
    starts(value, &["U", "W", "B"])
        && value.get("name").is_some()
        && ["profile", "team_id", "deleted", "is_bot"].iter().any(|key| value.get(*key).is_some())
}

/// Whether a record of a list is a channel.
pub(super) fn is_channel(value: &Value) -> bool {
    starts(value, &["C", "G"])
        && value.get("name").is_some()
        && (value.get("members").is_some() || value.get("is_archived").is_some())
}

/// Whether a record of a list is a direct chat.
pub(super) fn is_direct(value: &Value) -> bool {
    starts(value, &["D", "G", "C"]) && value.get("members").is_some()
}

fn starts(value: &Value, letters: &[&str]) -> bool {
    let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
    id.len() > 1
        && letters.iter().any(|letter| id.starts_with(letter))
        && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}
