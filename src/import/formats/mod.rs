//! One file per format: how to recognise it, and how to read it.

mod ai_studio;
mod aichat;
mod alpaca;
mod captions;
mod chatgpt;
mod claude_ai;
mod claude_code;
mod cline;
mod codex;
mod copilot;
mod copilot_cli;
mod cursor;
mod deepseek;
mod discord;
mod frontends;
mod gemini;
mod gemini_cli;
mod google_chat;
mod google_meet;
mod google_voice;
mod grok;
mod imessage;
mod irc;
mod jan;
mod kakaotalk;
mod lechat;
mod line;
mod llm;
mod lmstudio;
mod locomo;
mod longmemeval;
mod markdown;
mod mastodon;
mod matrix;
mod mattermost;
mod mbox;
mod meta;
mod openai_chat;
mod opencode;
mod openwebui;
mod perplexity;
mod pidgin;
mod qq;
mod qwen_code;
mod recount;
mod rocketchat;
mod sharegpt;
mod signal;
mod skype;
mod slack;
mod sms_backup;
mod teams;
mod telegram;
mod twitter;
mod viber;
mod vscode_copilot;
mod wechat;
mod whatsapp;
mod zed;
mod zoom_chat;
mod zulip;

use super::Importer;

/// Returns every format, in the order in which they are listed to people.
pub fn formats() -> &'static [&'static dyn Importer] {
    &[
        &chatgpt::ChatGpt,
        &claude_ai::ClaudeAi,
        &claude_code::ClaudeCode,
        &codex::Codex,
        &gemini::Gemini,
        &gemini_cli::GeminiCli,
        &qwen_code::QwenCode,
        &opencode::OpenCode,
        &vscode_copilot::VsCodeCopilot,
        &cursor::Cursor,
        &copilot_cli::CopilotCli,
        &cline::Cline,
        &zed::Zed,
        &ai_studio::AiStudio,
        &grok::Grok,
        &deepseek::DeepSeek,
        &lechat::LeChat,
        &copilot::Copilot,
        &perplexity::Perplexity,
        &llm::Llm,
        &aichat::AiChat,
        &frontends::FrontEnds,
        &openai_chat::OpenAiChat,
        &sharegpt::ShareGpt,
        &alpaca::Alpaca,
        &openwebui::OpenWebUi,
        &lmstudio::LmStudio,
        &jan::Jan,
        &markdown::Markdown,
        &locomo::Locomo,
        &longmemeval::LongMemEval,
        &recount::Recount,
        &whatsapp::WhatsApp,
        &slack::Slack,
        &mattermost::Mattermost,
        &rocketchat::RocketChat,
        &zulip::Zulip,
        &teams::Teams,
        &telegram::Telegram,
        &discord::Discord,
        &meta::Messenger,
        &meta::Instagram,
        &signal::Signal,
        &imessage::IMessage,
        &line::Line,
        &kakaotalk::KakaoTalk,
        &google_chat::GoogleChat,
        &google_voice::GoogleVoice,
        &sms_backup::SmsBackup,
        &twitter::Twitter,
        &mastodon::Mastodon,
        &skype::Skype,
        &viber::Viber,
        &pidgin::Pidgin,
        &irc::Irc,
        &matrix::Matrix,
        &wechat::WeChat,
        &qq::Qq,
        &mbox::Mbox,
        &zoom_chat::ZoomChat,
        &google_meet::GoogleMeet,
        &captions::Captions,
    ]
}
