//! Of what was said about the same matter at different times, the later word: who lived in Lyon and
//! moved to Porto lives in Porto.

use super::evidence::Sentence;
use crate::conversation::Timestamp;
use crate::language;
use crate::question::{Question, Wanted};

/// Share of the question's terms that two sentences must hold to be taken for two words on the same
/// matter, where neither says that anything changed…
const SAME_MATTER: f32 = 0.6;
/// …and by how much they may differ in it.
const ALIKE: f32 = 0.15;

/// Two words on the same matter, by their places in what was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Update {
    pub later: usize,
    pub earlier: usize,
    /// Whether the earlier one is asked for: "Where did I live at first?"
    pub asks_for_earlier: bool,
}

/// Looks whether one of the sentences that likely answers come from, best first, tells that the first
/// no longer holds, or that the first replaced it. The later one holds, unless what was first is asked
/// for.
pub(super) fn update(question: &Question, sentences: &[&Sentence<'_>]) -> Option<Update> {
    let asks_for_earlier = match question.wanted {
        Wanted::Present => false,
        Wanted::First => true,
        Wanted::Latest | Wanted::Any => return None,
    };
    let at = |place: usize| sentences[place].hit.turn.said_at.map(day);
    let first = sentences.first()?;
    (1..sentences.len()).find_map(|other| {
        let (later, earlier) = if at(0)? > at(other)? { (0, other) } else { (other, 0) };
        let same_speaker = first.hit.turn.speaker == sentences[other].hit.turn.speaker;
        let apart = at(later)? > at(earlier)?;
        let holds = tells_of_change(sentences[later]) || about_the_same(first, sentences[other]);
        (same_speaker && apart && holds).then_some(Update { later, earlier, asks_for_earlier })
    })
}

fn day(at: Timestamp) -> jiff::civil::Date {
    at.civil().date()
}

fn about_the_same(a: &Sentence<'_>, b: &Sentence<'_>) -> bool {
    // By the sentence alone: an exclamation beside a sentence about the matter is no word on it.
    let (a, b) = (a.own_coverage, b.own_coverage);
    a.min(b) >= SAME_MATTER && (a - b).abs() <= ALIKE
}

/// Whether a sentence says that something is otherwise than it was.
fn tells_of_change(sentence: &Sentence<'_>) -> bool {
    let words = language::words(sentence.text());
    let lower: Vec<String> = words.iter().map(|word| word.text.to_lowercase()).collect();
    let single = lower.iter().any(|word| {
        matches!(
            word.as_str(),
            "moved"
                | "moving"
                | "now"
                | "nowadays"
                | "switched"
                | "changed"
                | "replaced"
                | "instead"
                | "anymore"
                | "became"
                | "renamed"
        )
    });
    single
        || lower.windows(2).any(|pair| {
            matches!(
                (pair[0].as_str(), pair[1].as_str()),
                ("no", "longer")
                    | ("any", "more")
                    | ("these", "days")
                    | ("my" | "our" | "the", "new")
            )
        })
}
