//! Which findings the facts amount to. Codes, severity and wording stand in `judge::finding`.

use std::collections::{BTreeMap, BTreeSet};

use crate::dns::{Rcode, RecordType};
use crate::incident::{FlushState, Incident, ResolverWatch};
use crate::judge::{AuthorityRole, Code, Finding, Marker, Rule, SignerMatch, Verdict};
use crate::observation::{Outcome, Purpose, address_text};

impl Incident {
    /// All findings, the gravest first.
    pub(super) fn find(&self) -> Vec<Finding> {
        let mut findings = self.source_findings.to_vec();
        self.find_at_resolvers(&mut findings);
        self.find_turned_back(&mut findings);
        self.find_after_flushes(&mut findings);
        self.find_marker(&mut findings);
        self.find_own_trouble(&mut findings);
        findings.sort_by_key(|f| (f.severity(), f.code));
        findings
    }

    /// Those about the parent and the zone's servers, in no order. They change only when the source is judged.
    pub(super) fn find_at_source(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.find_at_parent(&mut findings);
        self.find_signer(&mut findings);
        self.find_at_authority(&mut findings);
        findings
    }

    fn find_at_parent(&self, findings: &mut Vec<Finding>) {
        let at = |wanted: Verdict| self.parents.iter().filter(move |(_, p)| p.judgement.verdict == wanted);
        let mut add = |code, wanted, detail: &dyn Fn() -> String| {
            let targets: Vec<String> = at(wanted).map(|(a, _)| address_text(*a)).collect();
            if !targets.is_empty() {
                let evidence = at(wanted).flat_map(|(_, p)| p.judgement.evidence.iter().copied()).collect();
                findings.push(Finding { code, targets, detail: detail(), evidence });
            }
        };
        let sets = |wanted| {
            let sets: BTreeSet<String> =
                at(wanted).filter_map(|(_, p)| p.judgement.ns.as_ref()).map(ToString::to_string).collect();
            sets.into_iter().collect::<Vec<_>>().join("; ")
        };
        add(Code::ParentDelegationParked, Verdict::Parked, &|| {
            let mut detail = sets(Verdict::Parked);
            let known =
                at(Verdict::Parked).find_map(|(_, p)| self.references.parking.match_ns_set(p.judgement.ns.as_ref()?));
            match known {
                Some(service) => {
                    detail = format!("{detail} ({}, {})", service.operator, service.what.phrase());
                }
                None => detail.push_str(" (no known parking service)"),
            }
            detail
        });
        add(Code::ParentDelegationOther, Verdict::Other, &|| sets(Verdict::Other));
        add(Code::ParentNameDenied, Verdict::Held, &|| {
            let ttl = at(Verdict::Held).filter_map(|(_, p)| p.judgement.negative_ttl).max();
            ttl.map_or_else(String::new, |s| format!("; caches keep that for up to {s} s"))
        });
        add(Code::ParentServerError, Verdict::Broken, &|| {
            let rcodes: BTreeSet<String> = at(Verdict::Broken)
                .map(|(_, p)| p.judgement.rcode.map_or_else(|| "unreadable".to_owned(), |r| r.to_string()))
                .collect();
            rcodes.into_iter().collect::<Vec<_>>().join(", ")
        });
        add(Code::ParentServerNoResponse, Verdict::Silent, &String::new);
        if self.parents_disagree() {
            findings.push(self.parents_disagreement());
        }
    }

    /// Names the servers that lag: those whose content is not the expected one.
    fn parents_disagreement(&self) -> Finding {
        let mut holders: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut lagging = Vec::new();
        let mut evidence = Vec::new();
        for (address, parent) in &self.parents {
            let judgement = &parent.judgement;
            let content = match (&judgement.ns, judgement.verdict) {
                (_, Verdict::Held) => "no such domain".to_owned(),
                (Some(set), _) => set.to_string(),
                _ => continue,
            };
            let server = format!("{} {}", parent.name.without_dot(), address_text(*address));
            holders.entry(content).or_default().push(server);
            if judgement.verdict != Verdict::Correct {
                lagging.push(address_text(*address));
                evidence.extend(judgement.evidence.iter().copied());
            }
        }
        let parts = holders.iter().map(|(content, servers)| match servers.as_slice() {
            [one, two, three, _, ..] => format!("{one}, {two}, {three} and {} more hold {content}", servers.len() - 3),
            few => format!("{} hold{} {content}", few.join(", "), if few.len() == 1 { "s" } else { "" }),
        });
        let detail = parts.collect::<Vec<_>>().join("; ");
        Finding { code: Code::ParentServersDisagree, targets: lagging, detail, evidence }
    }

    /// DS at the parent against the keys of the expected servers.
    fn find_signer(&self, findings: &mut Vec<Finding>) {
        let signing = || self.parents.iter().filter(|(_, p)| p.judgement.ds.as_ref().is_some_and(|ds| !ds.is_empty()));
        let Some(signers) = signing().find_map(|(_, p)| p.judgement.ds.clone()) else { return };
        let targets: Vec<String> = signing().map(|(a, _)| address_text(*a)).collect();
        let mut detail =
            signers.iter().map(|ds| format!("DS {} {}", ds.key_tag, ds.algorithm)).collect::<Vec<_>>().join(", ");
        let mut evidence: Vec<u64> = signing().flat_map(|(_, p)| p.judgement.evidence.iter().copied()).collect();
        if self.source.parent_right {
            let found = self.signer_match().filter(|found| found.is_broken());
            if let Some(found) = found {
                if found == SignerMatch::DigestDiffers {
                    detail.push_str(" (the tag of a key that is served, but not its digest)");
                }
                evidence.extend(self.expected_servers().flat_map(|(_, a)| a.judgement.evidence.iter().copied()));
                findings.push(Finding { code: Code::ParentDsWithoutKey, targets, detail, evidence });
            }
        } else if self.parents.values().any(|p| p.judgement.verdict == Verdict::Parked) {
            findings.push(Finding { code: Code::ParentDsOverParked, targets, detail, evidence });
        }
    }

    /// Whether the parent's DS records name a key that the expected servers serve. None without DS, and while the keys are
    /// not known.
    #[must_use]
    pub fn signer_match(&self) -> Option<SignerMatch> {
        let signers = self.parents.values().find_map(|p| p.judgement.ds.as_ref().filter(|ds| !ds.is_empty()))?;
        let served: Vec<_> = self.expected_servers().filter_map(|(_, a)| a.judgement.keys.as_ref()).collect();
        let keys: Vec<&[u8]> = served.iter().flat_map(|keys| keys.iter().map(Vec::as_slice)).collect();
        SignerMatch::of(self.zone(), signers, &keys).filter(|_| !served.is_empty())
    }

    fn find_at_authority(&self, findings: &mut Vec<Finding>) {
        let said = self.expectation.is_some();
        let expected: Vec<_> = self.expected_servers().collect();
        let label = |names: &[crate::dns::Name], address: &std::net::SocketAddr| {
            let names: Vec<String> = names.iter().map(crate::dns::Name::without_dot).collect();
            format!("{} ({})", names.join(", "), address_text(*address))
        };
        for (verdict, code) in [
            (Verdict::Broken, if said { Code::AuthorityNotAnswering } else { Code::DelegatedNotAnswering }),
            (Verdict::Silent, if said { Code::AuthorityNoResponse } else { Code::DelegatedNotAnswering }),
            (Verdict::Parked, Code::AuthorityNotAnswering),
        ] {
            // Silence by a family that this machine reaches nobody by is our own, not the server's.
            let theirs = |address| verdict != Verdict::Silent || self.reaches_family_of(address);
            let at: Vec<_> =
                expected.iter().filter(|(address, a)| a.judgement.verdict == verdict && theirs(**address)).collect();
            if at.is_empty() {
                continue;
            }
            let reasons = at.iter().map(|(address, a)| {
                let why = match (a.judgement.rcode, a.judgement.aa) {
                    _ if verdict == Verdict::Parked => "answers as a parked server".to_owned(),
                    (Some(Rcode::NOERROR | Rcode::NXDOMAIN), Some(false)) => "not authoritative".to_owned(),
                    (Some(rcode), _) => rcode.to_string(),
                    (None, _) if verdict == Verdict::Silent => "no answer".to_owned(),
                    (None, _) => "unreadable answer".to_owned(),
                };
                format!("{} {why}", label(&a.names, address))
            });
            findings.push(Finding {
                code,
                targets: at.iter().map(|(a, _)| address_text(**a)).collect(),
                detail: reasons.collect::<Vec<_>>().join("; "),
                evidence: at.iter().flat_map(|(_, a)| a.judgement.evidence.iter().copied()).collect(),
            });
        }
        if let Some(good) = &self.references.good_ns {
            let differing: Vec<_> =
                expected.iter().filter(|(_, a)| a.judgement.ns.as_ref().is_some_and(|ns| ns != good)).collect();
            let sets: BTreeSet<String> =
                differing.iter().filter_map(|(_, a)| a.judgement.ns.as_ref()).map(ToString::to_string).collect();
            if !differing.is_empty() {
                findings.push(Finding {
                    code: Code::AuthorityNsDiffers,
                    targets: differing.iter().map(|(a, _)| address_text(**a)).collect(),
                    detail: sets.into_iter().collect::<Vec<_>>().join("; "),
                    evidence: differing.iter().flat_map(|(_, a)| a.judgement.evidence.iter().copied()).collect(),
                });
            }
            let missing: Vec<String> = good
                .iter()
                .filter_map(|name| match &self.trusted_resolution(name)?.addresses {
                    // Where nobody at all is reached, not finding an address is our own failure.
                    Err(_) if self.families.iter().all(|f| f.heard_afar == 0) => None,
                    Err(reason) => Some(format!("{} ({reason})", name.without_dot())),
                    // None in the families that may be asked from here: it may have others.
                    Ok(_) => None,
                })
                .collect();
            if !missing.is_empty() {
                let targets = missing.iter().map(|m| m.split(' ').next().unwrap_or_default().to_owned()).collect();
                findings.push(Finding {
                    code: Code::ServerWithoutAddress,
                    targets,
                    detail: missing.join("; "),
                    evidence: vec![],
                });
            }
        }
        Self::find_serials(&expected, findings);
        let parked: Vec<_> = self.authorities.iter().filter(|(_, a)| a.parked_host && a.judgement.answers()).collect();
        if self.source.parent_right && !parked.is_empty() {
            findings.push(Finding {
                code: Code::ParkedStillAnswers,
                targets: parked.iter().map(|(a, _)| address_text(**a)).collect(),
                detail: parked.iter().map(|(address, a)| label(&a.names, address)).collect::<Vec<_>>().join("; "),
                evidence: parked.iter().flat_map(|(_, a)| a.judgement.evidence.iter().copied()).collect(),
            });
        }
    }

    fn find_serials(
        expected: &[(&std::net::SocketAddr, &crate::incident::AuthorityServer)],
        findings: &mut Vec<Finding>,
    ) {
        let mut serials: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        let mut evidence = Vec::new();
        for (address, authority) in expected {
            if let Some((soa, _)) = &authority.judgement.soa {
                serials.entry(soa.serial.0).or_default().push(address_text(**address));
                evidence.extend(authority.judgement.evidence.iter().copied());
            }
        }
        if serials.len() > 1 {
            let detail = serials.iter().map(|(serial, at)| format!("serial {serial} at {}", at.join(", ")));
            findings.push(Finding {
                code: Code::AuthoritySerialsDiffer,
                targets: serials.values().flatten().cloned().collect(),
                detail: detail.collect::<Vec<_>>().join("; "),
                evidence,
            });
        }
    }

    fn find_at_resolvers(&self, findings: &mut Vec<Finding>) {
        let mut groups: BTreeMap<Code, Vec<&ResolverWatch>> = BTreeMap::new();
        for resolver in &self.resolvers {
            if let Some(code) = code_of(resolver) {
                groups.entry(code).or_default().push(resolver);
            }
        }
        for (code, resolvers) in groups {
            let reasons: BTreeSet<String> = resolvers
                .iter()
                .flat_map(|r| {
                    let errors = r.judgement.errors.iter().map(crate::observation::ExtendedError::name);
                    let mut reasons: Vec<String> = errors.collect();
                    if reasons.is_empty() {
                        reasons.push(r.judgement.rule.says().to_owned());
                    }
                    reasons
                })
                .collect();
            findings.push(Finding {
                code,
                targets: resolvers.iter().map(|r| address_text(r.target.address)).collect(),
                detail: reasons.into_iter().collect::<Vec<_>>().join("; "),
                evidence: resolvers.iter().flat_map(|r| r.judgement.evidence.iter().copied()).collect(),
            });
        }
    }

    /// Named caches that were right and are not any more: news, whatever the row says.
    fn find_turned_back(&self, findings: &mut Vec<Finding>) {
        let back: Vec<_> = self.resolvers.iter().filter(|r| !r.judgement.turned_back.is_empty()).collect();
        if back.is_empty() {
            return;
        }
        let caches = |r: &&ResolverWatch| {
            format!("{} at {}", r.judgement.turned_back.join(", "), address_text(r.target.address))
        };
        findings.push(Finding {
            code: Code::ResolverTurnedBack,
            targets: back.iter().map(|r| address_text(r.target.address)).collect(),
            detail: back.iter().map(caches).collect::<Vec<_>>().join("; "),
            evidence: back.iter().flat_map(|r| r.judgement.evidence.iter().copied()).collect(),
        });
    }

    /// What the proofs of flushes showed that is worth an alarm.
    fn find_after_flushes(&self, findings: &mut Vec<Finding>) {
        for (code, state) in
            [(Code::FlushRepoisoned, FlushState::Repoisoned), (Code::FlushWithoutEffect, FlushState::StillParked)]
        {
            let (mut targets, mut steps) = (BTreeSet::new(), Vec::new());
            for standing in self.flush_standings().iter().filter(|s| s.state == state) {
                steps.push(standing.step.to_string());
                targets.extend(standing.caches.iter().filter(|c| c.state.is_of(state)).map(|c| c.address));
            }
            if targets.is_empty() {
                continue;
            }
            let of_target = |r: &&ResolverWatch| targets.contains(&r.target.address);
            let evidence = self.resolvers.iter().filter(of_target).flat_map(|r| r.judgement.evidence.iter().copied());
            findings.push(Finding {
                code,
                targets: targets.iter().map(|a| address_text(*a)).collect(),
                detail: steps.join("; "),
                evidence: evidence.collect(),
            });
        }
    }

    /// The record that would tell the sides apart, in words; nothing when there is one.
    fn marker_to_add(&self) -> String {
        if self.references.marker.is_some() {
            return ", not even by the marker".to_owned();
        }
        // The same at every look, another for each watch: no secret, only unlike what anybody else has.
        let token = Marker::token_from(self.started.as_micros().unsigned_abs());
        let Ok(marker) = Marker::of_token(&token, self.zone()) else { return String::new() };
        format!("; add {} to the correct zone and watch with --marker {token}", marker.record(self.zone()))
    }

    /// Expected servers that answer, but without the marker that the operator says they have.
    fn find_marker(&self, findings: &mut Vec<Finding>) {
        let Some(marker) = &self.references.marker else { return };
        let lacking: Vec<_> = self
            .expected_servers()
            .filter_map(|(address, server)| {
                let heard = server.witnesses.about(Purpose::Echo, &marker.name, RecordType::TXT).next_back()?;
                let response = heard.observation.response().filter(|r| r.aa)?;
                (!marker.is_in(response, &heard.observation.asked)).then_some((*address, heard.number))
            })
            .collect();
        if !lacking.is_empty() {
            findings.push(Finding {
                code: Code::MarkerNotServed,
                targets: lacking.iter().map(|(address, _)| address_text(*address)).collect(),
                detail: marker.record(self.zone()),
                evidence: lacking.iter().map(|(_, number)| *number).collect(),
            });
        }
    }

    fn find_own_trouble(&self, findings: &mut Vec<Finding>) {
        let mut own = |code, detail: String| {
            findings.push(Finding { code, targets: Vec::new(), detail, evidence: Vec::new() });
        };
        if self.expectation.is_none() {
            own(Code::ExpectationMissing, String::new());
        }
        if let Some((reason, _)) = &self.walk_failure {
            own(Code::ParentNotFound, reason.clone());
        }
        let alike = |r: &ResolverWatch| r.judgement.rule == Rule::Undecidable;
        if self.resolvers.iter().any(alike) {
            own(Code::SidesAlike, self.marker_to_add());
        }
        if self.interception.stands() {
            let at: Vec<String> = self.interception.answering().map(address_text).collect();
            let verb = if at.len() == 1 { "answers" } else { "answer" };
            findings.push(Finding {
                code: Code::NetworkIntercepted,
                detail: format!("{} {verb}, where no server stands", at.join(" and ")),
                targets: at,
                evidence: self.interception.evidence().to_vec(),
            });
        }
        let mut own = |code, detail: String| {
            findings.push(Finding { code, targets: Vec::new(), detail, evidence: Vec::new() });
        };
        let asked = self.observed - self.interception.asked();
        if self.nothing_leaves() || (asked > 0 && self.heard == 0 && self.not_sent == asked) {
            own(Code::NetworkUnreachable, self.last_not_sent.clone().unwrap_or_default());
        } else if let Some(since) = self.deaf_since() {
            let ended = self.asked_in_vain();
            own(Code::NothingAnswers, format!("nobody since {} UTC, {ended} asked in vain", since.clock()));
        } else if asked > 0 && self.heard == 0 && self.resolvers.iter().all(tried) {
            own(Code::NothingAnswers, format!("{asked} asked, none answered"));
        } else if self.families.iter().any(|f| f.heard_afar > 0 && f.not_sent * 2 > f.asked) {
            // A family by which nobody at all is reached is one that this machine does not have.
            own(Code::NetworkUnreachable, self.last_not_sent.clone().unwrap_or_default());
        }
    }
}

/// Whether a resolver was asked and given up on, or heard.
fn tried(resolver: &ResolverWatch) -> bool {
    resolver.witnesses.iter().any(|h| !matches!(h.observation.outcome, Outcome::NotSent { .. }))
}

fn code_of(resolver: &ResolverWatch) -> Option<Code> {
    let judgement = &resolver.judgement;
    Some(match (judgement.verdict, judgement.rule) {
        (_, Rule::FilteredByPolicy) => Code::ResolverFiltered,
        (Verdict::Parked, _) => Code::ResolverParked,
        (Verdict::Mixed, _) => Code::ResolverMixed,
        (Verdict::Held, _) => Code::ResolverHeld,
        (Verdict::Stuck, _) => Code::ResolverStuck,
        (Verdict::Draining, _) => Code::ResolverDraining,
        (Verdict::Broken, Rule::FailsValidation) => Code::ResolverValidationFailing,
        (Verdict::Broken, _) => Code::ResolverBroken,
        (Verdict::Other, _) => Code::ResolverOther,
        (Verdict::Silent, _) => Code::ResolverNoResponse,
        (Verdict::Unknown, Rule::Refused) => Code::ResolverRefuses,
        _ => return None,
    })
}

impl crate::incident::AuthorityServer {
    /// Whether it is one of the expected servers.
    #[must_use]
    pub fn is_expected(&self) -> bool {
        self.role == AuthorityRole::Expected
    }
}
