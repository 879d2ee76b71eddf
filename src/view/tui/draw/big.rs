//! Letters five rows high, for a wall.

/// Rows of a letter.
pub(super) const HEIGHT: usize = 5;
/// Columns of the widest letters; one more stands between two letters.
const WIDTH: usize = 5;

/// The rows of a character, five bits each, the leftmost column highest; blank for what has no letter.
const fn letter(c: char) -> [u8; HEIGHT] {
    match c {
        'A' => [0b01110, 0b10001, 0b11111, 0b10001, 0b10001],
        'B' => [0b11110, 0b10001, 0b11110, 0b10001, 0b11110],
        'C' => [0b01111, 0b10000, 0b10000, 0b10000, 0b01111],
        'D' => [0b11110, 0b10001, 0b10001, 0b10001, 0b11110],
        'E' => [0b11111, 0b10000, 0b11110, 0b10000, 0b11111],
        'F' => [0b11111, 0b10000, 0b11110, 0b10000, 0b10000],
        'G' => [0b01111, 0b10000, 0b10011, 0b10001, 0b01111],
        'H' => [0b10001, 0b10001, 0b11111, 0b10001, 0b10001],
        'I' => [0b01110, 0b00100, 0b00100, 0b00100, 0b01110],
        'J' => [0b00111, 0b00010, 0b00010, 0b10010, 0b01100],
        'K' => [0b10001, 0b10010, 0b11100, 0b10010, 0b10001],
        'L' => [0b10000, 0b10000, 0b10000, 0b10000, 0b11111],
        'M' => [0b10001, 0b11011, 0b10101, 0b10001, 0b10001],
        'N' => [0b10001, 0b11001, 0b10101, 0b10011, 0b10001],
        'O' => [0b01110, 0b10001, 0b10001, 0b10001, 0b01110],
        'P' => [0b11110, 0b10001, 0b11110, 0b10000, 0b10000],
        'Q' => [0b01110, 0b10001, 0b10101, 0b10010, 0b01101],
        'R' => [0b11110, 0b10001, 0b11110, 0b10010, 0b10001],
        'S' => [0b01111, 0b10000, 0b01110, 0b00001, 0b11110],
        'T' => [0b11111, 0b00100, 0b00100, 0b00100, 0b00100],
        'U' => [0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
        'V' => [0b10001, 0b10001, 0b10001, 0b01010, 0b00100],
        'W' => [0b10001, 0b10001, 0b10101, 0b11011, 0b10001],
        'X' => [0b10001, 0b01010, 0b00100, 0b01010, 0b10001],
        'Y' => [0b10001, 0b01010, 0b00100, 0b00100, 0b00100],
        'Z' => [0b11111, 0b00010, 0b00100, 0b01000, 0b11111],
        '0' => [0b01110, 0b10011, 0b10101, 0b11001, 0b01110],
        '1' => [0b00100, 0b01100, 0b00100, 0b00100, 0b01110],
        '2' => [0b11110, 0b00001, 0b01110, 0b10000, 0b11111],
        '3' => [0b11110, 0b00001, 0b01110, 0b00001, 0b11110],
        '4' => [0b10010, 0b10010, 0b11111, 0b00010, 0b00010],
        '5' => [0b11111, 0b10000, 0b11110, 0b00001, 0b11110],
        '6' => [0b01110, 0b10000, 0b11110, 0b10001, 0b01110],
        '7' => [0b11111, 0b00001, 0b00010, 0b00100, 0b00100],
        '8' => [0b01110, 0b10001, 0b01110, 0b10001, 0b01110],
        '9' => [0b01110, 0b10001, 0b01111, 0b00001, 0b01110],
        '-' => [0b00000, 0b00000, 0b01110, 0b00000, 0b00000],
        ':' => [0b00000, 0b00100, 0b00000, 0b00100, 0b00000],
        '/' => [0b00001, 0b00010, 0b00100, 0b01000, 0b10000],
        _ => [0; HEIGHT],
    }
}

/// Columns of a character: narrow ones use the middle of their five.
const fn wide(c: char) -> usize {
    match c {
        ':' => 1,
        'I' | '1' | '-' | ' ' => 3,
        _ => WIDTH,
    }
}

/// Columns that a text takes at one block a dot.
pub(super) fn columns(text: &str) -> usize {
    (text.chars().map(|c| wide(c) + 1).sum::<usize>()).saturating_sub(1)
}

/// The rows of a text, each dot `scale` blocks wide.
pub(super) fn rows(text: &str, scale: usize) -> Vec<String> {
    (0..HEIGHT)
        .map(|row| {
            let mut line = String::new();
            for (at, c) in text.chars().enumerate() {
                if at > 0 {
                    line.push_str(&" ".repeat(scale));
                }
                let bits = letter(c)[row] >> ((WIDTH - wide(c)) / 2);
                for column in (0..wide(c)).rev() {
                    let dot = if bits >> column & 1 == 1 { "█" } else { " " };
                    line.push_str(&dot.repeat(scale));
                }
            }
            line
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phase_and_number_has_its_letters() {
        for c in ('A'..='Z').chain('0'..='9').chain("-/:".chars()) {
            assert_ne!(letter(c), [0; HEIGHT], "{c}");
            // What a narrow letter leaves out is blank.
            let out = (WIDTH - wide(c)) / 2;
            let kept = |bits: u8| (bits >> out & ((1 << wide(c)) - 1)) << out;
            assert!(letter(c).iter().all(|bits| kept(*bits) == *bits), "{c}");
        }
        for scale in 1..4 {
            let rows = rows("A-7:1", scale);
            assert!(rows.iter().all(|row| row.chars().count() == columns("A-7:1") * scale));
        }
    }
}
