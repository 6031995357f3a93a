//! HTML: one page that holds everything it needs, to be read and searched in a browser.
//!
//! What was said is hostile: it is escaped wherever it stands, and the page's policy lets run no
//! script but its own and load nothing at all, so that markup which slipped through would do nothing.

use super::{About, Exporter, Shown, left_out, marks, time};
use crate::conversation::{SessionRecord, TurnRecord, visible, visible_line};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::io::{self, Write};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// How many colours speakers have; `page.css` names them.
const VOICES: u32 = 6;

/// Writes the page.
#[derive(Debug)]
pub(super) struct Html {
    shown: Shown,
    turns: u64,
    left_out: u64,
}

impl Html {
    pub(super) fn new(shown: Shown) -> Self {
        Self { shown, turns: 0, left_out: 0 }
    }
}

impl Exporter for Html {
    fn begin(&mut self, about: &About, out: &mut dyn Write) -> io::Result<()> {
        let what = match &about.query {
            Some(query) => format!("Found for “{}”", escaped(query)),
            None => "Conversations".to_owned(),
        };
        write!(
            out,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n<title>{what} · recount</title>\n\
             <style>{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{what} \
             <small>exported {}</small></h1>\n<form role=\"search\"><input type=\"search\" disabled \
             placeholder=\"Search (/)\" aria-label=\"Search\"><output></output></form>\
             \n</header>\n<main>\n",
            hash(STYLE),
            hash(SCRIPT),
            time(about.exported_at),
        )
    }

    fn session(&mut self, record: &SessionRecord, out: &mut dyn Write) -> io::Result<()> {
        let session = &record.session;
        self.left_out = 0;
        write!(
            out,
            "<section id=\"s{}\">\n<details open><summary><h2>{}</h2></summary>\n<p class=\"about\">",
            session.id,
            escaped_line(&session.display_title()),
        )?;
        write!(out, "{}", escaped_line(&session.source))?;
        if let Some(at) = session.first_said_at {
            write!(out, " · {}", time(at))?;
        }
        write!(out, " · session {}", session.id)?;
        for tag in &session.tags {
            write!(out, " <span class=\"tag\">{}</span>", escaped_line(tag))?;
        }
        out.write_all(b"</p>\n")
    }

    fn holds(&self, record: &TurnRecord) -> bool {
        self.shown.holds(record)
    }

    fn turn(&mut self, record: &TurnRecord, out: &mut dyn Write) -> io::Result<()> {
        if !self.holds(record) {
            self.left_out += 1;
            return Ok(());
        }
        self.turns += 1;
        let turn = &record.turn;
        let marks = marks(record);
        let plain = turn.kind.is_said() && record.on_active_path;
        write!(
            out,
            "<article id=\"t{0}\" class=\"v{1}{2}\"><header><b>{3}</b>",
            turn.id,
            voice(&turn.speaker),
            if plain { "" } else { " aside" },
            escaped_line(&turn.speaker),
        )?;
        if let Some(at) = turn.said_at {
            write!(out, "<time datetime=\"{at}\">{}</time>", time(at))?;
        }
        for mark in &marks {
            write!(out, "<span class=\"mark\">{mark}</span>")?;
        }
        write!(
            out,
            "<a href=\"#t{0}\" aria-label=\"Link to turn {0}\">#{0}</a></header><div class=\"text\">{1}</div>",
            turn.id,
            escaped(&turn.text),
        )?;
        if !record.quotations.is_empty() {
            out.write_all(b"<ol>")?;
            for quotation in &record.quotations {
                write!(
                    out,
                    "<li value=\"{}\"><a href=\"#t{}\">“{}”</a></li>",
                    quotation.number,
                    quotation.turn,
                    escaped(&quotation.quote),
                )?;
            }
            out.write_all(b"</ol>")?;
        }
        out.write_all(b"</article>\n")
    }

    fn end_session(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.left_out > 0 {
            writeln!(out, "<p class=\"about\">{}</p>", left_out(self.left_out))?;
        }
        out.write_all(b"</details>\n</section>\n")
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        write!(
            out,
            "</main>\n<data hidden id=\"turns\">{}</data>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
            self.turns
        )
    }
}

/// The hash by which a policy names an inline style or script.
fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}

/// The same colour for the same name.
fn voice(speaker: &str) -> u32 {
    speaker.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)))
        % VOICES
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + text.len() / 8);
    for c in visible(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

fn escaped_line(text: &str) -> Cow<'static, str> {
    Cow::Owned(escaped(&visible_line(text)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{about, answer, export, session, turn};
    use super::*;

    const HOSTILE: &str = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\
                           ]]> <!-- \" ' onmouseover=\"x &lt; \u{202e}\u{1b}[31m";

    #[test]
    fn what_was_said_never_becomes_markup() {
        let mut hostile = session(1, Some(HOSTILE));
        hostile.session.source = HOSTILE.into();
        hostile.session.tags = vec![HOSTILE.into()];
        let mut cited = answer(2, 1);
        cited.quotations[0].quote = HOSTILE.into();
        let turns = vec![turn(1, HOSTILE, HOSTILE), cited];
        let mut page = Html::new(Shown::default());
        let text = export(&mut page, &[(hostile, turns)]);
        // What is between tags holds no bracket, and every tag is one of ours.
        let ours = [
            "!doctype", "html", "head", "meta", "title", "style", "body", "header", "h1", "small",
            "form", "input", "output", "main", "data", "section", "details", "summary", "h2", "p",
            "span", "article", "b", "time", "a", "div", "ol", "li", "script",
        ];
        let body = text.replace(STYLE, "").replace(SCRIPT, "");
        for piece in body.split('<').skip(1) {
            let name: String = piece
                .trim_start_matches('/')
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '!')
                .collect();
            assert!(ours.contains(&name.as_str()), "<{piece}");
        }
        assert_eq!(body.matches("<script>").count(), 1);
        assert!(!body.contains("<img") && !body.contains('\u{1b}') && !body.contains('\u{202e}'));
        assert!(!body.contains("onmouseover=\""));
    }

    #[test]
    fn the_policy_names_the_style_and_the_script_that_stand_there() {
        let text = export(&mut Html::new(Shown::default()), &[]);
        for (tag, what) in [("style", "style-src"), ("script", "script-src")] {
            let (_, rest) = text.split_once(&format!("<{tag}>")).unwrap();
            let (inline, _) = rest.split_once(&format!("</{tag}>")).unwrap();
            assert!(text.contains(&format!("{what} 'sha256-{}'", hash(inline))), "{tag}");
        }
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
        assert!(!text.contains("http://") && !text.contains("https://"));
    }

    #[test]
    fn a_query_stands_in_the_title() {
        let mut about = about();
        about.query = Some("<b>rye".into());
        let mut out = Vec::new();
        Html::new(Shown::default()).begin(&about, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("<title>Found for “&lt;b&gt;rye” · recount</title>"), "{text}");
    }
}
