use crate::import::testing::{Counting, read_as, read_bytes};

fn check(text: &str, expected: &[&str]) -> Counting {
    let sink = read_as("mbox", text);
    assert_eq!(sink.said(), expected, "{text}");
    sink
}

fn mail(id: &str, more: &str, body: &str) -> String {
    format!(
        "From ada@x.example Thu May  4 15:12:05 2023\nFrom: Ada B <ada@x.example>\nTo: bob@x.example\n\
         Date: Thu, 4 May 2023 15:12:05 +0200\nMessage-ID: <{id}@x>\n{more}\n\n{body}\n\n"
    )
}

#[test]
fn threads_are_conversations() {
    let text = [
        mail(
            "1",
            "Subject: Hills",
            "Who comes?\n\n>From here it is far.\nFrom time to time it rains.",
        ),
        mail("2", "Subject: Other", "Something else"),
        mail("3", "Subject: Re: Hills\nReferences: <1@x>\nIn-Reply-To: <1@x>", "I do"),
        mail("4", "Subject: Re: Hills\nIn-Reply-To: <3@x>", "Me too"),
    ]
    .concat();
    let sink = check(
        &text,
        &[
            "Ada B: Hills\n\nWho comes?\n\nFrom here it is far.\nFrom time to time it rains.",
            "Ada B: I do",
            "Ada B: Me too",
            "Ada B: Other\n\nSomething else",
        ],
    );
    let found: Vec<_> = sink
        .conversations
        .iter()
        .map(|c| (c.source_id.as_deref().unwrap(), c.title.as_deref().unwrap(), c.turns.len()))
        .collect();
    assert_eq!(found, [("1@x", "Hills", 3), ("2@x", "Other", 1)]);
    assert_eq!(sink.span().0.unwrap().to_string(), "2023-05-04T13:12:05Z");
    let crlf = read_as("mbox", &text.replace('\n', "\r\n"));
    assert_eq!(crlf.said(), sink.said());
}

#[test]
fn encodings_and_parts() {
    let text = mail(
        "1",
        "Subject: =?utf-8?B?xIxhdQ==?=\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b\"",
        "--b\nContent-Type: multipart/alternative; boundary=\"c\"\n\n\
         --c\nContent-Type: text/plain; charset=iso-8859-2\nContent-Transfer-Encoding: quoted-printable\n\n=C8au a na shle=\ndanou\n\
         --c\nContent-Type: text/html\n\n<p>Cau</p>\n--c--\n\
         --b\nContent-Type: application/pdf; name=\"plan.pdf\"\nContent-Disposition: attachment; filename=\"plan.pdf\"\nContent-Transfer-Encoding: base64\n\nSGVsbG8=\n--b--",
    );
    check(
        &text,
        &["Ada B: Čau\n\nČau a na shledanou\n[file: plan.pdf (application/pdf, 5 bytes)]"],
    );
}

#[test]
fn only_html_and_nothing_at_all() {
    let html =
        mail("1", "Content-Type: text/html; charset=utf-8", "<p>One &amp; two</p><p>three</p>");
    let said = read_as("mbox", &html).said();
    assert!(said[0].contains("One & two") && !said[0].contains('<'), "{said:?}");
    check(&mail("2", "X-Nothing: here", ""), &["Ada B: [mail without text]"]);
}

#[test]
fn a_mail_by_itself() {
    let text = mail("1", "Subject: Hills", "Who comes?");
    let alone = text.split_once('\n').unwrap().1;
    check(alone, &["Ada B: Hills\n\nWho comes?"]);
}

#[test]
fn threads_of_gmail_and_dates_of_envelopes() {
    let text = "From 1844@xxx\nX-GM-THRID: 77\nFrom: a@x\nMessage-ID: <1@x>\nSubject: Hi\n\none\n\n\
                From b@x Fri May 05 10:00:00 2023\nX-GM-THRID: 77\nFrom: b@x\nMessage-ID: <2@x>\nSubject: Hi\n\ntwo\n";
    let sink = check(text, &["a@x: Hi\n\none", "b@x: Hi\n\ntwo"]);
    assert_eq!(sink.conversations.len(), 1);
    assert_eq!(sink.span().1.unwrap().to_string(), "2023-05-05T10:00:00Z");
}

#[test]
fn other_files_are_not_taken() {
    for text in [
        "From here to there\nit is far\n",
        "From: the beginning\nTo: the end\n",
        "Subject: a list\nNote: nothing\n",
    ] {
        let (_, sink) = read_bytes(text.as_bytes());
        assert!(!sink.formats.contains(&"mbox"), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn texts_of_any_kind_do_no_harm(text in "(From - \n|From: a@b\n|Content-Type: multipart/mixed; boundary=\"b\"\n|--b\n|\n|\\PC{0,12}\n){0,12}") {
        let _ = read_bytes(format!("From - \nFrom: a@b\n{text}").as_bytes());
    }
}

#[test]
fn letters_that_say_from_are_not_split() {
    let mail = |subject: &str, body: &str| {
        format!(
            "From ada@x.example Wed May  1 10:00:00 2024\nFrom: Ada <ada@x.example>\nSubject: {subject}\nDate: Wed, 1 May 2024 10:00:00 +0200\nMessage-ID: <{subject}@x>\n\n{body}\n\n"
        )
    };
    let body = "Hi,\n\nFrom Monday the plan is\nRoom: 4\nTime: 10\n\nbye";
    let sink = read_as("mbox", &(mail("one", body) + &mail("two", "second")));
    assert_eq!(sink.said(), [format!("Ada: one\n\n{body}"), "Ada: two\n\nsecond".to_owned()]);
    // Without an address or a date a header that mails have is enough.
    let bare =
        "From MAILER\nSubject: a\nFrom: Bob <b@x>\n\none\n\nFrom MAILER\nFrom: Bob <b@x>\n\ntwo\n";
    assert_eq!(read_as("mbox", bare).said(), ["Bob: a\n\none", "Bob: two"]);
}

#[test]
fn what_an_html_mail_quotes_is_marked() {
    let mail = "From: Ole <o@x.example>\nSubject: Re: oars\nDate: Wed, 1 May 2024 10:00:00 +0200\nMessage-ID: <b@x>\nIn-Reply-To: <a@x>\nContent-Type: text/html; charset=utf-8\n\n\
        <p>In the shed.</p><div class=\"gmail_quote\">On Wed, Liv wrote:<blockquote>Where<br>are they?<blockquote>Gone</blockquote></blockquote></div>\n";
    assert_eq!(
        read_as("mbox", mail).said(),
        ["Ole: In the shed.\nOn Wed, Liv wrote:\n> Where\n> are they?\n> > Gone"]
    );
}
