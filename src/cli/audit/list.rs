//! Reads the list, from a file or from standard input.

use std::io::Read as _;

use crate::audit::Portfolio;
use crate::audit::input::{Format, read as read_list};
use crate::cli::audit::AuditCommand;
use crate::cli::complain::Complaint;
use crate::cli::config::read_text;

/// The largest list that is read.
const LARGEST: u64 = 32 << 20;

/// What the list is called, and what it holds.
pub fn read(command: &AuditCommand) -> Result<(String, Portfolio), Complaint> {
    let (name, text) = if command.list.as_os_str() == "-" {
        ("standard input".to_owned(), from_standard_input()?)
    } else {
        (command.list.display().to_string(), read_text(&command.list, LARGEST)?)
    };
    let format = command.format.map_or_else(|| Format::of(&name, &text), Format::from);
    Ok((name, read_list(&text, format)))
}

fn from_standard_input() -> Result<String, Complaint> {
    let mut octets = Vec::new();
    let read = std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut octets);
    read.map_err(|e| Complaint::usage(format!("standard input: {e}"), "pipe a list into it"))?;
    if octets.len() as u64 > LARGEST {
        return Err(Complaint::usage("standard input: the list is too large", "a list has at most 32 MiB"));
    }
    String::from_utf8(octets).map_err(|e| {
        let good = e.as_bytes().get(..e.utf8_error().valid_up_to()).unwrap_or_default();
        let line = good.split(|octet| *octet == b'\n').count();
        Complaint::usage(format!("standard input, line {line}: the list is not UTF-8 text"), "give a text file")
    })
}
