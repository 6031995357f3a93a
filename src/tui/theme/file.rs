//! Themes as files: those that come with the program, and the user's own in the config folder.
//!
//! Owns how a style is written: words, in any order: colours by name (`cyan`, `bright-red`), number
//! or `#rrggbb`, `on` before the ground's, and `bold`, `dim`, `italic`, `underlined`, `reversed`.

use super::Theme;
use crate::files;
use ratatui::style::{Color, Modifier, Style};
use std::path::{Path, PathBuf};

/// The themes that come with the program.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("ansi", include_str!("../../../assets/themes/ansi.toml")),
    ("ansi-light", include_str!("../../../assets/themes/ansi-light.toml")),
    ("dusk", include_str!("../../../assets/themes/dusk.toml")),
    ("paper", include_str!("../../../assets/themes/paper.toml")),
    ("clear", include_str!("../../../assets/themes/clear.toml")),
];

/// A larger file is no theme.
const LARGEST: u64 = 64 << 10;

/// A theme that can be chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// Its name: that of its file.
    pub name: String,
    /// The theme, or what is wrong with its file.
    pub theme: Result<Theme, String>,
}

/// All themes: the user's own first, then those that come with the program.
pub fn all(folder: Option<&Path>) -> Vec<Named> {
    let mut themes = folder.map(own).unwrap_or_default();
    for (name, text) in BUILT_IN {
        if themes.iter().all(|theme| theme.name != *name) {
            themes.push(Named { name: (*name).to_owned(), theme: parse(text) });
        }
    }
    themes
}

/// The themes of a folder, by name.
fn own(folder: &Path) -> Vec<Named> {
    let Ok(entries) = folder.read_dir() else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let named = |path: PathBuf| {
        let name = path.file_stem()?.to_str()?.to_owned();
        let read = || {
            let size = std::fs::metadata(&path).map_err(|error| error.to_string())?.len();
            if size > LARGEST {
                return Err("the file is too large for a theme".to_owned());
            }
            parse(
                &files::regular(&path)
                    .and_then(|()| std::fs::read_to_string(&path))
                    .map_err(|error| error.to_string())?,
            )
        };
        let theme = read().map_err(|why| format!("{}: {why}", path.display()));
        Some(Named { name, theme })
    };
    paths.into_iter().filter_map(named).collect()
}

/// Reads a theme. What it leaves out looks as in `ansi`; what it does not know is an error.
pub fn parse(text: &str) -> Result<Theme, String> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        error.message().lines().next().unwrap_or_default().to_owned()
    })?;
    let mut theme = Theme::ansi();
    for (name, value) in table {
        let Some(slot) = theme.slot(&name) else {
            return Err(format!("unknown name `{name}`; see assets/themes"));
        };
        let words = value.as_str().ok_or_else(|| format!("`{name}` must be a string"))?;
        *slot = style(words).map_err(|word| {
            format!("`{name}`: `{word}` is not a colour, bold, dim, italic or underlined")
        })?;
    }
    Ok(theme)
}

/// Reads a style; fails with the word that is none.
fn style(words: &str) -> Result<Style, String> {
    let mut style = Style::new();
    let mut ground = false;
    for word in words.split_whitespace() {
        let modifier = match word {
            "on" => {
                ground = true;
                continue;
            }
            "bold" => Some(Modifier::BOLD),
            "dim" => Some(Modifier::DIM),
            "italic" => Some(Modifier::ITALIC),
            "underlined" => Some(Modifier::UNDERLINED),
            "reversed" => Some(Modifier::REVERSED),
            _ => None,
        };
        style = match (modifier, word.parse::<Color>()) {
            (Some(modifier), _) => style.add_modifier(modifier),
            (None, Ok(color)) if std::mem::take(&mut ground) => style.bg(color),
            (None, Ok(color)) => style.fg(color),
            (None, Err(_)) => return Err(word.to_owned()),
        };
    }
    Ok(style)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;

    #[test]
    fn the_themes_that_come_with_it_are_whole() {
        let slots: Vec<&str> = Theme::SLOTS.to_vec();
        for (name, text) in BUILT_IN {
            parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let table: toml::Table = text.parse().unwrap();
            let mut said: Vec<&str> = table.keys().map(String::as_str).collect();
            said.sort_unstable();
            let mut wanted = slots.clone();
            wanted.sort_unstable();
            assert_eq!(said, wanted, "{name}");
        }
        assert_eq!(parse(BUILT_IN[0].1).unwrap(), Theme::ansi());
    }

    /// The relative luminance of a colour, as the accessibility guidelines of the web define it.
    fn luminance(color: Color) -> f64 {
        let Color::Rgb(r, g, b) = color else { panic!("{color:?} is no colour of its own") };
        let part = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.039_28 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
    }

    #[test]
    fn the_contrast_is_enough_to_read() {
        for (name, ground, least) in [
            ("dusk", Color::Rgb(0x1d, 0x20, 0x21), 4.5),
            ("paper", Color::Rgb(0xff, 0xff, 0xff), 4.5),
            ("clear", Color::Rgb(0, 0, 0), 7.0),
        ] {
            let text = BUILT_IN.iter().find(|(known, _)| *known == name).unwrap().1;
            let mut theme = parse(text).unwrap();
            // Colours that were chosen for a ground need it, whatever the terminal has.
            assert_eq!(theme.text.bg, Some(ground), "{name} paints no background");
            for slot in Theme::SLOTS {
                let style = *theme.slot(slot).unwrap();
                let (one, other) =
                    (luminance(style.fg.unwrap()), luminance(style.bg.unwrap_or(ground)));
                let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
                assert!(contrast >= least, "{name}: {slot} has {contrast:.2}");
            }
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, expected) in [
            ("txet = \"red\"", "`txet`"),
            ("text = 3", "must be a string"),
            ("text = \"purpel\"", "`purpel`"),
            ("text = ", "string"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(expected) && !error.contains('\n'), "{error}");
        }
        let theme = parse("mark = \"#ff0000 on bright-blue bold\"").unwrap();
        let expected = Style::new().fg(Color::Rgb(255, 0, 0)).bg(Color::LightBlue);
        assert_eq!(theme.mark, expected.add_modifier(Modifier::BOLD));
    }

    #[test]
    fn ones_own_themes_come_first() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("dusk.toml"), "text = \"red\"").unwrap();
        std::fs::write(folder.path().join("bad.toml"), "x = 1").unwrap();
        std::fs::write(folder.path().join("notes.txt"), "x").unwrap();
        let themes = all(Some(folder.path()));
        let names: Vec<&str> = themes.iter().map(|theme| theme.name.as_str()).collect();
        assert_eq!(names, ["bad", "dusk", "ansi", "ansi-light", "paper", "clear"]);
        assert!(themes[0].theme.as_ref().unwrap_err().contains("bad.toml"));
        assert_eq!(themes[1].theme.as_ref().unwrap().text.fg, Some(Color::Red));
    }
}
