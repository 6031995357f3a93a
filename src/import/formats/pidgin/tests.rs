use crate::import::testing::{Counting, read_as, read_bytes, read_file};

fn times(sink: &Counting) -> Vec<String> {
    let turns = sink.conversations.iter().flat_map(|c| &c.turns);
    turns.filter_map(|turn| Some(turn.said_at?.to_string())).collect()
}

const TEXT: &str = "Conversation with eva@example.com at Wed 01 May 2024 11:58:00 PM CEST on me@example.com/Home (jabber)\n\
    (23:58:01) Jon: hello: you\nand you\n\n(23:58:05) eva@example.com/x: hi\n(00:00:01) Jon: next day\n\
    (00:00:05) eva@example.com has signed off.\n(00:00:06) ***Jon waves\n(2024-05-03 07:00:00) Jon: later\n\
    (07:00:01) Jon <AUTO-REPLY>: away\n";

#[test]
fn text() {
    let said = [
        "Jon: hello: you\nand you",
        "eva@example.com/x: hi",
        "Jon: next day",
        "(tool) system: eva@example.com has signed off.",
        "Jon: waves",
        "Jon: later",
        "Jon: away",
    ];
    let sink = read_as("pidgin", TEXT);
    assert_eq!(sink.said(), said);
    assert_eq!(times(&sink)[0], "2024-05-01T23:58:01Z");
    assert_eq!(times(&sink)[2], "2024-05-02T00:00:01Z");
    assert_eq!(times(&sink)[6], "2024-05-03T07:00:01Z");
    assert_eq!(sink.conversations[0].title.as_deref(), Some("eva@example.com"));
    let sink = read_file("2024-05-01.235800+0200CEST.txt", TEXT.as_bytes());
    assert_eq!(sink.said(), said);
    assert_eq!(times(&sink)[0], "2024-05-01T21:58:01Z");
    for head in ["2024-05-01 23:58:00", "Wed May  1 23:58:00 2024", "1 mai 2024 23:58:00"] {
        let text = TEXT.replace("Wed 01 May 2024 11:58:00 PM CEST", head);
        assert_eq!(times(&read_as("pidgin", &text))[0], "2024-05-01T23:58:01Z", "{head}");
    }
}

#[test]
fn html() {
    let page = "<html><head><meta http-equiv=\"content-type\" content=\"text/html; charset=UTF-8\"><title>Conversation with #choir at Wed 01 May 2024 10:00:00 AM CEST on jon@example.com (irc)</title></head><body><h3>Conversation with #choir at Wed 01 May 2024 10:00:00 AM CEST on jon@example.com (irc)</h3>\n\
        <font color=\"#16569E\"><font size=\"2\">(10:00:01)</font> <b>Jon:</b></font> a &lt;b&gt; &amp; c<br/>second<br/>\n\
        <font size=\"2\">(10:00:02)</font><b> The topic is: songs</b><br/>\n\
        <font color=\"#A82F2F\"><font size=\"2\">(10:00:03)</font> <b>Eva:</b></font> <html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'><p>ho <img src=\"x.png\"/></p></body></html><br/>\n\
        </body></html>\n";
    let sink = read_as("pidgin", page);
    assert_eq!(
        sink.said(),
        ["Jon: a <b> & c\nsecond", "(tool) system: The topic is: songs", "Eva: ho [picture]"]
    );
    assert_eq!(times(&sink)[0], "2024-05-01T10:00:01Z");
    assert_eq!(sink.conversations[0].title.as_deref(), Some("#choir"));
}

#[test]
fn adium_xml() {
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<chat xmlns=\"http://purl.org/net/ulf/ns/0.4-02\" account=\"jon@example.com\" service=\"MSN\">\n\
        <event type=\"windowOpened\" sender=\"jon@example.com\" time=\"2008-06-16T13:58:55+03:00\"/>\n\
        <message sender=\"eva@example.com\" time=\"2008-06-16T13:58:55+03:00\" alias=\"Eva &quot;E&quot;\"><div>hello &amp; you<br/>second</div></message>\n\
        <message sender=\"jon@example.com\" time=\"2008-06-16T13:59:01+0300\"><div><span style=\"x\">hi</span></div></message>\n\
        <status type=\"away\" sender=\"eva@example.com\" time=\"2008-06-16T14:00:00+03:00\"/>\n\
        <message sender=\"eva@example.com\" time=\"2008-06-16T14:01:02+03:00\"><div><img src=\"pic.png\" alt=\"\"/></div></message>\n</chat>\n";
    let sink = read_file("eva@example.com (2008-06-16T13.58.55+0300).xml", xml.as_bytes());
    assert_eq!(sink.formats, ["pidgin"]);
    assert_eq!(
        sink.said(),
        [
            "Eva \"E\": hello & you\nsecond",
            "jon@example.com: hi",
            "(tool) system: eva@example.com: away",
            "eva@example.com: [picture]"
        ]
    );
    assert_eq!(times(&sink)[1], "2008-06-16T10:59:01Z");
    assert_eq!(sink.conversations[0].title.as_deref(), Some("eva@example.com"));
}

#[test]
fn adium_pages() {
    let page = "\u{FEFF}<div class=\"receive\"><span class=\"timestamp\">11:59:47 PM</span> <span class=\"sender\">eva: </span><pre class=\"message\">good  night</pre></div>\n\
        <div class=\"send\"><span class=\"timestamp\">12:00:01 AM</span> <span class=\"sender\">jon: </span><pre class=\"message\">you too</pre></div>\n\
        <div class=\"status\"><span class=\"timestamp\">12:00:05 AM</span> eva went away</div>\n";
    let sink = read_file("eva (2006-11-06).AdiumHTMLLog", page.as_bytes());
    assert_eq!(sink.said(), ["eva: good  night", "jon: you too", "(tool) system: eva went away"]);
    assert_eq!(times(&sink)[..2], ["2006-11-06T23:59:47Z", "2006-11-07T00:00:01Z"]);
}

#[test]
fn other_files_are_not_taken() {
    for text in [
        "Conversation with Eva\n(10:00:01) Jon: hi\n",
        "<html><head><title>Conversation with Eva</title></head><body>hi</body></html>",
        "(10:00:01) Jon: hi\n",
    ] {
        assert!(!read_bytes(text.as_bytes()).1.formats.contains(&"pidgin"), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn texts_of_any_kind_do_no_harm(text in "(\\([0-9]{1,2}:[0-9]{2}:[0-9]{2}( PM)?\\) ?\\PC{0,8}:? ?\\PC{0,8}\n|\\PC{0,12}\n|<[a-z]{1,4}>){0,6}") {
        let head = "Conversation with a at 2024-05-01 10:00:00 on b (jabber)\n";
        let _ = read_bytes(format!("{head}{text}").as_bytes());
        let _ = read_bytes(format!("<h3>{head}</h3><font size=\"2\">({text}").as_bytes());
    }
}
