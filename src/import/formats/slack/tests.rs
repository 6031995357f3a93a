use crate::conversation::Role;
use crate::import::testing::{Counting, error_of, options, read_as, read_bytes, read_path, zip};

const USERS: &[u8] = br#"[
  {"id": "U1", "team_id": "T1", "name": "ada", "profile": {"display_name": "", "real_name": "Ada Byron"}},
  {"id": "U2", "team_id": "T1", "name": "bob", "profile": {"display_name": "Bob"}}]"#;
const CHANNELS: &[u8] =
    br#"[{"id": "C1", "name": "general", "is_archived": false, "members": ["U1", "U2"]}]"#;
const DAY: &[u8] = br#"[
  {"type": "message", "subtype": "channel_join", "user": "U1", "text": "<@U1> has joined the channel", "ts": "1453840000.000001"},
  {"type": "message", "user": "U1", "text": "Hello <@U2>, see <https://a.example|this> &amp; <#C1|general>", "ts": "1453840001.000002"},
  {"type": "message", "user": "U9", "text": "who am I?", "ts": "1453840002.000003"}]"#;
const NEXT: &[u8] = br#"[
  {"type": "message", "subtype": "bot_message", "username": "ci", "text": "", "attachments": [{"fallback": "f", "title": "Build 7", "text": "failed"}], "ts": "1453926400.000001"},
  {"type": "message", "user": "U2", "text": "answer", "thread_ts": "1453840001.000002", "ts": "1453926401.000002"},
  {"type": "message", "user": "U2", "text": "", "files": [{"name": "plan.pdf", "mimetype": "application/pdf", "size": 2048}], "ts": "1453926402.000002"},
  {"type": "message", "user": "U1", "text": "", "blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "in "}, {"type": "user", "user_id": "U2"}]}]}], "ts": "1453926403.000002"},
  {"type": "message", "subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT", "ts": "1453926404.000002"},
  {"no": "message"}]"#;
const DIRECT: &[u8] =
    br#"[{"type": "message", "user": "U2", "text": "psst", "ts": "1453840009.000001"}]"#;

fn export(root: &str) -> Vec<u8> {
    let at = |name: &str| format!("{root}{name}");
    zip(&[
        (&at("users.json"), USERS),
        (&at("channels.json"), CHANNELS),
        (&at("dms.json"), br#"[{"id": "D1", "created": 1, "members": ["U1", "U2"]}]"#),
        (&at("integration_logs.json"), b"[]"),
        (&at("general/2016-01-26.json"), DAY),
        (&at("general/2016-01-27.json"), NEXT),
        (&at("D1/2016-01-26.json"), DIRECT),
    ])
}

fn check(sink: &Counting) {
    let titles: Vec<_> = sink.conversations.iter().filter_map(|c| c.title.as_deref()).collect();
    assert_eq!(titles, ["Ada Byron, Bob", "#general"]);
    let ids: Vec<_> = sink.conversations.iter().filter_map(|c| c.source_id.as_deref()).collect();
    assert_eq!(ids, ["D1", "C1"]);
    assert_eq!(
        sink.said(),
        [
            "Bob: psst",
            "(tool) system: @Ada Byron has joined the channel",
            "Ada Byron: Hello @Bob, see this (https://a.example) & #general",
            "U9: who am I?",
            "ci: Build 7\nfailed",
            "Bob: answer",
            "Bob: [file: plan.pdf (application/pdf, 2 KB)]",
            "Ada Byron: in @Bob",
            "(tool) system: This message was deleted.",
        ]
    );
    assert_eq!(sink.skipped["record that is no message"], 1);
    assert_eq!(sink.span().0.map(|t| t.to_string()).as_deref(), Some("2016-01-26T20:26:40Z"));
    assert_eq!(sink.messages().filter(|turn| turn.role == Role::Assistant).count(), 1);
}

#[test]
fn an_archive_whole_or_in_a_folder() {
    check(&read_bytes(&export("")).1);
    check(&read_bytes(&export("My workspace Slack export/")).1);
}

#[test]
fn a_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("general")).unwrap();
    std::fs::write(folder.path().join("general/2016-01-26.json"), DAY).unwrap();
    let (result, sink) = read_path(folder.path(), &options());
    assert_eq!(result.unwrap().formats, ["slack"]);
    assert_eq!(sink.said()[1], "U1: Hello @U2, see this (https://a.example) & #general");
    assert_eq!(sink.conversations[0].source_id.as_deref(), Some("general"));
}

#[test]
fn messages_of_the_api_come_newest_first() {
    let text = r#"{"ok": true, "messages": [
        {"type": "message", "user": "U1", "text": "b", "ts": "1453840001.000002"},
        {"type": "message", "user": "U1", "text": "a", "ts": "1453840000.000002", "slackdump_thread_replies": [
            {"type": "message", "user": "U2", "text": "a2", "ts": "1453840000.500002"}]}]}"#;
    assert_eq!(read_as("slack", text).said(), ["U1: a", "U2: a2", "U1: b"]);
}

#[test]
fn the_wrong_file_says_which_is_wanted() {
    for bytes in [USERS, CHANNELS] {
        let message = error_of(bytes);
        assert!(message.contains("slack") && message.contains("whole ZIP"), "{message}");
    }
}

#[test]
fn names_of_bots_and_of_people_whom_no_list_names() {
    let text = r#"[
        {"type": "message", "user": "U7", "bot_id": "B1", "text": "first", "ts": "1453840001.000001"},
        {"type": "message", "user": "U7", "bot_id": "B1", "bot_profile": {"id": "B1", "name": "Gardener"}, "text": "second", "ts": "1453840002.000001"},
        {"type": "message", "subtype": "bot_message", "bot_id": "B2", "text": "third", "ts": "1453840003.000001"},
        {"type": "message", "subtype": "bot_message", "bot_id": "B2", "username": "ci", "text": "fourth", "ts": "1453840004.000001"},
        {"type": "message", "user": "U9", "text": "hi <@U8>", "ts": "1453840005.000001"},
        {"type": "message", "user": "U8", "user_profile": {"display_name": "Cy"}, "text": "ho", "ts": "1453840006.000001"}]"#;
    assert_eq!(
        read_as("slack", text).said(),
        ["Gardener: first", "Gardener: second", "ci: third", "ci: fourth", "U9: hi @Cy", "Cy: ho"]
    );
    let users = br#"[{"id": "U7", "team_id": "T1", "name": "g", "is_bot": true, "profile": {"real_name": "Gardener", "bot_id": "B1"}}]"#;
    let day = br#"[{"type": "message", "subtype": "bot_message", "bot_id": "B1", "text": "x", "ts": "1453840001.000001"}]"#;
    let export = zip(&[("users.json", users), ("general/2016-01-26.json", day)]);
    assert_eq!(read_bytes(&export).1.said(), ["Gardener: x"]);
}

#[test]
fn what_a_thread_points_to_is_no_message_by_itself() {
    let text = r#"[
        {"type": "message", "user": "U1", "text": "Tea?", "ts": "1453840000.000001", "thread_ts": "1453840000.000001",
         "reply_count": 2, "replies": [{"user": "U2", "ts": "1453840002.000001"}, {"user": "U1", "ts": "1453840003.000001"}]},
        {"type": "message", "user": "U2", "text": "Yes", "ts": "1453840002.000001", "thread_ts": "1453840000.000001"},
        {"type": "message", "user": "U3", "text": "And?", "ts": "1453840004.000001",
         "replies": [{"user": "U2", "text": "inside", "ts": "1453840005.000001"}]}]"#;
    assert_eq!(read_as("slack", text).said(), ["U1: Tea?", "U2: Yes", "U3: And?", "U2: inside"]);
}

#[test]
fn shared_messages_keep_their_author_and_snippets_their_words() {
    let text = r#"[
        {"type": "message", "user": "U1", "text": "look", "ts": "1453840000.000001", "attachments": [
            {"is_share": true, "author_id": "U5", "author_name": "Ole", "text": "the oars are gone", "from_url": "https://a.example"}]},
        {"type": "message", "user": "U1", "text": "", "ts": "1453840001.000001", "attachments": [
            {"is_msg_unfurl": true, "author_subname": "Liv", "from_url": "https://a.example", "message_blocks": [
                {"message": {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "in blocks"}}]}}]}]},
        {"type": "message", "user": "U1", "text": "code", "ts": "1453840002.000001", "files": [
            {"name": "a.py", "mode": "snippet", "mimetype": "text/plain", "size": 12, "preview": "print(1)\n"},
            {"name": "b.pdf", "mode": "hosted", "preview": "<div>"}]}]"#;
    assert_eq!(
        read_as("slack", text).said(),
        [
            "U1: look\nOle: the oars are gone",
            "U1: Liv: in blocks",
            "U1: code\n[file: a.py (text/plain, 12 bytes)]\nprint(1)\n[file: b.pdf]",
        ]
    );
}
