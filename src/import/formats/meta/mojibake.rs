//! Text whose UTF-8 bytes were each written as a character of their own, as Meta does.

/// Returns the text that was meant: where every character is a byte and the bytes are UTF-8.
pub(super) fn mended(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_broken_is_mended() {
        let broken: String = "Žluťoučký 🐎".bytes().map(char::from).collect();
        assert_eq!(mended(&broken), "Žluťoučký 🐎");
        for text in ["plain", "café", "Žluťoučký", "", "Ã"] {
            assert_eq!(mended(text), text);
        }
    }
}
