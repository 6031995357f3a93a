//! Irregular forms of English, which no stemmer brings together: *went* is *go*.

/// The stem that an irregular form belongs to, where `word` (lower case) is one.
pub(super) fn lemma(word: &str) -> Option<&'static str> {
    FORMS.binary_search_by_key(&word, |(form, _)| form).ok().map(|index| FORMS[index].1)
}

/// Whether `word` (lower case) is an irregular form of a verb in the past: *went*, *gone*.
pub(super) fn is_past(word: &str) -> bool {
    /// Forms of nouns, of the present, and those that are other words more often.
    const OTHERS: &[&str] = &[
        "children", "feet", "goes", "mans", "men", "mice", "people", "persons", "teeth", "women",
        "left", "rose", "found", "saw",
    ];
    lemma(word).is_some() && !OTHERS.contains(&word)
}

/// Form and stem, sorted by form. The stem is what the stemmer makes of the base form.
const FORMS: &[(&str, &str)] = &[
    ("ate", "eat"),
    ("became", "becom"),
    ("began", "begin"),
    ("begun", "begin"),
    ("bit", "bite"),
    ("bitten", "bite"),
    ("blew", "blow"),
    ("bought", "buy"),
    ("broke", "break"),
    ("broken", "break"),
    ("brought", "bring"),
    ("built", "build"),
    ("came", "come"),
    ("caught", "catch"),
    ("children", "child"),
    ("chose", "choos"),
    ("chosen", "choos"),
    ("dealt", "deal"),
    ("drank", "drink"),
    ("drawn", "draw"),
    ("dreamt", "dream"),
    ("drew", "draw"),
    ("driven", "drive"),
    ("drove", "drive"),
    ("drunk", "drink"),
    ("eaten", "eat"),
    ("fallen", "fall"),
    ("fed", "feed"),
    ("feet", "foot"),
    ("fell", "fall"),
    ("felt", "feel"),
    ("fled", "flee"),
    ("flew", "fli"),
    ("flown", "fli"),
    ("forgot", "forget"),
    ("forgotten", "forget"),
    ("fought", "fight"),
    ("found", "find"),
    ("froze", "freez"),
    ("frozen", "freez"),
    ("gave", "give"),
    ("given", "give"),
    ("goes", "go"),
    ("gone", "go"),
    ("got", "get"),
    ("gotten", "get"),
    ("grew", "grow"),
    ("grown", "grow"),
    ("heard", "hear"),
    ("held", "hold"),
    ("hid", "hide"),
    ("hidden", "hide"),
    ("kept", "keep"),
    ("knew", "know"),
    ("known", "know"),
    ("laid", "lay"),
    ("learnt", "learn"),
    ("led", "lead"),
    ("left", "leav"),
    ("lent", "lend"),
    ("lost", "lose"),
    ("made", "make"),
    ("mans", "man"),
    ("meant", "mean"),
    ("men", "man"),
    ("met", "meet"),
    ("mice", "mous"),
    ("paid", "pay"),
    ("people", "person"),
    ("persons", "person"),
    ("ran", "run"),
    ("rang", "ring"),
    ("ridden", "ride"),
    ("risen", "rise"),
    ("rode", "ride"),
    ("rose", "rise"),
    ("said", "say"),
    ("sang", "sing"),
    ("sat", "sit"),
    ("saw", "see"),
    ("seen", "see"),
    ("sent", "send"),
    ("shook", "shake"),
    ("shot", "shoot"),
    ("shown", "show"),
    ("slept", "sleep"),
    ("sold", "sell"),
    ("spent", "spend"),
    ("spoke", "speak"),
    ("spoken", "speak"),
    ("stole", "steal"),
    ("stolen", "steal"),
    ("stood", "stand"),
    ("stuck", "stick"),
    ("sung", "sing"),
    ("swam", "swim"),
    ("swum", "swim"),
    ("taken", "take"),
    ("taught", "teach"),
    ("teeth", "tooth"),
    ("thought", "think"),
    ("threw", "throw"),
    ("thrown", "throw"),
    ("told", "tell"),
    ("took", "take"),
    ("understood", "understand"),
    ("went", "go"),
    ("woke", "wake"),
    ("woken", "wake"),
    ("women", "woman"),
    ("won", "win"),
    ("wore", "wear"),
    ("worn", "wear"),
    ("written", "write"),
    ("wrote", "write"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::stem;

    #[test]
    fn forms_are_sorted() {
        assert!(FORMS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn stems_are_what_the_stemmer_makes_of_the_base_form() {
        let bases = ["buy", "go", "choose", "leave", "fly", "freeze", "write", "person", "become"];
        for (base, form) in bases
            .iter()
            .zip(["bought", "went", "chosen", "left", "flew", "froze", "wrote", "people", "became"])
        {
            assert_eq!(stem(base), stem(form), "{base}");
        }
    }
}
