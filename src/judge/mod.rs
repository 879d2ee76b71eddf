//! What the witnesses amount to. Pure: observations and `now` go in, verdicts with evidence come out.
//!
//! Every row of the decision tables is one named [`Rule`]. No rule votes: how many resolvers say a thing, or which
//! serial is higher, is never asked. A failed query is a witness too; a query that could not be sent is none.

#![deny(clippy::disallowed_methods)]

mod authority;
mod calibration;
mod chain;
mod delegation;
mod evidence;
mod expectation;
mod finding;
mod gathering;
mod marker;
mod memory;
mod parent;
mod references;
mod resolver;
mod rule;
#[cfg(test)]
pub(crate) mod sample_world;
mod sampling;
mod service;
mod side;
mod verdict;

pub use authority::{AuthorityJudgement, AuthorityRole, AuthorityWitnesses, judge_authority};
pub use calibration::{CALIBRATION_HOLDS, Calibration, NoRecursion, identity_in};
pub use chain::SignerMatch;
pub use delegation::{
    DelegationSample, DelegationState, NonceWitnesses, SourceView, judge_delegation, judge_referral,
    wrong_delegation_end,
};
pub use evidence::{Heard, Witnesses};
pub use expectation::{Expectation, ExpectationSource};
pub use finding::{Code, Finding, Severity};
pub use gathering::Gathering;
pub use marker::Marker;
pub use memory::{Memory, delegation_samples};
pub use parent::{ParentJudgement, ParentWitnesses, judge_parent};
pub use references::{References, SideFingerprint, learn_side};
pub use resolver::{
    GRACE, Latitude, ResolverJudgement, SampleCount, TOGETHER, WINDOW, judge_resolver, judge_resolver_again,
};
pub use rule::Rule;
pub use sampling::{CacheGroups, ShareInterval, samples_needed, stale_share, stale_share_at_most};
pub use service::{ServiceJudgement, ServiceState, judge_service, service_answers};
pub use side::{Side, side_of_negative, side_of_ns_set};
pub use verdict::{Until, Verdict};
