//! What an edited message says now: the column `message_summary_info`, a binary property list whose
//! `ec` holds the wordings of each part, each as an archive of a text with its attributes.
//!
//! Only what leads there is read of the list. Its offsets come from a file that may be damaged: each is
//! checked, and nothing is followed deeper than a wording stands.

use super::attributed;
use std::collections::BTreeMap;

/// Returns the latest wording of a message that was edited.
pub(super) fn text(list: &[u8]) -> Option<String> {
    let list = List::open(list)?;
    let parts = list.member(list.top, "ec")?;
    let mut latest: BTreeMap<u32, String> = BTreeMap::new();
    for (part, wordings) in list.members(parts)? {
        let last = *list.items(wordings)?.last()?;
        let archive = list.bytes(list.member(last, "t")?)?;
        if let Some(text) = attributed::text(archive) {
            latest.insert(list.text(part)?.parse().ok()?, text);
        }
    }
    let texts: Vec<String> = latest.into_values().filter(|text| !text.trim().is_empty()).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

/// A binary property list.
struct List<'b> {
    bytes: &'b [u8],
    /// How many bytes an offset and a reference to an object have.
    sizes: [usize; 2],
    count: usize,
    top: usize,
    offsets: usize,
}

impl<'b> List<'b> {
    fn open(bytes: &'b [u8]) -> Option<Self> {
        const TRAILER: usize = 32;
        bytes.strip_prefix(b"bplist0")?;
        let trailer = bytes.get(bytes.len().checked_sub(TRAILER)?..)?;
        let number = |at: usize| number(trailer.get(at..at + 8)?);
        let sizes = [usize::from(trailer[6]), usize::from(trailer[7])];
        let fits = sizes.iter().all(|size| (1..=8).contains(size));
        let list = Self { bytes, sizes, count: number(8)?, top: number(16)?, offsets: number(24)? };
        fits.then_some(list)
    }

    /// Returns the kind of an object, its length, and its contents with all that follows.
    fn object(&self, reference: usize) -> Option<(u8, usize, &'b [u8])> {
        if reference >= self.count {
            return None;
        }
        let at = self.offsets.checked_add(reference.checked_mul(self.sizes[0])?)?;
        let offset = number(self.bytes.get(at..)?.get(..self.sizes[0])?)?;
        let (mark, rest) = self.bytes.get(offset..)?.split_first()?;
        let (kind, short) = (mark >> 4, usize::from(mark & 0xF));
        if short < 0xF {
            return Some((kind, short, rest));
        }
        // A longer one tells its length as a number of its own.
        let (size, rest) = rest.split_first()?;
        let size = 1_usize.checked_shl(u32::from(size & 0xF)).filter(|size| *size <= 8)?;
        Some((kind, number(rest.get(..size)?)?, rest.get(size..)?))
    }

    fn references(&self, contents: &[u8], count: usize) -> Option<Vec<usize>> {
        let size = self.sizes[1];
        contents.get(..count.checked_mul(size)?)?.chunks_exact(size).map(number).collect()
    }

    /// The keys and the values of a dictionary.
    fn members(&self, reference: usize) -> Option<Vec<(usize, usize)>> {
        let (0xD, count, contents) = self.object(reference)? else { return None };
        let all = self.references(contents, count.checked_mul(2)?)?;
        let (keys, values) = all.split_at_checked(count)?;
        Some(keys.iter().copied().zip(values.iter().copied()).collect())
    }

    fn member(&self, reference: usize, key: &str) -> Option<usize> {
        let members = self.members(reference)?;
        let found = members.into_iter().find(|(name, _)| self.text(*name) == Some(key));
        found.map(|(_, value)| value)
    }

    fn items(&self, reference: usize) -> Option<Vec<usize>> {
        let (0xA, count, contents) = self.object(reference)? else { return None };
        self.references(contents, count)
    }

    fn text(&self, reference: usize) -> Option<&'b str> {
        let (5, length, contents) = self.object(reference)? else { return None };
        std::str::from_utf8(contents.get(..length)?).ok()
    }

    fn bytes(&self, reference: usize) -> Option<&'b [u8]> {
        let (4, length, contents) = self.object(reference)? else { return None };
        contents.get(..length)
    }
}

fn number(bytes: &[u8]) -> Option<usize> {
    let value = bytes
        .iter()
        .try_fold(0_u64, |value, byte| Some(value.checked_mul(256)? | u64::from(*byte)));
    usize::try_from(value?).ok()
}

/// Makes the list of a message whose parts have such wordings, for tests.
#[cfg(test)]
pub(super) fn list(parts: &[&[&str]]) -> Vec<u8> {
    let mut objects: Vec<Vec<u8>> = Vec::new();
    let add = |objects: &mut Vec<Vec<u8>>, object: Vec<u8>| {
        objects.push(object);
        (objects.len() - 1) as u8
    };
    let head = |kind: u8, length: usize| match length {
        short @ 0..=14 => vec![kind << 4 | short as u8],
        long => vec![kind << 4 | 0xF, 0x11, (long >> 8) as u8, long as u8],
    };
    let string = |text: &str| [head(5, text.len()), text.as_bytes().to_vec()].concat();
    objects.push(Vec::new());
    let t = add(&mut objects, string("t"));
    let ec = add(&mut objects, string("ec"));
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    for (place, wordings) in parts.iter().enumerate() {
        let mut items = Vec::new();
        for wording in *wordings {
            let archive = attributed::archive(wording);
            let data = add(&mut objects, [head(4, archive.len()), archive].concat());
            items.push(add(&mut objects, vec![0xD1, t, data]));
        }
        keys.push(add(&mut objects, string(&place.to_string())));
        values.push(add(&mut objects, [head(0xA, items.len()), items].concat()));
    }
    let inner = add(&mut objects, [head(0xD, keys.len()), keys, values].concat());
    objects[0] = vec![0xD1, ec, inner];
    let mut bytes = b"bplist00".to_vec();
    let mut offsets = Vec::new();
    for object in &objects {
        offsets.extend((bytes.len() as u16).to_be_bytes());
        bytes.extend(object);
    }
    let table = bytes.len() as u64;
    bytes.extend(offsets);
    bytes.extend([0, 0, 0, 0, 0, 0, 2, 1]);
    bytes.extend((objects.len() as u64).to_be_bytes());
    bytes.extend(0_u64.to_be_bytes());
    bytes.extend(table.to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_wording_counts() {
        assert_eq!(text(&list(&[&["helo", "hello"]])).as_deref(), Some("hello"));
        let long = "long ".repeat(40);
        assert_eq!(text(&list(&[&["a"], &["b", &long]])), Some(format!("a\n{long}")));
        assert_eq!(text(b"bplist00"), None);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(cut in 0_usize..400, at in 0_usize..300, byte in 0_u8..=255) {
            let mut bytes = list(&[&["one", "two"], &["three"]]);
            let last = bytes.len() - 1;
            bytes[at.min(last)] = byte;
            let _ = text(&bytes);
            bytes.truncate(cut);
            let _ = text(&bytes);
        }
    }
}
