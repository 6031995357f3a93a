//! The lines of a text, with what stands inside of code fences told apart.

/// A line, and whether it is inside of a code fence or is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'t> {
    /// The line without its end.
    pub(super) text: &'t str,
    /// Whether it is code.
    pub(super) code: bool,
}

/// Returns the lines of a text. A fence that is never closed is no fence: a cut-off answer must not
/// swallow the rest of the file.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = text.lines().map(|text| Line { text, code: false }).collect();
    let mut at = 0;
    let mut closed_by = Closings::of(&lines);
    while at < lines.len() {
        let Some((mark, length)) = opening(lines[at].text) else {
            at += 1;
            continue;
        };
        match closed_by.after(at, mark, length) {
            Some(end) => {
                for line in &mut lines[at..=end] {
                    line.code = true;
                }
                at = end + 1;
            }
            None => at += 1,
        }
    }
    lines
}

/// Returns the mark and its length where a line opens a fence.
fn opening(line: &str) -> Option<(char, usize)> {
    let indented = line.trim_start_matches(' ');
    if line.len() - indented.len() > 3 {
        return None;
    }
    let mark = indented.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let rest = indented.trim_start_matches(mark);
    let length = indented.len() - rest.len();
    (length >= 3 && !(mark == '`' && rest.contains('`'))).then_some((mark, length))
}

/// The lines that can close a fence, in order, so that looking ahead stays cheap.
struct Closings {
    lines: Vec<(usize, char, usize)>,
    /// A fence that nothing closed; a longer one of its mark below is not closed either.
    unclosed: Vec<(char, usize)>,
}

impl Closings {
    fn of(lines: &[Line<'_>]) -> Self {
        let closing = |(at, line): (usize, &Line<'_>)| {
            let (mark, length) = opening(line.text)?;
            line.text.trim().chars().all(|c| c == mark).then_some((at, mark, length))
        };
        Self { lines: lines.iter().enumerate().filter_map(closing).collect(), unclosed: Vec::new() }
    }

    fn after(&mut self, at: usize, mark: char, length: usize) -> Option<usize> {
        if self.unclosed.iter().any(|(m, l)| *m == mark && *l <= length) {
            return None;
        }
        let from = self.lines.partition_point(|(line, ..)| *line <= at);
        let found = self.lines[from..].iter().find(|(_, m, l)| *m == mark && *l >= length);
        if found.is_none() {
            self.unclosed.push((mark, length));
        }
        found.map(|(line, ..)| *line)
    }
}

/// Returns the level and the text of a heading.
pub(super) fn heading(line: Line<'_>) -> Option<(usize, &str)> {
    if line.code {
        return None;
    }
    let rest = line.text.trim_start_matches('#');
    let level = line.text.len() - rest.len();
    let spaced = rest.starts_with([' ', '\t']);
    ((1..=6).contains(&level) && spaced)
        .then(|| (level, rest.trim().trim_end_matches('#').trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, code: &str) {
        let marks: String = lines(text).iter().map(|l| if l.code { 'x' } else { '.' }).collect();
        assert_eq!(marks, code, "{text}");
    }

    #[test]
    fn tells_code() {
        check("a\n```\n# b\n```\nc", ".xxx.");
        check("a\n````md\n```\n# b\n```\n````\nc", ".xxxxx.");
        check("~~~\n```\n~~~\n# d", "xxx.");
        check("a\n```python\n# b", "...");
        check("inline ``` is none\n# b", "..");
        check("    ```\n# b\n    ```", "...");
    }

    #[test]
    fn headings() {
        let plain = |text| heading(Line { text, code: false });
        assert_eq!(plain("## Prompt ##"), Some((2, "Prompt")));
        assert_eq!(plain("#hashtag"), None);
        assert_eq!(plain("####### seven"), None);
        assert_eq!(heading(Line { text: "# a", code: true }), None);
    }
}
