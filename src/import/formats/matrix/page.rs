//! The export of a room from Element as HTML: a thousand events a page, `messages.html` and on.
//!
//! Events keep their identity, by which they are the same as in the JSON. The day stands between
//! them, in the words of the language that Element was set to, the time of day beside each.

use crate::conversation::{Conversation, NewTurn, Role};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::chat::{media, service, spoken};
use crate::import::reading::dates::{self, Written};
use crate::import::reading::html::Element;
use crate::import::reading::input::Source;
use crate::import::reading::sample::prose;
use crate::import::reading::turns::{self, Turns};
use crate::import::{Options, Sample, Sink};
use jiff::civil::Date;

const LARGEST: usize = 128 << 20;

/// Whether a file is such a page.
pub(super) fn is(sample: &Sample) -> bool {
    prose(sample).is_some_and(|text| {
        text.trim_start().starts_with('<')
            && text.contains("mx_Export_EventWrapper")
            && text.contains("mx_EventTile")
    })
}

/// Reads a page.
pub(super) fn read(
    source: &mut Source<'_>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let text = source.whole_text(LARGEST, sink)?;
    let page = Element::parse(&text);
    let title = page
        .find(&|e| e.has_classes(&["mx_RoomHeader_nametext"]))
        .or_else(|| page.find(&|e| e.is("title")))
        .map(|title| title.all_text().trim().to_owned())
        .filter(|title| !title.is_empty());
    let mut day: Option<Date> = None;
    let mut speaker = "unknown".to_owned();
    let mut turns = Turns::default();
    let of_interest = |e: &Element| e.has_classes(&["mx_Export_EventWrapper"]) || heading(e);
    for element in page.find_all(&of_interest) {
        if !element.has_classes(&["mx_Export_EventWrapper"]) {
            day = named_day(&element.text()).or(day);
            continue;
        }
        let text = |class: &'static str| {
            element.find(&|e| e.has_classes(&[class])).map(Element::text).filter(|t| !t.is_empty())
        };
        let name = [
            "mx_DisambiguatedProfile_displayName",
            "mx_SenderProfile_displayName",
            "mx_SenderProfile_name",
        ]
        .into_iter()
        .find_map(text);
        speaker = name.unwrap_or(speaker);
        let clock = text("mx_MessageTimestamp");
        let when = day.zip(clock.as_deref().and_then(dates::clock)).map(|(day, (clock, _))| {
            let written = format!("{day} {}", clock.time);
            dates::instant(day.to_datetime(clock.time), &written, options)
        });
        let when = when.unwrap_or_default();
        let mut turn = if let Some(told) = text("mx_TextualEvent") {
            service(told)
        } else if element.find(&|e| e.has_classes(&["mx_RedactedBody"])).is_some() {
            sink.skipped("message that was taken back", &speaker);
            continue;
        } else {
            let said = said(element);
            if said.is_empty() && clock.is_none() {
                sink.skipped("event that is no message", &shorten(&element.text()));
                continue;
            }
            NewTurn::message(Role::User, speaker.clone(), spoken(said))
        };
        turn.source_id = element.attribute("id").filter(|id| !id.is_empty()).map(str::to_owned);
        turn.said_at_text = when.text;
        turns.push(turn.at(when.said_at), sink);
    }
    let turns = turns.into_vec();
    sink.conversation(Conversation {
        source_id: None,
        title: title.or_else(|| Some(source.stem().to_owned())),
        started_at: turns.iter().find_map(|turn| turn.said_at),
        turns,
    })?;
    Ok(())
}

fn heading(element: &Element) -> bool {
    ["mx_DateSeparator_dateHeading", "mx_DateSeparator"]
        .iter()
        .any(|class| element.has_classes(&[class]))
}

/// The day that a heading names: `Fri, Jan 05, 2024`, `Friday, January 5, 2024`, `2024-01-05`.
fn named_day(text: &str) -> Option<Date> {
    let orders = dates::Orders::year_first();
    let after = text.split_once([',', ' ']).map_or("", |(_, rest)| rest.trim_start());
    [text, after].into_iter().find_map(|text| {
        let (written, _) = Written::read(text).or_else(|| Written::read_named(text))?;
        orders.date(written)
    })
}

/// What a message says: its own words, not those that it answers, with a line for what was shared.
fn said(element: &Element) -> String {
    let bodies = element.find_all(&|e| e.has_classes(&["mx_EventTile_body"]));
    let mut text = bodies.last().map(|body| body.text()).unwrap_or_default();
    let line = element.find(&|e| e.has_classes(&["mx_EventTile_line"])).unwrap_or(element);
    let links = line.find_all(&|e| e.is("a") || e.is("img") || e.is("video") || e.is("audio"));
    for link in links {
        let path = link.attribute("href").or_else(|| link.attribute("src")).unwrap_or_default();
        let local = ["images/", "files/", "videos/", "audio/"]
            .iter()
            .any(|folder| path.starts_with(folder));
        let name = turns::file(path.rsplit('/').next().unwrap_or(path));
        if local && !text.contains(&name) {
            text = turns::with_files(text, &[name]);
        }
    }
    if text.is_empty() && line.find(&|e| e.has_classes(&["mx_MImageBody"])).is_some() {
        text = media("picture");
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::import::testing::read_as;

    #[test]
    fn pages() {
        let event = |id: &str, inside: &str| {
            format!(
                "<div class=\"mx_Export_EventWrapper\" id=\"{id}\"><li class=\"mx_EventTile\">{inside}</li></div>"
            )
        };
        let said = |name: &str, clock: &str, body: &str| {
            let name = if name.is_empty() {
                String::new()
            } else {
                format!("<span class=\"mx_DisambiguatedProfile_displayName\">{name}</span>")
            };
            format!(
                "{name}<div class=\"mx_EventTile_line\"><span class=\"mx_MessageTimestamp\">{clock}</span>\
                     <div class=\"mx_MTextBody\">{body}</div></div>"
            )
        };
        let body =
            |text: &str| format!("<span class=\"mx_EventTile_body\" dir=\"auto\">{text}</span>");
        let page = format!(
            "<!DOCTYPE html><html><head><title>Exported Data</title></head><body>\
             <div class=\"mx_RoomHeader_nametext\">Garden</div><ol>\
             <li><h2 class=\"mx_DateSeparator_dateHeading\">Fri, Jan 05, 2024</h2></li>{}{}{}\
             <li><h2 class=\"mx_DateSeparator_dateHeading\">Sat, Jan 06, 2024</h2></li>{}{}</ol></body></html>",
            event("$1", "<div class=\"mx_TextualEvent\">Ada joined the room</div>"),
            event("$2", &said("Ada", "10:15", &body("Hello <b>all</b>"))),
            event("$3", &said("", "10:16", &body("More"))),
            event(
                "$4",
                &said(
                    "Bob",
                    "3:07 PM",
                    "<a href=\"images/cat.png\"><img src=\"images/cat.png\"/></a>"
                )
            ),
            event(
                "$5",
                &said("Bob", "15:08", "<div class=\"mx_RedactedBody\">Message deleted</div>")
            ),
        );
        let sink = read_as("matrix", &page);
        assert_eq!(
            sink.said(),
            [
                "(tool) system: Ada joined the room",
                "Ada: Hello all",
                "Ada: More",
                "Bob: [file: cat.png]"
            ]
        );
        let conversation = &sink.conversations[0];
        assert_eq!(conversation.title.as_deref(), Some("Garden"));
        assert_eq!(conversation.turns[1].source_id.as_deref(), Some("$2"));
        let times: Vec<String> =
            conversation.turns.iter().filter_map(|t| t.said_at).map(|t| t.to_string()).collect();
        assert_eq!(times, ["2024-01-05T10:15:00Z", "2024-01-05T10:16:00Z", "2024-01-06T15:07:00Z"]);
        assert_eq!(sink.skipped["message that was taken back"], 1);
    }
}
