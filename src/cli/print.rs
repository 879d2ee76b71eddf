//! The two streams. Data goes to standard output whole or as far as somebody reads it; remarks go to standard error.
//! A reader that has gone away is no failure: the exit code stays what was found out.

use std::io::{self, IsTerminal as _, Write as _};

use crate::dns::shown;

/// Writes data to standard output; says whether somebody still reads there.
///
/// # Errors
/// It cannot be written (a full disk), other than for want of a reader.
pub fn print(data: &str) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    match out.write_all(data.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error),
    }
}

/// Writes a remark to standard error, a line for each of its lines, every one plain text. Where it cannot be written
/// there is nobody to tell.
pub fn remark(text: &str) {
    let plain: Vec<String> = text.trim_end().split('\n').map(plain).collect();
    let _ = writeln!(io::stderr().lock(), "{}", plain.join("\n"));
}

/// Writes a text to standard error that is set and made plain already.
pub fn explain(set: &str) {
    let _ = io::stderr().lock().write_all(set.as_bytes());
}

/// One line of any length as plain text: every word of it passes [`shown::text`].
pub fn plain(line: &str) -> String {
    line.trim_end_matches('\r').split(' ').map(shown::text).collect::<Vec<_>>().join(" ")
}

/// One line on standard error that says how far a round is. It is there only on a terminal, and gone at the end.
pub struct Progress {
    shown: Option<String>,
}

impl Progress {
    /// A line where standard error is a terminal and `wanted` is true; otherwise nothing is ever written.
    pub fn start(wanted: bool) -> Self {
        Self { shown: (wanted && io::stderr().is_terminal()).then(String::new) }
    }

    /// Puts this text in place of what stood there, cut to one line of the terminal.
    pub fn say(&mut self, text: &str) {
        let Some(shown) = &mut self.shown else { return };
        let room = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns)).saturating_sub(1);
        let line: String = plain(text).chars().take(room).collect();
        if *shown != line {
            // Back to the left edge, and the rest of the line erased (ECMA-48 EL).
            let _ = write!(io::stderr().lock(), "\r{line}\x1b[K");
            *shown = line;
        }
    }

    /// Takes the line away for now, so that others can be printed.
    pub fn clear(&mut self) {
        if let Some(shown) = self.shown.as_mut().filter(|shown| !shown.is_empty()) {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
            shown.clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
