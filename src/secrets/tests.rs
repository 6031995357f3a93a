//! What is found and what is left alone. Secrets are put together here, so that no file of the
//! project looks as if it held one.

use super::*;

/// Characters that look as if a machine had chosen them; the same in every run.
fn made(alphabet: &str, length: usize) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64 ^ length as u64;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            alphabet[(state >> 33) as usize % alphabet.len()]
        })
        .collect()
}

const BASE62: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const HEX: &str = "0123456789abcdef";
const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Asserts that exactly the secret of `before + secret + after` is masked, under this name.
fn check(name: &str, before: &str, secret: &str, after: &str) {
    let text = format!("{before}{secret}{after}");
    let found = find(&text);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    assert_eq!(found[0].name, name, "{text}");
    assert_eq!(&text[found[0].range.clone()], secret, "{text}");
    assert_eq!(masked(&text), format!("{before}{MARK}{after}"));
    // A mark is no secret: masking what is masked changes nothing.
    assert_eq!(masked(&masked(&text)), masked(&text));
}

#[test]
fn secrets_are_found_where_people_paste_them() {
    let base = |length| made(BASE62, length);
    let hex = |length| made(HEX, length);
    for (name, before, secret, after) in [
        ("AWS access key", "AKIA", made(BASE32, 16), " is the id"),
        ("GitHub token", "export GITHUB_TOKEN=ghp_", base(36), "\n"),
        ("GitHub token", "use github_pat_", base(60), "."),
        ("GitLab token", "(glpat-", base(20), ")"),
        ("Slack token", "token: xoxb-", "2".to_owned() + &base(40), ""),
        ("Anthropic key", "my key is sk-ant-", format!("api03-{}", base(90)), ", keep it"),
        ("OpenAI key", "sk-proj-", base(48), ""),
        ("OpenAI key", "sk-", base(48), " ✓"),
        ("Google key", "AIza", base(35), "\""),
        ("Hugging Face token", "hf_", base(34), ""),
        ("Stripe key", "sk_live_", base(24), ""),
        ("npm token", "//host/:_authToken=npm_", base(36), ""),
        ("Telegram bot token", "bot123456789:", format!("AA{}", base(33)), ""),
        ("SendGrid key", "SG.", format!("{}.{}", base(22), base(43)), ""),
        ("DigitalOcean token", "dop_v1_", hex(64), ""),
        ("Vault token", "hvs.", base(30), ""),
        (
            "JSON web token",
            "Cookie: session=eyJ",
            format!("{}.eyJ{}.{}", base(30), base(60), base(43)),
            ";",
        ),
        ("authorization header", "-H 'Authorization: Bearer ", base(40), "'"),
        ("key", "aws_secret_access_key = ", base(40), ""),
        ("key", "\"client_secret\": \"", base(32), "\","),
        ("key", "API key: ", hex(32), "\nthanks"),
        ("password", "password=\"", "tr0ub4dor&3x".to_owned(), "\""),
        ("password", "DB_PASSWORD=", "qW3rtz8uiop".to_owned(), "\nDB_HOST=db"),
        (
            "password in an address",
            "postgres://mira:",
            "k3ttle-on-shelf".to_owned(),
            "@db.local/home",
        ),
        ("card number", "paid with ", "4539 1488 0343 6467".to_owned(), ", ok?"),
        ("card number", "karte ", "5425233430109903".to_owned(), "。"),
        ("card number", "amex ", "3742 454554 00126".to_owned(), ""),
        ("age key", "AGE-SECRET-KEY-1", made(BASE32, 58), ""),
    ] {
        check(name, before, &secret, after);
    }
}

#[test]
fn a_private_key_is_masked_between_its_lines() {
    let lines: String = (0..6).map(|line| made(BASE62, 60 + line) + "\n").collect();
    for kind in ["", "RSA ", "OPENSSH ", "EC ", "ENCRYPTED "] {
        let before = format!("Here:\n-----BEGIN {kind}PRIVATE KEY-----");
        let secret = format!("\n{}", lines.trim_end());
        check("private key", &before, &secret, "\n-----END");
        // Cut off, as a long paste can be.
        check("private key", &before, &secret, "\n");
    }
    assert_eq!(find("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqh\n-----END PUBLIC KEY-----"), []);
    assert_eq!(find("A file that begins with -----BEGIN PRIVATE KEY----- is one."), []);
}

/// The lines of a key as mail, lists, logs and pages show them.
#[test]
fn a_private_key_is_masked_however_its_lines_are_set() {
    for (join, before) in [
        ("\n> ", "> -----BEGIN PRIVATE KEY-----"),
        ("\n> > ", "> > -----BEGIN PRIVATE KEY-----"),
        ("\n- ", "- -----BEGIN PRIVATE KEY-----"),
        ("\n\t", "\t-----BEGIN RSA PRIVATE KEY-----"),
        ("<br>", "-----BEGIN PRIVATE KEY-----"),
        ("<br />\n", "-----BEGIN PRIVATE KEY-----"),
        ("\\n", "\"-----BEGIN EC PRIVATE KEY-----"),
        ("\r\n", "-----BEGIN PRIVATE KEY-----"),
        (" ", "-----BEGIN PRIVATE KEY-----"),
        ("\",\n  \"", "\"-----BEGIN PRIVATE KEY-----"),
    ] {
        let lines: Vec<String> = (0..5).map(|line| made(BASE62, 60 + line)).collect();
        let text = format!("{before}{join}{}{join}dGhl{join}-----END", lines.join(join));
        let shown = masked(&text);
        assert!(lines.iter().all(|line| !shown.contains(&line[..12])), "{shown}");
        assert!(!shown.contains("dGhl") && shown.contains(MARK), "{shown}");
    }
    // Numbered.
    let lines: Vec<String> =
        (0..5).map(|line| format!("{}: {}", line + 2, made(BASE62, 60 + line))).collect();
    let text = format!("1: -----BEGIN PRIVATE KEY-----\n{}\n7: -----END", lines.join("\n"));
    let shown = masked(&text);
    assert!(lines.iter().all(|line| !shown.contains(&line[3..15])), "{shown}");
    // Without the first line.
    for begins in ["MIIEpAIBAAKCAQEA", "MIIEvQIBADANBgkqhki", "MHcCAQEEI", "b3BlbnNzaC1rZXktdjEA"] {
        let body: Vec<String> = (0..4).map(|line| made(BASE62, 64 - line)).collect();
        check("private key", "id_rsa:\n", &format!("{begins}{}", body.join("\n")), "\n");
    }
    // A certificate and a public key are no secrets.
    let body = made(BASE62, 64);
    for begins in ["MIIDdzCCAl+gAwIBAgIE", "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A", "AAAAB3NzaC1yc2E"] {
        assert_eq!(find(&format!("{begins}{body}")), [], "{begins}");
    }
}

/// What is split or dressed up is read as it would be typed.
#[test]
fn secrets_in_disguise_are_found() {
    let token = made(BASE62, 36);
    check("GitHub token", "_ghp_", &format!("{token}_"), "");
    let (begin, end) = token.split_at(10);
    for zero in ['\u{200b}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{ad}'] {
        check("GitHub token", "g\u{200b}hp_", &format!("{begin}{zero}{end}"), " é");
    }
    let wide: String = "4539148803436467"
        .chars()
        .map(|digit| char::from_u32(u32::from(digit) + 0xfee0).unwrap_or(digit))
        .collect();
    check("card number", "カード ", &wide, "。");
    for between in [".", "\u{a0}", "\u{2009}", "\u{2011}", " "] {
        check("card number", "é ", &["4539", "1488", "0343", "6467"].join(between), ", ok?");
    }
}

#[test]
fn what_is_told_or_given_is_found() {
    for (name, before, secret, after) in [
        ("account number", "IBAN: ", "DE89 3704 0044 0532 0130 00", "."),
        ("account number", "to ", "GB82WEST12345698765432", ", please"),
        ("password", "mysql -u shop -p", "Kettle!9", " orders"),
        ("password", "mysqldump -p'", "Kettle!9", "' orders"),
        ("password", "sshpass -p '", "tea4two", "' ssh host"),
        ("password", "curl -u mira:", "tea4two", " https://x.example"),
        ("password", "The password of the bank is ", "BlueKettle77", "."),
        ("password", "password for the router: ", "kettle!on", ""),
        ("password", "pin is ", "4821", ", don't tell"),
        ("password", "Das Passwort lautet ", "Kessel2024", "."),
        ("password", "la contraseña es ", "tetera_roja1", ""),
    ] {
        check(name, before, secret, after);
    }
    // What is there to be given away is no secret.
    for text in [
        "The guest wifi is called heron and the password is willow-73-lamp",
        "the Wi-Fi password is BlueKettle77",
        "WLAN: Blaumeise, Passwort: Kessel2024",
    ] {
        assert_eq!(find(text), [], "{text}");
    }
    let odd = "k$9!x#".to_owned() + &made(BASE62, 30) + "%^&";
    check("key", "SECRET_KEY = '", &odd, "'");
    check("key", "DJANGO_SECRET_KEY=", &odd, "\n");
}

/// Our own list of texts that hold none.
#[test]
fn no_ordinary_text_is_masked() {
    let texts = include_str!("ordinary.txt");
    assert!(texts.lines().count() >= 200);
    let masked: Vec<_> = texts.lines().filter(|text| any(text)).collect();
    assert!(masked.is_empty(), "{masked:#?}");
}

#[test]
fn several_are_found_in_order() {
    let token = made(BASE62, 36);
    let text = format!("é ghp_{token} and 4539148803436467 and ghp_{token}");
    let names: Vec<_> = find(&text).into_iter().map(|secret| secret.name).collect();
    assert_eq!(names, ["GitHub token", "card number", "GitHub token"]);
    assert_eq!(masked(&text), format!("é ghp_{MARK} and {MARK} and ghp_{MARK}"));
    let mut census = Census::default();
    assert!(census.count(&text) && !census.count("nothing"));
    assert_eq!(census.to_string(), "3 secrets (2 GitHub tokens, 1 card number)");
}

/// What looks like a secret to a hasty eye.
#[test]
fn prose_code_hashes_and_ids_are_left_alone() {
    let left_alone = [
        // Prose.
        "The key to a good bread is time, and the secret: patience_and_a_hot_oven.",
        "My password is the name of the dog and the year; ask me for it.",
        "The token economy, tokens: 2048 a minute, token=word, secret santa on 24 December.",
        "Call me at +351 912 345 678 or +49 30 1234 5678 9012 tomorrow.",
        "sk-learn-is-a-nice-library-for-machine-learning and the ask-for-help-when-stuck rule",
        "My IBAN is DE89 3704 0044 0532 0130 01.",
        "Meeting ID: 812 3456 7890, order 4539-1488, ISBN 978-3-16-148410-0",
        // Ids and hashes.
        "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "md5 d41d8cd98f00b204e9800998ecf8427e, sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "id 123e4567-e89b-12d3-a456-426614174000, \"session_id\": \"0f8fad5b-d9cb-469f-a165\"",
        "sha512-oVcNWvbFXnRvBTkJqM8bEw9ZnKbJ7H0n7rX3mFz5c1Y3o9Yw8U2gE6a1pQ==",
        "\"integrity\": \"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"",
        "message 1098765432109876543 at 1700000000000 and 1700000000123456789",
        "\"snowflake\": 4539148803436467123",
        "0.4539148803436467 and https://example.org/status/4539148803436467",
        "img_4539148803436467_large.jpg",
        "https://example.org/watch?v=dQw4w9WgXcQ&list=PLx0sYbCqOb8TBPRdmBHs5Iftvv9TPboYG",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
        // Code.
        "let token = tokenizer.next_token()?; let key = map.get(\"api_key\");",
        "api_key = os.environ[\"OPENAI_API_KEY\"]; secret = getenv(\"CLIENT_SECRET_2\")",
        "const API_KEY = process.env.MY_SERVICE_KEY_V2;",
        "access_token: accessTokenFromStore2, token: selectedTokenForUser2",
        "max_tokens: 4096, token_count=1234567890123456789012",
        "export AWS_SECRET_ACCESS_KEY=<your secret key>",
        "api_key: YOUR_API_KEY_GOES_HERE_123, key = \"xxxxxxxxxxxx1234xxxxxxxx\"",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, sk-00000000000000000000000000000000",
        "tokenizer = \"all-MiniLM-L6-v2-int8-quantised\", model_key=gpt-4-turbo-preview-0125",
        "private_key: /home/mira/.ssh/id_ed25519_work2",
        "password: str, password=None, password = prompt(\"Password: \"), passwd = getpass()",
        "postgres://user:${DB_PASSWORD}@localhost/db and redis://:6379",
        "if (secret === expectedSecretValue123) return",
        "cache-key: linux-cargo-9f86d081884c7d659a2feaa0c55ad015",
        "primary key (user_id, created_at_2024)",
        "eyJ is how a JSON web token begins",
        "",
    ];
    for text in left_alone {
        assert_eq!(find(text), [], "{text}");
        assert!(matches!(masked(text), Cow::Borrowed(_)));
    }
}
