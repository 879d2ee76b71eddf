//! Rows of the measured table of when a cache leaves a parked delegation, played on the real servers of this machine, with
//! the tool watching: when did each cache truly turn, when did the tool say so, and what end had it foretold?
//!
//! Each row is a zone of its own below `tld.`, with TTLs cut to fit; all are played side by side: primed at 0 s, restored
//! at 10 s, over at 90 s. The truth is what this test asks by itself, once a second.

use std::net::Ipv4Addr;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hickory_proto::rr::RecordType;
use unpark::incident::forecast::{Certainty, RunningClock};
use unpark::journal::{Entry, JournalReader, Replay};
use unpark::time::Timestamp;

use crate::ask::{Side, fresh_name, side};
use crate::bind::Bind;
use crate::namespace::add_address;
use crate::nsd::Nsd;
use crate::resolvers::{Kind, Resolver};
use crate::unpark::Unpark;
use crate::wait::until;
use crate::world::World;
use crate::zones::{self, PARKED_ADDRESS, SERVICE_ADDRESS};

/// When the correct delegation is published, after priming.
const RESTORED: Duration = Duration::from_secs(10);
/// When a row is over.
const END: Duration = Duration::from_secs(92);
/// Clocks that count whole seconds, on both sides, and a sample a second.
const TOLERANCE: Duration = Duration::from_secs(3);
/// A wrong cache that does not show its end is asked every 60 s, give or take a tenth.
const UNKNOWN_EXPIRY: Duration = Duration::from_secs(66);
/// Where the correct side of all rows is served.
const KEPT: (&str, Ipv4Addr) = ("ns9.good.infra.", Ipv4Addr::new(127, 50, 3, 9));

/// Who serves the parked zone of a row, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    /// With its NS set in positive answers.
    Chatty,
    /// Without.
    Minimal,
    /// It drops the zone when it is restored.
    Refusing,
    /// It is gone when it is restored.
    Closing,
    /// The zone is not delegated at all before.
    Nobody,
}

impl Host {
    const ALL: [Self; 5] = [Self::Chatty, Self::Minimal, Self::Refusing, Self::Closing, Self::Nobody];

    /// Its name and address.
    fn at(self) -> (String, Ipv4Addr) {
        (format!("ns{}.parking.infra.", 11 + self as u8), Ipv4Addr::new(127, 50, 2, 11 + self as u8))
    }
}

/// What is asked of each cache, once a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// Names never asked before, as users mistype them.
    A,
    /// The same for a type that the parked side denies.
    Txt,
    /// The apex's NS set with RD=1, and a fresh name every ten seconds only.
    Ns,
    /// Names never asked before; and once, at 3 s, the apex's NS set with RD=1.
    AAndOneNs,
    /// Nothing until all should be over.
    Nothing,
}

/// One row.
struct Row {
    title: &'static str,
    zone: &'static str,
    parent: u32,
    child: u32,
    host: Host,
    asked: Asked,
}

const fn row(title: &'static str, zone: &'static str, ttls: (u32, u32), host: Host, asked: Asked) -> Row {
    Row { title, zone, parent: ttls.0, child: ttls.1, host, asked }
}

/// The rows played. P is the parent's TTL, C the parked child's: 20 for 40, 50 for 150, 30 for 60 in the table.
const ROWS: [Row; 11] = [
    row("P<C, A nonces", "r1.tld.", (20, 50), Host::Chatty, Asked::A),
    row("P<C, TXT nonces", "r2.tld.", (20, 50), Host::Chatty, Asked::Txt),
    row("P<C, minimal answers", "r3.tld.", (20, 50), Host::Minimal, Asked::A),
    row("P<C, one RD=1 NS query at 3 s", "r4.tld.", (20, 50), Host::Chatty, Asked::AAndOneNs),
    row("P<C, no traffic between prime and end", "r5.tld.", (20, 50), Host::Chatty, Asked::Nothing),
    row("P>C, A nonces", "r6.tld.", (50, 20), Host::Chatty, Asked::A),
    row("P>C, RD=1 NS polled", "r7.tld.", (50, 20), Host::Chatty, Asked::Ns),
    row("P=C, A nonces", "r8.tld.", (30, 30), Host::Chatty, Asked::A),
    row("P=C, TXT nonces", "r9.tld.", (30, 30), Host::Chatty, Asked::Txt),
    row("P=C, parked host refuses after the flip", "r10.tld.", (30, 30), Host::Refusing, Asked::A),
    row("P=C, parked host silent after the flip", "r11.tld.", (30, 30), Host::Closing, Asked::A),
];

/// One more: absent from the parent before.
const HELD: Row = row("absent from the parent before: nonce", "r12.tld.", (30, 30), Host::Nobody, Asked::A);

/// What of the table is not played here, and why. The models are held against it.
pub const NOT_PLAYED: [(&str, &str); 3] = [
    ("the columns of Unbound with scrubbing off, Unbound 1.26 and BIND 9.21", "these versions are not packaged here"),
    (
        "domain absent from the parent before: A www",
        "the denial of a name is kept for its own TTL, which the tool is shown by the answer: nothing is foretold",
    ),
    (
        "in-domain name server whose address is cached as the parked wildcard",
        "its addresses must be cached in the right order in four servers: the same answers are judged in the scenarios",
    ),
];

impl Row {
    fn parked(&self) -> String {
        let (name, _) = self.host.at();
        let head = self.head(&name, self.child, 1);
        format!("{head}@ 5 A {PARKED_ADDRESS}\n* 5 A {PARKED_ADDRESS}\n")
    }

    fn correct(&self) -> String {
        format!("{}@ 5 A {SERVICE_ADDRESS}\nwww 5 A {SERVICE_ADDRESS}\n", self.head(KEPT.0, self.parent, 2026))
    }

    fn head(&self, ns: &str, ttl: u32, serial: u32) -> String {
        let soa = format!("@ 10 SOA {ns} hostmaster.{ns} {serial} 3600 600 86400 5\n");
        format!("$ORIGIN {}\n{soa}@ {ttl} NS {ns}\n", self.zone)
    }

    fn delegation(&self, restored: bool) -> String {
        let (parked, _) = self.host.at();
        match (restored, self.host) {
            (true, _) => format!("{} {} NS {}\n", self.zone, self.parent, KEPT.0),
            (false, Host::Nobody) => String::new(),
            (false, _) => format!("{} {} NS {parked}\n", self.zone, self.parent),
        }
    }
}

fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().chain([&HELD])
}

/// Records for `infra.`: the names of all hosts here.
pub fn hosts() -> String {
    let parked = Host::ALL.map(Host::at);
    let all = parked.into_iter().chain([(KEPT.0.to_owned(), KEPT.1)]);
    all.map(|(name, address)| format!("{name} 3600 A {address}\n")).collect()
}

/// `tld.` with every row's delegation.
fn tld(world: &World, restored: bool, serial: u32) -> String {
    world.tld(serial) + &rows().map(|row| row.delegation(restored)).collect::<String>()
}

/// When a cache truly turned: after the first moment, by the second. None where it never did.
#[derive(Debug, Clone, Copy)]
struct Truth {
    last_wrong: Option<Timestamp>,
    right: Option<Timestamp>,
}

/// What the tool made of one cache.
#[derive(Debug, Clone, Copy, Default)]
struct Told {
    /// When it began to say, and went on to, that a cache there uses the correct servers.
    right: Option<Timestamp>,
    /// The first forecast after the restoration.
    foretold: Option<Foretold>,
    /// Whether it knew the end when it last said that the row was wrong.
    known: bool,
}

#[derive(Debug, Clone, Copy)]
struct Foretold {
    certainty: Certainty,
    early: Option<Timestamp>,
    expected: Option<Timestamp>,
    worst: Option<Timestamp>,
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    Timestamp::from_micros(i64::try_from(since.as_micros()).expect("a clock before the year 292277"))
}

/// Asks one cache as the row says until its end.
fn follow(row: &Row, resolver: &Resolver, primed: Instant) -> Truth {
    let mut truth = Truth { last_wrong: None, right: None };
    for second in 1..END.as_secs() {
        let at = primed + Duration::from_secs(second);
        thread::sleep(at.saturating_duration_since(Instant::now()));
        let rtype = if row.asked == Asked::Txt { RecordType::TXT } else { RecordType::A };
        if row.asked == Asked::Ns || (row.asked == Asked::AAndOneNs && second == 3) {
            resolver.ask(row.zone, RecordType::NS);
        }
        let quiet = match row.asked {
            Asked::Nothing => second < 75,
            Asked::Ns => second % 10 != 0,
            _ => false,
        };
        if quiet {
            continue;
        }
        let seen = side(resolver.ask(&fresh_name(row.zone), rtype).as_ref());
        if seen == Side::Correct {
            truth.right = truth.right.or_else(|| Some(now()));
        } else {
            truth = Truth { last_wrong: Some(now()), right: None };
        }
    }
    truth
}

/// What the tool said over time, told again from its journal.
fn told(journal: &Path, address: Ipv4Addr) -> Told {
    let text = std::fs::read(journal).expect("the tool wrote its journal");
    let mut replay = Replay::of(JournalReader::of_text(text).expect("a journal"));
    let mut told = Told::default();
    while let Some(entry) = replay.step().expect("a whole journal") {
        let Entry::Settled { at, .. } = entry else { continue };
        let incident = replay.incident();
        let Some(watch) = incident.resolver((address, 53).into()) else { continue };
        // From the first good sample on a row is no longer parked, though it may still be mixed.
        if !incident.source().parent_right || watch.judgement.samples.good == 0 {
            told.right = None;
        } else {
            told.right = told.right.or(Some(at));
        }
        let forecast = incident.row_forecast((address, 53).into(), at);
        if let Some(forecast) = forecast.filter(|f| f.clock == Some(RunningClock::Delegation) && told.right.is_none()) {
            told.known = forecast.certainty == Certainty::Known;
            let foretold = Foretold {
                certainty: forecast.certainty,
                early: forecast.early,
                expected: forecast.expected,
                worst: forecast.worst,
            };
            // What is known later is better than what was estimated first.
            let better = told.foretold.is_none_or(|before| before.certainty > forecast.certainty);
            if better {
                told.foretold = Some(foretold);
            }
        }
    }
    told
}

/// What does not fit, in words.
fn faults(row: &Row, kind: Kind, truth: Truth, told: Told, begin: Timestamp) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |text: String| faults.push(format!("{} / {kind:?}: {text}: {truth:?} {told:?}", row.title));
    let Some(right) = truth.right else {
        if told.right.is_some() {
            fault("it never turned, and the tool says so".to_owned());
        }
        return faults;
    };
    let wrong = truth.last_wrong.unwrap_or(begin);
    // An end that a cache showed holds unless others have it ask for the NS set meanwhile: then it may come sooner.
    let sooner = row.asked == Asked::Ns;
    let lag = if told.known && !sooner { TOLERANCE } else { UNKNOWN_EXPIRY + TOLERANCE };
    match told.right {
        None => fault("the tool never saw it".to_owned()),
        Some(said) if said + TOLERANCE < wrong => fault("the tool said so too early".to_owned()),
        Some(said) if said.since(right) > lag => fault(format!("the tool saw it after {:?}", said.since(right))),
        Some(_) => {}
    }
    let Some(foretold) = told.foretold.filter(|f| f.certainty != Certainty::NoBound) else { return faults };
    if !sooner && foretold.early.is_some_and(|early| right + TOLERANCE < early) {
        fault("it turned before the range".to_owned());
    }
    if foretold.worst.is_some_and(|worst| wrong > worst + TOLERANCE) {
        fault("it turned after the latest moment".to_owned());
    }
    let known = foretold.expected.filter(|_| foretold.certainty == Certainty::Known);
    if known.is_some_and(|end| (!sooner && right + TOLERANCE < end) || wrong > end + TOLERANCE) {
        fault("it did not turn when it was known to".to_owned());
    }
    faults
}

/// Plays all rows at once.
pub fn play(directory: &Path) {
    let mut world = World::start(directory, zones::Parking::Unheard, crate::LASTING);
    for host in Host::ALL {
        add_address(host.at().1);
    }
    add_address(KEPT.1);
    let parked = |host: Host| -> Vec<(&'static str, String)> {
        rows().filter(|row| row.host == host).map(|row| (row.zone, row.parked())).collect()
    };
    let nsd = |name, host: Host, minimal| Nsd::start_with(directory, name, &[host.at().1], &parked(host), minimal);
    let _chatty = nsd("chatty", Host::Chatty, false);
    let _minimal = nsd("minimal", Host::Minimal, true);
    let refusing = Bind::start(directory, "refusing", Host::Refusing.at().1, &parked(Host::Refusing));
    let closing = Bind::start(directory, "closing", Host::Closing.at().1, &parked(Host::Closing));
    let correct: Vec<(&str, String)> = rows().map(|row| (row.zone, row.correct())).collect();
    let _kept = Nsd::start(directory, "kept", &[KEPT.1], &correct);
    let resolvers = Resolver::start_all(&world);
    world.publish(|world, serial| tld(world, false, serial));

    for resolver in &resolvers {
        for row in rows() {
            // The first question through a new delegation may fail.
            until(&format!("{:?} answers for {}", resolver.kind(), row.zone), Duration::from_secs(30), || {
                let seen = side(resolver.ask(&fresh_name(row.zone), RecordType::A).as_ref());
                (seen == Side::Parked || row.host == Host::Nobody).then_some(())
            });
        }
    }
    let primed = Instant::now();
    let program = Unpark::watching(&world, &resolvers);
    let watches: Vec<_> = rows()
        .map(|row| {
            let journal = directory.join(format!("{}journal", row.zone));
            let flags = ["--expect", KEPT.0, "--parked", &row.host.at().0, "--journal", &journal.display().to_string()]
                .map(str::to_owned);
            program.clone().with_flags(&flags).watch_zone(row.zone)
        })
        .collect();
    let truths: Vec<(&Row, Kind, Truth)> = thread::scope(|scope| {
        let mut asking = Vec::new();
        for row in rows() {
            for resolver in &resolvers {
                asking.push((row, resolver.kind(), scope.spawn(move || follow(row, resolver, primed))));
            }
        }
        thread::sleep((primed + RESTORED).saturating_duration_since(Instant::now()));
        world.publish(|world, serial| tld(world, true, serial));
        refusing.withdraw_all();
        drop(closing);
        asking.into_iter().map(|(row, kind, thread)| (row, kind, thread.join().unwrap())).collect()
    });
    for watch in watches {
        watch.terminate(Duration::from_secs(10));
    }
    let mut wrong = Vec::new();
    for (row, kind, truth) in truths {
        let told = told(&directory.join(format!("{}journal", row.zone)), kind.address());
        let begin = now() - primed.elapsed();
        let secs = |at: Option<Timestamp>| {
            at.map_or_else(|| "–".to_owned(), |at| format!("{:.1}", at.since(begin).as_secs_f64()))
        };
        let (expected, worst) = (told.foretold.and_then(|f| f.expected), told.foretold.and_then(|f| f.worst));
        println!(
            "{:42} {:9} turned {:>5} said {:>5} foretold {:>5} at the latest {:>5} {}",
            row.title,
            format!("{kind:?}"),
            secs(truth.right),
            secs(told.right),
            secs(expected),
            secs(worst),
            told.foretold.map_or("", |f| f.certainty.word())
        );
        wrong.extend(faults(row, kind, truth, told, begin));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
