//! Taking the terminal over, and giving it back whatever happens: at the end, on an error, on a panic in any task.

use std::io::{self, BufWriter, Stdout, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

/// Whether the terminal is ours now. There is one terminal, so one flag; the panic hook has no other way to know.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// What the process ends with after a panic in any task: what Rust's own main thread would end with.
const PANICKED: i32 = 101;

/// Enough for a whole frame of a large terminal, so that it reaches the terminal in few writes.
const FRAME_OCTETS: usize = 1 << 16;

/// The terminal, taken over; given back when dropped.
pub struct Screen {
    /// Where to draw.
    pub terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
}

impl Screen {
    /// Takes the terminal over: raw mode, alternate screen, mouse, bracketed paste. From then on a panic anywhere in the
    /// process gives it back first and then ends the process, so that no task goes on drawing over the message.
    ///
    /// # Errors
    /// The terminal could not be set up; it is then as it was.
    pub fn enter() -> io::Result<Self> {
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                let ours = leave();
                before(panic);
                if ours {
                    std::process::exit(PANICKED);
                }
            }));
        });
        TAKEN.store(true, Ordering::SeqCst);
        match Self::take_over() {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                leave();
                Err(error)
            }
        }
    }

    fn take_over() -> io::Result<Terminal<CrosstermBackend<BufWriter<Stdout>>>> {
        // The theme alone decides about colour: crossterm's own reading of NO_COLOR resets attributes with it (0.29).
        crossterm::style::force_color_output(true);
        take_terminal()?;
        new_terminal()
    }

    /// Gives the terminal back and stops the process, as Ctrl-Z does anywhere else; takes the terminal over again once the
    /// shell says to go on. The next frame is drawn whole.
    ///
    /// # Errors
    /// The terminal could not be set up again.
    #[cfg(unix)]
    pub fn suspend(&mut self) -> io::Result<()> {
        use rustix::process::{Signal, getpid, kill_process};
        leave();
        // Stopped here until SIGCONT. SIGSTOP and not SIGTSTP: that one is caught, and in a group without a shell ignored.
        kill_process(getpid(), Signal::STOP)?;
        TAKEN.store(true, Ordering::SeqCst);
        take_terminal()?;
        // A terminal that has drawn nothing yet draws everything. Clearing the old one would ask for the cursor's place, and
        // the answer would go to the reader of keys.
        self.terminal = new_terminal()?;
        Ok(())
    }

    /// Asks the terminal to put a text on the clipboard (OSC 52). Terminals may refuse, and do not say so.
    ///
    /// # Errors
    /// The terminal went away.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        let backend = self.terminal.backend_mut();
        write!(backend, "\x1b]52;c;{}\x07", base64(text.as_bytes()))?;
        Write::flush(backend)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

fn new_terminal() -> io::Result<Terminal<CrosstermBackend<BufWriter<Stdout>>>> {
    Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(FRAME_OCTETS, io::stdout())))
}

fn take_terminal() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableMouseCapture, EnableBracketedPaste, cursor::Hide)
}

/// What tells that the process is to be suspended: the shell's wish, or Ctrl-Z passed on to the whole group.
#[cfg(unix)]
pub fn suspensions() -> io::Result<tokio::signal::unix::Signal> {
    use tokio::signal::unix::{SignalKind, signal};
    signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))
}

/// Passes Ctrl-Z on to the process's group, as the terminal would have done: whoever started us stops too.
#[cfg(unix)]
pub fn suspend_group() -> io::Result<()> {
    Ok(rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?)
}

/// Gives the terminal back, once. Whether it was ours until now. Errors are of no use here: there is nobody to tell.
fn leave() -> bool {
    let ours = TAKEN.swap(false, Ordering::SeqCst);
    if ours {
        let _ = execute!(io::stdout(), DisableBracketedPaste, DisableMouseCapture, LeaveAlternateScreen, cursor::Show);
        let _ = disable_raw_mode();
    }
    ours
}

/// Base64 (RFC 4648 §4), for OSC 52.
fn base64(octets: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(octets.len().div_ceil(3) * 4);
    for group in octets.chunks(3) {
        let at = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let index = (bits >> (18 - 6 * place) & 0x3f) as usize;
            text.push(if place <= group.len() { char::from(ALPHABET[index]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn a_terminal_that_was_never_taken_is_left_alone() {
        assert!(!leave());
    }
}
