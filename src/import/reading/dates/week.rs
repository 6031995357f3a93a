//! The names of the days of the week, as far as languages write them that put the day before the month,
//! or the month before the day: beside a date in numbers they tell which it is.

use jiff::civil::{Date, Weekday};

/// Which days a word can name: a bit for each, Monday the lowest. Short words name other days in other
/// languages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::import) struct Week(u8);

/// The names, Monday first, in lower case.
const NAMES: [&[&str]; 7] = [
    &[
        "monday",
        "mon",
        "montag",
        "mo",
        "lundi",
        "lun",
        "lunes",
        "lunedì",
        "segunda",
        "seg",
        "segunda-feira",
        "maandag",
        "ma",
        "måndag",
        "mandag",
        "mån",
        "man",
        "maanantai",
        "poniedziałek",
        "pon",
        "pn",
        "pondělí",
        "po",
        "pondelok",
        "hétfő",
        "luni",
        "pazartesi",
        "pzt",
        "понедельник",
        "пн",
        "понеділок",
        "δευτέρα",
        "δευ",
        "الاثنين",
        "الإثنين",
        "senin",
        "sen",
        "isnin",
        "วันจันทร์",
        "จันทร์",
        "จ",
    ],
    &[
        "tuesday",
        "tue",
        "tues",
        "dienstag",
        "di",
        "mardi",
        "mar",
        "martes",
        "martedì",
        "terça",
        "ter",
        "terça-feira",
        "dinsdag",
        "tisdag",
        "tirsdag",
        "tis",
        "tir",
        "tiistai",
        "ti",
        "wtorek",
        "wt",
        "úterý",
        "út",
        "utorok",
        "kedd",
        "marți",
        "salı",
        "sal",
        "вторник",
        "вт",
        "вівторок",
        "τρίτη",
        "τρι",
        "الثلاثاء",
        "selasa",
        "sel",
        "ma",
        "วันอังคาร",
        "อังคาร",
        "อ",
    ],
    &[
        "wednesday",
        "wed",
        "mittwoch",
        "mi",
        "mercredi",
        "mer",
        "miércoles",
        "mié",
        "mie",
        "mercoledì",
        "quarta",
        "qua",
        "quarta-feira",
        "woensdag",
        "wo",
        "onsdag",
        "ons",
        "keskiviikko",
        "ke",
        "środa",
        "śr",
        "śro",
        "středa",
        "st",
        "streda",
        "szerda",
        "miercuri",
        "çarşamba",
        "çar",
        "среда",
        "ср",
        "середа",
        "τετάρτη",
        "τετ",
        "الأربعاء",
        "rabu",
        "rab",
        "วันพุธ",
        "พุธ",
        "พ",
    ],
    &[
        "thursday",
        "thu",
        "thur",
        "thurs",
        "donnerstag",
        "do",
        "jeudi",
        "jeu",
        "jueves",
        "jue",
        "giovedì",
        "gio",
        "quinta",
        "qui",
        "quinta-feira",
        "donderdag",
        "torsdag",
        "tor",
        "tors",
        "torstai",
        "to",
        "czwartek",
        "czw",
        "čtvrtek",
        "čt",
        "štvrtok",
        "csütörtök",
        "joi",
        "perşembe",
        "per",
        "четверг",
        "чт",
        "четвер",
        "πέμπτη",
        "πεμ",
        "الخميس",
        "kamis",
        "kam",
        "khamis",
        "วันพฤหัสบดี",
        "วันพฤหัส",
        "พฤหัสบดี",
        "พฤหัส",
        "พฤ",
    ],
    &[
        "friday",
        "fri",
        "freitag",
        "fr",
        "vendredi",
        "ven",
        "viernes",
        "vie",
        "venerdì",
        "sexta",
        "sex",
        "sexta-feira",
        "vrijdag",
        "vr",
        "fredag",
        "fre",
        "perjantai",
        "pe",
        "piątek",
        "pt",
        "pią",
        "pátek",
        "pá",
        "piatok",
        "péntek",
        "vineri",
        "cuma",
        "cum",
        "пятница",
        "пт",
        "п'ятниця",
        "παρασκευή",
        "παρ",
        "الجمعة",
        "jumat",
        "jum",
        "jumaat",
        "วันศุกร์",
        "ศุกร์",
        "ศ",
    ],
    &[
        "saturday",
        "sat",
        "samstag",
        "sonnabend",
        "sa",
        "samedi",
        "sam",
        "sábado",
        "sáb",
        "sab",
        "sabato",
        "zaterdag",
        "za",
        "lördag",
        "lørdag",
        "lör",
        "lør",
        "lauantai",
        "la",
        "sobota",
        "sob",
        "so",
        "szombat",
        "sâmbătă",
        "cumartesi",
        "cmt",
        "суббота",
        "сб",
        "субота",
        "σάββατο",
        "σαβ",
        "السبت",
        "sabtu",
        "sabt",
        "วันเสาร์",
        "เสาร์",
        "ส",
    ],
    &[
        "sunday",
        "sun",
        "sonntag",
        "so",
        "dimanche",
        "dim",
        "domingo",
        "dom",
        "domenica",
        "zondag",
        "zo",
        "söndag",
        "søndag",
        "sön",
        "søn",
        "sunnuntai",
        "su",
        "niedziela",
        "niedz",
        "ndz",
        "nd",
        "neděle",
        "ne",
        "nedeľa",
        "vasárnap",
        "duminică",
        "pazar",
        "paz",
        "воскресенье",
        "вс",
        "неділя",
        "нд",
        "κυριακή",
        "κυρ",
        "الأحد",
        "minggu",
        "min",
        "ahad",
        "วันอาทิตย์",
        "อาทิตย์",
        "อา",
    ],
];

impl Week {
    /// Which days a word can name; none where it names no day.
    pub(in crate::import) fn of(word: &str) -> Self {
        const LONGEST: usize = 16;
        let word = word.trim_matches(|c: char| !c.is_alphabetic() && !is_sign(c));
        if word.is_empty() || word.chars().count() > LONGEST {
            return Self::default();
        }
        let word = word.to_lowercase();
        let days = NAMES.iter().enumerate().filter(|(_, names)| names.contains(&word.as_str()));
        Self(days.fold(0, |mask, (day, _)| mask | 1 << day))
    }

    /// The days that the first word of a text can name: `(Mon)`, `, Monday`.
    pub(in crate::import) fn first_of(text: &str) -> Self {
        const LONGEST: usize = 18;
        let text = text.trim_start_matches(|c: char| {
            c.is_whitespace() || matches!(c, '(' | '（' | ',' | '،' | '.')
        });
        let letter = |c: char| c.is_alphabetic() || is_sign(c) || matches!(c, '-' | '\'');
        let word: String = text.chars().take_while(|c| letter(*c)).take(LONGEST).collect();
        Self::of(&word)
    }

    /// Whether it names any day.
    pub(in crate::import) fn names(self) -> bool {
        self.0 != 0
    }

    /// Whether it speaks against a date.
    pub(super) fn denies(self, date: Date) -> bool {
        let day = match date.weekday() {
            Weekday::Monday => 0,
            Weekday::Tuesday => 1,
            Weekday::Wednesday => 2,
            Weekday::Thursday => 3,
            Weekday::Friday => 4,
            Weekday::Saturday => 5,
            Weekday::Sunday => 6,
        };
        self.names() && self.0 & (1 << day) == 0
    }
}

/// Whether a character is a vowel's or a tone's sign of Thai, which stands in a word but is no letter.
fn is_sign(c: char) -> bool {
    ('\u{E31}'..='\u{E4E}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn names_in_many_languages() {
        let wednesday = date(2024, 5, 1);
        for word in ["Wed", "(Wed)", "mercredi", "ср", "Mi.", "วันพุธ", "พ.", "QUARTA-FEIRA"]
        {
            assert!(Week::of(word).names() && !Week::of(word).denies(wednesday), "{word}");
            assert!(Week::of(word).denies(date(2024, 1, 5)), "{word}");
        }
        // Sunday in German, Saturday in Czech.
        let so = Week::of("so");
        assert!(
            !so.denies(date(2024, 5, 4)) && !so.denies(date(2024, 5, 5)) && so.denies(wednesday)
        );
        for word in ["", "12", "wednesdays", "and"] {
            assert!(!Week::of(word).names(), "{word}");
        }
        assert!(Week::first_of(" (Wed) 10:00").names() && Week::first_of(", Monday").names());
        assert!(!Week::first_of(", 15:12 - Sun: hi").names());
    }
}
