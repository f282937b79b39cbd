//! A bar of characters.

use crate::output::Style;

/// The share that a count has of the largest.
pub fn share(count: u64, most: u64, cells: usize, style: Style) -> String {
    if style.bars { style.accent(&filled(count as f64, most as f64, cells)) } else { String::new() }
}

/// `value` of `whole`, in `cells` characters; what of it is less than a character is shown in eighths.
fn filled(value: f64, whole: f64, cells: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let share = if whole > 0.0 { (value / whole).clamp(0.0, 1.0) } else { 0.0 };
    let eighths = (share * cells as f64 * 8.0).round() as usize;
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// A part of a score: as long as its weight, filled as far as its value reaches.
pub fn part(value: f64, weight: f64, cells: usize, style: Style) -> String {
    if !style.bars {
        return String::new();
    }
    let length = ((weight * cells as f64).round() as usize).clamp(1, cells);
    let full = filled(value, 1.0, length);
    let rest = length.saturating_sub(full.chars().count());
    let padding = cells.saturating_sub(length);
    format!("{}{}{}", style.accent(&full), style.faint(&"░".repeat(rest)), " ".repeat(padding))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style::plain(true);

    #[test]
    fn a_bar_is_as_long_as_its_weight_and_filled_to_its_value() {
        assert_eq!(part(0.5, 0.5, 8, PLAIN), "██░░    ");
        assert_eq!(part(-1.0, 0.25, 8, PLAIN), "░░      ");
        assert_eq!(part(1.0, 1.0, 4, PLAIN), "████");
        assert_eq!(part(1.0, 0.0, 4, PLAIN), "█   ");
    }

    #[test]
    fn without_bars_there_is_nothing() {
        assert_eq!(part(1.0, 1.0, 4, Style::plain(false)), "");
        assert_eq!(share(1, 2, 4, Style::plain(false)), "");
        assert_eq!(share(1, 2, 4, PLAIN), "██");
    }

    #[test]
    fn a_bar_shows_eighths_and_never_leaves_its_cells() {
        assert_eq!(filled(5.0, 16.0, 4), "█▎");
        assert_eq!(filled(99.0, 1.0, 3), "███");
        assert_eq!(filled(1.0, 0.0, 3), "");
        assert_eq!(filled(f64::NAN, 1.0, 3), "");
    }
}
