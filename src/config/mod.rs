//! The settings: where things lie, what the user chose, and where each choice comes from.
//!
//! Owns the table of options, the config file and the order of precedence: command line,
//! environment, file, default. Does not own what an option does: each room has its own settings and
//! gets them from the start.

mod command;
mod error;
mod file;
mod keys;
mod writing;

pub use command::run;
pub use error::ConfigError;
pub use keys::{KEYS, Key, Kind};
pub use writing::write;

use crate::assistant::{DateOrder, ImportOptions};
use crate::cli::{Cli, Color, Command};
use crate::files;
use crate::secrets::Mode;
use crate::tui;
use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use toml::Value;

/// The environment variable that names the config file.
pub const VARIABLE: &str = "RECOUNT_CONFIG";

/// Every setting, as it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// When to colour.
    pub color: Color,
    /// What the user is called where people read.
    pub name: String,
    /// The encoder's name.
    pub encoder: String,
    /// The folder with the weights of other encoders, where it is not the usual one.
    pub encoders: Option<PathBuf>,
    /// The memory's file.
    pub memory: MemorySettings,
    /// The screen.
    pub screen: tui::Settings,
    /// What an import assumes.
    pub import: ImportSettings,
    /// How a search behaves.
    pub search: SearchSettings,
    /// What becomes of secrets.
    pub secrets: SecretsSettings,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            color: Color::Auto,
            name: "you".into(),
            encoder: crate::encoder::MiniLm::NAME.into(),
            encoders: None,
            memory: MemorySettings::default(),
            screen: tui::Settings::default(),
            import: ImportSettings::default(),
            search: SearchSettings::default(),
            secrets: SecretsSettings::default(),
        }
    }
}

/// The section `[memory]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MemorySettings {
    /// The file, where it is not the usual one.
    pub path: Option<PathBuf>,
}

/// The section `[import]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportSettings {
    /// The time zone of times that tell none.
    pub tz: Option<String>,
    /// The order of day, month and year.
    pub date_order: Option<String>,
}

impl ImportSettings {
    /// How an import begins that says nothing else. Values were checked when they were read.
    pub fn options(&self) -> ImportOptions {
        let zone = self.tz.as_deref().and_then(|name| jiff::tz::TimeZone::get(name).ok());
        let usual = ImportOptions::default();
        ImportOptions {
            time_zone: zone.unwrap_or(usual.time_zone),
            date_order: self.date_order.as_deref().and_then(DateOrder::parse),
            ..usual
        }
    }
}

/// The section `[search]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchSettings {
    /// How many turns are printed at most.
    pub limit: u32,
}

impl Default for SearchSettings {
    fn default() -> Self {
        Self { limit: 10 }
    }
}

/// The section `[secrets]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecretsSettings {
    /// What becomes of secrets in turns.
    pub mode: Mode,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody chose it.
    Default,
    /// The config file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// An environment variable.
    Environment(&'static str),
    /// An option of the command line.
    CommandLine(&'static str),
}

/// The settings with where each of them comes from.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The config file, which may not be there.
    pub file: PathBuf,
    /// The settings.
    pub config: Config,
    /// What was chosen, by the option's name; what is missing is the default.
    chosen: BTreeMap<&'static str, (Value, Origin)>,
}

/// The config file: what the command line or the environment names, else `recount/config.toml` in
/// the config folder (by the XDG rules on Linux). Also whether it was named: then it must be there.
pub fn path(
    cli: &Cli,
    environment: &dyn Fn(&str) -> Option<OsString>,
) -> Result<(PathBuf, bool), ConfigError> {
    if let Some(path) = &cli.config {
        return Ok((path.clone(), true));
    }
    if let Some(path) = set(environment, VARIABLE) {
        return Ok((path.into(), true));
    }
    let base = etcetera::choose_base_strategy().map_err(|_| ConfigError::NoHome)?;
    Ok((base.config_dir().join("recount").join("config.toml"), false))
}

/// The settings that hold for a command line.
pub fn resolve(
    cli: &Cli,
    environment: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Resolved, ConfigError> {
    // Without a home folder there is no file, and all else can still be told.
    let (file, named) = match path(cli, environment) {
        Err(ConfigError::NoHome) => (PathBuf::new(), false),
        found => found?,
    };
    let mut chosen = BTreeMap::new();
    let read = || {
        // Reading a pipe or a device may wait for ever.
        files::regular(&file)?;
        std::fs::read_to_string(&file)
    };
    match read() {
        Ok(text) => {
            for (name, (value, line)) in file::read(&text, &file)? {
                chosen.insert(name, (value, Origin::File { path: file.clone(), line }));
            }
        }
        Err(why) if why.kind() == std::io::ErrorKind::NotFound && !named => {}
        Err(why) => return Err(ConfigError::Read { path: file, why }),
    }
    for key in KEYS {
        let Some(text) = set(environment, key.variable) else { continue };
        let value = key.kind.from_variable(&text.to_string_lossy());
        if let Some(why) = key.kind.fault(&value) {
            return Err(ConfigError::Variable { variable: key.variable, why });
        }
        let value = key.kind.settled(value, Path::new(""));
        chosen.insert(key.name, (value, Origin::Environment(key.variable)));
    }
    for (name, option, value) in from_command_line(cli) {
        chosen.insert(name, (value, Origin::CommandLine(option)));
    }
    Ok(Resolved { file, config: typed(&chosen), chosen })
}

/// What is set and not empty in the environment.
fn set(environment: &dyn Fn(&str) -> Option<OsString>, variable: &str) -> Option<OsString> {
    environment(variable).filter(|value| !value.is_empty())
}

/// The options of the config that the command line gives, by name and spelling.
fn from_command_line(cli: &Cli) -> Vec<(&'static str, &'static str, Value)> {
    let mut given = Vec::new();
    if let Some(path) = &cli.db {
        given.push(("memory.path", "--db", path.to_string_lossy().into_owned().into()));
    }
    if let Some(color) = cli.color {
        given.push(("color", "--color", color.name().into()));
    }
    match &cli.command {
        Some(Command::Search(args)) => {
            if let Some(limit) = args.limit {
                given.push(("search.limit", "--limit", i64::from(limit).into()));
            }
        }
        Some(Command::Import(args)) => {
            if let Some(tz) = &args.tz {
                given.push(("import.tz", "--tz", tz.clone().into()));
            }
            if let Some(order) = &args.date_order {
                given.push(("import.date_order", "--date-order", order.clone().into()));
            }
        }
        _ => {}
    }
    given
}

/// The settings that chosen values make. Each value was checked, so reading them does not fail
/// unless the table and the struct differ, which a test rules out.
fn typed(chosen: &BTreeMap<&'static str, (Value, Origin)>) -> Config {
    let mut root = toml::Table::new();
    for key in KEYS {
        let Some((value, _)) = chosen.get(key.name) else { continue };
        match key.parts() {
            ("", name) => root.insert(name.to_owned(), value.clone()),
            (section, name) => root
                .entry(section)
                .or_insert_with(|| Value::Table(toml::Table::new()))
                .as_table_mut()
                .and_then(|table| table.insert(name.to_owned(), value.clone())),
        };
    }
    root.try_into().unwrap_or_default()
}

impl Resolved {
    /// The memory's file: what was chosen, else `recount/memory.db` in the data folder (by the XDG
    /// rules on Linux).
    pub fn memory(&self) -> Result<PathBuf, ConfigError> {
        match &self.config.memory.path {
            Some(path) => Ok(path.clone()),
            None => default_memory().ok_or(ConfigError::NoHome),
        }
    }

    /// Whether somebody chose this option, wherever.
    pub fn is_chosen(&self, name: &str) -> bool {
        self.chosen.contains_key(name)
    }

    /// Fills in what the command line leaves open.
    pub fn complete(&self, command: &mut Command) {
        match command {
            Command::Search(args) => args.limit = args.limit.or(Some(self.config.search.limit)),
            Command::Import(args) => {
                args.tz = args.tz.take().or_else(|| self.config.import.tz.clone());
                args.date_order =
                    args.date_order.take().or_else(|| self.config.import.date_order.clone());
            }
            _ => {}
        }
    }

    /// An option's value and where it comes from; no value where the default is no plain one.
    pub fn value(&self, key: &Key) -> (Option<Value>, Origin) {
        if let Some((value, origin)) = self.chosen.get(key.name) {
            return (Some(value.clone()), origin.clone());
        }
        let value = match key.default {
            None => key.value.parse().ok(),
            Some(_) if key.name == "memory.path" => {
                default_memory().map(|path| path.to_string_lossy().into_owned().into())
            }
            Some(_) => None,
        };
        (value, Origin::Default)
    }
}

/// The folder with the user's own themes, `recount/themes` in the config folder; `None` where there
/// is no home folder.
pub fn themes() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.config_dir().join("recount").join("themes"))
}

/// `recount/memory.db` in the data folder; `None` where there is no home folder.
fn default_memory() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.data_dir().join("recount").join("memory.db"))
}

#[cfg(test)]
mod tests;
