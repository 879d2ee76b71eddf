//! How output is to look: width, colour, glyphs, from flags, environment and the terminal.

use std::io::IsTerminal as _;

use crate::cli::args::{ColorArg, ProbeArgs, WatchCommand};
use crate::view::lines::Look;
use crate::view::tui::{self, ColourMode};

/// Columns when standard output is no terminal: enough for one row a line, narrow enough for a ticket.
const WIDTH_OF_A_PIPE: usize = 120;

/// The look of text on standard output.
pub fn look(args: &ProbeArgs) -> Look {
    let colour = colour(args.color, std::io::stdout().is_terminal());
    Look { colour, quiet: args.quiet, verbose: args.verbose, ..plain_look() }
}

/// The look of the lines of a watch without a screen.
pub fn look_of_lines(command: &WatchCommand) -> Look {
    let look = Look { ascii: wants_ascii(command.taste.ascii), ..look(&command.probe) };
    if command.taste.plain { in_words(look) } else { look }
}

/// The same in full words and without colour, for those who hear it.
pub const fn in_words(look: Look) -> Look {
    Look { words: true, colour: false, ..look }
}

/// Whether only ASCII characters may be drawn.
pub fn wants_ascii(flag: bool) -> bool {
    flag || is_set("UNPARK_ASCII") || !speaks_utf8()
}

/// Whether colour may be used (<https://no-color.org>; an explicit flag outranks it).
pub fn colour(when: ColorArg, terminal: bool) -> bool {
    match when {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto => terminal && !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|t| t != "dumb"),
    }
}

/// The look of the live screen.
pub fn screen_look(when: ColorArg, ascii: bool) -> tui::Look {
    let truecolour = std::env::var("COLORTERM").is_ok_and(|v| v == "truecolor" || v == "24bit");
    let colour = match (colour(when, true), truecolour) {
        (false, _) => ColourMode::None,
        (true, true) => ColourMode::True,
        (true, false) => ColourMode::Sixteen,
    };
    tui::Look { colour, ascii: wants_ascii(ascii) }
}

/// Whether an environment variable is there and not empty.
pub fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Whether the locale says that the terminal takes more than ASCII. Without a locale nothing speaks against it.
pub fn speaks_utf8() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(std::env::var_os).find(|v| !v.is_empty());
    match locale.as_ref().and_then(|l| l.to_str()) {
        Some("C" | "POSIX") => false,
        Some(locale) => {
            let locale = locale.to_ascii_lowercase();
            !locale.contains('.') || locale.contains("utf-8") || locale.contains("utf8")
        }
        None => true,
    }
}

/// The look of text that has no colour to show.
pub fn plain_look() -> Look {
    let terminal = std::io::stdout().is_terminal();
    let width = match crossterm::terminal::size() {
        Ok((columns, _)) if terminal && columns > 0 => usize::from(columns),
        _ => WIDTH_OF_A_PIPE,
    };
    Look { ascii: !speaks_utf8(), ..Look::plain(width) }
}
