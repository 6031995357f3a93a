//! A believable memory of any size, the same for the same seed: sessions of two or more speakers
//! over years, of sentences whose words are about as unequally frequent as those of people.

use super::lists;
use recount::conversation::{Conversation, NewTurn, Role, Timestamp};

/// What a question asks for; each kind takes other ways through retrieval and decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    When,
    What,
    Where,
    Who,
    HowMany,
}

impl Asked {
    pub const ALL: [Self; 5] = [Self::When, Self::What, Self::Where, Self::Who, Self::HowMany];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::When => "when",
            Self::What => "what",
            Self::Where => "where",
            Self::Who => "who",
            Self::HowMany => "how_many",
        }
    }
}

/// What was said, and questions about it.
#[derive(Debug, Default)]
pub struct Talk {
    pub conversations: Vec<Conversation>,
    pub questions: Vec<(Asked, String)>,
}

/// A stream of numbers that is the same in every run (splitmix64).
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.share() * end as f64) as usize
    }

    /// A place in a list, the first ones most often: place n about as often as 1/(n + 10), which is
    /// Zipf's law with Mandelbrot's correction for what is most frequent.
    fn ranked(&mut self, length: usize) -> usize {
        const FLAT: f64 = 10.0;
        let place = FLAT * ((length as f64 + FLAT) / FLAT).powf(self.share()) - FLAT;
        (place as usize).min(length - 1)
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.ranked(list.len())]
    }
}

/// As many turns as are wanted, and so many questions of each kind.
pub fn talk(turns: usize, questions_each: usize, seed: u64) -> Talk {
    let mut numbers = Numbers::new(seed);
    let mut talk = Talk::default();
    let mut wanted = questions_each * Asked::ALL.len();
    let mut left = turns;
    // Over six years, whatever the size; talk gets denser, not longer ago.
    let begin = 1_546_300_800_000.0; // 2019
    let length = 6.0 * 365.25 * 86_400_000.0;
    while left > 0 {
        let said = turns - left;
        let at = begin + length * said as f64 / turns as f64;
        let session = talk.conversations.len();
        let speakers = speakers(&mut numbers);
        let count = (12 + numbers.below(24)).min(left);
        let mut conversation = Conversation {
            source_id: Some(format!("talk-{session}")),
            title: Some(format!("{} and {}", speakers[0], speakers[1])),
            started_at: Timestamp::from_millis(at as i64),
            turns: Vec::with_capacity(count),
        };
        for place in 0..count {
            let speaker = &speakers[place % speakers.len()];
            let listener = &speakers[(place + 1) % speakers.len()];
            let ask = wanted > 0 && numbers.below(1 + left / wanted.max(1)) < 2;
            let (text, question) = turn(&mut numbers, speaker, listener, place, ask);
            if let Some(question) = question {
                let kind = question.0;
                if talk.questions.iter().filter(|known| known.0 == kind).count() < questions_each {
                    talk.questions.push(question);
                    wanted -= 1;
                }
            }
            let said_at = Timestamp::from_millis(at as i64 + place as i64 * 45_000);
            let turn = NewTurn::message(Role::User, speaker.as_str(), text);
            conversation.turns.push(turn.at(said_at).with_source_id(format!("{session}:{place}")));
        }
        left -= count;
        talk.conversations.push(conversation);
    }
    talk
}

/// Who talks: mostly two, now and then a group.
fn speakers(numbers: &mut Numbers) -> Vec<String> {
    let count = if numbers.below(5) == 0 { 3 + numbers.below(3) } else { 2 };
    let mut speakers: Vec<String> = Vec::new();
    while speakers.len() < count {
        let name = numbers.pick(lists::NAMES).to_owned();
        if !speakers.contains(&name) {
            speakers.push(name);
        }
    }
    speakers
}

fn turn(
    numbers: &mut Numbers,
    speaker: &str,
    listener: &str,
    place: usize,
    ask: bool,
) -> (String, Option<(Asked, String)>) {
    let mut text = String::new();
    let mut question = None;
    if place < 2 {
        let opening = numbers.pick(lists::OPENINGS);
        text.push_str(&opening.replace("{name}", listener));
    }
    for sentence in 0..=numbers.below(4) {
        let forms = match (sentence, numbers.below(10)) {
            (0, 0..4) => lists::CHAT,
            (_, 0..4) => lists::FACTS,
            (_, 4..8) => lists::TALK,
            _ => lists::CHAT,
        };
        // Facts are of many forms, asked for alike.
        let form = forms[numbers.below(forms.len())];
        let filled = Filled::new(numbers, form);
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&filled.text);
        if ask && std::ptr::eq(forms, lists::FACTS) && question.is_none() {
            question = filled.question(numbers, speaker);
        }
    }
    if numbers.below(12) == 0 {
        let (thing, quality) = (numbers.pick(lists::THINGS), numbers.pick(lists::QUALITIES));
        text.push_str("\n[picture: a photo of a ");
        text.push_str(&[quality, " ", thing, "]"].concat());
    }
    (text, question)
}

/// A form, filled in.
struct Filled {
    text: String,
    /// What the last slot of each name was filled with.
    slots: Vec<(&'static str, String)>,
    asked: &'static str,
}

impl Filled {
    fn new(numbers: &mut Numbers, form: &'static str) -> Self {
        let mut filled = Self { text: String::new(), slots: Vec::new(), asked: "" };
        let mut rest = form;
        while let Some((before, slot)) = rest.split_once('{') {
            let (slot, after) = slot.split_once('}').expect("a form closes its slots");
            filled.text.push_str(before);
            let word = filled.word(numbers, slot);
            // A sentence begins with a capital.
            match (filled.text.is_empty(), word.chars().next()) {
                (true, Some(first)) => {
                    filled.text.extend(first.to_uppercase());
                    filled.text.push_str(&word[first.len_utf8()..]);
                }
                _ => filled.text.push_str(&word),
            }
            filled.slots.push((slot, word));
            rest = after;
        }
        filled.text.push_str(rest);
        filled
    }

    fn word(&mut self, numbers: &mut Numbers, slot: &str) -> String {
        let word = match slot {
            "name" => numbers.pick(lists::NAMES),
            "place" => numbers.pick(lists::PLACES),
            // A rare one now and then: the long tail of what people own.
            "thing" if numbers.below(6) == 0 => return rare(numbers),
            "thing" => numbers.pick(lists::THINGS),
            "quality" => numbers.pick(lists::QUALITIES),
            "did" => {
                let (told, asked) = numbers.pick(lists::ACTIONS);
                self.asked = asked;
                told
            }
            "time" => numbers.pick(lists::TIMES),
            "who" => numbers.pick(lists::PEOPLE),
            "number" => numbers.pick(lists::NUMBERS),
            "feeling" => numbers.pick(lists::FEELINGS),
            "pursuit" => numbers.pick(lists::PURSUITS),
            _ => unreachable!("there is no list for {slot}"),
        };
        word.to_owned()
    }

    fn slot(&self, name: &str) -> Option<&str> {
        self.slots.iter().find(|(slot, _)| *slot == name).map(|(_, word)| word.as_str())
    }

    /// A question about it, of a kind that its slots answer.
    fn question(&self, numbers: &mut Numbers, speaker: &str) -> Option<(Asked, String)> {
        let (did, thing) = (self.asked, self.slot("thing")?);
        if did.is_empty() {
            return None;
        }
        let kind = Asked::ALL[numbers.below(Asked::ALL.len())];
        let question = match kind {
            Asked::When => {
                self.slot("time").map(|_| format!("When did {speaker} {did} the {thing}?"))
            }
            Asked::What => self
                .slot("quality")
                .map(|quality| format!("What {quality} thing did {speaker} {did}?")),
            Asked::Where => {
                self.slot("place").map(|_| format!("Where did {speaker} {did} the {thing}?"))
            }
            Asked::Who => self.slot("who").map(|_| format!("Who {did}s the {thing} of {speaker}?")),
            Asked::HowMany => {
                self.slot("number").map(|_| format!("How many {thing}s did {speaker} {did}?"))
            }
        };
        Some((kind, question?))
    }
}

/// A thing with a name of its own, of syllables.
fn rare(numbers: &mut Numbers) -> String {
    const HEADS: &[&str] = &[
        "bar", "cor", "del", "fen", "gal", "hol", "kes", "lor", "mar", "nim", "ost", "pel", "quin",
        "ros", "sav", "tor", "ulm", "ver", "wes", "zan",
    ];
    const MIDDLES: &[&str] = &[
        "a", "ani", "e", "eri", "i", "olo", "u", "umi", "y", "andi", "e", "ora", "is", "ove",
        "ila", "en", "ar", "usti", "ado", "eke",
    ];
    const TAILS: &[&str] = &[
        "bel", "don", "fort", "gard", "lin", "mont", "ner", "ske", "tin", "vo", "wick", "zo",
        "quist", "pool", "rath", "sen", "dorf", "lund", "mark", "bury",
    ];
    let mut any = |list: &[&'static str]| list[numbers.below(list.len())];
    let name = [any(HEADS), any(MIDDLES), any(TAILS)].concat();
    format!("{name} {}", numbers.pick(lists::THINGS))
}
