//! Reading the config file: TOML to known options with the lines on which they stand.

use super::error::ConfigError;
use super::keys::{KEYS, Key, Kind};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;
use toml::de::{DeString, DeTable, DeValue};
use toml::{Spanned, Value};

/// A value and its line, counted from 1.
pub(super) type Placed = (Value, usize);

/// Reads the text of a file. What is unknown or of the wrong kind is an error.
pub(super) fn read(text: &str, path: &Path) -> Result<BTreeMap<&'static str, Placed>, ConfigError> {
    let document = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        path: path.to_owned(),
        line: error.span().map_or(1, |span| line_of(text, &span)),
        why: error.message().split_whitespace().collect::<Vec<_>>().join(" "),
    })?;
    let mut reading = Reading { text, path, found: BTreeMap::new() };
    reading.table("", document.get_ref())?;
    Ok(reading.found)
}

struct Reading<'a> {
    text: &'a str,
    path: &'a Path,
    found: BTreeMap<&'static str, Placed>,
}

impl Reading<'_> {
    fn table(&mut self, section: &str, table: &DeTable<'_>) -> Result<(), ConfigError> {
        for (name, value) in table {
            let full = match section {
                "" => name.get_ref().to_string(),
                section => format!("{section}.{}", name.get_ref()),
            };
            let line = line_of(self.text, &name.span());
            if let Some(key) = KEYS.iter().find(|key| key.name == full) {
                let line = match value.get_ref() {
                    DeValue::Table(entries) => self.line_of_fault(key, entries).unwrap_or(line),
                    _ => line,
                };
                let value = plain(value.get_ref());
                let value = self.checked(key, value, line)?;
                self.found.insert(key.name, (value, line));
            } else if let (true, DeValue::Table(inner)) = (is_section(&full), value.get_ref()) {
                self.table(&full, inner)?;
            } else {
                let hint = if is_section(&full) {
                    format!("it is a section: write [{full}] above its options")
                } else {
                    hint(&full)
                };
                return Err(ConfigError::Unknown {
                    path: self.path.to_owned(),
                    line,
                    name: full,
                    hint,
                });
            }
        }
        Ok(())
    }

    /// The line of the entry of a table that does not fit, where one alone is at fault.
    fn line_of_fault(&self, key: &Key, entries: &DeTable<'_>) -> Option<usize> {
        let alone = |(name, value): &(&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>)| {
            let table =
                [(name.get_ref().to_string(), plain(value.get_ref()))].into_iter().collect();
            key.kind.fault(&Value::Table(table)).is_some()
        };
        key.kind.fault(&plain(&DeValue::Table(entries.clone())))?;
        let (name, _) = entries.iter().find(alone)?;
        Some(line_of(self.text, &name.span()))
    }

    fn checked(&self, key: &Key, value: Value, line: usize) -> Result<Value, ConfigError> {
        if let Some(why) = key.kind.fault(&value) {
            let name = key.name.to_owned();
            return Err(ConfigError::Value { path: self.path.to_owned(), line, name, why });
        }
        let folder = self.path.parent().unwrap_or(Path::new(""));
        Ok(key.kind.settled(value, folder))
    }
}

fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| key.parts().0 == name)
}

/// What may have been meant by a name.
fn hint(name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    let nearness = |key: &Key| {
        // The right name in the wrong section is nearer than another name in the same one.
        let whole = strsim::normalized_damerau_levenshtein(name, key.name);
        let part = strsim::normalized_damerau_levenshtein(last, key.parts().1);
        whole.max(part)
    };
    let nearest = KEYS.iter().max_by(|a, b| nearness(a).total_cmp(&nearness(b)));
    match nearest.filter(|key| nearness(key) > 0.6) {
        Some(key) => format!("did you mean `{}`?", key.name),
        None => "`recount config show` lists all options".to_owned(),
    }
}

/// The line on which a span begins, counted from 1.
fn line_of(text: &str, span: &Range<usize>) -> usize {
    text.get(..span.start).unwrap_or(text).matches('\n').count() + 1
}

/// A value without its places in the text.
fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::String(number.to_string()), Value::Integer),
        DeValue::Float(number) => {
            number.as_str().parse().map_or_else(|_| Value::String(number.to_string()), Value::Float)
        }
        DeValue::Boolean(flag) => Value::Boolean(*flag),
        DeValue::Datetime(time) => Value::Datetime(*time),
        DeValue::Array(items) => {
            Value::Array(items.iter().map(|item| plain(item.get_ref())).collect())
        }
        DeValue::Table(table) => Value::Table(
            table
                .iter()
                .map(|(name, value)| (name.get_ref().to_string(), plain(value.get_ref())))
                .collect(),
        ),
    }
}

/// The text of a file that says every option and its default, all as comments.
pub(super) fn commented_defaults() -> String {
    let mut text = String::from(
        "# Settings of recount. Each line that starts with `#` and a name shows a default or an\n\
         # example. To change a setting, remove the `#` and edit the value. `recount config show`\n\
         # prints all settings and where they come from. The environment overrides this file, and\n\
         # the command line overrides both.\n",
    );
    let mut section = "";
    for key in KEYS {
        let (its, name) = key.parts();
        if its != section {
            let _ = writeln!(text, "\n[{its}]");
            section = its;
        }
        let default = key.default.map(|words| format!(" Default: {words}.")).unwrap_or_default();
        let words = match key.kind {
            Kind::OneOf(words) => format!(" ({})", words.join(", ")),
            _ => String::new(),
        };
        let _ = writeln!(text, "\n# {}{words}.{default} Also {}.", key.help, key.variable);
        let _ = writeln!(text, "# {name} = {}", key.value);
    }
    text
}
