//! Why a hit was found: its signals, in words. The numbers themselves are what `recount search
//! --explain` prints.

use super::super::bar;
use super::found;
use crate::conversation::{Kind, name_of};
use crate::evidence::Hit;
use crate::language;
use crate::tui::theme::Theme;
use crate::tui::wrap::cut;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// One thing that speaks for a hit, or against it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reason {
    /// What, in words.
    text: String,
    /// How much, from 0 to 1; negative where it speaks against the hit.
    share: f32,
}

/// What speaks for a hit and against it, the strongest first.
pub(super) fn reasons(hit: &Hit, looked_for: &str) -> Vec<Reason> {
    let signals = &hit.signals;
    let mut reasons = Vec::new();
    if looked_for.is_empty() {
        return vec![Reason { text: "matches the filters".to_owned(), share: 1.0 }];
    }
    let mut add = |text: &str, share: f32| {
        reasons.push(Reason { text: text.to_owned(), share: share.clamp(-1.0, 1.0) });
    };
    if signals.phrase > 0.0 {
        add("contains the quoted phrase", 1.0);
    }
    if signals.coverage > 0.0 {
        add(&words_found(hit, looked_for, signals.coverage), signals.coverage);
    } else if signals.words_around > 0.5 {
        add("nearby turns contain the words", signals.words_around / 3.0);
    }
    if signals.pairs > 0.3 || (signals.proximity > 0.6 && signals.coverage > 0.3) {
        add("the words are close together", signals.pairs.max(signals.proximity) * 0.6);
    }
    match signals.cosine {
        cosine if cosine >= 0.6 => add("means nearly the same", cosine),
        cosine if cosine >= 0.4 => add("has a similar meaning", cosine),
        cosine if cosine >= 0.25 => add("has a related meaning", cosine),
        _ => {}
    }
    if signals.late > 1.0 {
        add("single words are close in meaning", signals.late / 4.0);
    }
    if signals.speaker > 0.0 {
        add(&format!("the speaker you named: {}", name_of(&hit.turn.speaker)), 0.8);
    } else if signals.speaker < 0.0 {
        add("not said by the person you named", -0.5);
    }
    if signals.mentions > 0.0 {
        add("mentions a person you named", 0.4);
    }
    if signals.time > 0.0 {
        add("said at the time you named", 0.8);
    } else if signals.time < 0.0 {
        add("said at a different time", -0.6);
    }
    if signals.answer_type > 0.0 {
        add("contains the kind of answer asked for", 0.7);
    }
    if signals.answers_words > 1.0 {
        add("answers a question with these words", signals.answers_words / 4.0);
    }
    if signals.is_question > 0.0 {
        add("is itself a question", -0.3);
    }
    match hit.turn.kind {
        Kind::Question | Kind::Answer => add("is a past question or answer", -0.9),
        Kind::Primer => add("is a primer: always considered", 0.2),
        _ => {}
    }
    reasons.sort_by(|a, b| b.share.abs().total_cmp(&a.share.abs()));
    reasons
}

/// Which of the words it holds.
fn words_found(hit: &Hit, looked_for: &str, coverage: f32) -> String {
    const NAMED: usize = 4;
    let terms = language::query_terms(looked_for);
    let mut words: Vec<&str> = Vec::new();
    for mark in found(&hit.turn.text, &terms) {
        let word = &hit.turn.text[mark];
        if !words.iter().any(|known| known.eq_ignore_ascii_case(word)) {
            words.push(word);
        }
    }
    let more = if words.len() > NAMED { " …" } else { "" };
    words.truncate(NAMED);
    let how_many = match coverage {
        share if share >= 0.95 => "contains the words",
        share if share >= 0.5 => "contains most of the words",
        _ => "contains some of the words",
    };
    if words.is_empty() {
        how_many.to_owned()
    } else {
        format!("{how_many}: {}{more}", words.join(", "))
    }
}

/// All on one line.
pub(super) fn in_short(reasons: &[Reason]) -> String {
    let texts: Vec<&str> = reasons.iter().map(|reason| reason.text.as_str()).collect();
    if texts.is_empty() { "no better match".to_owned() } else { texts.join(" · ") }
}

/// One below the other, each with a bar.
pub(super) fn lines(reasons: &[Reason], area: Rect, theme: &Theme) -> Vec<Line<'static>> {
    const BAR: usize = 8;
    let room = usize::from(area.width);
    let mut lines = vec![Line::styled(cut(" why this hit", room), theme.quiet)];
    if reasons.is_empty() {
        lines.push(Line::styled(cut(" no better match", room), theme.text));
    }
    lines.extend(reasons.iter().map(|reason| {
        let (sign, style) =
            if reason.share < 0.0 { ("−", theme.quiet) } else { ("+", theme.bar) };
        let bar = bar(f64::from(reason.share.abs()), BAR.min(room / 4));
        let text = cut(&reason.text, room.saturating_sub(BAR + 5));
        Line::from(vec![
            Span::styled(format!(" {sign} {bar} "), style),
            Span::styled(text, theme.text),
        ])
    }));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Signals;
    use crate::tui::tests::fixtures;

    #[test]
    fn reasons_name_the_words_and_what_speaks_against() {
        let mut hit = fixtures::hit(101, 1.0);
        hit.signals = Signals { coverage: 0.7, cosine: 0.45, speaker: -1.0, ..Signals::default() };
        let texts: Vec<String> =
            reasons(&hit, "planted seedlings by Ida").into_iter().map(|r| r.text).collect();
        assert_eq!(
            texts,
            [
                "contains most of the words: planted, seedlings",
                "not said by the person you named",
                "has a similar meaning",
            ]
        );
        hit.signals = Signals::default();
        assert_eq!(in_short(&reasons(&hit, "x")), "no better match");
    }
}
