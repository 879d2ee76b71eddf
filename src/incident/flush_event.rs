//! What the operator of this tool decides about a flush, and what becomes of each step. Facts only: whether a cache forgot is worked
//! out in [`super::flushes`].

use std::fmt;

use crate::catalog::FlushOperator;
use crate::dns::{Name, RecordType};

/// One entry to be forgotten by one operator's caches.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlushStep {
    /// Whose resolvers.
    pub operator: FlushOperator,
    /// The name.
    pub name: Name,
    /// The type; each needs a step of its own.
    pub rtype: RecordType,
}

/// What became of one step. None of these says that a cache has forgotten anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlushOutcome {
    /// The operator took the request.
    Sent {
        /// Its words, bounded and safe to show.
        reply: String,
    },
    /// The operator answered and did not take it.
    Refused {
        /// Why, in words safe to show.
        reason: String,
    },
    /// A person has to do this one.
    NeedsAPerson {
        /// The page to open.
        link: String,
    },
    /// A person says that it was done on the operator's page.
    DoneByHand,
    /// The request left, but no reply came that could be read: whether it was taken is unknown.
    Unclear {
        /// What came instead, in words safe to show.
        reason: String,
    },
    /// Nothing was sent: our side or the way there failed.
    NotSent {
        /// Why, in words safe to show.
        reason: String,
    },
    /// Not tried, because of what came before.
    Skipped {
        /// Why, in words safe to show.
        reason: String,
    },
}

/// One step of a flush and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlushRecord {
    /// Which.
    pub step: FlushStep,
    /// How it ended.
    pub outcome: FlushOutcome,
    /// Who asked for it: the user's name, or `unpark` where that is not known. Safe to show.
    pub by: String,
}

/// Which of the things that could be flushed are to be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FlushChoice {
    /// Whose resolvers, in this order.
    pub operators: Vec<FlushOperator>,
    /// The whole list, and not only what was seen stale.
    pub everything: bool,
    /// Steps left out by the operator of this tool.
    pub left_out: Vec<FlushExclusion>,
}

/// What the operator of this tool left out of a flush. A part that is none stands for all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct FlushExclusion {
    /// At whose resolvers.
    pub operator: Option<FlushOperator>,
    /// Which name.
    pub name: Option<Name>,
    /// Which type.
    pub rtype: Option<RecordType>,
}

/// What the operator of this tool decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlushAct {
    /// To flush as soon as the source is right.
    Armed(FlushChoice),
    /// Not to, after all.
    Disarmed(Disarming),
    /// To send these steps now, in this order. Ends whatever was armed.
    Ordered {
        /// The steps that are sent.
        steps: Vec<FlushStep>,
        /// What the guard had against it and was overridden, a sentence each without the full stop, safe to show; empty when it passed.
        against: Vec<String>,
    },
}

/// Why an armed flush was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Disarming {
    /// The operator of this tool cancelled it.
    Cancelled,
    /// The source was not right within the time given.
    TimedOut,
    /// When the source was right, nothing was stale any more.
    NothingToDo,
}

impl FlushOutcome {
    /// The one word (or three) for it, the same in every view.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::Refused { .. } => "refused",
            Self::NeedsAPerson { .. } => "needs a person",
            Self::DoneByHand => "done by hand",
            Self::Unclear { .. } => "unclear",
            Self::NotSent { .. } => "not sent",
            Self::Skipped { .. } => "skipped",
        }
    }

    /// The reason or the link that goes with the word; none for a step that was sent or done.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Sent { .. } | Self::DoneByHand => None,
            Self::NeedsAPerson { link } => Some(link),
            Self::Refused { reason }
            | Self::Unclear { reason }
            | Self::NotSent { reason }
            | Self::Skipped { reason } => Some(reason),
        }
    }

    /// Whether the operator's caches may have been told to forget, so that it is worth looking whether they did.
    #[must_use]
    pub const fn may_have_worked(&self) -> bool {
        matches!(self, Self::Sent { .. } | Self::DoneByHand | Self::Unclear { .. })
    }
}

impl fmt::Display for FlushOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.detail() {
            Some(detail) => write!(f, "{}: {detail}", self.word()),
            None => f.write_str(self.word()),
        }
    }
}

impl FlushExclusion {
    /// Just this step.
    #[must_use]
    pub fn of(step: &FlushStep) -> Self {
        Self { operator: Some(step.operator), name: Some(step.name.clone()), rtype: Some(step.rtype) }
    }

    /// Whether it leaves this step out.
    #[must_use]
    pub fn covers(&self, step: &FlushStep) -> bool {
        self.operator.is_none_or(|operator| operator == step.operator)
            && self.name.as_ref().is_none_or(|name| *name == step.name)
            && self.rtype.is_none_or(|rtype| rtype == step.rtype)
    }
}

impl FlushChoice {
    /// Everything that was seen stale, at every operator with a flush.
    #[must_use]
    pub fn usual() -> Self {
        Self { operators: FlushOperator::ALL.to_vec(), everything: false, left_out: Vec::new() }
    }

    /// Whether a step is wanted.
    #[must_use]
    pub fn wants(&self, step: &FlushStep) -> bool {
        self.operators.contains(&step.operator) && !self.left_out.iter().any(|exclusion| exclusion.covers(step))
    }
}

impl Disarming {
    /// As in the journal.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed-out",
            Self::NothingToDo => "nothing-to-do",
        }
    }
}

impl fmt::Display for FlushStep {
    /// `Cloudflare brevo.com NS`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.operator, self.name.without_dot(), self.rtype)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exclusion_leaves_out_what_it_names_and_nothing_else() {
        let step =
            |name: &str, rtype| FlushStep { operator: FlushOperator::Google, name: name.parse().unwrap(), rtype };
        let (apex, www) = (step("example.com.", RecordType::MX), step("www.example.com.", RecordType::MX));
        let mut choice = FlushChoice { left_out: vec![FlushExclusion::of(&apex)], ..FlushChoice::usual() };
        assert!(!choice.wants(&apex) && choice.wants(&www));
        choice.left_out = vec![FlushExclusion { rtype: Some(RecordType::MX), ..FlushExclusion::default() }];
        assert!(!choice.wants(&apex) && !choice.wants(&www));
        choice = FlushChoice { operators: vec![FlushOperator::Cloudflare], ..FlushChoice::usual() };
        assert!(!choice.wants(&www));
    }
}
