//! The text of a message that is kept only with its attributes, in the archive format of the
//! `NeXTSTEP` times (`typedstream`). Only the string is read, which stands first.

/// Returns the text of an attributed string.
pub(super) fn text(archive: &[u8]) -> Option<String> {
    const CLASSES: [&[u8]; 2] = [b"NSString", b"NSMutableString"];
    let found = CLASSES.iter().filter_map(|class| {
        let at = archive.windows(class.len()).position(|window| window == *class)?;
        Some(at + class.len())
    });
    // What follows the classes is a mark for a string, its length, and its bytes.
    let after = archive.get(found.min()?..)?;
    let mark = after.windows(2).take(64).position(|pair| pair == [0x01, 0x2B])?;
    let (length, bytes) = length(after.get(mark + 2..)?)?;
    let text = String::from_utf8_lossy(bytes.get(..length)?);
    Some(text.into_owned())
}

/// Reads a length: a byte, or after a mark two or four.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (size, rest) = match first {
        0x81 => (u32::from(u16::from_le_bytes(rest.get(..2)?.try_into().ok()?)), rest.get(2..)?),
        0x82 => (u32::from_le_bytes(rest.get(..4)?.try_into().ok()?), rest.get(4..)?),
        short => (u32::from(*short), rest),
    };
    Some((size as usize, rest))
}

/// Makes an archive as the system writes it, for tests.
#[cfg(test)]
pub(super) fn archive(text: &str) -> Vec<u8> {
    let mut bytes = b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01\x40\x84\x84\x84\x12NSAttributedString\x00\x84\x84\x08NSObject\x00\x85\x92\x84\x84\x84\x08NSString\x01\x94\x84\x01\x2b".to_vec();
    match text.len() {
        short @ 0..=0x7F => bytes.push(short as u8),
        long => {
            bytes.push(0x81);
            bytes.extend((long as u16).to_le_bytes());
        }
    }
    bytes.extend(text.as_bytes());
    bytes.extend(b"\x86\x84\x02iI\x01\x05\x92\x84\x84\x84\x0cNSDictionary\x00");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_every_length() {
        for said in ["", "hi", "naïve 🚲", &"long ".repeat(60)] {
            assert_eq!(text(&archive(said)).as_deref(), Some(said));
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(cut in 0_usize..400, at in 0_usize..120, byte in 0_u8..=255) {
            let mut bytes = archive(&"long ".repeat(60));
            bytes[at] = byte;
            bytes.truncate(cut);
            let _ = text(&bytes);
        }
    }
}
