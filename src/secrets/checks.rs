//! What tells a secret from what only looks like one.

/// What is asked of a match beside its pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// Nothing.
    None,
    /// A card number: issuer, length and check digit are right.
    Card,
    /// What stands behind a name: made by a machine.
    Assigned,
    /// What stands behind a name: chosen by a person, or by a machine.
    Password,
    /// A password that a sentence names: it must look like one.
    Told,
    /// What a command takes as a password: anything that is not a variable or a placeholder.
    Given,
    /// A bank account's number: length of its country and check digits are right.
    Iban,
}

impl Check {
    pub(super) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "card" => Self::Card,
            "assigned" => Self::Assigned,
            "password" => Self::Password,
            "told" => Self::Told,
            "given" => Self::Given,
            "iban" => Self::Iban,
            _ => return None,
        })
    }

    /// Whether it holds.
    pub(super) fn holds(self, text: &str) -> bool {
        match self {
            Self::None => true,
            Self::Card => is_card(text),
            Self::Assigned => is_made(text),
            Self::Password => is_mixed(text) && !is_placeholder(text) && entropy(text) >= 2.5,
            Self::Told => is_told(text),
            Self::Given => !is_placeholder(text),
            Self::Iban => is_iban(text),
        }
    }
}

/// Bits a character, by how often each stands in the text.
pub(super) fn entropy(text: &str) -> f32 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let all = text.len().max(1) as f32;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = *count as f32 / all;
            -share * share.log2()
        })
        .sum()
}

/// The issuers' first digits with the lengths of their numbers.
const ISSUERS: &[(u32, u32, u32, &[usize])] = &[
    // Digits that count, from, to, lengths.
    (1, 4, 4, &[16]),
    (2, 51, 55, &[16]),
    (4, 2221, 2720, &[16]),
    (2, 34, 34, &[15]),
    (2, 37, 37, &[15]),
    (4, 6011, 6011, &[16]),
    (3, 644, 649, &[16]),
    (2, 65, 65, &[16]),
    (4, 3528, 3589, &[16]),
    (3, 300, 305, &[14]),
    (2, 36, 36, &[14]),
    (2, 38, 38, &[14]),
    (2, 62, 62, &[16, 19]),
];

fn is_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let begins = |count: u32| digits.iter().take(count as usize).fold(0, |n, d| n * 10 + d);
    let issued = ISSUERS.iter().any(|(count, from, to, lengths)| {
        (*from..=*to).contains(&begins(*count)) && lengths.contains(&digits.len())
    });
    issued && luhn(&digits)
}

/// The check digit by Luhn: every second digit from the right counts twice, as the sum of its
/// digits.
fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| if at % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { *digit })
        .sum();
    sum.is_multiple_of(10)
}

/// Letters and digits both.
fn is_mixed(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit()) && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Whether a machine made it, as far as its looks tell: no name, no path, no word.
fn is_made(text: &str) -> bool {
    if !is_mixed(text) || is_placeholder(text) || entropy(text) < 3.0 || text.starts_with('/') {
        return false;
    }
    // gpt-4-turbo-preview, MAX_TOKENS_2048, src/lib/auth2: words with a number among them.
    let parts: Vec<&str> =
        text.split(['-', '_', '/', '.', '=', '+', '~']).filter(|part| !part.is_empty()).collect();
    let wordy = |part: &&&str| {
        let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
        letters == part.len() || part.len() <= 4 && letters < part.len() || is_cased(part)
    };
    let words: usize = parts.iter().filter(wordy).map(|part| part.len()).sum();
    let all: usize = parts.iter().map(|part| part.len()).sum();
    words * 2 < all
}

/// `sha256Digest`, `Utf8Decoder`, `token2`: words joined by capitals, with digits at one place at most.
fn is_cased(part: &str) -> bool {
    let runs = part.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
    let (digits, letters): (Vec<_>, Vec<_>) = runs.partition(|run| run[0].is_ascii_digit());
    let humps = letters.iter().flat_map(|run| run.iter()).filter(|b| b.is_ascii_uppercase());
    digits.len() <= 1 && digits.iter().all(|run| run.len() <= 4) && humps.count() * 3 <= part.len()
}

/// Whether a word in a sentence about a password is one: digits alone, letters with digits, or with a
/// mark that words do not hold. Times, dates, amounts and addresses are none.
fn is_told(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.chars().filter(|char| char.is_alphabetic()).count();
    let all = text.chars().count();
    // What begins with a mark is a tag or an option, `!vault`, `--ask`.
    let inside = text.trim_start_matches(|char: char| !char.is_alphanumeric());
    let marks = inside.contains(['!', '@', '#', '$', '%', '^', '&', '*', '_', '+', '=', '~', '?']);
    if is_placeholder(text) || text.contains("://") || text.contains('/') || text.ends_with("()") {
        return false;
    }
    // 2nd, 10am, 3x, 12th, v2.
    let short = all < 5 && letters > 0;
    digits == all && digits >= 4 || !short && letters > 0 && (digits > 0 && all >= 5 || marks)
}

/// The lengths of the countries' account numbers.
const IBAN: &[(&str, usize)] = &[
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NL", 18),
    ("NO", 15),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("SA", 24),
    ("SC", 31),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
];

/// Whether the length is that of the country, and the number leaves 1 when divided by 97 (ISO 13616).
fn is_iban(text: &str) -> bool {
    let text: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let known = IBAN.iter().any(|(land, length)| text.starts_with(land) && text.len() == *length);
    if !known {
        return false;
    }
    let (head, rest) = text.split_at(4);
    let rest = rest.chars().chain(head.chars()).try_fold(0_u32, |sum, char| {
        let value = char.to_digit(36)?;
        Some(if value < 10 { sum * 10 + value } else { sum * 100 + value } % 97)
    });
    rest == Some(1)
}

/// What people write where a secret would stand.
fn is_placeholder(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "example",
        "placeholder",
        "changeme",
        "change_me",
        "change-me",
        "your",
        "redacted",
        "dummy",
        "replace",
        "insert",
        "sample",
        "xxxx",
        "....",
        "****",
        "••••",
        "process.env",
        "environ",
        "getenv",
        "password",
    ];
    let small = text.to_lowercase();
    WORDS.iter().any(|word| small.contains(word))
        || text.starts_with(['$', '%', '<', '{', '(', '['])
        || text.contains("${")
        || text.contains("{{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_told_by_issuer_length_and_check_digit() {
        for (text, card) in [
            // The numbers that issuers publish for tests.
            ("4242 4242 4242 4242", true),
            ("4111 1111 1111 1111", true),
            ("4012-8888-8888-1881", true),
            ("4539 1488 0343 6467", true),
            ("5425 2334 3010 9903", true),
            ("2223 0031 2200 3222", true),
            ("374245455400126", true),
            ("6011 0009 9013 9424", true),
            ("3530 1113 3330 0000", true),
            // One digit off, one too short, nobody's.
            ("4539 1488 0343 6468", false),
            ("453914880343646", false),
            ("1539148803436467", false),
        ] {
            assert_eq!(is_card(text), card, "{text}");
        }
        assert!(luhn(&[7, 9, 9, 2, 7, 3, 9, 8, 7, 1, 3]));
        assert!(!luhn(&[7, 9, 9, 2, 7, 3, 9, 8, 7, 1, 4]));
    }

    #[test]
    fn account_numbers_are_told_by_length_and_check_digits() {
        for (text, iban) in [
            // Those that are published as examples.
            ("GB82 WEST 1234 5698 7654 32", true),
            ("DE89 3704 0044 0532 0130 00", true),
            ("FR1420041010050500013M02606", true),
            ("NO93 8601 1117 947", true),
            ("GB82 WEST 1234 5698 7654 33", false),
            ("DE89 3704 0044 0532 0130 0", false),
            ("XX89 3704 0044 0532 0130 00", false),
        ] {
            assert_eq!(is_iban(text), iban, "{text}");
        }
    }

    #[test]
    fn a_password_in_a_sentence_looks_like_one() {
        for (text, told) in [
            ("hunter22", true),
            ("Tulip!Rain", true),
            ("4821", true),
            ("wrong", false),
            ("LastPass", false),
            ("10am", false),
            ("on-the-fridge", false),
            ("$PASSWORD", false),
            ("https://x.example/a1", false),
            ("reset_password()", false),
        ] {
            assert_eq!(is_told(text), told, "{text}");
        }
    }

    #[test]
    fn what_machines_make_is_told_from_names() {
        for (text, made) in [
            ("9f86d081884c7d659a2feaa0c55ad015", true),
            ("tGzv3JOkF0XG5Qx2TlKWIA", true),
            ("q7Lr-2mXv_8KpZ04tYwB", true),
            ("gpt-4-turbo-preview-2024", false),
            ("sha256DigestOfTheFile", false),
            ("src/components/auth2/login", false),
            ("/usr/lib/x86_64-linux-gnu/libfoo2", false),
            ("YOUR_API_KEY_12345", false),
            ("xxxxxxxx12xxxxxxxx", false),
            ("onlylettersandnothingelse", false),
            ("20231108123456789012", false),
            ("all-MiniLM-L6-v2-int8", false),
        ] {
            assert_eq!(is_made(text), made, "{text}");
        }
    }
}
