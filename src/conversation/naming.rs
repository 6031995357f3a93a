//! What the user of this machine is called where people read: one name, in every place.

use super::visible_line;
use std::borrow::Cow;
use std::sync::OnceLock;

/// The speaker that the user's turns are stored under, here and by imports that do not know the name.
pub const USER: &str = "user";

static OWN_NAME: OnceLock<String> = OnceLock::new();

/// Sets what the user is called, once, before anything is shown. Without it, or with an empty name,
/// that is "you".
pub fn set_own_name(name: &str) {
    let name = visible_line(name.trim()).into_owned();
    if !name.is_empty() {
        // The first one stays.
        let _ = OWN_NAME.set(name);
    }
}

/// What a speaker is called where people read.
pub fn name_of(speaker: &str) -> &str {
    if speaker == USER { OWN_NAME.get().map_or("you", String::as_str) } else { speaker }
}

/// The speaker that a name stands for, as people write it in a filter.
pub fn speaker_of(name: &str) -> Cow<'_, str> {
    if name.eq_ignore_ascii_case("you") || name.eq_ignore_ascii_case("me") {
        USER.into()
    } else {
        name.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_has_one_name() {
        assert_eq!((name_of(USER), name_of("Ann")), ("you", "Ann"));
        assert_eq!((speaker_of("You"), speaker_of("Ann")), ("user".into(), "Ann".into()));
        set_own_name(" \n ");
        assert_eq!(name_of(USER), "you");
    }
}
