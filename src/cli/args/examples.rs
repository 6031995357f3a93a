//! The examples at the end of each command's help.

/// `recount`
pub const RECOUNT: &str = "\
Without a command, recount opens the screen. You can also change settings in the config file or the
environment; see recount config show.

Examples:
  recount import --discover
  recount ask \"What is the name of Mira's dog?\"
  recount search \"rye bread\" --json | jq -r '.hits[].text'

Exit status: 0 on success, 1 on failure, 2 on wrong usage, 3 if nothing was found, 130 if interrupted.";
/// `recount ask`
pub const ASK: &str = "\
Examples:
  recount ask \"When did Mira adopt the greyhound?\"
  recount ask \"What did we decide?\" --source slack --since 2023-05 --json
  jq -c '{id: .n, query: .text}' questions.jsonl | recount ask --batch

Exit status: 3 if memory does not hold the answer.";
/// `recount say`
pub const SAY: &str = "\
Examples:
  recount say \"the spare key is with Amir\"
  recount say \"who has the spare key\" --json
  recount say \"dentist friday or thursday\" --dry-run

Exit status: 3 if the text is a question and memory does not hold the answer.";
/// `recount search`
pub const SEARCH: &str = "\
Examples:
  recount search \"rye bread\" --since 2023
  recount search deploy --source claude_code --folded -k 50 --json | jq -r '.hits[].text'

Exit status: 3 if nothing is found.";
/// `recount remember`
pub const REMEMBER: &str = "\
Examples:
  recount remember \"Mira's birthday is on 7 May\"
  git log --since yesterday | recount remember --stdin --source git";
/// `recount import`
pub const IMPORT: &str = "\
Examples:
  recount import ~/Downloads/chatgpt-export.zip
  recount import --discover
  recount import chat.txt --date-order dmy --tz Europe/Lisbon --dry-run";
/// `recount sessions`
pub const SESSIONS: &str = "\
Examples:
  recount sessions list bread --source chatgpt --since 2023
  recount sessions show 3
  recount sessions tag 3 baking home";
/// `recount answers`
pub const ANSWERS: &str = "\
Examples:
  recount answers list --marked wrong
  recount answers mark 31 wrong
  recount answers export > marked.json && recount eval marked.json

recount does not repeat an answer marked wrong for a question with the same meaning.";
/// `recount export`
pub const EXPORT: &str = "\
Examples:
  recount export --secrets -o everything.json
  recount export --session 3 -o rye.html
  recount export --search \"rye bread\" --format jsonl | head";
/// `recount forget`
pub const FORGET: &str = "\
Examples:
  recount forget --text \"my pin is\" --dry-run
  recount forget --speaker Jonas --until 2023
  recount forget --turn 12 --turn 14 --yes";
/// `recount stats`
pub const STATS: &str = "\
Examples:
  recount stats --charts
  recount stats --json | jq .sources";
/// `recount eval`
pub const EVAL: &str = "\
Examples:
  recount eval locomo.json --pictures figures";
/// `recount backup`
pub const BACKUP: &str = "\
Examples:
  recount backup ~/backups";
/// `recount restore`
pub const RESTORE: &str = "\
Examples:
  recount restore ~/backups/recount-2026-11-25T09-00-00Z.db";
/// `recount check`
pub const CHECK: &str = "\
Examples:
  recount check --repair

Exit status: 1 if the check finds a problem.";
/// `recount reindex`
pub const REINDEX: &str = "\
Examples:
  recount reindex --list-encoders
  recount reindex --encoder multilingual-e5-small";
/// `recount config`
pub const CONFIG: &str = "\
Examples:
  recount config init
  recount config show";
/// `recount watch`
pub const WATCH: &str = "\
Examples:
  recount watch
  recount watch ~/.claude/projects --no-catch-up --json";
/// `recount mcp`
pub const MCP: &str = "\
Examples:
  claude mcp add --scope user recount -- recount mcp --read-only";
/// `recount completions`
pub const COMPLETIONS: &str = "\
Examples:
  source <(recount completions bash)
  recount completions fish > ~/.config/fish/completions/recount.fish";
/// `recount man`
pub const MAN: &str = "\
Examples:
  recount man | man -l -
  recount man --dir ~/.local/share/man/man1";
