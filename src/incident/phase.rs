//! Where an incident stands: a pure function of the verdicts.

use std::collections::BTreeSet;

use crate::incident::Incident;
use crate::incident::forecast::seen_wrong;
use crate::judge::{AuthorityRole, Code, DelegationState, Rule, Verdict};
use crate::observation::{Outcome, Purpose};
use crate::time::Timestamp;

/// Where an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Not enough heard yet.
    Starting,
    /// The parent servers hold a parked or other delegation.
    ParkedAtParent,
    /// The parent says that there is no such domain.
    HeldAtParent,
    /// Parent servers disagree.
    SplitAtParent,
    /// The delegation is right, but expected servers do not answer, differ, or the DS does not match.
    BrokenAtAuthority,
    /// The source is right; some resolvers are not.
    Converging,
    /// The source is right, and every resolver that answers is clean by the sampling rule.
    Recovered,
    /// As recovered, and nothing was ever wrong in this incident.
    Healthy,
    /// Our own network is the problem.
    CannotTell,
}

/// Good samples that say "fewer than 20 %" are stale.
const USUAL: usize = 14;
/// Good samples that say "fewer than 5 %" are.
const THOROUGH: usize = 59;

impl Phase {
    /// All phases.
    pub const ALL: [Self; 9] = [
        Self::Starting,
        Self::ParkedAtParent,
        Self::HeldAtParent,
        Self::SplitAtParent,
        Self::BrokenAtAuthority,
        Self::Converging,
        Self::Recovered,
        Self::Healthy,
        Self::CannotTell,
    ];

    /// The word, as in JSON and on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::ParkedAtParent => "parked-at-parent",
            Self::HeldAtParent => "held-at-parent",
            Self::SplitAtParent => "split-at-parent",
            Self::BrokenAtAuthority => "broken-at-authority",
            Self::Converging => "converging",
            Self::Recovered => "recovered",
            Self::Healthy => "healthy",
            Self::CannotTell => "cannot-tell",
        }
    }

    /// Whether the domain is as it should be.
    #[must_use]
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Recovered | Self::Healthy)
    }

    /// Whether something is known to be wrong with the domain.
    #[must_use]
    pub const fn is_bad(self) -> bool {
        !matches!(self, Self::Starting | Self::CannotTell | Self::Recovered | Self::Healthy)
    }
}

/// When a phase began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhaseChange {
    /// When.
    pub at: Timestamp,
    /// Which.
    pub phase: Phase,
}

impl Incident {
    /// Works out the phase from the verdicts as they stand.
    pub(super) fn judge_phase(&self) -> Phase {
        // Where somebody in between answers for everybody, nothing heard is the word of those who were asked.
        if self.is_cut_off() || self.interception.stands() {
            return Phase::CannotTell;
        }
        self.source_phase.unwrap_or_else(|| self.phase_of_resolvers())
    }

    /// The phase that parent and name servers decide; none when they are as they should be.
    pub(super) fn judge_source(&self) -> Option<Phase> {
        if self.parents.is_empty() {
            let failed = self.walk_failure.is_some() || !self.unresolved_parents.is_empty();
            return Some(if failed { Phase::CannotTell } else { Phase::Starting });
        }
        let heard: Vec<Verdict> = self
            .parents
            .values()
            .filter(|p| p.judgement.rule != Rule::NothingHeard)
            .map(|p| p.judgement.verdict)
            .filter(|v| !matches!(v, Verdict::Silent | Verdict::Broken))
            .collect();
        let waiting = self.parents.values().any(|p| p.witnesses.is_empty());
        if heard.is_empty() {
            // Once every parent server was tried, and none said anything that could be used, nothing can be told.
            return Some(if waiting { Phase::Starting } else { Phase::CannotTell });
        }
        if self.parents_disagree() {
            return Some(Phase::SplitAtParent);
        }
        if heard.contains(&Verdict::Held) {
            return Some(Phase::HeldAtParent);
        }
        if heard.iter().any(|v| matches!(v, Verdict::Parked | Verdict::Other)) {
            return Some(Phase::ParkedAtParent);
        }
        if waiting || !heard.contains(&Verdict::Correct) {
            return Some(Phase::Starting);
        }
        self.judge_name_servers()
    }

    /// The same, once every parent server heard is right.
    fn judge_name_servers(&self) -> Option<Phase> {
        let broken = [
            Code::AuthorityNotAnswering,
            Code::AuthorityNoResponse,
            Code::DelegatedNotAnswering,
            Code::ParentDsWithoutKey,
            Code::ServerWithoutAddress,
        ];
        let said = self.expectation.is_some();
        let breaks = |code: Code| broken.contains(&code) || (said && code == Code::AuthorityNsDiffers);
        if self.source_findings.iter().any(|f| breaks(f.code)) {
            return Some(Phase::BrokenAtAuthority);
        }
        if self.authority_pending() {
            return Some(Phase::Starting);
        }
        (self.expected_tally().correct == 0).then_some(Phase::CannotTell)
    }

    /// Since when a resolver shows another delegation than the parent, which was always right when it was last asked: it
    /// may have changed since, and is asked again before anything is concluded. None where it was asked since, and once
    /// anything was seen wrong.
    #[must_use]
    pub const fn doubted_since(&self) -> Option<Timestamp> {
        self.doubted
    }

    pub(super) fn find_doubt(&self) -> Option<Timestamp> {
        use crate::judge::DelegationState::{Held, Other, Parked, ParkedSilent};
        if self.wrong_seen || !self.source.parent_right {
            return None;
        }
        let contradicts = |r: &&super::ResolverWatch| {
            let judgement = &r.judgement;
            matches!(judgement.state, Parked | ParkedSilent | Held | Other)
                && judgement.verdict.is_wrong()
                && judgement.rule != Rule::FilteredByPolicy
        };
        let since = self.resolvers.iter().filter(contradicts).filter_map(seen_wrong).min()?;
        let asked_since = |p: &super::state::ParentServer| {
            p.witnesses.latest(Purpose::Delegation).is_none_or(|newest| newest.observation.sent >= since)
        };
        (!self.parents.values().all(asked_since)).then_some(since)
    }

    /// The phase once the source is right.
    fn phase_of_resolvers(&self) -> Phase {
        let holds_back = |r: &super::ResolverWatch| {
            // A declared filter answers by its own policy for ever; it is named, and holds nothing back.
            let wrong = r.judgement.verdict.is_wrong() && r.judgement.rule != Rule::FilteredByPolicy;
            // Caches that wait for parked servers which no longer answer fall silent: lost answers end no incident.
            wrong || (r.judgement.verdict == Verdict::Silent && r.wrong_seen.is_some())
        };
        if self.resolvers.iter().any(holds_back) {
            let calm = self.phase().is_good() || self.phase() == Phase::Starting;
            return if self.doubted.is_some() && calm { self.phase() } else { Phase::Converging };
        }
        let unsure = self.resolvers.iter().any(|r| match r.judgement.verdict {
            Verdict::Correct => !self.is_sampled_enough(r),
            Verdict::Unknown => is_awaited(r),
            _ => false,
        });
        let none_heard = self.resolvers.iter().all(|r| r.judgement.verdict != Verdict::Correct);
        match () {
            () if unsure && self.wrong_seen => Phase::Converging,
            () if unsure => Phase::Starting,
            // Without a single clean resolver nothing can be said of users, unless none was to be asked.
            () if none_heard && !self.resolvers.is_empty() => Phase::CannotTell,
            () if self.wrong_seen => Phase::Recovered,
            () => Phase::Healthy,
        }
    }

    /// Good samples in a row that this resolver needs before the incident counts as recovered: as many as the operator's
    /// confidence asks, and more while any server behind the address was met only once (Good–Turing: then others have not
    /// been met at all). That ends at 59: "fewer than 5 % of the caches seen from here are stale" holds however many were
    /// not met, and an address with a hundred servers could otherwise never be done with. Who asks for fewer than 14 has
    /// said that less will do.
    #[must_use]
    pub fn samples_wanted(&self, watch: &super::ResolverWatch) -> usize {
        let confidence = self.opening.confidence;
        let unmet = watch.judgement.samples.groups.is_some_and(|groups| groups.once > 0);
        // Where nothing was ever wrong, no cache is left behind.
        if unmet && self.wrong_seen && confidence >= USUAL { confidence.max(THOROUGH) } else { confidence }
    }

    /// Whether this resolver gave as many good samples as are wanted, and, where something was wrong, as many sure ones.
    #[must_use]
    pub fn is_sampled_enough(&self, watch: &super::ResolverWatch) -> bool {
        let samples = watch.judgement.samples;
        let counted = if self.wrong_seen { samples.sure } else { samples.good };
        counted >= self.samples_wanted(watch)
    }

    /// Whether the source is right: every parent server heard delegates correctly, and so say the expected name servers,
    /// with nothing wrong about them and none still awaited.
    #[must_use]
    pub const fn source_is_right(&self) -> bool {
        self.source.parent_right && self.source_phase.is_none()
    }

    /// Whether the parent servers heard hold different things.
    pub(super) fn parents_disagree(&self) -> bool {
        let contents: BTreeSet<_> = self
            .parents
            .values()
            .map(|p| &p.judgement)
            .filter(|j| j.ns.is_some() || j.verdict == Verdict::Held)
            .map(|j| (j.verdict == Verdict::Held, j.ns.clone()))
            .collect();
        contents.len() > 1
    }

    /// Whether an expected server's addresses, or its answer, are still awaited.
    fn authority_pending(&self) -> bool {
        let unresolved = self.references.good_ns.iter().flatten().any(|n| self.trusted_resolution(n).is_none());
        let awaited = |a: &super::AuthorityServer| a.witnesses.latest(Purpose::Soa).is_none() || a.is_lost_once();
        unresolved || self.expected_servers().any(|(_, a)| awaited(a))
    }

    /// Expected servers that are asked, by role.
    pub(super) fn expected_servers(&self) -> impl Iterator<Item = (&std::net::SocketAddr, &super::AuthorityServer)> {
        self.authorities.iter().filter(|(_, a)| a.role == AuthorityRole::Expected)
    }
}

impl super::ResolverWatch {
    /// Whether it counts where shares of resolvers are spoken of: not when it is silent, refuses us or filters the name by
    /// a declared policy; one whose answer is still awaited does.
    #[must_use]
    pub fn counts(&self) -> bool {
        match self.judgement.verdict {
            Verdict::Silent => false,
            Verdict::Unknown => is_awaited(self),
            _ => self.judgement.rule != Rule::FilteredByPolicy,
        }
    }
}

/// Whether asking a resolver that cannot be judged yet again may tell more. Not where it refuses us, filters, hides
/// whose answer it gives, or never answers about addresses; nor where our own packets do not leave.
fn is_awaited(resolver: &super::ResolverWatch) -> bool {
    let kept_from_leaving = resolver
        .witnesses
        .latest(Purpose::Nonce)
        .is_some_and(|heard| matches!(heard.observation.outcome, Outcome::NotSent { .. }));
    let futile = [Rule::Refused, Rule::FilteredByPolicy, Rule::BareAnswer, Rule::NoAnswer];
    // A first loss, or a second, is no silence yet: the next sample tells.
    let lost = resolver.judgement.state == DelegationState::Unreachable;
    !kept_from_leaving && (lost || !futile.contains(&resolver.judgement.rule))
}
