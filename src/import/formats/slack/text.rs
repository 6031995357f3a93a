//! What a message says: its text with marks decoded, or what stands in blocks and attachments.

use super::names::Names;
use crate::import::reading::json::{array_under, text_under};
use serde_json::Value;

/// Blocks may hold blocks; damage may do so without end.
const DEPTH: usize = 12;

/// Returns the text of a message.
pub(super) fn said(value: &Value, names: &Names) -> String {
    let inner = value.get("message").filter(|inner| inner.is_object()).unwrap_or(value);
    let mut text = decode(inner.get("text").and_then(Value::as_str).unwrap_or_default(), names);
    if text.trim().is_empty() {
        let mut parts = Vec::new();
        for block in array_under(inner, "blocks") {
            blocks(block, names, 0, &mut parts);
        }
        text = parts.join("\n");
    }
    let attached: Vec<String> = array_under(inner, "attachments")
        .iter()
        // What Slack shows of a linked page is not said by anybody.
        .filter(|a| text.trim().is_empty() || a.get("from_url").is_none() || shared(a))
        .filter_map(|attachment| attachment_text(attachment, names))
        .filter(|attached| !text.contains(attached.as_str()))
        .collect();
    for part in attached {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&part);
    }
    text
}

/// Whether an attachment is a message that somebody shared.
fn shared(attachment: &Value) -> bool {
    ["is_share", "is_msg_unfurl"]
        .iter()
        .any(|key| crate::import::reading::json::flag(attachment, key))
}

fn attachment_text(attachment: &Value, names: &Names) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut add = |text: Option<&str>| {
        if let Some(text) = text {
            let text = decode(text, names);
            if !text.trim().is_empty() && !parts.iter().any(|part| part.contains(&text)) {
                parts.push(text);
            }
        }
    };
    for key in ["pretext", "title", "text"] {
        add(text_under(attachment, key));
    }
    for field in array_under(attachment, "fields") {
        let title = text_under(field, "title").unwrap_or_default();
        let value = text_under(field, "value").unwrap_or_default();
        add(Some(format!("{title}: {value}").trim_matches([':', ' '])));
    }
    if parts.is_empty() {
        let inner = array_under(attachment, "message_blocks").iter();
        let inner = inner.filter_map(|shared| shared.get("message"));
        let inner = inner.flat_map(|message| array_under(message, "blocks"));
        for block in array_under(attachment, "blocks").iter().chain(inner) {
            blocks(block, names, 0, &mut parts);
        }
    }
    if parts.is_empty() {
        parts.extend(text_under(attachment, "fallback").map(|text| decode(text, names)));
    }
    if parts.is_empty() {
        return None;
    }
    let text = parts.join("\n");
    // What was said by another than the one who shares it goes under their name.
    let author = shared(attachment).then(|| author(attachment, names)).flatten();
    Some(author.map_or(text.clone(), |author| format!("{author}: {text}")))
}

/// Returns who said what an attachment shares.
fn author(attachment: &Value, names: &Names) -> Option<String> {
    let known = text_under(attachment, "author_id").and_then(|id| names.user(id));
    let told = || ["author_name", "author_subname"].iter().find_map(|k| text_under(attachment, k));
    known.or_else(|| told().map(str::to_owned))
}

/// Adds the lines of a block.
fn blocks(block: &Value, names: &Names, depth: usize, lines: &mut Vec<String>) {
    if depth > DEPTH {
        return;
    }
    let kind = text_under(block, "type").unwrap_or_default();
    let mut add = |line: String| {
        if !line.trim().is_empty() {
            lines.push(line);
        }
    };
    match kind {
        "rich_text_section" | "rich_text_quote" | "rich_text_preformatted" => {
            add(array_under(block, "elements").iter().map(|e| element(e, names)).collect());
            return;
        }
        "image" => {
            let about = text_under(block, "alt_text").map(|alt| format!("[picture: {alt}]"));
            add(about.unwrap_or_default());
            return;
        }
        _ => {}
    }
    for key in ["text", "title"] {
        match block.get(key) {
            Some(Value::String(text)) => add(decode(text, names)),
            Some(Value::Object(text)) => {
                add(decode(text.get("text").and_then(Value::as_str).unwrap_or_default(), names));
            }
            _ => {}
        }
    }
    for key in ["fields", "elements", "blocks"] {
        for inner in array_under(block, key) {
            blocks(inner, names, depth + 1, lines);
        }
    }
}

/// Returns the words of an element of rich text.
fn element(element: &Value, names: &Names) -> String {
    let word = |key: &str| text_under(element, key).unwrap_or_default();
    match word("type") {
        "text" => element.get("text").and_then(Value::as_str).unwrap_or_default().to_owned(),
        "link" => link(word("url"), text_under(element, "text")),
        "user" => format!("@{}", names.user(word("user_id")).unwrap_or(word("user_id").to_owned())),
        "channel" => {
            let id = word("channel_id");
            format!("#{}", names.channel_name(id).unwrap_or(id))
        }
        "emoji" => format!(":{}:", word("name")),
        "broadcast" => format!("@{}", word("range")),
        "usergroup" => format!("@{}", word("usergroup_id")),
        _ => word("text").to_owned(),
    }
}

/// Returns a text with its marks decoded: `<@U1>`, `<#C1|name>`, `<!here>`, `<url|label>`, and the
/// three characters that stand escaped.
fn decode(text: &str, names: &Names) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let inside = &rest[at + 1..];
        let end = inside.find('>').filter(|end| !inside[..*end].contains(['<', '\n']));
        let Some(end) = end else {
            out.push('<');
            rest = inside;
            continue;
        };
        out.push_str(&mark(&inside[..end], names));
        rest = &inside[end + 1..];
    }
    out.push_str(rest);
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Returns what the inside of a mark stands for.
fn mark(inside: &str, names: &Names) -> String {
    let (what, label) = inside.split_once('|').map_or((inside, None), |(w, l)| (w, Some(l)));
    let label = label.filter(|label| !label.is_empty());
    let mut kind = what.chars();
    match kind.next() {
        Some('@') => {
            let id = kind.as_str();
            let name = names.user(id).or_else(|| label.map(str::to_owned));
            format!("@{}", name.unwrap_or_else(|| id.to_owned()))
        }
        Some('#') => {
            let id = kind.as_str();
            format!("#{}", label.or_else(|| names.channel_name(id)).unwrap_or(id))
        }
        Some('!') => match label {
            Some(label) => label.to_owned(),
            None => format!("@{}", kind.as_str().split('^').next().unwrap_or_default()),
        },
        // An angle bracket of the text itself.
        _ if !(what.contains(':') || what.contains('/')) => format!("<{inside}>"),
        _ => link(what, label),
    }
}

fn link(url: &str, label: Option<&str>) -> String {
    let bare = url.strip_prefix("mailto:").or_else(|| url.strip_prefix("tel:")).unwrap_or(url);
    match label {
        Some(label) if !bare.contains(label) => format!("{label} ({bare})"),
        _ => bare.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_marks() {
        for (text, expected) in [
            ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
            ("<@U404> hi", "@U404 hi"),
            ("<@U404|ada> hi", "@ada hi"),
            ("see <#C1|general>, <#C2>", "see #general, #C2"),
            ("<!here> <!channel> <!subteam^S1|@team>", "@here @channel @team"),
            ("<!date^1392734382^{date}|18 February>", "18 February"),
            ("<https://a.example/x>", "https://a.example/x"),
            ("<https://a.example/x|the page>", "the page (https://a.example/x)"),
            ("<https://a.example|a.example>", "https://a.example"),
            ("<mailto:a@b.example|a@b.example>", "a@b.example"),
            ("1 < 2 and <3", "1 < 2 and <3"),
            ("<b> <", "<b> <"),
            ("", ""),
        ] {
            assert_eq!(decode(text, &Names::default()), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[<>|@#!^&;a: \u{e9}]{0,24}") {
            let _ = decode(&text, &Names::default());
        }
    }
}
