//! What is on this machine: where other programs keep their conversations.
//!
//! Owns: the usual places, and how much stands there. Looks at names, sizes and times only; nothing
//! is read before somebody chooses it.

use crate::conversation::Timestamp;
use crate::import::formats;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Folders are looked through this deep.
const DEPTH: usize = 8;
/// More files than this are not counted.
const FILES: u64 = 200_000;

/// Where the folders of a user are.
pub struct Places {
    home: PathBuf,
    variable: Variable,
}

/// Tells what a variable of the environment holds.
type Variable = Box<dyn Fn(&str) -> Option<OsString>>;

impl Places {
    /// The places of a home folder, with the environment that moves some of them.
    pub fn new(home: PathBuf, variable: impl Fn(&str) -> Option<OsString> + 'static) -> Self {
        Self { home, variable: Box::new(variable) }
    }

    /// The places of whoever runs this process; `None` where there is no home folder.
    pub fn of_this_process() -> Option<Self> {
        let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty())?;
        Some(Self::new(home, |name| std::env::var_os(name)))
    }

    /// A place below the home folder.
    pub fn home(&self, below: &str) -> PathBuf {
        self.home.join(below)
    }

    /// A folder that a variable names, if it does.
    pub fn variable(&self, name: &str) -> Option<PathBuf> {
        (self.variable)(name).filter(|value| !value.is_empty()).map(PathBuf::from)
    }

    /// A place below the folder for settings.
    pub fn config(&self, below: &str) -> PathBuf {
        self.variable("XDG_CONFIG_HOME").unwrap_or_else(|| self.home(".config")).join(below)
    }

    /// A place below the folder for data.
    pub fn data(&self, below: &str) -> PathBuf {
        self.variable("XDG_DATA_HOME").unwrap_or_else(|| self.home(".local/share")).join(below)
    }

    /// A place below the folder for what programs on Windows keep, and take along to other machines.
    pub fn roaming(&self, below: &str) -> PathBuf {
        self.variable("APPDATA").unwrap_or_else(|| self.home("AppData/Roaming")).join(below)
    }

    /// A place below the folder for what programs on Windows keep on one machine.
    pub fn local(&self, below: &str) -> PathBuf {
        self.variable("LOCALAPPDATA").unwrap_or_else(|| self.home("AppData/Local")).join(below)
    }

    /// A place below the folder for a user of the editors that are made from VS Code.
    fn editors(&self, names: &[&str], below: &str) -> Vec<PathBuf> {
        let of = |name: &&str| {
            let user = format!("{name}/User/{below}");
            [self.config(&user), self.application_support(&user), self.roaming(&user)]
        };
        let mut places: Vec<PathBuf> = names.iter().flat_map(of).collect();
        // Editors that work on another machine, where this one is.
        for server in
            [".vscode-server", ".vscode-server-insiders", ".vscodium-server", ".cursor-server"]
        {
            let user = format!("{server}/data/User/{below}");
            if names.iter().any(|name| server_of(name) == server) {
                places.push(self.home(&user));
            }
        }
        places
    }

    /// A place below the folder for what a Mac's programs keep.
    pub fn application_support(&self, below: &str) -> PathBuf {
        self.home("Library/Application Support").join(below)
    }
}

/// Conversations of a program, found where it keeps them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    /// The format that reads them.
    pub format: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// How many files there are.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// When the oldest of them was changed last.
    pub oldest: Option<Timestamp>,
    /// When the newest of them was changed last.
    pub newest: Option<Timestamp>,
}

/// Returns what is there, in the order of the formats.
pub fn discover(places: &Places) -> Vec<Discovered> {
    let mut found: Vec<Discovered> = Vec::new();
    for importer in formats() {
        for path in importer.usual_places(places) {
            // The same place by two ways, such as a variable that names the usual one.
            let whole = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            if found.iter().any(|known| known.path == path || known.path == whole) {
                continue;
            }
            let mut one = Discovered {
                format: importer.format(),
                path,
                files: 0,
                bytes: 0,
                oldest: None,
                newest: None,
            };
            let root = one.path.clone();
            look(&root, 0, &mut one);
            if one.bytes > 0 {
                found.push(one);
            }
        }
    }
    found
}

fn look(path: &Path, depth: usize, found: &mut Discovered) {
    // The place itself may be a link; what stands in it is followed no further.
    let about = if depth == 0 { std::fs::metadata(path) } else { std::fs::symlink_metadata(path) };
    let Ok(about) = about else { return };
    if about.is_dir() && depth < DEPTH {
        let Ok(listed) = std::fs::read_dir(path) else { return };
        for entry in listed.flatten() {
            if found.files >= FILES {
                return;
            }
            look(&entry.path(), depth + 1, found);
        }
    } else if about.is_file() {
        found.files += 1;
        found.bytes += about.len();
        if let Some(changed) = about.modified().ok().and_then(timestamp) {
            found.oldest = Some(found.oldest.map_or(changed, |known| known.min(changed)));
            found.newest = Some(found.newest.map_or(changed, |known| known.max(changed)));
        }
    }
}

fn timestamp(time: SystemTime) -> Option<Timestamp> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Timestamp::from_millis(i64::try_from(since.as_millis()).ok()?)
}

/// Editors in which extensions run that are made for VS Code.
const EDITORS: [&str; 7] = [
    "Code",
    "Code - Insiders",
    "VSCodium",
    "VSCodium - Insiders",
    "Code - OSS",
    "Cursor",
    "Windsurf",
];

/// The folder in which an editor keeps what it does on a machine that it works on from another one.
fn server_of(editor: &str) -> &'static str {
    match editor {
        "Code" => ".vscode-server",
        "Code - Insiders" => ".vscode-server-insiders",
        "VSCodium" => ".vscodium-server",
        "Cursor" => ".cursor-server",
        _ => "",
    }
}

/// The extensions that keep tasks as Cline does.
const TASKS: [&str; 3] =
    ["saoudrizwan.claude-dev", "rooveterinaryinc.roo-cline", "kilocode.kilo-code"];

/// Returns a folder of each of the folders that are in some others, where it is there.
fn in_each(folders: Vec<PathBuf>, below: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = folders
        .into_iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flat_map(|listed| listed.flatten().map(|entry| entry.path().join(below)))
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

/// Where the programs of well-known formats keep their conversations, on any system.
pub(super) fn usual_places(format: &str, places: &Places) -> Vec<PathBuf> {
    let moved = |name: &str, below: &str| places.variable(name).map(|folder| folder.join(below));
    let list: Vec<Option<PathBuf>> = match format {
        "claude_code" => vec![
            moved("CLAUDE_CONFIG_DIR", "projects"),
            Some(places.home(".claude/projects")),
            Some(places.config("claude/projects")),
        ],
        "codex" => vec![
            moved("CODEX_HOME", "sessions"),
            moved("CODEX_HOME", "archived_sessions"),
            Some(places.home(".codex/sessions")),
            Some(places.home(".codex/archived_sessions")),
        ],
        "gemini_cli" => vec![Some(places.home(".gemini/tmp"))],
        "qwen_code" => vec![Some(places.home(".qwen/projects"))],
        "opencode" => {
            vec![Some(places.data("opencode/opencode.db")), Some(places.data("opencode/storage"))]
        }
        "llm" => vec![
            moved("LLM_USER_PATH", "logs.db"),
            Some(places.config("io.datasette.llm/logs.db")),
            Some(places.application_support("io.datasette.llm/logs.db")),
        ],
        "aichat" => vec![
            moved("AICHAT_CONFIG_DIR", "sessions"),
            moved("AICHAT_CONFIG_DIR", "messages.md"),
            Some(places.config("aichat/sessions")),
            Some(places.config("aichat/messages.md")),
            Some(places.application_support("aichat/sessions")),
            Some(places.application_support("aichat/messages.md")),
        ],
        "lmstudio" => vec![
            Some(places.home(".lmstudio/conversations")),
            Some(places.home(".cache/lm-studio/conversations")),
        ],
        "jan" => vec![
            Some(places.home("jan/threads")),
            Some(places.data("Jan/data/threads")),
            Some(places.application_support("Jan/data/threads")),
        ],
        "openwebui" => vec![
            moved("DATA_DIR", "webui.db"),
            Some(places.home(".open-webui/webui.db")),
            Some(places.data("open-webui/webui.db")),
            Some(places.home("open-webui/webui.db")),
        ],
        "vscode_copilot" => {
            // What else an editor keeps beside them can be large.
            let workspaces = places.editors(&EDITORS[..5], "workspaceStorage");
            let mut list = in_each(workspaces, "chatSessions");
            for below in
                ["globalStorage/emptyWindowChatSessions", "globalStorage/transferredChatSessions"]
            {
                list.extend(places.editors(&EDITORS[..5], below));
            }
            list.into_iter().map(Some).collect()
        }
        "cursor" => {
            let mut list = places.editors(&["Cursor"], "globalStorage/state.vscdb");
            // Transcripts repeat what the database keeps with times.
            if !list.iter().any(|database| database.exists()) {
                list.extend(in_each(vec![places.home(".cursor/projects")], "agent-transcripts"));
            }
            list.into_iter().map(Some).collect()
        }
        "copilot_cli" => vec![
            moved("COPILOT_HOME", "session-state"),
            Some(places.home(".copilot/session-state")),
            Some(places.config("copilot/session-state")),
        ],
        "cline" => {
            let of = |extension: &&str| {
                places.editors(&EDITORS, &format!("globalStorage/{extension}/tasks"))
            };
            let mut list: Vec<PathBuf> = TASKS.iter().flat_map(of).collect();
            list.push(places.home(".cline/data/tasks"));
            list.into_iter().map(Some).collect()
        }
        "zed" => vec![
            Some(places.data("zed/threads/threads.db")),
            Some(places.home(".var/app/dev.zed.Zed/data/zed/threads/threads.db")),
            Some(places.application_support("Zed/threads/threads.db")),
            Some(places.local("Zed/threads/threads.db")),
            Some(places.data("zed/conversations")),
            Some(places.config("zed/conversations")),
            Some(places.local("Zed/conversations")),
        ],
        "imessage" => vec![Some(places.home("Library/Messages/chat.db"))],
        _ => Vec::new(),
    };
    list.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_keep_is_found_where_they_keep_it() {
        let home = tempfile::tempdir().unwrap();
        let at = |below: &str, text: &str| {
            let path = home.path().join(below);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        at("Library/Messages/chat.db", "12345");
        at("elsewhere/webui.db", "123");
        at("open-webui/empty.txt", "nothing of it");
        let elsewhere = home.path().join("elsewhere");
        let places = Places::new(home.path().to_owned(), move |name| {
            (name == "DATA_DIR").then(|| elsewhere.clone().into_os_string())
        });
        let found = discover(&places);
        let told: Vec<_> = found.iter().map(|one| (one.format, one.files, one.bytes)).collect();
        assert_eq!(told, [("openwebui", 1, 3), ("imessage", 1, 5)]);
        assert!(found[0].newest.is_some() && found[0].newest == found[0].oldest);
    }

    #[test]
    fn editors_are_found_on_every_system() {
        let home = tempfile::tempdir().unwrap();
        let expected = [
            (".config/Code - Insiders/User/workspaceStorage/w/chatSessions", "vscode_copilot"),
            (".config/VSCodium/User/globalStorage/emptyWindowChatSessions", "vscode_copilot"),
            (
                "Library/Application Support/Code/User/workspaceStorage/w/chatSessions",
                "vscode_copilot",
            ),
            ("roaming/Code/User/workspaceStorage/w/chatSessions", "vscode_copilot"),
            (".vscode-server/data/User/workspaceStorage/w/chatSessions", "vscode_copilot"),
            (".config/Cursor/User/globalStorage/state.vscdb", "cursor"),
            ("Library/Application Support/Cursor/User/globalStorage/state.vscdb", "cursor"),
            ("roaming/Cursor/User/globalStorage/state.vscdb", "cursor"),
            (".copilot/session-state", "copilot_cli"),
            (".config/Code/User/globalStorage/saoudrizwan.claude-dev/tasks", "cline"),
            ("roaming/Code/User/globalStorage/rooveterinaryinc.roo-cline/tasks", "cline"),
            (".local/share/zed/threads/threads.db", "zed"),
            ("Library/Application Support/Zed/threads/threads.db", "zed"),
            ("AppData/Local/Zed/threads/threads.db", "zed"),
        ];
        for (below, _) in expected {
            let path = home.path().join(below);
            let is_file = below.ends_with("db");
            std::fs::create_dir_all(if is_file { path.parent().unwrap() } else { &path }).unwrap();
            std::fs::write(if is_file { path } else { path.join("x.json") }, "1").unwrap();
        }
        // What the database has with times is not shown again, and what an editor keeps beside the
        // sessions is not theirs.
        std::fs::create_dir_all(home.path().join(".cursor/projects/p/agent-transcripts")).unwrap();
        std::fs::write(home.path().join(".cursor/projects/p/agent-transcripts/t.jsonl"), "1")
            .unwrap();
        std::fs::write(
            home.path().join(".config/Code - Insiders/User/workspaceStorage/w/state.vscdb"),
            "1",
        )
        .unwrap();
        let roaming = home.path().join("roaming");
        let places = Places::new(home.path().to_owned(), move |name| {
            (name == "APPDATA").then(|| roaming.clone().into_os_string())
        });
        let mut found: Vec<_> = discover(&places)
            .into_iter()
            .map(|one| {
                (one.path.strip_prefix(home.path()).unwrap().to_owned(), one.format, one.files)
            })
            .collect();
        let mut expected =
            expected.map(|(below, format)| (PathBuf::from(below), format, 1)).to_vec();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
        std::fs::remove_dir_all(home.path().join("roaming")).unwrap();
        for folder in [".config/Cursor", "Library/Application Support/Cursor"] {
            std::fs::remove_dir_all(home.path().join(folder)).unwrap();
        }
        let found = discover(&places);
        assert!(found.iter().any(|one| one.path.ends_with(".cursor/projects/p/agent-transcripts")));
    }
}
