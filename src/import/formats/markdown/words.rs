//! The words that stand for a speaker in front of what they say, in many languages.
//!
//! Services and extensions write them in the language of the page: `#### You:`, `Vous avez dit :`,
//! `ChatGPT hat gesagt:`. People's names are no such words.

use crate::conversation::{Kind, Role};
use crate::import::reading::turns;

/// Words for the one who asks.
const ASKS: [&str; 56] = [
    "you",
    "me",
    "i",
    "prompt",
    "question",
    "q",
    "user",
    "human",
    // German
    "du",
    "ich",
    "nutzer",
    "benutzer",
    "frage",
    "du hast gesagt",
    "sie sagten",
    // French, Spanish, Portuguese, Italian
    "vous",
    "moi",
    "utilisateur",
    "vous avez dit",
    "tú",
    "usuario",
    "pregunta",
    "dijiste",
    "has dicho",
    "você",
    "usuário",
    "pergunta",
    "você disse",
    "tu",
    "utente",
    "domanda",
    "hai detto",
    // Dutch, Polish, Czech, Swedish, Turkish
    "jij",
    "gebruiker",
    "vraag",
    "je zei",
    "ty",
    "użytkownik",
    "powiedziałeś",
    "uživatel",
    "användare",
    "du sa",
    "sen",
    "kullanıcı",
    // Russian, Ukrainian
    "вы",
    "пользователь",
    "вопрос",
    "вы сказали",
    "користувач",
    // Chinese, Japanese, Korean
    "你",
    "您",
    "用户",
    "使用者",
    "ユーザー",
    "あなた",
    "사용자",
];

/// Words for the one who answers, beside the names of models.
const ANSWERS: [&str; 24] = [
    "response",
    "answer",
    "a",
    "ai assistant",
    "agent",
    "assistent",
    "antwort",
    "réponse",
    "asistente",
    "respuesta",
    "assistente",
    "resposta",
    "risposta",
    "antwoord",
    "asystent",
    "yanıt",
    "ассистент",
    "ответ",
    "助手",
    "回答",
    "アシスタント",
    "어시스턴트",
    "답변",
    "助理",
];

/// Names of models and of what they are offered as.
const MODELS: [&str; 19] = [
    "copilot",
    "github copilot",
    "microsoft copilot",
    "grok",
    "deepseek",
    "perplexity",
    "mistral",
    "le chat",
    "llama",
    "qwen",
    "gpt",
    "gpt-3.5",
    "gpt-4",
    "gpt-4o",
    "cursor",
    "claude code",
    "codex",
    "kimi",
    "windsurf",
];

/// What stands behind a name where a page reads itself aloud: `ChatGPT said`.
const SAID: [&str; 16] = [
    " said",
    " hat gesagt",
    " sagte",
    " a dit",
    " dijo",
    " disse",
    " ha detto",
    " zei",
    " powiedział",
    " сказал",
    " said to you",
    " 说",
    "说",
    "說",
    "の発言",
    "의 말",
];

/// Returns the role and the kind that stand for a speaker's word; `None` for people and for headings
/// that are none.
pub(super) fn known(word: &str) -> Option<(Role, Kind)> {
    let word = word.to_lowercase();
    let word = word.trim();
    let bare = without_said(word);
    if ASKS.contains(&word) || ASKS.contains(&bare) {
        return Some((Role::User, Kind::Message));
    }
    if ANSWERS.contains(&bare) || MODELS.contains(&bare) {
        return Some((Role::Assistant, Kind::Message));
    }
    match bare {
        "thinking" | "reasoning" | "thoughts" => Some((Role::Assistant, Kind::Reasoning)),
        "plugin" => Some((Role::Tool, Kind::Tool)),
        _ => turns::role(bare).filter(|(_, kind)| *kind == Kind::Message || bare == "tool"),
    }
}

/// Returns the name under which a speaker is kept: that of a model, otherwise the role's word; a
/// person's own name stays.
pub(super) fn name(word: &str) -> &str {
    let bare = without_said(word.trim());
    let lower = bare.to_lowercase();
    let whole = word.trim().to_lowercase();
    match known(word) {
        Some((Role::User, _))
            if ASKS.contains(&lower.as_str()) || ASKS.contains(&whole.as_str()) =>
        {
            Role::User.as_str()
        }
        Some((Role::Assistant, _))
            if lower == "assistant"
                || ANSWERS.contains(&lower.as_str()) && lower != "ai assistant" =>
        {
            Role::Assistant.as_str()
        }
        _ => bare,
    }
}

fn without_said(word: &str) -> &str {
    SAID.iter().find_map(|said| word.strip_suffix(said)).map_or(word, str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speakers_of_many_languages() {
        for (word, role, kept) in [
            ("You", Role::User, "user"),
            ("Du hast gesagt", Role::User, "user"),
            ("Vous avez dit", Role::User, "user"),
            ("Пользователь", Role::User, "user"),
            ("你说", Role::User, "user"),
            ("ChatGPT hat gesagt", Role::Assistant, "ChatGPT"),
            ("ChatGPT a dit", Role::Assistant, "ChatGPT"),
            ("ChatGPT", Role::Assistant, "ChatGPT"),
            ("Réponse", Role::Assistant, "assistant"),
            ("Le Chat", Role::Assistant, "Le Chat"),
            ("Assistant", Role::Assistant, "assistant"),
            ("Human", Role::User, "user"),
        ] {
            assert_eq!(known(word).map(|found| found.0), Some(role), "{word}");
            assert_eq!(name(word), kept, "{word}");
        }
        assert_eq!(known("Ada"), None);
        assert_eq!(name("Ada"), "Ada");
    }
}
