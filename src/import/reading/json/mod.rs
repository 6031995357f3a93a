//! JSON piece by piece: the records of a document or of JSON Lines, one at a time and bounded in
//! memory, so that a file of any size is read and one damaged record costs only itself.
//!
//! Owns: where a record begins and ends, and mending what other programs write wrongly. Does not
//! own what a record means.

mod mend;
mod prefix;
mod records;

pub(in crate::import) use mend::parse;
pub(in crate::import) use prefix::parse_prefix;
pub(in crate::import) use records::{Layout, Parts, Record, Records, read_line_capped};

use serde_json::Value;

/// Returns the text under a key, if it is a text that is not blank.
pub(in crate::import) fn text_under<'v>(object: &'v Value, key: &str) -> Option<&'v str> {
    object.get(key)?.as_str().filter(|text| !text.trim().is_empty())
}

/// Returns a text or number under the first of some keys that has one, as an identity.
pub(in crate::import) fn id_under(object: &Value, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| match object.get(key)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// Returns the array under a key, or an empty one.
pub(in crate::import) fn array_under<'v>(object: &'v Value, key: &str) -> &'v [Value] {
    object.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Returns whether a flag is set.
pub(in crate::import) fn flag(object: &Value, key: &str) -> bool {
    object.get(key).and_then(Value::as_bool).unwrap_or(false)
}
