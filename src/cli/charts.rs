//! Charts of block characters, as wide as the terminal.

/// Eighths of a cell, filled from the left.
const ACROSS: [char; 9] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
/// Eighths of a cell, filled from below.
const UP: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A bar as long as `value` is of `largest`, at most `cells` wide. What is there at all is seen.
pub(super) fn bar(value: u64, largest: u64, cells: usize) -> String {
    let eighths = scaled(value, largest, cells * 8);
    let mut bar = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.push(ACROSS[eighths % 8]);
    }
    bar
}

/// Columns that stand side by side, each `width` cells wide, in `rows` lines from the top.
pub(super) fn columns(values: &[u64], rows: usize, width: usize) -> Vec<String> {
    let largest = values.iter().copied().max().unwrap_or_default();
    let heights: Vec<usize> =
        values.iter().map(|value| scaled(*value, largest, rows * 8)).collect();
    (0..rows)
        .rev()
        .map(|row| {
            let line: String = heights
                .iter()
                .flat_map(|height| {
                    let cell = UP[height.saturating_sub(row * 8).min(8)];
                    std::iter::repeat_n(cell, width)
                })
                .collect();
            line.trim_end().to_owned()
        })
        .collect()
}

fn scaled(value: u64, largest: u64, eighths: usize) -> usize {
    if value == 0 || largest == 0 {
        return 0;
    }
    let share = value as f64 / largest as f64;
    ((share * eighths as f64).round() as usize).clamp(1, eighths)
}

/// A number with its thousands set apart.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size as people read it.
pub(super) fn bytes(size: u64) -> String {
    let mut amount = size as f64;
    for unit in ["B", "KB", "MB", "GB"] {
        if amount < 999.5 {
            let digits = usize::from(unit != "B" && amount < 9.95);
            return format!("{amount:.digits$} {unit}");
        }
        amount /= 1000.0;
    }
    format!("{amount:.1} TB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_they_should_be() {
        assert_eq!(bar(8, 8, 4), "████");
        assert_eq!(bar(3, 8, 4), "█▌");
        assert_eq!(bar(1, 100_000, 4), "▏");
        assert_eq!((bar(0, 8, 4).as_str(), bar(0, 0, 4).as_str()), ("", ""));
    }

    #[test]
    fn columns_stand_side_by_side() {
        assert_eq!(columns(&[0, 1, 8, 16], 2, 1), ["   █", " ▁██"]);
        assert_eq!(columns(&[4, 4], 1, 2), ["████"]);
        assert_eq!(columns(&[], 1, 2), [""]);
    }

    #[test]
    fn numbers_read_well() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
        for (size, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_500, "1.5 KB"),
            (999_600, "1.0 MB"),
            (12_300_000, "12 MB"),
        ] {
            assert_eq!(bytes(size), text);
        }
    }
}
