//! Code in colours: which part of a line is a keyword, a string, a comment. The colours are the
//! theme's, so that the terminal's palette rules here as well.

use crate::tui::theme::Theme;
use ratatui::style::Style;
use std::sync::OnceLock;
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

/// Longer code is shown without colours: it must not hold up a frame.
const LONGEST: usize = 16_000;

/// A purpose of the theme.
type Look = fn(&Theme) -> Style;

/// What the parts of code are called in the grammars, and how they look.
const CLASSES: &[(&str, Look)] = &[
    ("comment", |theme| theme.quiet),
    ("string", |theme| theme.string),
    ("constant", |theme| theme.number),
    ("keyword", |theme| theme.keyword),
    ("storage", |theme| theme.keyword),
    ("entity", |theme| theme.name),
    ("support", |theme| theme.name),
    ("variable.function", |theme| theme.name),
    ("markup.inserted", |theme| theme.good),
    ("markup.deleted", |theme| theme.bad),
];

static GRAMMARS: OnceLock<SyntaxSet> = OnceLock::new();

fn grammars() -> &'static SyntaxSet {
    GRAMMARS.get_or_init(two_face::syntax::extra_newlines)
}

/// Reads the grammars ahead of the first code, so that it does not wait for them.
pub fn warm() {
    grammars();
}

fn classes() -> &'static [(Scope, Look)] {
    static SCOPES: OnceLock<Vec<(Scope, Look)>> = OnceLock::new();
    SCOPES.get_or_init(|| {
        CLASSES.iter().filter_map(|(name, style)| Some((Scope::new(name).ok()?, *style))).collect()
    })
}

/// Returns the pieces of each line of code with their styles.
pub fn highlight<'a>(code: &'a str, language: &str, theme: &Theme) -> Vec<Vec<(&'a str, Style)>> {
    let plain = || code.lines().map(|line| vec![(line, theme.text)]).collect();
    if language.is_empty() || code.len() > LONGEST {
        return plain();
    }
    let Some(syntax) = grammars().find_syntax_by_token(language) else { return plain() };
    let mut state = ParseState::new(syntax);
    let mut stack = ScopeStack::new();
    let mut lines = Vec::new();
    for line in code.split_inclusive('\n') {
        // A grammar that fails is no reason to hide the code.
        let Ok(changes) = state.parse_line(line, grammars()) else { return plain() };
        let text = line.trim_end_matches(['\n', '\r']);
        let mut pieces = Vec::new();
        let mut from = 0;
        for (at, change) in changes {
            let at = at.min(text.len());
            if at > from {
                pieces.push((&text[from..at], style_of(&stack, theme)));
                from = at;
            }
            if stack.apply(&change).is_err() {
                return plain();
            }
        }
        if from < text.len() {
            pieces.push((&text[from..], style_of(&stack, theme)));
        }
        lines.push(pieces);
    }
    lines
}

fn style_of(stack: &ScopeStack, theme: &Theme) -> Style {
    let of = |scope: &Scope| classes().iter().find(|(class, _)| class.is_prefix_of(*scope));
    stack.scopes.iter().rev().find_map(of).map_or(theme.text, |(_, style)| style(theme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_code_have_their_styles() {
        let theme = Theme::ansi();
        let lines = highlight("let x = \"a\"; // why\nfn f() { 1 }\n", "rust", &theme);
        assert_eq!(lines.len(), 2);
        let style = |line: usize, text: &str| {
            lines[line].iter().find(|(piece, _)| piece.contains(text)).map(|(_, style)| *style)
        };
        assert_eq!(style(0, "a"), Some(theme.string));
        assert_eq!(style(0, "why"), Some(theme.quiet));
        assert_eq!(style(1, "1"), Some(theme.number));
        for (language, code) in [("no such language", "a b"), ("", "a b"), ("sh", "")] {
            let text: String =
                highlight(code, language, &theme).iter().flatten().map(|(text, _)| *text).collect();
            assert_eq!(text, code);
        }
    }
}
