//! Markdown as lines: headings, lists, tables, quotes, code, links. Newlines stay where they were
//! written; what is no markdown is shown as it is. Everything goes through `Pieces`, so nothing
//! reaches the terminal raw.

use super::code::highlight;
use super::table::Table;
use crate::tui::theme::Theme;
use crate::tui::wrap::{Pieces, cut, width as cells};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

/// Longer texts are shown as they were written: they must not hold up a frame.
const LONGEST: usize = 64_000;
/// Deeper lists and quotes are not indented further.
const DEEPEST: usize = 8;

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS
}

/// Returns a text as lines of at most `width` cells. Of the numbers in brackets those up to
/// `sources` name a source.
pub fn lines(text: &str, sources: usize, width: u16, theme: &Theme) -> Vec<Line<'static>> {
    let text = text.trim_end();
    if theme.raw || text.len() > LONGEST {
        let mut pieces = Pieces::default();
        cited(&mut pieces, text, sources, theme.text, theme);
        return pieces.wrap(width);
    }
    let mut renderer = Renderer::new(sources, width, theme);
    for event in Parser::new_ext(text, options()) {
        renderer.take(event);
    }
    renderer.flush();
    renderer.lines
}

/// Whether a text is meant as markdown even where people wrote it: it holds fenced code.
pub fn is_likely(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with("```"))
}

/// The code in a text, without its fences; blocks are apart by an empty line.
pub fn code_of(text: &str) -> String {
    let mut code = String::new();
    let mut inside = false;
    for event in Parser::new_ext(text, options()) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => {
                inside = true;
                if !code.is_empty() {
                    code.push('\n');
                }
            }
            Event::End(TagEnd::CodeBlock) => inside = false,
            Event::Text(text) if inside => code.push_str(&text),
            _ => {}
        }
    }
    code
}

/// Appends a text in which the numbers of sources stand out.
pub fn cited(pieces: &mut Pieces, text: &str, sources: usize, style: Style, theme: &Theme) {
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        let inside = &rest[at + 1..];
        let number = inside.find(']').filter(|end| {
            inside[..*end].parse::<usize>().is_ok_and(|number| (1..=sources).contains(&number))
        });
        let Some(end) = number else {
            pieces.push(&rest[..=at], style);
            rest = inside;
            continue;
        };
        pieces.push(&rest[..at], style);
        pieces.push(&rest[at..at + end + 2], theme.source);
        rest = &inside[end + 1..];
    }
    pieces.push(rest, style);
}

/// What stands before the lines of a list's item or a quote.
struct Prefix {
    /// Before the first line, until it is drawn.
    first: Option<String>,
    rest: String,
}

struct Renderer<'a> {
    theme: &'a Theme,
    sources: usize,
    width: u16,
    lines: Vec<Line<'static>>,
    prefixes: Vec<Prefix>,
    /// The number of the next item of each open list; `None` where it has none.
    lists: Vec<Option<u64>>,
    inline: Pieces,
    styles: Vec<Style>,
    /// The address and the text of the open link.
    link: Option<(String, String)>,
    /// The language and the text of the open code.
    code: Option<(String, String)>,
    table: Option<Table>,
}

impl<'a> Renderer<'a> {
    fn new(sources: usize, width: u16, theme: &'a Theme) -> Self {
        Self {
            theme,
            sources,
            width,
            lines: Vec::new(),
            prefixes: Vec::new(),
            lists: Vec::new(),
            inline: Pieces::default(),
            styles: Vec::new(),
            link: None,
            code: None,
            table: None,
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                let style = self.style().patch(self.theme.code);
                self.push(&text, style);
            }
            Event::Html(text) | Event::InlineHtml(text) => {
                let style = self.style();
                self.push(&text, style);
            }
            Event::SoftBreak | Event::HardBreak => {
                let style = self.style();
                self.push(if self.table.is_some() { " " } else { "\n" }, style);
            }
            Event::Rule => {
                self.gap();
                let rule = "─".repeat(usize::from(self.room()));
                self.emit(vec![Line::styled(rule, self.theme.quiet)]);
            }
            Event::TaskListMarker(done) => {
                let style = self.style();
                self.push(if done { "☑ " } else { "☐ " }, style);
            }
            Event::FootnoteReference(name) => {
                let style = self.style();
                self.push(&format!("[^{name}]"), style);
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let theme = self.theme;
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.gap(),
            Tag::Heading { level, .. } => {
                self.gap();
                let style = match level {
                    HeadingLevel::H1 | HeadingLevel::H2 => {
                        theme.title.add_modifier(Modifier::UNDERLINED)
                    }
                    _ => theme.title,
                };
                self.styles.push(style);
            }
            Tag::BlockQuote(_) => {
                self.gap();
                self.indent(None, "▌ ");
            }
            Tag::CodeBlock(kind) => {
                self.gap();
                let language = match kind {
                    CodeBlockKind::Fenced(language) => {
                        language.split([' ', ',']).next().unwrap_or_default().to_owned()
                    }
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((language, String::new()));
            }
            Tag::List(first) => {
                self.flush();
                if self.lists.is_empty() {
                    self.gap();
                }
                self.lists.push(first);
            }
            Tag::Item => {
                let marker = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "• ".to_owned(),
                };
                let rest = " ".repeat(cells(&marker));
                self.indent(Some(marker), &rest);
            }
            Tag::Table(_) => {
                self.gap();
                self.table = Some(Table::default());
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.begin_row();
                }
            }
            Tag::TableCell => self.inline = Pieces::default(),
            Tag::Emphasis => self.also(Modifier::ITALIC),
            Tag::Strong => self.also(Modifier::BOLD),
            Tag::Strikethrough => self.also(Modifier::CROSSED_OUT),
            Tag::Link { dest_url, .. } => {
                self.link = Some((dest_url.to_string(), String::new()));
                self.also(Modifier::UNDERLINED);
            }
            Tag::Image { dest_url, .. } => {
                let style = self.style();
                self.push("[picture: ", style);
                self.link = Some((dest_url.to_string(), String::new()));
                self.also(Modifier::ITALIC);
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.flush(),
            TagEnd::Heading(_) => {
                self.flush();
                self.styles.pop();
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.prefixes.pop();
            }
            TagEnd::CodeBlock => self.code_block(),
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Item => {
                self.flush();
                // An item without any text still shows its mark.
                if self.prefixes.last().is_some_and(|prefix| prefix.first.is_some()) {
                    self.emit(vec![Line::default()]);
                }
                self.prefixes.pop();
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.inline);
                if let Some(table) = &mut self.table {
                    table.push(cell);
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    let lines = table.lines(self.room(), self.theme);
                    self.emit(lines);
                }
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.styles.pop();
            }
            TagEnd::Link | TagEnd::Image => {
                self.styles.pop();
                let style = self.style();
                if tag == TagEnd::Image {
                    self.push("]", style);
                }
                if let Some((address, text)) = self.link.take()
                    && address != text
                    && address != format!("mailto:{text}")
                    && !address.is_empty()
                {
                    self.push(&format!(" ({address})"), self.theme.quiet);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, code)) = &mut self.code {
            code.push_str(text);
            return;
        }
        if let Some((_, shown)) = &mut self.link {
            shown.push_str(text);
        }
        let style = self.style();
        cited(&mut self.inline, text, self.sources, style, self.theme);
    }

    fn push(&mut self, text: &str, style: Style) {
        self.inline.push(text, style);
    }

    fn style(&self) -> Style {
        self.styles.last().copied().unwrap_or(self.theme.text)
    }

    fn also(&mut self, modifier: Modifier) {
        self.styles.push(self.style().add_modifier(modifier));
    }

    fn indent(&mut self, first: Option<String>, rest: &str) {
        self.flush();
        self.prefixes.push(Prefix { first, rest: rest.to_owned() });
    }

    /// How many cells are left beside the prefixes.
    fn room(&self) -> u16 {
        let taken: usize = self.prefixes.iter().take(DEEPEST).map(|p| cells(&p.rest)).sum();
        self.width.saturating_sub(u16::try_from(taken).unwrap_or(u16::MAX)).max(1)
    }

    /// Draws what was collected.
    fn flush(&mut self) {
        if !self.inline.is_empty() {
            let inline = std::mem::take(&mut self.inline);
            let lines = inline.wrap(self.room());
            self.emit(lines);
        }
    }

    /// An empty line between blocks.
    fn gap(&mut self) {
        self.flush();
        let begins = self.prefixes.last().is_some_and(|prefix| prefix.first.is_some());
        let is_blank = |line: &Line<'_>| line.spans.iter().all(|s| s.content.trim().is_empty());
        if !begins && self.lines.last().is_some_and(|line| !is_blank(line)) {
            self.emit(vec![Line::default()]);
        }
    }

    /// Appends lines behind their prefixes.
    fn emit(&mut self, lines: Vec<Line<'static>>) {
        for mut line in lines {
            let mut spans: Vec<Span<'static>> = Vec::new();
            for prefix in self.prefixes.iter_mut().take(DEEPEST) {
                let text = prefix.first.take().unwrap_or_else(|| prefix.rest.clone());
                spans.push(Span::styled(text, self.theme.quiet));
            }
            // Deeper marks are not drawn, and must not wait for a line.
            for prefix in self.prefixes.iter_mut().skip(DEEPEST) {
                prefix.first = None;
            }
            spans.append(&mut line.spans);
            line.spans = spans;
            self.lines.push(line);
        }
    }

    /// Draws code between two rules. Nothing stands before its lines, so that they can be copied
    /// from the screen as they are.
    fn code_block(&mut self) {
        let Some((language, code)) = self.code.take() else { return };
        let room = self.room();
        let rule =
            |text: String| vec![Line::styled(cut(&text, usize::from(room)), self.theme.quiet)];
        let (above, below) = (rule(format!("── {language}")), rule("──".to_owned()));
        let mut lines = above;
        for line in highlight(&code, &language, self.theme) {
            let mut pieces = Pieces::default();
            for (text, style) in line {
                pieces.push(text, style);
            }
            lines.extend(pieces.wrap(room));
        }
        lines.extend(below);
        self.emit(lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, width: u16, expected: &[&str]) {
        let shown = lines(text, 2, width, &Theme::ansi());
        let shown: Vec<String> =
            shown.iter().map(|line| line.to_string().trim_end().to_owned()).collect();
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn blocks() {
        check("# One\ntwo\nthree\n\nfour", 20, &["One", "", "two", "three", "", "four"]);
        check("- a b c\n- d\n  1. e\n  2. f", 7, &["• a b c", "• d", "  1. e", "  2. f"]);
        check("- a b c d", 6, &["• a b", "  c d"]);
        check("> said\n> so\n\nyes", 20, &["▌ said", "▌ so", "", "yes"]);
        check("- [x] done\n- [ ] not", 20, &["• ☑ done", "• ☐ not"]);
        check("a\n\n---\n\nb", 3, &["a", "", "───", "", "b"]);
        check("-\n- b", 9, &["•", "• b"]);
    }

    #[test]
    fn code_stands_without_decoration() {
        check(
            "so:\n```rust\nfn f() {\n    g()\n}\n```",
            20,
            &["so:", "", "── rust", "fn f() {", "    g()", "}", "──"],
        );
        assert_eq!(code_of("a\n```\nx\ny\n```\nb\n```sh\nz\n```"), "x\ny\n\nz\n");
    }

    #[test]
    fn inline() {
        check("**b** _i_ `c` ~~d~~ [1] [9]", 40, &["b i c d [1] [9]"]);
        let at = "see [it](https://a.example) or <https://b.example>";
        check(at, 60, &["see it (https://a.example) or https://b.example"]);
        check("![a tree](t.png)", 40, &["[picture: a tree] (t.png)"]);
        check("<b>x</b> & y", 40, &["<b>x</b> & y"]);
        check("a\x1b[2Jb\n```\n\u{202e}x\n```", 30, &["a␛[2Jb", "", "──", "‹U+202E›x", "──"]);
    }

    proptest! {
        #[test]
        fn nothing_is_too_wide_and_nothing_panics(
            text in "([-#>|*_`\\[\\]() \\n0-9a-c日]|```|- |> |\\| ){0,80}",
            width in 4_u16..40,
        ) {
            for line in lines(&text, 3, width, &Theme::ansi()) {
                // Marks of lists and quotes may fill a narrow window; the buffer clips them.
                let marks: usize = line.spans.iter().take(DEEPEST).map(|s| cells(&s.content)).sum();
                let whole = cells(&line.to_string());
                prop_assert!(whole <= usize::from(width).max(marks + 2), "{line}");
            }
        }
    }
}
