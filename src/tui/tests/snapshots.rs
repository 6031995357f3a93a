//! Every view at three sizes, as text.

use super::fixtures::{self, drawn, text};
use crate::tui::model::Model;

const SIZES: [(u16, u16); 3] = [(40, 12), (80, 24), (200, 60)];

fn check(name: &str, view: fn(u16, u16) -> Model) {
    for (width, height) in SIZES {
        let shown = text(&drawn(&view(width, height)));
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), shown);
    }
}

macro_rules! views {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            check(stringify!($name), fixtures::$name);
        })*
    };
}

views!(
    answered,
    abstained,
    source_open,
    search,
    filtered,
    picking,
    sessions,
    tagging,
    reading,
    recognised,
    discovered,
    undoing,
    importing,
    imported,
    first_run,
    demo,
    memory,
    help,
    commands,
);
