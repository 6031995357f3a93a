//! Of what was said about the same matter at different times, the later word: who lived in Lyon and
//! moved to Porto lives in Porto.

use super::candidates::{Candidate, Wanted};
use super::evidence::{Evidence, Sentence};
use crate::conversation::Timestamp;
use crate::language;

/// Share of the question's terms that two sentences must hold to be taken for two words on the same
/// matter, where neither says that anything changed…
const SAME_MATTER: f32 = 0.6;
/// …and by how much they may differ in it.
const ALIKE: f32 = 0.15;

/// Two answers to the same question, said at different times.
pub(super) struct Update<'c> {
    pub later: &'c Candidate,
    pub earlier: &'c Candidate,
    /// Whether the earlier one is asked for: "Where did I live at first?"
    pub asks_for_earlier: bool,
}

/// Looks whether one of the likely answers, best first, tells that the best one no longer holds, or
/// that the best one replaced it. The later one holds, unless what was first is asked for.
pub(super) fn update<'c>(
    question: &str,
    evidence: &Evidence<'_>,
    answers: &[&'c Candidate],
) -> Option<Update<'c>> {
    let asks_for_earlier = match Wanted::of(question) {
        Wanted::Present => false,
        Wanted::First => true,
        Wanted::Latest | Wanted::Any => return None,
    };
    let (best, others) = answers.split_first()?;
    let sentence = |one: &Candidate| &evidence.sentences[one.sentence];
    let at = |one: &Candidate| sentence(one).hit.turn.said_at.map(day);
    others.iter().find_map(|other| {
        let (a, b) = (sentence(best), sentence(other));
        let (later, earlier) = if at(best)? > at(other)? { (best, other) } else { (other, best) };
        let same_speaker = a.hit.turn.speaker == b.hit.turn.speaker;
        let apart = at(later)? > at(earlier)?;
        let holds = tells_of_change(sentence(later)) || about_the_same(a, b);
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
