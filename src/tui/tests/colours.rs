//! Every view at three sizes in a dark and a light theme: a letter a cell for the purpose that its
//! colours have in the theme, and what the letters look like. `?` is a look that no purpose has.

use super::fixtures::drawn;
use super::{chat, fixtures, intent};
use crate::tui::model::Model;
use crate::tui::theme::{Named, Theme, all};
use std::fmt::Write as _;

/// A view's name, and what makes it at a size.
type View = (&'static str, fn(u16, u16) -> Model);

/// Every view, as the snapshots and the property test begin with it.
pub const VIEWS: &[View] = &[
    ("answered", fixtures::answered),
    ("abstained", fixtures::abstained),
    ("source_open", fixtures::source_open),
    ("search", fixtures::search),
    ("filtered", fixtures::filtered),
    ("picking", fixtures::picking),
    ("sessions", fixtures::sessions),
    ("tagging", fixtures::tagging),
    ("reading", fixtures::reading),
    ("recognised", fixtures::recognised),
    ("discovered", fixtures::discovered),
    ("undoing", fixtures::undoing),
    ("importing", fixtures::importing),
    ("imported", fixtures::imported),
    ("first_run", fixtures::first_run),
    ("demo", fixtures::demo),
    ("memory", fixtures::memory),
    ("help", fixtures::help),
    ("commands", fixtures::commands),
    ("opened", chat::opened),
    ("markdown", chat::markdown),
    ("palette", chat::palette),
    ("incognito", chat::incognito),
    ("forgetting", chat::forgetting),
    ("writing", chat::writing),
    ("deciding", intent::deciding),
];

fn theme(wanted: &str) -> Theme {
    let Named { theme, .. } = all(None).into_iter().find(|theme| theme.name == wanted).unwrap();
    theme.unwrap()
}

fn letters(theme: &mut Theme) -> Vec<(char, &'static str, ratatui::style::Style)> {
    let slots = ('a'..).zip(Theme::SLOTS);
    slots.map(|(letter, slot)| (letter, slot, *theme.slot(slot).unwrap())).collect()
}

/// The letters of a frame.
fn purposes(model: &Model) -> String {
    let letters = letters(&mut model.theme.clone());
    let buffer = drawn(model);
    let ground = |color: Option<_>| color.unwrap_or(ratatui::style::Color::Reset);
    let below = ground(model.theme.text.bg);
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            let found = letters.iter().find(|(_, _, style)| {
                let bg = style.bg.unwrap_or(below);
                let fg = style.fg.unwrap_or(ground(model.theme.text.fg));
                (cell.fg, cell.bg, cell.modifier) == (fg, bg, style.add_modifier)
            });
            let blank = cell.symbol() == " " && cell.modifier.is_empty() && cell.bg == below;
            line.push(match found {
                _ if blank => ' ',
                Some((letter, ..)) => *letter,
                None => '?',
            });
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

#[test]
fn every_view_in_a_dark_and_a_light_theme() {
    for name in ["dusk", "paper"] {
        let mut theme = theme(name);
        for (view, of) in VIEWS {
            let mut shown = String::new();
            for (width, height) in [(40, 12), (80, 24), (200, 60)] {
                let mut model = of(width, height);
                model.theme = Theme { revision: model.theme.revision + 1, ..theme };
                let _ = writeln!(shown, "{width}x{height}\n{}", purposes(&model));
            }
            insta::assert_snapshot!(format!("{name}_{view}"), shown);
        }
        let mut legend = String::new();
        for (letter, slot, style) in letters(&mut theme) {
            let (fg, bg, weight) = (style.fg, style.bg, style.add_modifier);
            let _ = writeln!(legend, "{letter} {slot}: {fg:?} {bg:?} {weight:?}");
        }
        insta::assert_snapshot!(format!("{name}__letters"), legend);
    }
}
