//! One zone a line; `#` begins a comment, empty lines mean nothing.

use super::{LONGEST_LINE, Reading, Written};

pub(super) fn read(text: &str, reading: &mut Reading) {
    for (at, line) in text.lines().enumerate() {
        if line.len() > LONGEST_LINE {
            reading.fault(at + 1, format!("the line is longer than {LONGEST_LINE} octets"));
            continue;
        }
        let bare = line.split('#').next().unwrap_or_default().trim();
        let mut words = bare.split_whitespace();
        let Some(zone) = words.next() else { continue };
        if let Some(more) = words.next() {
            reading.fault(at + 1, format!("'{more}' follows the zone: one zone a line; CSV and TOML take more"));
            continue;
        }
        reading.add(at + 1, &Written { zone: zone.to_owned(), ..Written::default() });
    }
}
