//! Errors for people: what is wrong, then what to do next. Plain text, whatever the input held.

use std::fmt;

use crate::cli::exit::Exit;
use crate::cli::print::remark;

/// An error with a hint and an exit code.
#[derive(Debug)]
pub struct Complaint {
    what: String,
    hint: Option<String>,
    exit: Exit,
}

impl Complaint {
    /// Wrong usage or configuration.
    pub fn usage(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: Some(hint.into()), exit: Exit::Usage }
    }

    /// Something on our side failed.
    pub fn own(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: Some(hint.into()), exit: Exit::CannotTell }
    }

    /// The exit code it leads to.
    pub const fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Complaint {}

/// Prints an error and its hint to standard error.
pub fn complain(error: &anyhow::Error) {
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    // A parser's message points at a place with several lines: those after the first are set in.
    remark(&format!("error: {}", causes.join(": ").trim_end().replace('\n', "\n  ")));
    if let Some(hint) = error.downcast_ref::<Complaint>().and_then(|c| c.hint.as_deref()) {
        remark(&format!("hint: {hint}"));
    }
}

/// Prints what the argument parser found wrong. Its text repeats what was typed, so it passes as plain text.
pub fn complain_of_arguments(error: &clap::Error) {
    let before_subcommand = error.kind() == clap::error::ErrorKind::ArgumentConflict
        && error.get(clap::error::ContextKind::InvalidSubcommand).is_some();
    if before_subcommand {
        remark("error: more than one domain, or an option before a subcommand");
        remark("hint: one domain, and options behind the subcommand: unpark check brevo.com --json");
        return;
    }
    let rendered = error.render().to_string();
    let lines: Vec<&str> = rendered.lines().filter(|line| !line.starts_with("For more information")).collect();
    remark(lines.join("\n").trim_end());
    remark("hint: --help, also behind a subcommand, lists what there is");
}
