//! Gemini: the *My Activity* of Google Takeout, `MyActivity.json` or `MyActivity.html`, in the
//! language of the account.
//!
//! It knows no threads: each activity is one prompt with one answer, newest first, and so is each
//! conversation that is made of it. Before the prompt stands a word for *prompted* in the account's
//! language; it is what the titles of a file begin with.

mod prefix;

use crate::conversation::{Conversation, NewTurn, Role, Timestamp};
use crate::import::error::{ImportError, shorten};
use crate::import::reading::dates;
use crate::import::reading::html::Element;
use crate::import::reading::input::{Source, Unit};
use crate::import::reading::json::{array_under, text_under};
use crate::import::reading::time::{self, When};
use crate::import::reading::turns::{self, Turns};
use crate::import::{Confidence, Importer, Input, Options, Sample, Sink};
use prefix::Prefix;
use serde_json::Value;
use std::collections::HashSet;

const WANTED: &str =
    "Takeout/My Activity/Gemini Apps/MyActivity.json (or .html), or the whole Takeout ZIP with it";

/// How an activity begins on the page.
const CELL: &str = "<div class=\"outer-cell";

/// The format `gemini`.
pub(super) struct Gemini;

impl Importer for Gemini {
    fn format(&self) -> &'static str {
        "gemini"
    }

    fn description(&self) -> &'static str {
        "Gemini (Bard): My Activity of Google Takeout, MyActivity.json or .html, in any language"
    }

    fn recognise(&self, sample: &Sample) -> Confidence {
        if sample.any(is_prompt) {
            return Confidence::Certain;
        }
        let text = sample.text();
        let page = text.contains(CELL) && text.contains("content-cell");
        if page && text.contains("mdl-typography") {
            return if names_gemini(text) {
                Confidence::Certain
            } else {
                Confidence::Beside(WANTED)
            };
        }
        let is_activity = |value: &Value| {
            ["header", "title", "time", "products"].iter().all(|key| value.get(key).is_some())
        };
        if sample.any(is_activity) { Confidence::Beside(WANTED) } else { Confidence::No }
    }

    fn read(
        &self,
        input: &mut Input<'_>,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError> {
        // Where both are there, the page tells what the JSON holds once more.
        let mut known = Known::default();
        let mut pages = 0;
        input.each(sink, |source, sink| {
            if source.sample().text().contains(CELL) {
                pages += 1;
                return Ok(());
            }
            let records = source.sample().records().iter().filter(|record| is_prompt(record));
            let prefix = Prefix::of(records.filter_map(|record| text_under(record, "title")));
            let layout = source.sample().layout(is_prompt);
            source.each_record(layout, Unit::Conversation, sink, |record, sink| {
                activity(&record, &prefix, &mut known, options, sink)
            })
        })?;
        if pages == 0 {
            return Ok(());
        }
        input.each(sink, |source, sink| {
            if source.sample().text().contains(CELL) {
                page(source, &known, options, sink)?;
            }
            Ok(())
        })
    }
}

/// The activities that the JSON of an input holds: what was asked, and when within a quarter of an
/// hour, which is the same in whatever zone a page tells it.
#[derive(Default)]
struct Known(HashSet<(String, i64)>);

impl Known {
    fn key(prompt: &str, said_at: Option<Timestamp>) -> Option<(String, i64)> {
        const QUARTER: i64 = 15 * 60;
        let asked = prompt.lines().next()?.split_whitespace().collect::<Vec<_>>().join(" ");
        Some((asked, said_at?.as_millis().div_euclid(1000).rem_euclid(QUARTER)))
    }
}

/// Whether a text names the product, which is called the same in all languages.
fn names_gemini(text: &str) -> bool {
    ["Gemini", "Bard"].iter().any(|name| text.contains(name))
}

fn is_prompt(value: &Value) -> bool {
    let products = array_under(value, "products").iter().filter_map(Value::as_str);
    let named = products.chain(text_under(value, "header")).any(names_gemini);
    named && value.get("title").is_some() && value.get("time").is_some()
}

/// Reads an activity of the JSON.
fn activity(
    record: &Value,
    prefix: &Prefix,
    known: &mut Known,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let title = text_under(record, "title").unwrap_or_default();
    if !is_prompt(record) {
        sink.skipped("activity of another product", &shorten(title));
        return Ok(());
    }
    let answers: Vec<String> = array_under(record, "safeHtmlItem")
        .iter()
        .filter_map(|item| text_under(item, "html"))
        .map(|html| Element::parse(html).text())
        .collect();
    let Some(prompt) = prefix.strip(title).or_else(|| (!answers.is_empty()).then_some(title))
    else {
        sink.skipped("activity that is no prompt", &shorten(title));
        return Ok(());
    };
    let mut files: Vec<String> = Vec::new();
    for file in array_under(record, "attachedFiles") {
        let name = file.as_str().or_else(|| text_under(file, "name"));
        files.extend(name.map(turns::file));
    }
    files.extend(text_under(record, "imageFile").map(turns::file));
    let time = record.get("time").unwrap_or(&Value::Null);
    let when = time::instant_in(time, &options.time_zone);
    known.0.extend(Known::key(prompt, when.said_at));
    let source_id = time.as_str().map(str::to_owned);
    let prompt = turns::with_files(prompt.trim().to_owned(), &files);
    exchange(source_id, &prompt, &answers.join("\n\n"), &when, sink)
}

fn exchange(
    source_id: Option<String>,
    prompt: &str,
    answer: &str,
    when: &When,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let mut turns = Turns::default();
    for (role, text) in [(Role::User, prompt), (Role::Assistant, answer)] {
        let mut turn = NewTurn::message(role, role.as_str(), text.trim()).at(when.said_at);
        turn.said_at_text.clone_from(&when.text);
        turns.push(turn, sink);
    }
    let turns = turns.into_vec();
    let title = turns::first_words(&turns);
    sink.conversation(Conversation { source_id, title, started_at: when.said_at, turns })?;
    Ok(())
}

/// What a cell of the page holds.
struct Cell {
    /// What stands before the time, line by line.
    before: Vec<String>,
    when: Option<dates::Stamp>,
    /// What stands behind it.
    after: String,
}

/// Reads a page. The words of its dates are those of its language; the order of day and month is
/// decided from its beginning.
fn page(
    source: &mut Source<'_>,
    known: &Known,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let head = source.sample().text().to_owned();
    let cells: Vec<Cell> = head.split(CELL).skip(1).filter_map(|piece| cell(piece).ok()).collect();
    let prefix =
        Prefix::of(cells.iter().filter_map(|cell| cell.before.first()).map(String::as_str));
    // They stand newest first.
    let stamps = cells.iter().rev().filter_map(|cell| cell.when.as_ref());
    let orders = dates::orders(stamps, options, sink);
    drop(cells);
    source.each_piece(CELL, sink, |piece, sink| {
        if !piece.contains("content-cell") {
            return Ok(());
        }
        let cell = match cell(piece.strip_prefix(CELL).unwrap_or(piece)) {
            Ok(cell) => cell,
            Err(reason) => {
                sink.skipped(reason, &shorten(&Element::parse(piece).text()));
                return Ok(());
            }
        };
        let first = cell.before.first().map_or("", String::as_str);
        let Some(words) = prefix.strip(first).or_else(|| (!cell.after.is_empty()).then_some(first))
        else {
            sink.skipped("activity that is no prompt", &shorten(first));
            return Ok(());
        };
        let mut lines = vec![words.to_owned()];
        lines.extend(cell.before.iter().skip(1).cloned());
        let when =
            cell.when.as_ref().map(|stamp| stamp.instant(&orders, options)).unwrap_or_default();
        if Known::key(words, when.said_at).is_some_and(|key| known.0.contains(&key)) {
            sink.skipped("activity that the JSON holds too", &shorten(words));
            return Ok(());
        }
        exchange(None, &with_files(&lines), &cell.after, &when, sink)
    })
}

/// Reads a cell of the page, from behind its mark.
fn cell(piece: &str) -> Result<Cell, &'static str> {
    let element = Element::parse(&format!("{CELL}{piece}"));
    let content = element.find(&|e| {
        e.has_classes(&["content-cell", "mdl-typography--body-1"])
            && !e.has_classes(&["mdl-typography--text-right"])
    });
    let Some(content) = content else { return Err("activity without content") };
    let about = element.find_all(&|e| {
        e.has_classes(&["header-cell"]) || e.has_classes(&["mdl-typography--caption"])
    });
    if !about.is_empty() && !about.iter().any(|e| names_gemini(&e.text())) {
        return Err("activity of another product");
    }
    let text = content.text();
    let lines: Vec<&str> = text.lines().collect();
    let found = lines.iter().enumerate().find_map(|(at, line)| {
        // A page that was reformatted can have broken the line.
        let next = lines.get(at + 1).map_or(String::new(), |next| format!("{line} {next}"));
        dates::Stamp::read(line).map(|stamp| (at, 1, stamp)).or_else(|| {
            dates::Stamp::read(next.trim()).filter(|_| !next.is_empty()).map(|stamp| (at, 2, stamp))
        })
    });
    let (at, length, when) = match found {
        Some((at, length, stamp)) => (at, length, Some(stamp)),
        // Without a time the first line is the prompt.
        None => (lines.len().min(1), 0, None),
    };
    let own = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    Ok(Cell {
        before: own(&lines[..at]),
        when,
        after: lines[at + length..].join("\n").trim().to_owned(),
    })
}

/// Returns a prompt with its files: they are listed below it, after a line that counts them.
fn with_files(lines: &[String]) -> String {
    const ITEM: &str = "-\u{2003}";
    let Some(first) = lines.iter().position(|line| line.starts_with(ITEM)) else {
        return lines.join("\n").trim().to_owned();
    };
    let counts = |line: &String| line.len() < 60 && line.chars().any(|c| c.is_ascii_digit());
    let said = if first > 1 && counts(&lines[first - 1]) { first - 1 } else { first };
    let files: Vec<String> = lines[first..]
        .iter()
        .map(|line| line.strip_prefix(ITEM).map_or_else(|| line.clone(), turns::file))
        .collect();
    turns::with_files(lines[..said].join("\n").trim().to_owned(), &files)
}

#[cfg(test)]
mod tests {
    use crate::import::testing::{error_of, options, read_as, read_path};
    use crate::import::{DateOrder, Options};
    use serde_json::json;

    fn activity(title: &str, time: &str, html: &str) -> serde_json::Value {
        let mut activity = json!({"header": "Gemini Apps", "title": title, "time": time, "products": ["Gemini Apps"]});
        if !html.is_empty() {
            activity["safeHtmlItem"] = json!([{"html": html}]);
        }
        activity
    }

    #[test]
    fn activities_in_json() {
        let mut with_file = activity("Prompted See this", "2024-01-01T10:00:01.5Z", "<p>A cat</p>");
        with_file["attachedFiles"] = json!(["cat.png"]);
        let sink = read_as("gemini", &json!([
            activity("Prompted Which tea?", "2024-01-01T10:00:02Z", "<p>Green.</p><ul><li>cheap</li></ul>"),
            with_file,
            activity("Gave feedback: good", "2024-01-01T10:00:00Z", ""),
            activity("Prompted unanswered", "2024-01-01T09:00:00Z", ""),
            {"header": "YouTube", "title": "Watched x", "time": "2024-01-01T10:00:00Z", "products": ["YouTube"]}]).to_string());
        assert_eq!(
            sink.said(),
            [
                "user: Which tea?",
                "assistant: Green.\ncheap",
                "user: See this\n[file: cat.png]",
                "assistant: A cat",
                "user: unanswered"
            ]
        );
        assert_eq!(sink.conversations.len(), 3);
        assert_eq!(sink.conversations[0].source_id.as_deref(), Some("2024-01-01T10:00:02Z"));
        assert_eq!(
            (
                sink.skipped["activity that is no prompt"],
                sink.skipped["activity of another product"]
            ),
            (1, 1)
        );
    }

    #[test]
    fn other_languages_are_read_by_what_their_titles_begin_with() {
        let sink = read_as(
            "gemini",
            &json!([
                activity("Gevraagd Eerste vraag", "2024-01-01T10:00:02Z", "a"),
                activity("Gevraagd Tweede vraag", "2024-01-01T10:00:01Z", "b"),
                activity("Feedback gegeven", "2024-01-01T10:00:00Z", "")
            ])
            .to_string(),
        );
        assert_eq!(
            sink.said(),
            ["user: Eerste vraag", "assistant: a", "user: Tweede vraag", "assistant: b"]
        );
    }

    fn page(cells: &[(&str, &str, &str)]) -> String {
        let cell = |(prompt, date, answer): &(&str, &str, &str)| {
            format!(
                "<div class=\"outer-cell mdl-cell mdl-cell--12-col mdl-shadow--2dp\"><div class=\"mdl-grid\"><div class=\"header-cell mdl-cell\"><p class=\"mdl-typography--title\">Gemini<br></p></div>\
                 <div class=\"content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1\">{prompt}<br>{date}<br>{answer}</div>\
                 <div class=\"content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1 mdl-typography--text-right\"></div></div></div>"
            )
        };
        let cells: String = cells.iter().map(cell).collect();
        format!(
            "<html><head><title>x</title></head><body><div class=\"mdl-grid\">{cells}</div></body></html>"
        )
    }

    #[test]
    fn pages() {
        let text = page(&[
            (
                "Prompted&nbsp;Which tea?<br>Or coffee?<br>Attached 1 file.<br>-&emsp;<a href=\"x\">a.png</a>",
                "Jan 2, 2026, 3:04:05\u{202F}PM CET",
                "<p>Green &amp; <b>white</b></p><div><div>deep</div></div>",
            ),
            ("Prompted&nbsp;Again", "Jan 1, 2026, 10:00:00 AM UTC", "<p>Yes</p>"),
            ("Used an Assistant feature", "Jan 1, 2026, 9:00:00 AM UTC", ""),
        ]);
        let sink = read_as("gemini", &text);
        assert_eq!(
            sink.said(),
            [
                "user: Which tea?\nOr coffee?\n[file: a.png]",
                "assistant: Green & white\ndeep",
                "user: Again",
                "assistant: Yes"
            ]
        );
        let (first, last) = sink.span();
        assert_eq!(first.map(|t| t.to_string()).as_deref(), Some("2026-01-01T10:00:00Z"));
        assert_eq!(last.map(|t| t.to_string()).as_deref(), Some("2026-01-02T14:04:05Z"));
        assert!(sink.conversations[0].turns[0].said_at_text.is_some());
        assert_eq!(sink.skipped["activity that is no prompt"], 1);
    }

    #[test]
    fn what_json_and_page_both_hold_is_taken_once() {
        let folder = tempfile::tempdir().unwrap();
        let json = json!([activity(
            "Prompted Which tea?\nOr coffee?",
            "2026-01-02T14:04:05.250Z",
            "<p>Green</p>"
        )]);
        let page = page(&[
            (
                "Prompted&nbsp;Which tea?<br>Or coffee?",
                "Jan 2, 2026, 3:04:05 PM CET",
                "<p>Green</p>",
            ),
            ("Prompted&nbsp;Which tea?", "Jan 1, 2026, 3:09:59 PM CET", "<p>Black</p>"),
        ]);
        std::fs::write(folder.path().join("MyActivity.json"), json.to_string()).unwrap();
        std::fs::write(folder.path().join("MyActivity.html"), page).unwrap();
        let (result, sink) = read_path(folder.path(), &options());
        assert_eq!(result.unwrap().files, 2);
        assert_eq!(
            sink.said(),
            [
                "user: Which tea?\nOr coffee?",
                "assistant: Green",
                "user: Which tea?",
                "assistant: Black"
            ]
        );
        assert_eq!(sink.skipped["activity that the JSON holds too"], 1);
    }

    #[test]
    fn wall_clock_takes_the_zone_and_the_order_that_are_given() {
        let text = page(&[
            ("Pokyn&nbsp;A", "03/04/2026 10:00:00", "a"),
            ("Pokyn&nbsp;B", "03/04/2026 09:00:00", "b"),
        ]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.html");
        std::fs::write(&path, text).unwrap();
        let given = Options {
            time_zone: jiff::tz::TimeZone::get("Europe/Prague").unwrap(),
            date_order: Some(DateOrder::DayFirst),
            ..options()
        };
        let (_, sink) = read_path(&path, &given);
        assert_eq!(sink.span().1.map(|t| t.to_string()).as_deref(), Some("2026-04-03T08:00:00Z"));
        assert_eq!(sink.said()[0], "user: A");
    }

    #[test]
    fn the_activity_of_other_products_says_which_file_is_wanted() {
        let other = json!([{"header": "YouTube", "title": "Watched x", "time": "2024-01-01T10:00:00Z", "products": ["YouTube"]}]);
        assert!(error_of(other.to_string().as_bytes()).contains("Gemini Apps/MyActivity"));
    }
}
