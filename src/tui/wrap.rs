//! Wraps styled text to a width in cells. Owns measuring and breaking; knows nothing of what the
//! text means. Everything that comes from outside is made visible here, on its way in.

use crate::conversation::{visible, visible_line};
use ratatui::buffer::CellWidth;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use std::borrow::Cow;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation;

/// How many code points a cell may hold at most: a flood of combining marks would draw over the
/// rows above and below.
const CELL_CHARS: usize = 16;

/// Styled text that may hold newlines, collected piece by piece.
#[derive(Debug, Default)]
pub struct Pieces {
    graphemes: Vec<Grapheme>,
}

#[derive(Debug, Clone)]
struct Grapheme {
    text: String,
    width: usize,
    style: Style,
}

impl Pieces {
    /// Appends text; newlines break lines.
    pub fn push(&mut self, text: &str, style: Style) -> &mut Self {
        self.push_safe(&visible(text), style)
    }

    /// Appends text on one line: newlines become spaces.
    pub fn push_line(&mut self, text: &str, style: Style) -> &mut Self {
        self.push_safe(&visible_line(text), style)
    }

    fn push_safe(&mut self, text: &str, style: Style) -> &mut Self {
        self.graphemes.extend(graphemes(text).map(|text| {
            let width = width(&text);
            Grapheme { text, width, style }
        }));
        self
    }

    /// The text on one line, cut to `limit` cells with an ellipsis.
    pub fn one_line(&self, limit: usize) -> Line<'static> {
        let mut cells = 0;
        let fits = self.graphemes.iter().take_while(|grapheme| {
            cells += grapheme.width;
            cells <= limit
        });
        let mut fits = fits.count();
        if fits == self.graphemes.len() {
            return line_of(&self.graphemes);
        }
        let mut left: usize = self.graphemes[..fits].iter().map(|grapheme| grapheme.width).sum();
        while fits > 0 && left >= limit {
            fits -= 1;
            left -= self.graphemes[fits].width;
        }
        let mut line = line_of(&self.graphemes[..fits]);
        if limit > 0 {
            let style = line.spans.last().map_or_else(Style::default, |span| span.style);
            line.spans.push(Span::styled("…", style));
        }
        line
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.graphemes.is_empty()
    }

    /// How many cells its longest line takes.
    pub fn widest(&self) -> usize {
        let lines = self.graphemes.split(|g| g.text == "\n");
        lines.map(|line| line.iter().map(|g| g.width).sum()).max().unwrap_or(0)
    }

    /// Breaks the text into lines of at most `width` cells: at spaces, beside wide characters,
    /// and inside of words that are longer than a line.
    pub fn wrap(&self, width: u16) -> Vec<Line<'static>> {
        let width = usize::from(width.max(1));
        let mut lines = Vec::new();
        for line in self.graphemes.split(|g| g.text == "\n") {
            let mut rest = line;
            loop {
                let (taken, next) = take(rest, width);
                lines.push(line_of(&rest[..taken]));
                rest = &rest[next..];
                if rest.is_empty() {
                    break;
                }
            }
        }
        lines
    }
}

/// How many graphemes fit on a line, and where the next line begins.
fn take(line: &[Grapheme], width: usize) -> (usize, usize) {
    let mut cells = 0;
    let mut fits = line.len();
    for (i, grapheme) in line.iter().enumerate() {
        cells += grapheme.width;
        if cells > width {
            fits = i;
            break;
        }
    }
    if fits == line.len() {
        return (fits, fits);
    }
    if line[fits].text == " " {
        return (fits, fits + 1);
    }
    let breaks = |i: &usize| may_break(&line[*i - 1].text, &line[*i].text);
    let at = (1..=fits).rev().find(breaks).unwrap_or(fits);
    // A grapheme wider than the line stands alone; the buffer clips it.
    let at = at.max(1);
    let end = if line[at - 1].text == " " { at - 1 } else { at };
    (if end == 0 { at } else { end }, at)
}

/// Whether a line may end between two clusters: at a space, and beside wide characters, though a mark
/// that opens is not the last on a line, and one that closes not the first.
fn may_break(before: &str, after: &str) -> bool {
    const OPENS: &str = "“‘«‹([{„‚「『【〔〈《（［｛";
    const CLOSES: &str = "”’»›)]},.!?:;…、。，．！？：；」』】〕〉》）］｝％ーゝゞ々";
    let is_of =
        |cluster: &str, marks: &str| cluster.chars().next().is_some_and(|c| marks.contains(c));
    before == " "
        || (width(before) > 1 || width(after) > 1) && !is_of(before, OPENS) && !is_of(after, CLOSES)
}

/// A text as it is drawn. A half-wide kana and its mark take two cells, but ratatui counts three; the
/// full-wide kana that stands for both takes two everywhere.
pub fn drawn(text: &str) -> Cow<'_, str> {
    if !text.contains(['\u{ff9e}', '\u{ff9f}']) {
        return Cow::Borrowed(text);
    }
    let clusters = text.graphemes(true).map(|cluster| match cluster.chars().last() {
        Some('\u{ff9e}') if cluster.len() == '\u{ff9e}'.len_utf8() => "゛".to_owned(),
        Some('\u{ff9f}') if cluster.len() == '\u{ff9f}'.len_utf8() => "゜".to_owned(),
        Some('\u{ff9e}' | '\u{ff9f}')
            if cluster.starts_with(|c| ('\u{ff66}'..='\u{ff9d}').contains(&c)) =>
        {
            cluster.nfkc().collect()
        }
        _ => cluster.to_owned(),
    });
    Cow::Owned(clusters.collect())
}

fn line_of(graphemes: &[Grapheme]) -> Line<'static> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    for grapheme in graphemes {
        match spans.last_mut() {
            Some(last) if last.style == grapheme.style => {
                last.content.to_mut().push_str(&grapheme.text);
            }
            _ => spans.push(Span::styled(grapheme.text.clone(), grapheme.style)),
        }
    }
    Line::from(spans)
}

/// The grapheme clusters of visible text; tabs become four spaces.
fn graphemes(text: &str) -> impl Iterator<Item = String> {
    text.graphemes(true).flat_map(|cluster| {
        let (count, text) = match cluster {
            "\t" => (4, " ".to_owned()),
            _ => (1, cluster.chars().take(CELL_CHARS).collect()),
        };
        std::iter::repeat_n(text, count)
    })
}

/// Returns how many cells a text takes as it is drawn; control characters are not drawn.
pub fn width(text: &str) -> usize {
    text.graphemes(true)
        .filter(|cluster| !cluster.contains(char::is_control))
        .map(|cluster| usize::from(drawn(cluster).as_ref().cell_width()))
        .sum()
}

/// Returns how many cells a text takes where tabs are drawn as four spaces.
pub fn width_with_tabs(text: &str) -> usize {
    width(text) + 4 * text.matches('\t').count()
}

/// The rows into which a line of visible text breaks, as ranges of its bytes that leave nothing
/// out: a text that is edited keeps the spaces at which it breaks.
pub fn rows(line: &str, width: usize) -> Vec<Range<usize>> {
    let width = width.max(1);
    let whole = 0..line.len();
    if line.len() <= width && line.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        return Vec::from([whole]);
    }
    let mut rows = Vec::new();
    let (mut start, mut cells) = (0, 0);
    // The last place where the row may break, and the cells up to there.
    let mut last: Option<(usize, usize)> = None;
    let mut before = "";
    for (at, cluster) in line.grapheme_indices(true) {
        let wide = width_with_tabs(cluster);
        if at > start && may_break(before, cluster) {
            last = Some((at, cells));
        }
        while cells + wide > width && at > start {
            let (end, held) = last.take().unwrap_or((at, cells));
            rows.push(start..end);
            start = end;
            cells -= held;
        }
        cells += wide;
        before = cluster;
    }
    rows.push(start..line.len());
    rows
}

/// Returns the text on one line, made visible and cut to `limit` cells with an ellipsis.
pub fn cut(text: &str, limit: usize) -> String {
    let text = visible_line(text);
    let mut out = String::new();
    let mut cells = 0;
    let mut end = 0;
    for cluster in graphemes(&text) {
        cells += width(&cluster);
        if cells > limit {
            out.truncate(end);
            if limit > 0 {
                out.push('…');
            }
            return out;
        }
        out.push_str(&cluster);
        if cells < limit {
            end = out.len();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str, width: u16) -> Vec<String> {
        let mut pieces = Pieces::default();
        pieces.push(text, Style::new());
        pieces.wrap(width).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn breaks_between_words() {
        assert_eq!(lines("one two three", 7), ["one two", "three"]);
        assert_eq!(lines("one two three", 8), ["one two", "three"]);
        assert_eq!(lines("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(lines("a\n\nb", 5), ["a", "", "b"]);
        assert_eq!(lines("日本語です", 5), ["日本", "語で", "す"]);
        assert_eq!(lines("", 5), [""]);
        // A mark that closes is not the first on a line, one that opens not the last.
        assert_eq!(lines("他说“好”", 7), ["他说", "“好”"]);
        assert_eq!(lines("日本語。", 6), ["日本", "語。"]);
        assert_eq!(lines("日本「語」", 6), ["日本", "「語」"]);
        assert_eq!(lines("\u{1b}[2J", 9), ["␛[2J"]);
    }

    #[test]
    fn half_wide_kana_take_the_cells_that_a_terminal_gives_them() {
        for (text, cells, shown) in
            [("ｶﾞ", 2, "ガ"), ("ﾊﾟﾝ", 3, "パﾝ"), ("ｱﾞ", 2, "ア\u{3099}"), ("aﾞ", 3, "aﾞ"), ("ｶ", 1, "ｶ")]
        {
            assert_eq!((width(text), drawn(text).as_ref()), (cells, shown), "{text}");
        }
    }

    #[test]
    fn cuts_with_an_ellipsis() {
        assert_eq!(cut("hello", 5), "hello");
        assert_eq!(cut("hello there", 6), "hello…");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("hello", 0), "");
    }

    #[test]
    fn rows_leave_nothing_out() {
        for (text, width, expected) in [
            ("one two three", 8, vec!["one two ", "three"]),
            ("one two three", 7, vec!["one ", "two ", "three"]),
            ("abcdefgh", 3, vec!["abc", "def", "gh"]),
            ("日本語", 5, vec!["日本", "語"]),
            ("a日本", 2, vec!["a", "日", "本"]),
            ("他说“好”", 7, vec!["他说", "“好”"]),
            ("日本語。", 6, vec!["日本", "語。"]),
            ("", 4, vec![""]),
        ] {
            let found: Vec<_> = rows(text, width).into_iter().map(|row| &text[row]).collect();
            assert_eq!(found, expected, "{text:?} at {width}");
        }
    }

    proptest! {
        #[test]
        fn rows_fit(text in "[a-c \\t日👩\u{301}]{0,60}", limit in 4_usize..20) {
            let rows = rows(&text, limit);
            prop_assert_eq!(rows.iter().map(|row| &text[row.clone()]).collect::<String>(), &text[..]);
            for row in rows {
                prop_assert!(width_with_tabs(&text[row.clone()]) <= limit, "{:?}", &text[row]);
            }
        }

        #[test]
        fn no_line_is_too_wide(text in "\\PC{0,80}", limit in 2_u16..40) {
            for line in lines(&text, limit) {
                // A single cluster may be wider than a narrow window; the buffer leaves it out.
                let alone = line.graphemes(true).count() == 1;
                prop_assert!(alone || width(&line) <= usize::from(limit), "{line:?}");
            }
            prop_assert!(width(&cut(&text, usize::from(limit))) <= usize::from(limit));
        }
    }
}
