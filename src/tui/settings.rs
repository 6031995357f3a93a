//! What a user can choose about the screen: the section `[screen]` of the config file.
//!
//! Owns the settings and their defaults; reading them from a file and the environment is the
//! start's business, and what they do is that of the rooms' other modules.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How the screen looks and behaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The theme's name; `auto` takes the terminal's own palette, light or dark as it is.
    pub theme: String,
    /// Whether the mouse is listened to: the wheel, clicks on sources.
    pub mouse: bool,
    /// Whether the composer has the keys of vi.
    pub vim: bool,
    /// Whether what moves by itself stands still: answers come as a whole, progress is told rarely,
    /// notices stay until the next key.
    pub reduced_motion: bool,
    /// Whether the screen is plain lines without frames, for a screen reader.
    pub screen_reader: bool,
    /// Whether the terminal is asked to notify when a long job ends out of sight.
    pub notifications: bool,
    /// Keys that replace those an action comes with: the action's name and its keys.
    pub keys: BTreeMap<String, Vec<String>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: "auto".into(),
            mouse: true,
            vim: false,
            reduced_motion: false,
            screen_reader: false,
            notifications: true,
            keys: BTreeMap::new(),
        }
    }
}
