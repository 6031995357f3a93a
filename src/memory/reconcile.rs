//! What is known of a conversation beside what comes of it: which message is which.
//!
//! A pure function. Beyond equal keys it sees messages whose id or place changed, and messages whose
//! text changed; where that is in doubt a message is new, because nothing that was said may be
//! lost. Does not own where either side comes from, nor what is done about it.

use super::MemoryError;
use super::append::Key;
use super::identity::StoredKey;
use crate::conversation::TurnId;
use std::collections::{HashMap, HashSet, VecDeque};

/// A turn on either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Side {
    /// Its key.
    pub(super) key: StoredKey,
    /// Whether the key is an id that the file gave.
    pub(super) has_id: bool,
    /// Who says it.
    pub(super) who: Key,
    /// Who says what.
    pub(super) content: Key,
    /// When, in milliseconds since the Unix epoch.
    pub(super) said_at_ms: Option<i64>,
}

/// What becomes of a message that comes. Numbers are places in the known turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nobody knows it.
    New,
    /// It stands before in what comes.
    Repeated,
    /// It is known.
    Same(usize),
    /// It is known under another key.
    Moved(usize),
    /// It is known with another text.
    Edited(usize),
}

impl Fate {
    /// The known turn that it is.
    pub(super) fn known(self) -> Option<usize> {
        match self {
            Self::New | Self::Repeated => None,
            Self::Same(at) | Self::Moved(at) | Self::Edited(at) => Some(at),
        }
    }
}

/// Whether what comes begins with all that is known, in its order and unchanged: the same file again,
/// or a longer one. Then nothing is left to be found out, and of a long conversation nothing need be
/// held.
pub(super) fn goes_on(
    known: &[(TurnId, Side)],
    incoming: impl Iterator<Item = Result<Side, MemoryError>>,
) -> Result<bool, MemoryError> {
    let mut rest = known.iter();
    for side in incoming.take(known.len()) {
        let side = side?;
        let same =
            |(_, known): &(TurnId, Side)| known.key == side.key && known.content == side.content;
        if !rest.next().is_some_and(same) {
            return Ok(false);
        }
    }
    Ok(rest.next().is_none() && !known.is_empty())
}

/// Says what becomes of each incoming message. `known` is in the order of the session.
///
/// A file that ends before what is known is an older one: its texts replace nothing.
pub(super) fn reconcile(known: &[(TurnId, Side)], incoming: &[Side]) -> Vec<Fate> {
    let fates = pair(known, incoming, false);
    let last = known.len().checked_sub(1);
    if last.is_none() || fates.iter().any(|fate| fate.known() == last) {
        return fates;
    }
    let mut fates = pair(known, incoming, true);
    for fate in &mut fates {
        if let Fate::Moved(at) | Fate::Edited(at) = *fate {
            *fate = Fate::Same(at);
        }
    }
    fates
}

/// Pairs both sides. With `by_key_alone`, the same key is the same message whatever it says.
fn pair(known: &[(TurnId, Side)], incoming: &[Side], by_key_alone: bool) -> Vec<Fate> {
    let mut fates = vec![Fate::New; incoming.len()];
    let mut keys: HashSet<StoredKey> = HashSet::with_capacity(incoming.len());
    for (fate, side) in fates.iter_mut().zip(incoming) {
        if !keys.insert(side.key) {
            *fate = Fate::Repeated;
        }
    }
    if known.is_empty() {
        return fates;
    }
    let mut taken = vec![false; known.len()];
    let by_key: HashMap<StoredKey, usize> =
        known.iter().enumerate().map(|(at, (_, side))| (side.key, at)).collect();
    let mut changed = Vec::new();
    for (place, side) in incoming.iter().enumerate() {
        let Some(at) = by_key.get(&side.key).copied().filter(|_| fates[place] == Fate::New) else {
            continue;
        };
        // A key without an id is made of the content.
        if by_key_alone || !side.has_id || known[at].1.content == side.content {
            fates[place] = Fate::Same(at);
            taken[at] = true;
        } else {
            changed.push((place, at));
        }
    }
    find_moved(known, incoming, &keys, &mut fates, &mut taken);
    settle_ids(&changed, &mut fates, &mut taken);
    find_edited_places(known, incoming, &mut fates, &mut taken);
    fates
}

/// A message whose id is known with another text was edited, unless what stood under that id went to
/// another one. Nothing may go to an id whose own message stays: two would have the same.
fn settle_ids(changed: &[(usize, usize)], fates: &mut [Fate], taken: &mut [bool]) {
    let mut settled = false;
    while !settled {
        settled = true;
        for (place, at) in changed.iter().copied() {
            if taken[at] {
                continue;
            }
            match fates[place] {
                Fate::Moved(other) => taken[other] = false,
                Fate::New => {}
                _ => continue,
            }
            fates[place] = Fate::Edited(at);
            taken[at] = true;
            // What was freed may be another's.
            settled = false;
        }
    }
}

/// The same content under another key: ids that were given anew, or, where all that was said before
/// makes the key, something before it that changed.
fn find_moved(
    known: &[(TurnId, Side)],
    incoming: &[Side],
    keys: &HashSet<StoredKey>,
    fates: &mut [Fate],
    taken: &mut [bool],
) {
    let mut waiting: HashMap<Key, VecDeque<usize>> = HashMap::new();
    for (at, (_, side)) in known.iter().enumerate().filter(|(at, _)| !taken[*at]) {
        waiting.entry(side.content).or_default().push_back(at);
    }
    let mut latest = None;
    for (place, side) in incoming.iter().enumerate() {
        if fates[place] != Fate::New {
            latest = latest.max(fates[place].known());
            continue;
        }
        let Some(same) = waiting.get_mut(&side.content) else { continue };
        let is_it = |at: &usize| {
            let (_, other) = &known[*at];
            if side.has_id != other.has_id || side.said_at_ms != other.said_at_ms {
                return false;
            }
            if side.has_id {
                // "Yes" is said often: without a time, only an id that now is another's was moved.
                side.said_at_ms.is_some() || keys.contains(&other.key)
            } else {
                latest.is_none_or(|latest| *at > latest)
            }
        };
        let Some(found) = same.iter().position(is_it).and_then(|index| same.remove(index)) else {
            continue;
        };
        fates[place] = Fate::Moved(found);
        taken[found] = true;
        latest = latest.max(Some(found));
    }
}

/// Messages without ids whose text changed: same speaker, same time, and right after the same
/// message. Only in a conversation that mostly is the known one: else it is another.
fn find_edited_places(
    known: &[(TurnId, Side)],
    incoming: &[Side],
    fates: &mut [Fate],
    taken: &mut [bool],
) {
    let alike = fates.iter().filter(|fate| fate.known().is_some()).count();
    if alike == 0 || alike * 2 < known.len().min(incoming.len()) {
        return;
    }
    let mut before = None;
    for (place, side) in incoming.iter().enumerate() {
        if fates[place] == Fate::New {
            let at = before.map_or(0, |at| at + 1);
            let is_it = known.get(at).is_some_and(|(_, other)| {
                !taken[at]
                    && !side.has_id
                    && !other.has_id
                    && side.who == other.who
                    && side.said_at_ms == other.said_at_ms
            });
            // Only the beginning itself stands right after nothing.
            if is_it && (before.is_some() || place == 0) {
                fates[place] = Fate::Edited(at);
                taken[at] = true;
            }
        }
        before = fates[place].known().or(before);
    }
}

#[cfg(test)]
mod tests {
    use super::super::append::key_of;
    use super::super::identity::{Home, content, keys_of, who};
    use super::*;
    use crate::conversation::{Conversation, NewTurn, Role, Timestamp};

    /// Turns as `id=text@time`; id and time may be missing.
    fn sides(text: &str) -> Vec<Side> {
        let turns = text.split_whitespace().map(|word| {
            let (rest, time) = word.split_once('@').unwrap_or((word, ""));
            let (id, text) = rest.split_once('=').map_or((None, rest), |(i, t)| (Some(i), t));
            let at = time.parse().ok().and_then(Timestamp::from_millis);
            let turn = NewTurn::message(Role::User, "Ann", text).at(at);
            NewTurn { source_id: id.map(str::to_owned), ..turn }
        });
        let conversation = Conversation { turns: turns.collect(), ..Conversation::default() };
        let keys = keys_of(&conversation.turns).unwrap();
        let side = |(turn, key): (&NewTurn, &Key)| {
            let who = who(turn.role, turn.kind, &turn.speaker);
            Side {
                key: Home::Own.stored("test", None, key),
                has_id: turn.source_id.is_some(),
                who,
                content: content(&who, &turn.text),
                said_at_ms: turn.said_at.map(Timestamp::as_millis),
            }
        };
        conversation.turns.iter().zip(&keys).map(side).collect()
    }

    fn known(sides: &[Side]) -> Vec<(TurnId, Side)> {
        sides.iter().zip(1..).map(|(side, id)| (TurnId(id), *side)).collect()
    }

    fn check(known_text: &str, incoming: &str, expected: &str) {
        let word = |fate: &Fate| match fate {
            Fate::New => "new".to_owned(),
            Fate::Repeated => "again".to_owned(),
            Fate::Same(at) => format!("{at}"),
            Fate::Moved(at) => format!("moved{at}"),
            Fate::Edited(at) => format!("edited{at}"),
        };
        let fates = reconcile(&known(&sides(known_text)), &sides(incoming));
        let got = fates.iter().map(word).collect::<Vec<_>>().join(" ");
        assert_eq!(got, expected, "{known_text} | {incoming}");
    }

    #[test]
    fn by_ids() {
        check("", "1=a 2=b", "new new");
        check("1=a 2=b", "1=a 2=b 3=c", "0 1 new");
        check("1=a 2=b 3=c", "3=c 1=a 2=b", "2 0 1");
        check("1=a 2=b", "1=a 2=B", "0 edited1");
        check("1=a", "1=a 1=a 1=b", "0 again new");
        // Ids given anew.
        check("1=a@1 2=b@2", "7=a@1 8=b@2", "moved0 moved1");
        check("1=a 2=b 3=c", "1=x 2=a 3=b 4=c", "new moved0 moved1 moved2");
        // The same words again are not the same message.
        check("1=yes 2=no", "3=yes", "new");
        // An older file replaces nothing.
        check("1=A 2=b 3=c", "1=a 2=b", "0 1");
    }

    #[test]
    fn without_ids() {
        check("a b c", "a b c d", "0 1 2 new");
        check("a b c", "a b", "0 1");
        check("a b c d", "a B c d", "0 edited1 moved2 moved3");
        check("a b c d", "a b c D", "0 1 2 edited3");
        check("a b c d", "a x b c d", "0 new moved1 moved2 moved3");
        check("a a a", "a a a a", "0 1 2 new");
        // One that only begins alike goes on by itself.
        check("a b c d e f", "a x y z u v", "0 new new new new new");
        check("a@1 b@2 c@3", "b@2 c@3 d@4", "1 2 new");
        check("a@1 b@2", "a@1 B@2", "0 edited1");
        check("a@1 a@1", "a@1 a@1 a@1", "0 1 new");
        check("a B c d e", "a b c d", "0 1 2 3");
    }

    proptest::proptest! {
        #[test]
        fn what_is_known_is_taken_once_and_nothing_twice(
            known in "((1=|2=|3=|4=|5=)?[abc](@[12])? ){0,7}",
            incoming in "((1=|2=|3=|4=|5=)?[abc](@[12])? ){0,7}",
        ) {
            let mut known = sides(&known);
            let mut seen = HashSet::new();
            known.retain(|side| seen.insert(side.key));
            let incoming = sides(&incoming);
            let before = super::tests::known(&known);
            let fates = reconcile(&before, &incoming);
            if goes_on(&before, incoming.iter().map(|side| Ok(*side))).unwrap() {
                let same = (0..known.len()).map(Fate::Same);
                proptest::prop_assert!(fates.iter().copied().take(known.len()).eq(same));
                let rest = &fates[known.len()..];
                proptest::prop_assert!(rest.iter().all(|f| matches!(f, Fate::New | Fate::Repeated)));
            }
            let mut taken: Vec<usize> = fates.iter().filter_map(|fate| fate.known()).collect();
            let count = taken.len();
            taken.sort_unstable();
            taken.dedup();
            proptest::prop_assert_eq!(taken.len(), count);
            // The keys that stand afterwards are all different.
            let mut keys: Vec<StoredKey> = known.iter().map(|side| side.key).collect();
            for (fate, side) in fates.iter().zip(&incoming) {
                match fate {
                    Fate::Moved(at) | Fate::Edited(at) => keys[*at] = side.key,
                    Fate::New => keys.push(side.key),
                    _ => {}
                }
            }
            let different: HashSet<_> = keys.iter().collect();
            proptest::prop_assert_eq!(different.len(), keys.len());
            // Again: everything is known.
            let again = reconcile(&super::tests::known(&incoming.iter().copied().enumerate()
                .filter(|(at, _)| fates[*at] != Fate::Repeated).map(|(_, side)| side)
                .collect::<Vec<_>>()), &incoming);
            proptest::prop_assert!(again.iter().all(|f| matches!(f, Fate::Same(_) | Fate::Repeated)));
        }
    }

    #[test]
    fn keys_differ() {
        assert_ne!(key_of(&[b"a", b"b"]), key_of(&[b"ab", b""]));
    }
}
