//! The plan of a flush: every name and type, in the order that helps, for each operator. Pure: plans, never sends.
//!
//! The apex comes first because its NS RRset decides whom a resolver asks for everything below; then each
//! watched host, since every name and type is an entry of its own in a cache.

use std::collections::HashMap;
use std::fmt;

use crate::catalog::FlushOperator;
use crate::dns::{Name, RecordType};
use crate::incident::FlushStep;

use super::evidence::Basis;

/// The path of Cloudflare's purge request.
pub const PURGE_PATH: &str = "/api/v1/purge";

/// Where the requests and the people go. Addresses as text, checked where they are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlushEndpoints {
    /// The whole address of Cloudflare's purge request, without a query.
    pub cloudflare: String,
    /// Google's page for people.
    pub google_page: String,
    /// OpenDNS's page for people, without a query.
    pub opendns_page: String,
}

impl Default for FlushEndpoints {
    fn default() -> Self {
        Self {
            cloudflare: format!("https://one.one.one.one{PURGE_PATH}"),
            google_page: "https://dns.google/cache".to_owned(),
            opendns_page: "https://cachecheck.opendns.com/".to_owned(),
        }
    }
}

/// Something that is not flushed at an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Whose resolvers.
    pub operator: FlushOperator,
    /// The name.
    pub name: Name,
    /// The type; none when it is so for every type.
    pub rtype: Option<RecordType>,
    /// Why there is no step for it.
    pub reason: &'static str,
}

impl fmt::Display for LeftOut {
    /// `Google, brevo.com NS: seen clean at all of its addresses`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.operator, self.name.without_dot())?;
        if let Some(rtype) = self.rtype {
            write!(f, " {rtype}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// All steps in the order they are to be taken, operator by operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlushPlan {
    /// The steps, first to last; no step occurs twice.
    pub steps: Vec<FlushStep>,
    /// What gets no step, with the reason.
    pub left_out: Vec<LeftOut>,
    /// Why each step is there; of a step that is not in it, the whole list was asked for.
    pub(super) bases: HashMap<FlushStep, Basis>,
    /// Whether the zone's answers differ by place or load.
    pub(super) varies: bool,
}

/// Said of a name at Google whose answers differ by place.
const MAY_USE_CLIENT_SUBNET: &str =
    "its answers differ by place: where its servers use EDNS Client Subnet (RFC 7871), Google cannot flush it";

/// The types at the apex, before and after those that only matter with DNSSEC.
const APEX_FIRST: [RecordType; 1] = [RecordType::NS];
const APEX_SIGNED: [RecordType; 2] = [RecordType::DS, RecordType::DNSKEY];
const APEX_THEN: [RecordType; 4] = [RecordType::A, RecordType::AAAA, RecordType::MX, RecordType::TXT];
/// The types at a watched host.
const HOST: [RecordType; 4] = [RecordType::A, RecordType::AAAA, RecordType::CNAME, RecordType::HTTPS];

impl FlushPlan {
    /// The plan for a zone and its watched hosts, for the given operators in the given order.
    ///
    /// `signed` means that the zone is or was signed: a cached DS, or the proof that there is none, outlives the
    /// delegation it belonged to. Types an operator does not take are not planned for it. A watched host
    /// that is the apex adds HTTPS there, but no CNAME, which an apex cannot have (RFC 1034 §3.6.2).
    #[must_use]
    pub fn for_zone(zone: &Name, hosts: &[Name], signed: bool, operators: &[FlushOperator]) -> Self {
        let mut wanted: Vec<(&Name, RecordType)> = Vec::new();
        let apex = APEX_FIRST.iter().chain(APEX_SIGNED.iter().filter(|_| signed)).chain(&APEX_THEN);
        wanted.extend(apex.map(|rtype| (zone, *rtype)));
        for host in hosts {
            let types = HOST.iter().filter(|rtype| host != zone || **rtype != RecordType::CNAME);
            wanted.extend(types.map(|rtype| (host, *rtype)));
        }
        let mut plan = Self { steps: Vec::new(), left_out: Vec::new(), bases: HashMap::new(), varies: false };
        let mut seen = std::collections::HashSet::new();
        for &operator in operators {
            for &(name, rtype) in wanted.iter().filter(|(_, rtype)| operator.takes_type(*rtype)) {
                match operator.take_name(name) {
                    Ok(()) => {
                        if seen.insert((operator, name, rtype)) {
                            plan.steps.push(FlushStep { operator, name: name.clone(), rtype });
                        }
                    }
                    Err(reason) => {
                        let left_out = LeftOut { operator, name: name.clone(), rtype: None, reason };
                        if !plan.left_out.contains(&left_out) {
                            plan.left_out.push(left_out);
                        }
                    }
                }
            }
        }
        plan
    }

    /// Why a step is in the plan.
    #[must_use]
    pub fn basis(&self, step: &FlushStep) -> Basis {
        self.bases.get(step).copied().unwrap_or(Basis::AskedFor)
    }

    /// What may keep a step from having any effect, in a clause; none when nothing is known of such a thing.
    #[must_use]
    pub fn caution(&self, step: &FlushStep) -> Option<&'static str> {
        let of_place = matches!(step.rtype, RecordType::A | RecordType::AAAA | RecordType::CNAME | RecordType::HTTPS);
        (self.varies && of_place && step.operator == FlushOperator::Google).then_some(MAY_USE_CLIENT_SUBNET)
    }
}

impl FlushStep {
    /// The query of Cloudflare's request: `domain=example.com&type=NS`, the name in A-labels without the final dot.
    #[must_use]
    pub fn query(&self) -> String {
        format!("domain={}&type={}", percent_encode(&self.name.without_dot()), self.rtype)
    }

    /// The page a person opens for this step; none where no person is needed.
    #[must_use]
    pub fn link(&self, endpoints: &FlushEndpoints) -> Option<String> {
        match self.operator {
            FlushOperator::Cloudflare => None,
            // The form takes no values from the address: name and type are to be typed or pasted.
            FlushOperator::Google => Some(endpoints.google_page.clone()),
            FlushOperator::OpenDns => {
                Some(format!("{}?d={}", endpoints.opendns_page, percent_encode(&self.name.without_dot())))
            }
        }
    }

    /// What will happen, in one line, exactly: the request as it goes out, or what a person has to do.
    #[must_use]
    pub fn request(&self, endpoints: &FlushEndpoints) -> String {
        match (self.operator, self.link(endpoints)) {
            (FlushOperator::OpenDns, Some(link)) => {
                format!("open {link}, press the refresh button (A records only)")
            }
            (_, Some(link)) => format!("open {link}, enter {} and {}", self.name.without_dot(), self.rtype),
            (_, None) => format!("POST {}?{}", endpoints.cloudflare, self.query()),
        }
    }
}

/// The text with every octet that is not unreserved as `%XX` (RFC 3986 §2.1, §2.3).
#[must_use]
pub fn percent_encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    /// The steps as `Operator name TYPE`.
    fn told(plan: &FlushPlan) -> Vec<String> {
        plan.steps.iter().map(|s| format!("{} {} {}", s.operator, s.name.without_dot(), s.rtype)).collect()
    }

    #[test]
    fn the_apex_comes_first_then_each_host_operator_by_operator() {
        let (zone, www) = (name("example.com."), name("www.example.com."));
        let operators = [FlushOperator::Cloudflare, FlushOperator::Google];
        let plan = FlushPlan::for_zone(&zone, &[www], false, &operators);
        let one: Vec<String> = ["NS", "A", "AAAA", "MX", "TXT"]
            .map(|t| format!("example.com {t}"))
            .into_iter()
            .chain(["A", "AAAA", "CNAME", "HTTPS"].map(|t| format!("www.example.com {t}")))
            .collect();
        let both: Vec<String> =
            ["Cloudflare", "Google"].iter().flat_map(|o| one.iter().map(move |s| format!("{o} {s}"))).collect();
        assert_eq!(told(&plan), both);
        assert!(plan.left_out.is_empty());
    }

    #[test]
    fn a_signed_zone_adds_ds_and_dnskey_after_ns() {
        let plan = FlushPlan::for_zone(&name("example.com."), &[], true, &[FlushOperator::Cloudflare]);
        let types: Vec<String> = plan.steps.iter().map(|s| s.rtype.to_string()).collect();
        assert_eq!(types, ["NS", "DS", "DNSKEY", "A", "AAAA", "MX", "TXT"]);
    }

    #[test]
    fn opendns_gets_addresses_only_and_nothing_is_planned_twice() {
        let (zone, www) = (name("example.com."), name("www.example.com."));
        let hosts = [www.clone(), zone.clone(), www];
        let plan = FlushPlan::for_zone(&zone, &hosts, true, &[FlushOperator::OpenDns, FlushOperator::OpenDns]);
        assert_eq!(told(&plan), ["OpenDNS example.com A", "OpenDNS www.example.com A"]);
        let plan = FlushPlan::for_zone(&zone, &hosts, false, &[FlushOperator::Cloudflare]);
        let at_apex: Vec<String> = plan.steps.iter().filter(|s| s.name == zone).map(|s| s.rtype.to_string()).collect();
        assert_eq!(at_apex, ["NS", "A", "AAAA", "MX", "TXT", "HTTPS"]);
        assert_eq!(plan.steps.len(), 10);
    }

    #[test]
    fn what_an_operator_cannot_flush_is_said() {
        let plan = FlushPlan::for_zone(&name("com."), &[name("*.com.")], false, &FlushOperator::ALL);
        assert!(plan.steps.iter().all(|s| s.operator != FlushOperator::Cloudflare));
        assert_eq!(plan.left_out.iter().filter(|l| l.operator == FlushOperator::Cloudflare).count(), 2);
        assert!(plan.left_out.iter().any(|l| l.operator == FlushOperator::OpenDns && l.name == name("*.com.")));
    }

    #[test]
    fn requests_are_told_exactly() {
        let endpoints = FlushEndpoints::default();
        let step = |operator| FlushStep { operator, name: name("xn--bcher-kva.example."), rtype: RecordType::A };
        for (operator, line) in [
            (
                FlushOperator::Cloudflare,
                "POST https://one.one.one.one/api/v1/purge?domain=xn--bcher-kva.example&type=A",
            ),
            (FlushOperator::Google, "open https://dns.google/cache, enter xn--bcher-kva.example and A"),
            (
                FlushOperator::OpenDns,
                "open https://cachecheck.opendns.com/?d=xn--bcher-kva.example, press the refresh button (A records only)",
            ),
        ] {
            assert_eq!(step(operator).request(&endpoints), line);
        }
    }

    #[test]
    fn odd_octets_of_a_name_cannot_leave_the_parameter() {
        let odd = Name::from_labels([b"a&type=ANY#\r\n".as_slice(), b"example", b"com"]).unwrap();
        let step = FlushStep { operator: FlushOperator::Cloudflare, name: odd, rtype: RecordType::TXT };
        assert_eq!(step.query(), "domain=a%26type%3Dany%23%5C013%5C010.example.com&type=TXT");
    }
}
