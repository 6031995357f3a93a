use crate::import::testing::{Counting, options, read_as, read_bytes, read_path};

fn check(text: &str, expected: &[&str]) -> Counting {
    let sink = read_as("irc", text);
    assert_eq!(sink.said(), expected, "{text}");
    sink
}

fn times(sink: &Counting) -> Vec<String> {
    sink.messages().filter_map(|turn| turn.said_at).map(|t| t.to_string()).collect()
}

#[test]
fn irssi() {
    let sink = check(
        "--- Log opened Thu May 04 15:00:00 2023\n15:12 -!- ada [~ada@x.example] has joined #rust\n15:12 <@ada> hi <bob>\n\
         15:13 < bob> ho\n15:14  * ada waves\n--- Day changed Fri May 05 2023\n00:01 <+bob> late\n--- Log closed Fri May 05 01:00:00 2023\n",
        &[
            "(tool) system: -!- ada [~ada@x.example] has joined #rust",
            "ada: hi <bob>",
            "bob: ho",
            "ada: waves",
            "bob: late",
        ],
    );
    assert_eq!(times(&sink)[0], "2023-05-04T15:12:00Z");
    assert_eq!(times(&sink)[3], "2023-05-05T00:01:00Z");
    assert_eq!(sink.conversations[0].title.as_deref(), Some("#rust download"));
}

#[test]
fn weechat() {
    let sink = check(
        "2023-05-04 15:12:05\t-->\tada (~ada@x) has joined #rust\n2023-05-04 15:12:06\t@ada\thi\n2023-05-04 15:12:07\t *\tada waves\n\
         2023-05-04 15:12:08\t--\tMode #rust [+o ada] by bob\n2023-05-04 15:12:09\t<--\tada (~ada@x) has quit (bye)\n",
        &[
            "(tool) system: --> ada (~ada@x) has joined #rust",
            "ada: hi",
            "ada: waves",
            "(tool) system: -- Mode #rust [+o ada] by bob",
            "(tool) system: <-- ada (~ada@x) has quit (bye)",
        ],
    );
    assert_eq!(times(&sink)[0], "2023-05-04T15:12:06Z");
}

#[test]
fn mirc_with_colours() {
    let sink = check(
        "Session Start: Thu May 04 15:12:05 2023\nSession Ident: #rust\n\u{3}02[15:12] * ada (a@x) has joined #rust\u{3}\n\
         [15:12] <ada> \u{3}04,01red\u{3} and \u{2}bold\u{2}\n\u{3}06[15:13] * ada waves\u{3}\n[15:13] -bob- psst\nSession Close: Thu May 04 16:00:00 2023\n",
        &[
            "(tool) system: ada (a@x) has joined #rust",
            "ada: red and bold",
            "ada: waves",
            "bob: psst",
        ],
    );
    assert_eq!(times(&sink)[0], "2023-05-04T15:12:00Z");
}

#[test]
fn hexchat_has_no_years() {
    let sink = check(
        "**** BEGIN LOGGING AT Sun Dec 31 23:00:00 2023\n\nDec 31 23:12:05 -->\tYou have joined #rust\nDec 31 23:12:06 <ada>\thi\nDec 31 23:12:07 *\tada waves\nJan 01 00:01:00 <bob>\thappy new year\n",
        &[
            "(tool) system: --> You have joined #rust",
            "ada: hi",
            "ada: waves",
            "bob: happy new year",
        ],
    );
    assert_eq!(times(&sink)[2], "2024-01-01T00:01:00Z");
}

#[test]
fn days_in_names_and_past_midnight() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("#rust_20230504.log");
    let text = "[23:59:00] <ada> hi\n[23:59:01] *** Joins: bob (b@x)\n[00:01:00] <bob> ho\n";
    std::fs::write(&path, text).unwrap();
    let (_, sink) = read_path(&path, &options());
    assert_eq!(times(&sink), ["2023-05-04T23:59:00Z", "2023-05-05T00:01:00Z"]);
    assert_eq!(sink.said()[1], "(tool) system: *** Joins: bob (b@x)");
}

#[test]
fn folders_of_channels() {
    let folder = tempfile::tempdir().unwrap();
    let channel = folder.path().join("libera/#rust");
    std::fs::create_dir_all(&channel).unwrap();
    for day in ["2023-05-04", "2023-05-05"] {
        std::fs::write(channel.join(format!("{day}.log")), "[10:00:00] <ada> hi\n").unwrap();
    }
    let (_, sink) = read_path(folder.path(), &options());
    let titles: Vec<_> = sink.conversations.iter().filter_map(|c| c.title.as_deref()).collect();
    assert_eq!(titles, ["#rust 2023-05-04", "#rust 2023-05-05"]);
    assert_eq!(times(&sink), ["2023-05-04T10:00:00Z", "2023-05-05T10:00:00Z"]);
}

#[test]
fn other_dialects() {
    check(
        "[2023-05-04T15:12:05+0000] <ada> hi\n[2023-05-04T15:12:06+0000] • ada waves\n",
        &["ada: hi", "ada: waves"],
    );
    check(
        "2023-05-04T15:12:05  <ada> hi\n2023-05-04T15:12:06  *** bob has joined #rust\n",
        &["ada: hi", "(tool) system: *** bob has joined #rust"],
    );
    check("@1683213125 <ada!a@x.example> hi\n@1683213126 <bob!b@x> ho\n", &["ada: hi", "bob: ho"]);
    check(
        "[15:12] <ada> hi\n[15:12] bob (b@x) joined #rust.\n[15:13] Action: bob waves\n",
        &["ada: hi", "(tool) system: bob (b@x) joined #rust.", "bob: waves"],
    );
    check(
        "[10:13] <ada> hi\n=== bob is now known as bobby\n[10:14]  * ada waves\n",
        &["ada: hi", "system: bob is now known as bobby", "ada: waves"],
    );
    check("<ada> hi\n<bob> ho\n", &["ada: hi", "bob: ho"]);
    check(
        "[Saturday 01 January 2022] [10:00:00] <ada>\thi\n[Saturday 01 January 2022] [10:00:02] *\tada waves\n\
         [Saturday 01 January 2022] [10:00:03] Join\tbob has joined this channel (~b@x).\n",
        &["ada: hi", "ada: waves", "(tool) system: Join bob has joined this channel (~b@x)."],
    );
    let sink = check(
        "[04-May-2023 15:12:05]  <ada> hi\n[04-May-2023 15:12:07]  <bob> ho\n",
        &["ada: hi", "bob: ho"],
    );
    assert_eq!(times(&sink)[0], "2023-05-04T15:12:05Z");
    let sink = check("1683213125 <ada> hi\n1683213126 <bob> ho\n", &["ada: hi", "bob: ho"]);
    assert_eq!(times(&sink)[0], "2023-05-04T15:12:05Z");
}

#[test]
fn logs_without_times() {
    check(
        "**** BEGIN LOGGING AT Sat Jan  1 10:00:00 2022\n\n--> You are now talking on #rust\n<ada>\thi\n*\tada waves\n*\tbob (b@x) has joined\n**** ENDING LOGGING AT Sat Jan  1 11:00:00 2022\n",
        &[
            "(tool) system: --> You are now talking on #rust",
            "ada: hi",
            "ada: waves",
            "(tool) system: bob (b@x) has joined",
        ],
    );
    check(
        "IRC log started Sat Jan  1 10:00\n<ada> hi\n<bob> ho\nIRC log ended Sat Jan  1 11:00\n",
        &["ada: hi", "bob: ho"],
    );
}

#[test]
fn without_a_day_only_the_text_of_a_time_is_kept() {
    let sink =
        check("[10:13] <ada> hi\n[10:14] <bob> ho\nand on\n", &["ada: hi", "bob: ho\nand on"]);
    assert_eq!(times(&sink), Vec::<String>::new());
    assert_eq!(sink.conversations[0].turns[0].said_at_text.as_deref(), Some("10:13"));
}

#[test]
fn days_before_the_month_and_no_year() {
    let sink = check(
        "--- Log opened Sat Jan 10 10:00:00 2009\n[14 Jan 10:36] <ada!a@x.example> +hi\n[14 Jan 10:37] <bob!~b@y> -1 for tea\n\
         15 Jan 00:01:02 <ada!a@x.example> late\n",
        &["ada: +hi", "bob: -1 for tea", "ada: late"],
    );
    assert_eq!(
        times(&sink),
        ["2009-01-14T10:36:00Z", "2009-01-14T10:37:00Z", "2009-01-15T00:01:02Z"]
    );
    let sink = check(
        "[14 Jan 10:36] <ada!a@x> hi\n[14 Jan 10:37] * bob waves\n",
        &["ada: hi", "bob: waves"],
    );
    assert_eq!(sink.conversations[0].turns[0].said_at_text.as_deref(), Some("14 Jan 10:36"));
}

#[test]
fn a_stray_byte_is_of_the_most_common_charset() {
    let text = b"[10:13] <ada> caf\xC3\xA9\n[10:14] <bob> kai\x9A kur\n[10:15] <ada> ok\n";
    assert_eq!(read_bytes(text).1.said(), ["ada: café", "bob: kai\u{161} kur", "ada: ok"]);
}

#[test]
fn lines_of_several_charsets() {
    let mut text = b"[10:13] <ada> caf\xC3\xA9\n".to_vec();
    text.extend(
        b"[10:14] <bob> d\xE9j\xE0 vu, un caf\xE9 s'il vous pla\xEEt, apr\xE8s ma t\xE2che\n",
    );
    let (_, sink) = read_bytes(&text);
    assert_eq!(sink.said(), ["ada: café", "bob: déjà vu, un café s'il vous plaît, après ma tâche"]);
}

#[test]
fn other_files_are_not_taken() {
    for text in [
        "10:00\tAda\thi\n10:01\tBob\tho\n",
        "<html>\n<body>\n</body>\n",
        "<!DOCTYPE html>\n<p>one\n<p> two\n<b>three\n",
        "- a list\n- another item\n* and stars\n",
        "10:00 start of the day\n11:00 coffee\n",
        "2023-05-04 15:12:05 INFO <main> started\nat x\nat y\n",
    ] {
        let (_, sink) = read_bytes(text.as_bytes());
        assert!(!sink.formats.contains(&"irc"), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn texts_of_any_kind_do_no_harm(text in "((\\[?1[0-9]:[0-5][0-9]\\]? )?(<a> |\\* a |-!- |=== |\t)?\\PC{0,12}\n){0,6}") {
        let _ = read_bytes(text.as_bytes());
    }
}
