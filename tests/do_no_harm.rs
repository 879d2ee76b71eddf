//! Watching must not make an outage longer.
//!
//! Every kind of resolver is played through the same incident: unwatched; watched by the tool, started in the midst of the
//! outage, with each survey; and polled as people do it, A and NS every 5 s. The simulator knows when each cache last used
//! wrong servers. `cargo test --test do_no_harm -- --nocapture` prints the table.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::allow_attributes,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test may fail"
)]

#[path = "support/play.rs"]
#[expect(dead_code, reason = "what only the scenarios need")]
mod play;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use unpark::dns::RecordType;
use unpark::drill::model::{ClientId, Internet, Kind, Packet, Question, Side};
use unpark::drill::network::Network;
use unpark::drill::scenario::Scenario;
use unpark::incident::Incident;
use unpark::time::Timestamp;

const BEGIN: Timestamp = Timestamp::from_secs(1_795_350_000);
/// When the parent turns wrong, when the operator begins to watch, and when the parent is right again.
const OUTAGE: u64 = 60;
const WATCHED_FROM: u64 = 450;
const RESTORED: u64 = 600;
const LASTS: u64 = 1_800;
/// Moments are compared by the second, and the first user's question after an expiry decides.
const TOLERANCE: u64 = 2;

/// How the parked servers answer.
const PARKINGS: [(&str, &str); 3] = [
    ("minimal", "minimal_answers = true\nrecords = [\"@ 60 A 192.0.2.66\", \"* 60 A 192.0.2.66\"]"),
    ("NS beside", "records = [\"@ 60 A 192.0.2.66\", \"* 60 A 192.0.2.66\"]"),
    ("TXT wildcard", "records = [\"@ 60 A 192.0.2.66\", \"* 60 A 192.0.2.66\", \"* 60 TXT parked\"]"),
];

/// How much each cache is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Users {
    /// Each name once a second.
    Busy,
    /// Each name every four minutes.
    Few,
    /// Nobody asks.
    None,
}

impl Users {
    const ALL: [Self; 3] = [Self::Busy, Self::Few, Self::None];

    const fn lines(self) -> &'static str {
        match self {
            Self::Busy => "[users]\nrate = 1.0\nmistyped = 0.02\nquestions = [\"@ A\", \"www A\"]\n",
            Self::Few => "[users]\nrate = 0.004\nmistyped = 0.0\nquestions = [\"@ A\", \"www A\"]\n",
            Self::None => "",
        }
    }
}

/// Who watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Watcher {
    Nobody,
    Off,
    Once,
    Always,
    Naive,
}

impl Watcher {
    const ALL: [Self; 5] = [Self::Nobody, Self::Off, Self::Once, Self::Always, Self::Naive];

    const fn title(self) -> &'static str {
        match self {
            Self::Nobody => "unwatched",
            Self::Off => "--survey off",
            Self::Once => "once (default)",
            Self::Always => "always",
            Self::Naive => "A+NS every 5 s",
        }
    }
}

fn scenario(parking: &str, users: Users, survey: &str) -> Scenario {
    let mut text = format!(
        "title = \"harm\"\nzone = \"example.com.\"\nlasts = \"{LASTS}s\"\nwarm = \"15m\"\nsurvey = \"{survey}\"\n\
         expect = [\"ns1.good-dns.net.\", \"ns2.good-dns.net.\"]\nhosts = [\"www\"]\n\
         [parent]\nzone = \"com.\"\nns_ttl = 300\nnegative_ttl = 60\n\
         [correct]\nns_ttl = 300\nnegative_ttl = 30\nrecords = [\"@ 30 A 203.0.113.10\", \"www 30 A 203.0.113.11\"]\n\
         server = [{{ name = \"ns1.good-dns.net.\", addresses = [\"203.0.113.53\"] }}, \
         {{ name = \"ns2.good-dns.net.\", addresses = [\"203.0.113.54\"] }}]\n\
         [parked]\nns_ttl = 300\nnegative_ttl = 30\n{parking}\n\
         server = [{{ name = \"ns1.pendingrenewaldeletion.com.\", addresses = [\"192.0.2.53\"] }}, \
         {{ name = \"ns2.pendingrenewaldeletion.com.\", addresses = [\"192.0.2.54\"] }}]\n{}\
         [[root]]\nname = \"a.root-servers.net.\"\naddresses = [\"192.0.2.1\"]\n\
         [[parent_server]]\nname = \"a.gtld-servers.net.\"\naddresses = [\"192.0.2.5\"]\n\
         [[parent_server]]\nname = \"b.gtld-servers.net.\"\naddresses = [\"192.0.2.6\"]\n",
        users.lines()
    );
    for (number, kind) in Kind::ALL.iter().enumerate() {
        let _ = write!(
            text,
            "[[resolver]]\nid = \"{0}\"\naddresses = [\"198.51.100.{1}\"]\nkind = \"{0}\"\n",
            kind.word(),
            number + 1
        );
    }
    for (at, to) in [(OUTAGE, "parked"), (RESTORED, "correct")] {
        let _ = write!(text, "[[event]]\nat = \"{at}s\"\ndo = \"delegate\"\nto = \"{to}\"\n");
    }
    Scenario::read(&text, "harm").unwrap_or_else(|error| panic!("{error}"))
}

/// For each kind, for how many seconds after the restoration its cache still used wrong servers.
#[derive(Default)]
struct Harm(BTreeMap<&'static str, u64>);

impl Harm {
    fn note(&mut self, net: &Internet, now: Timestamp) {
        for (kind, service) in Kind::ALL.iter().zip(net.services()) {
            let truth = net.truth(now, service.addresses[0]).unwrap();
            let wrong = truth.iter().any(|t| !matches!(t.side, Side::Correct | Side::Undecided));
            let last = self.0.entry(kind.word()).or_default();
            if wrong {
                *last = now.since(restored()).as_secs();
            }
        }
    }
}

/// When the parent is right again.
fn restored() -> Timestamp {
    BEGIN + Duration::from_secs(RESTORED)
}

impl play::Watch for Harm {
    fn look(&mut self, _: Duration, _: &Incident, network: &Network) -> Option<Duration> {
        network.look(|net, now| {
            self.note(net, now);
            // What was used before does not count.
            Some(restored().since(now).max(Duration::from_secs(1)))
        })
    }
}

/// Plays one incident and says what each kind's cache did.
fn harm(parking: &str, users: Users, watcher: Watcher, seed: u64) -> Harm {
    let survey = match watcher {
        Watcher::Off => "off",
        Watcher::Always => "always",
        _ => "once",
    };
    let scenario = scenario(parking, users, survey);
    let mut harm = Harm::default();
    if matches!(watcher, Watcher::Off | Watcher::Once | Watcher::Always) {
        play::play_late(
            &scenario,
            seed,
            Duration::from_secs(WATCHED_FROM),
            Duration::ZERO,
            &mut harm,
            |_, _| (),
            |_, _| (),
        );
        return harm;
    }
    let mut net = scenario.stage.build(BEGIN, seed);
    let zone = &scenario.stage.zone;
    for second in WATCHED_FROM..LASTS {
        let now = BEGIN + Duration::from_secs(second);
        net.advance(now);
        if watcher == Watcher::Naive && second % 5 == 0 {
            for resolver in &scenario.stage.resolvers {
                for rtype in [RecordType::A, RecordType::NS] {
                    let to = SocketAddr::new(resolver.addresses[0], 53);
                    let flow = ClientId(second * 2 + u64::from(rtype == RecordType::NS));
                    net.receive(now, &Packet::recursive(to, flow, Question::new(zone.clone(), rtype)));
                }
            }
        }
        if second >= RESTORED {
            harm.note(&net, now);
        }
    }
    harm
}

/// What became of the caches under one incident, by who watched it.
struct Outcome {
    users: Users,
    style: &'static str,
    harms: Vec<(Watcher, Harm)>,
}

/// Every incident under every watcher, on two threads.
fn outcomes() -> Vec<Outcome> {
    let incident = |users| PARKINGS.map(|parking| [1, 2].map(|seed| (users, parking, seed)));
    let incidents: Vec<_> = Users::ALL.into_iter().flat_map(incident).flatten().collect();
    let next = AtomicUsize::new(0);
    let part = || {
        let mut outcomes = Vec::new();
        while let Some((users, (style, parking), seed)) = incidents.get(next.fetch_add(1, Ordering::Relaxed)) {
            let harms = Watcher::ALL.map(|watcher| (watcher, harm(parking, *users, watcher, *seed))).into();
            outcomes.push(Outcome { users: *users, style, harms });
        }
        outcomes
    };
    thread::scope(|scope| {
        let other = scope.spawn(part);
        let mut outcomes = part();
        outcomes.extend(other.join().unwrap());
        outcomes
    })
}

#[test]
fn a_watched_outage_lasts_no_longer_than_an_unwatched_one() {
    let mut faults = Vec::new();
    // Seconds after the restoration, of all seeds and parkings.
    let mut all: BTreeMap<(Users, &str, Watcher), Vec<u64>> = BTreeMap::new();
    for Outcome { users, style, harms } in outcomes() {
        let (_, unwatched) = harms.iter().find(|(watcher, _)| *watcher == Watcher::Nobody).unwrap();
        for (watcher, watched) in &harms {
            for (kind, after) in &watched.0 {
                all.entry((users, kind, *watcher)).or_default().push(*after);
                let harmless = *watcher == Watcher::Off || (*watcher == Watcher::Once && users == Users::Busy);
                let alone = unwatched.0[kind];
                if harmless && *after > alone + TOLERANCE {
                    let title = watcher.title();
                    faults.push(format!("{title}, {users:?}, {style}, {kind}: {after} s, unwatched {alone} s"));
                }
            }
        }
    }
    println!("Seconds after the restoration until the cache last used wrong servers; mean of all parkings.");
    for users in Users::ALL {
        let titles: String = Watcher::ALL.iter().map(|w| format!("{:>16}", w.title())).collect();
        println!("\nusers: {:13}{titles}", format!("{users:?}").to_lowercase());
        for kind in Kind::ALL {
            let mean = |watcher| {
                let seconds = &all[&(users, kind.word(), watcher)];
                seconds.iter().sum::<u64>() as f64 / seconds.len() as f64
            };
            let cells: String = Watcher::ALL.iter().map(|w| format!("{:16.0}", mean(*w))).collect();
            println!("{:20}{cells}", kind.word());
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
