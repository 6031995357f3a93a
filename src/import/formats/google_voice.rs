//! Google Voice: the pages of a Takeout, a file for some texts with somebody, for each call, and for
//! each voicemail with what was understood of it.
//!
//! The texts of one person are spread over many files; they are put together again.

use crate::conversation::{NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{media, service, spoken};
use crate::import::reading::html::Element;
use crate::import::reading::rooms::{Order, Rooms};
use crate::import::reading::time::parse;
use crate::import::reading::turns::{file, with_files};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};

/// The format `google_voice`.
pub(super) struct GoogleVoice;

/// A page holds some days of texts.
const LARGEST: usize = 32 << 20;

impl Importer for GoogleVoice {
    fn format(&self) -> &'static str {
        "google_voice"
    }

    fn description(&self) -> &'static str {
        "Google Voice: the folder Voice of a Takeout (HTML)"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        let text = sample.text().trim_start_matches('\u{FEFF}').trim_start();
        let has = |word: &str| text.contains(word);
        let texts = has("hChatLog") && has("hfeed");
        let call = has("class=\"haudio\"") && has("class=\"published\"");
        if text.starts_with('<') && (texts || call) { Confidence::Certain } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        let mut rooms = Rooms::new();
        input.each(sink, |source, sink| {
            let page = Element::parse(&source.whole_text(LARGEST, sink)?);
            let stem = source.stem().to_owned();
            match page.find(&|e| e.has_classes(&["hChatLog"])) {
                Some(log) => texts(&page, log, &stem, options, &mut rooms, sink),
                None => call(&page, &stem, options, &mut rooms, sink),
            }
            Ok(())
        })?;
        rooms.send(Order::Time, sink)
    }
}

/// Somebody's name and number.
struct Person {
    name: String,
    number: String,
}

fn person(around: &Element) -> Person {
    let name = around.find(&|e| e.has_classes(&["fn"])).map(Element::text).unwrap_or_default();
    let number = around.find(&|e| e.has_classes(&["tel"]));
    let number = number.and_then(|tel| tel.attribute("href")).unwrap_or_default();
    let number = number.trim_start_matches("tel:").to_owned();
    let name = if name.is_empty() { number.clone() } else { name };
    Person { name, number }
}

/// What the page is called: the other person, except where nobody else wrote (`Me to Ada`).
fn title(page: &Element, stem: &str) -> String {
    let title = page.find(&|e| e.is("title")).map(Element::all_text).unwrap_or_default();
    let words: Vec<&str> = title.split_whitespace().collect();
    let title = words.join(" ");
    let title = title.strip_prefix("Me to ").unwrap_or(&title);
    // The file's name goes on with what it holds and when: `Ada - Text - 2023-…`.
    if title.is_empty() || title == "Me" {
        stem.split(" - ").next().unwrap_or(stem).to_owned()
    } else {
        title.to_owned()
    }
}

fn texts(
    page: &Element,
    log: &Element,
    stem: &str,
    options: &Options,
    rooms: &mut Rooms,
    sink: &mut dyn Sink,
) {
    let group = page.find(&|e| e.has_classes(&["participants"]));
    let people: Vec<Person> = group.map_or_else(Vec::new, |group| {
        group.find_all(&|e| e.is("cite")).into_iter().map(person).collect()
    });
    let mut numbers: Vec<&str> = people.iter().map(|person| person.number.as_str()).collect();
    numbers.sort_unstable();
    let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
    let title = if names.is_empty() { title(page, stem) } else { names.join(", ") };
    let key = if numbers.is_empty() { title.clone() } else { numbers.join(",") };
    rooms.head(&key).title = Some(title);
    for message in log.find_all(&|e| e.has_classes(&["message"])) {
        let when = message.find(&|e| e.has_classes(&["dt"])).and_then(|dt| dt.attribute("title"));
        let when = when.map(|when| parse(when, &options.time_zone)).unwrap_or_default();
        let Some(sender) = message.find(&|e| e.has_classes(&["sender"])).map(person) else {
            sink.skipped("record that is no message", &shorten(&message.text()));
            continue;
        };
        let text = message.find(&|e| e.is("q")).map(Element::text).unwrap_or_default();
        let mut files: Vec<String> = Vec::new();
        let shared = |e: &Element| matches!(e.attribute("src").or(e.attribute("href")), Some(path) if !path.contains(':'));
        for shared in message.find_all(&shared) {
            let path = shared.attribute("src").or(shared.attribute("href")).unwrap_or_default();
            files.push(file(path.rsplit('/').next().unwrap_or(path)));
        }
        // What stands in the place of the text of a message that is only a picture.
        let text = if matches!(text.as_str(), "MMS Sent" | "MMS Received") && !files.is_empty() {
            String::new()
        } else {
            text
        };
        let text = spoken(with_files(text, &files));
        let mut turn = NewTurn::message(Role::User, sender.name, text).at(when.said_at);
        turn.said_at_text = when.text;
        rooms.push(&key, turn, sink);
    }
}

/// A call is told by the program; a voicemail is what somebody said.
fn call(page: &Element, stem: &str, options: &Options, rooms: &mut Rooms, sink: &mut dyn Sink) {
    let Some(call) = page.find(&|e| e.has_classes(&["haudio"])) else {
        sink.skipped("page without texts", &shorten(stem));
        return;
    };
    let other = call.find(&|e| e.has_classes(&["contributor"])).map(person);
    let name = other.map(|other| other.name).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| "unknown".to_owned());
    let when = call.find(&|e| e.has_classes(&["published"])).and_then(|at| at.attribute("title"));
    let when = when.map(|when| parse(when, &options.time_zone)).unwrap_or_default();
    let said = call.find(&|e| e.has_classes(&["full-text"])).map(Element::text);
    let recorded = call.find(&|e| e.is("audio")).is_some();
    let mut turn = if said.is_some() || recorded {
        let said: Vec<String> = said.into_iter().filter(|said| !said.is_empty()).collect();
        NewTurn::message(Role::User, name.as_str(), with_files(media("voicemail"), &said))
    } else {
        // The first name on it tells what it is: `Missed call from Ada`.
        let what = call.elements().find(|e| e.has_classes(&["fn"])).map(Element::text);
        let long = call.find(&|e| e.has_classes(&["duration"])).map(Element::text);
        let parts = [what.unwrap_or_else(|| "call".to_owned()), long.unwrap_or_default()];
        service(parts.join(" ").trim())
    };
    turn.said_at_text = when.text;
    rooms.head(&name).title = Some(name.clone());
    rooms.push(&name, turn.at(when.said_at), sink);
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{options, read_path};

    fn message(at: &str, number: &str, name: &str, said: &str) -> String {
        let name = match name {
            "Me" => "<abbr class=\"fn\" title=\"\">Me</abbr>".to_owned(),
            name => format!("<span class=\"fn\">{name}</span>"),
        };
        format!(
            "<div class=\"message\"><abbr class=\"dt\" title=\"{at}\">Sep 1, 2023</abbr>:\n\
             <cite class=\"sender vcard\"><a class=\"tel\" href=\"tel:{number}\">{name}</a></cite>:\n{said}</div>"
        )
    }

    fn page(title: &str, body: &str) -> String {
        format!(
            "<?xml version=\"1.0\" ?>\n<html><head><title>{title}</title><style>.message{{}}</style></head>\
             <body>{body}<div class=\"tags\">Labels:<a rel=\"tag\" href=\"http://www.google.com/voice#sms\">Text</a></div></body></html>"
        )
    }

    #[test]
    fn texts_calls_and_voicemails() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).unwrap();
        };
        let log = |messages: &[String]| {
            format!("<div class=\"hChatLog hfeed\">{}</div>", messages.concat())
        };
        write(
            "Eva Lie - Text - 2023-09-02T00_00_00Z.html",
            &page(
                "Eva Lie",
                &log(&[message(
                    "2023-09-02T10:00:00.000-07:00",
                    "+15550001",
                    "Eva Lie",
                    "<q>Later &amp; more</q>",
                )]),
            ),
        );
        write(
            "Eva Lie - Text - 2023-09-01T00_00_00Z.html",
            &page(
                "Me to\nEva Lie",
                &log(&[
                    message(
                        "2023-09-01T10:00:00.250-07:00",
                        "+15550000",
                        "Me",
                        "<q>One<br>two</q>",
                    ),
                    message(
                        "2023-09-01T10:00:01.000-07:00",
                        "+15550000",
                        "Me",
                        "<q>MMS Sent</q><div><img src=\"Eva Lie - Text-1-1\" alt=\"Image MMS Attachment\" /></div>",
                    ),
                ]),
            ),
        );
        write(
            "Group Conversation - 2023-09-03T00_00_00Z.html",
            &page(
                "Group Conversation",
                &format!(
                    "<div class=\"participants\">Group conversation with:\n\
                 <cite class=\"sender vcard\"><a class=\"tel\" href=\"tel:+15550001\"><span class=\"fn\">Eva Lie</span></a></cite>,\
                 <cite class=\"sender vcard\"><a class=\"tel\" href=\"tel:+15550002\"><span class=\"fn\"></span></a></cite></div>{}",
                    log(&[message(
                        "2023-09-03T10:00:00.000-07:00",
                        "+15550002",
                        "",
                        "<q>hello all</q>"
                    )])
                ),
            ),
        );
        let call = |what: &str, more: &str| {
            page(
                what,
                &format!(
                    "<div class=\"haudio\"><span class=\"album\">Call Log for</span><span class=\"fn\">{what}</span>\
             <div class=\"contributor vcard\"><a class=\"tel\" href=\"tel:+15550001\"><span class=\"fn\">Eva Lie</span></a></div>\
             <abbr class=\"published\" title=\"2023-09-04T10:00:00.000-07:00\">x</abbr>{more}</div>"
                ),
            )
        };
        write(
            "Eva Lie - Missed - 2023-09-04T00_00_00Z.html",
            &call("Missed call from Eva Lie", ""),
        );
        write(
            "Eva Lie - Voicemail - 2023-09-04T00_00_00Z.html",
            &call(
                "Voicemail from Eva Lie",
                "<span class=\"description\"><span class=\"full-text\">Call me back.</span></span><audio src=\"x.mp3\"></audio>",
            ),
        );
        let (result, sink) = read_path(folder.path(), &options());
        assert_eq!(result.unwrap().formats, ["google_voice"]);
        let mut said = sink.said();
        said.sort_unstable();
        assert_eq!(
            said,
            [
                "(tool) system: Missed call from Eva Lie",
                "+15550002: hello all",
                "Eva Lie: Later & more",
                "Eva Lie: [voicemail]\nCall me back.",
                "Me: One\ntwo",
                "Me: [file: Eva Lie - Text-1-1]",
            ]
        );
        let mut titles: Vec<_> =
            sink.conversations.iter().filter_map(|c| c.title.as_deref()).collect();
        titles.sort_unstable();
        assert_eq!(titles, ["Eva Lie", "Eva Lie, +15550002"]);
        assert_eq!(sink.span().0.unwrap().to_string(), "2023-09-01T17:00:00.25Z");
    }
}
