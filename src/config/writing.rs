//! Writing one option into the config file, with everything else in it as it was.

use super::error::ConfigError;
use crate::files::{self, Partial};
use std::io::{self, Write as _};
use std::path::Path;
use toml_edit::{DocumentMut, Item, Table};

/// Sets an option that is a text, such as `screen.theme`. Comments and the order of the file stay; a
/// file that is not there is made. The change is there whole or not at all.
pub fn write(path: &Path, option: &str, value: &str) -> Result<(), ConfigError> {
    let failed = |why: io::Error| ConfigError::Write { path: path.to_owned(), why };
    // Settings are often links into a folder that is shared between machines.
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let text = match std::fs::read_to_string(&real) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => String::new(),
        text => text.map_err(failed)?,
    };
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        failed(io::Error::other(error.message().to_owned()))
    })?;
    let (sections, name) = option.rsplit_once('.').unwrap_or(("", option));
    let mut table = document.as_table_mut();
    for section in sections.split('.').filter(|section| !section.is_empty()) {
        let item = table.entry(section).or_insert_with(|| Item::Table(Table::new()));
        table = item
            .as_table_mut()
            .ok_or_else(|| failed(io::Error::other(format!("`{section}` is not a section"))))?;
    }
    match table.get_mut(name).and_then(Item::as_value_mut) {
        // Its comment stays.
        Some(old) => {
            let decor = old.decor().clone();
            *old = value.into();
            *old.decor_mut() = decor;
        }
        None => table[name] = toml_edit::value(value),
    }
    std::fs::create_dir_all(files::folder_of(&real)).map_err(failed)?;
    let mut file = Partial::beside(&real).map_err(failed)?;
    file.file().write_all(document.to_string().as_bytes()).map_err(failed)?;
    if let Ok(meta) = std::fs::metadata(&real) {
        std::fs::set_permissions(file.path(), meta.permissions()).map_err(failed)?;
    }
    file.name(&real, true).map_err(failed)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod tests {
    use super::*;

    #[test]
    fn one_option_changes_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recount").join("config.toml");
        let read = || std::fs::read_to_string(&path).unwrap();
        write(&path, "screen.theme", "paper").unwrap();
        assert_eq!(read(), "[screen]\ntheme = \"paper\"\n");
        let text = "# mine\nencoder = \"hashing\"\n\n[screen]\nvim = true # yes\ntheme = 'dusk' # for now\n";
        std::fs::write(&path, text).unwrap();
        let link = folder.path().join("link.toml");
        #[cfg(unix)]
        std::os::unix::fs::symlink(&path, &link).unwrap();
        write(&link, "screen.theme", "cl\"ear").unwrap();
        assert_eq!(read(), text.replace("'dusk'", "'cl\"ear'"));
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        // What is no TOML is left alone.
        for broken in ["[screen\n", "screen = 3\n"] {
            std::fs::write(&path, broken).unwrap();
            assert!(write(&path, "screen.theme", "paper").is_err());
            assert_eq!(read(), broken);
        }
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}
