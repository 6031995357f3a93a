//! What Codex and editors write in the user's name, apart from what the user wrote.

use crate::import::reading::json::text_under;
use serde_json::Value;

/// Returns whether a text in the user's name was written by the program.
pub(super) fn is(text: &str) -> bool {
    const TAGS: [&str; 19] = [
        "environment_context",
        "user_instructions",
        "permissions instructions",
        "INSTRUCTIONS",
        "turn_aborted",
        "user_shell_command",
        "skill",
        "skills_instructions",
        "subagent_notification",
        "collaboration_mode",
        "personality_spec",
        "model_switch",
        "user_action",
        "hook_prompt",
        "recommended_plugins",
        "codex_internal_context",
        "apps_instructions",
        "plugins_instructions",
        "send_user_message_question_reply",
    ];
    let begin = text.trim_start();
    begin.starts_with("# AGENTS.md instructions")
        || TAGS.iter().any(|tag| after_tag(begin, tag).is_some())
}

/// Returns what follows a tag at the beginning of a text.
fn after_tag<'t>(text: &'t str, tag: &str) -> Option<&'t str> {
    let rest = text.trim_start().strip_prefix('<')?.strip_prefix(tag)?;
    rest.starts_with(['>', ' ', '\n']).then(|| rest.split_once('>').map_or("", |(_, after)| after))
}

/// Returns what the user answered to questions that the assistant asked in a form.
pub(super) fn answer(text: &str) -> Option<String> {
    let list = after_tag(text, "send_user_message_question_reply")?;
    let list = list.split("</send_user_message_question_reply>").next().unwrap_or(list);
    let list: Value = serde_json::from_str(list.trim()).ok()?;
    let answers = match &list {
        Value::Array(answers) => answers.as_slice(),
        other => std::slice::from_ref(other),
    };
    let words = |answer: &Value| match answer.get("answer").or_else(|| answer.get("answers"))? {
        Value::String(text) => Some(text.clone()),
        Value::Array(several) => {
            let several =
                several.iter().filter_map(|a| a.as_str().or_else(|| text_under(a, "text")));
            Some(several.collect::<Vec<_>>().join(", "))
        }
        _ => None,
    };
    let answers = answers.iter().filter_map(words).collect::<Vec<_>>().join("\n");
    Some(answers).filter(|answers| !answers.trim().is_empty())
}

/// Whether a text is the mark that the program puts before a picture.
pub(super) fn opens_picture(text: &str) -> bool {
    after_tag(text, "image").is_some_and(|after| after.trim().is_empty())
}

/// Returns what the user typed of a message that an editor put its state before.
pub(super) fn request(text: &str) -> &str {
    if !text.trim_start().starts_with("# Context from my IDE setup") {
        return text;
    }
    text.split_once("## My request for Codex:").map_or(text, |(_, request)| request.trim_start())
}
