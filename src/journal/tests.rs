//! What is written is read again exactly; what is no journal is refused in plain words.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::catalog::FlushOperator;
use crate::dns::{Class, Ds, Name, Rcode, Rdata, Record, RecordType, Serial, Soa, Ttl};
use crate::incident::{
    Disarming, Event, FlushAct, FlushChoice, FlushExclusion, FlushOutcome, FlushRecord, FlushStep, FoundServer,
    Opening, ResolverTarget, Survey,
};
use crate::judge::{Calibration, Expectation, ExpectationSource, Marker, NoRecursion};
use crate::observation::{
    Edns, ExtendedError, Observation, Outcome, Purpose, Query, Response, Role, TargetId, Transport,
};
use crate::registration;
use crate::time::Timestamp;

const BEGIN: Timestamp = Timestamp::from_micros(1_795_350_000_123_456);

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(BEGIN.as_micros() + micros)
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn opening() -> Opening {
    Opening {
        zone: name("shop.example."),
        expectation: Some(Expectation {
            ns: [name("ns1.good.example."), name("a\\.b\\000.example.")].into_iter().collect(),
            source: ExpectationSource::Baseline { taken: at(-77) },
        }),
        parked: vec![[name("ns1.parked.example.")].into_iter().collect()],
        hosts: vec![name("www.shop.example.")],
        survey: Survey::Always,
        samples_needed: 3,
        confidence: 14,
        addresses_vary: true,
        resolvers: vec![ResolverTarget {
            id: "one".to_owned(),
            operator: "Öne \"&\" \u{1b}[2J".to_owned(),
            city: String::new(),
            country: Some("DE".to_owned()),
            address: address("[2001:db8::1]:5353"),
            system: true,
            flush: Some(FlushOperator::Google),
        }],
        marker: Some(Marker::read("k3f9a2xw", &name("shop.example.")).unwrap()),
    }
}

fn header() -> Header {
    Header::new("watch", false, BEGIN, opening())
}

fn query() -> Query {
    let target = TargetId::new(Role::Resolver, address("198.51.100.1:53"));
    Query::new(target, name("shop.example."), RecordType::TXT, Purpose::Nonce).recursive()
}

fn record(owner: &str, ttl: u32, rdata: Rdata) -> Record {
    Record { owner: name(owner), ttl: Ttl::from_wire(ttl), rdata }
}

/// A response with every kind of data.
fn response(asked: &str) -> Response {
    let soa = Soa {
        mname: name("ns1.good.example."),
        rname: name("hostmaster\\.x.good.example."),
        serial: Serial(u32::MAX),
        refresh: 1,
        retry: 2,
        expire: 3,
        minimum: u32::MAX,
    };
    let ds = Ds { key_tag: 1, algorithm: 13, digest_type: 2, digest: vec![0, 255, 128] };
    Response {
        rcode: Rcode(3841),
        aa: true,
        tc: true,
        ra: false,
        ad: true,
        answer: vec![
            record(asked, 7, Rdata::A([192, 0, 2, 1].into())),
            record(asked, 7, Rdata::Aaaa("2001:db8::1".parse().unwrap())),
            record("@.", 0, Rdata::Cname(name("\\@."))),
            record("x.example.", 60, Rdata::Txt(vec![b"plain \"text\"".to_vec(), vec![255, 0], vec![]])),
        ],
        authority: vec![
            record("shop.example.", 900, Rdata::Soa(soa)),
            record("shop.example.", 900, Rdata::Ns(name("ns1.good.example."))),
            record("shop.example.", 900, Rdata::Ds(ds)),
        ],
        additional: vec![
            record(".", 900, Rdata::Mx(65535, Name::root())),
            record(".", 900, Rdata::Other(RecordType::A, vec![1, 2, 3])),
            record(".", 900, Rdata::Other(RecordType(65280), b"abc".to_vec())),
        ],
        edns: Some(Edns {
            nsid: Some(b"gpdns-fra".to_vec()),
            errors: vec![ExtendedError { code: 22, text: "no \u{202e} reach".to_owned() }],
        }),
        transport: Transport::Tcp,
        size: 512,
    }
}

fn observation(asked: &str, outcome: Outcome) -> Observation {
    Observation {
        query: query(),
        asked: name(asked),
        outcome,
        sent: at(1_000),
        at: at(13_345),
        rtt: Some(Duration::from_micros(12_300)),
        packets: 1,
    }
}

fn observed(asked: &str, outcome: Outcome) -> Event {
    Event::Observed(Arc::new(observation(asked, outcome)))
}

/// What registry and registrar may say, and how asking them may end.
fn hearing() -> registration::Hearing {
    use registration::{Answer, Contact, Dates, Hearing, Moment, Outcome, Registrar, Registration, Source, Status};

    let moment = |text: &str| Some(Moment { written: text.to_owned(), at: Some(at(7)) });
    let found = Registration {
        domain: Some(name("shop.example.")),
        handle: Some("D1-EXAMPLE".to_owned()),
        registrar: Registrar {
            name: Some("Example \"Registrar\"".to_owned()),
            iana_id: Some("9999".to_owned()),
            abuse: Contact { email: Some("abuse@registrar.example".to_owned()), phone: None },
            url: None,
        },
        statuses: vec![Status::AutoRenewPeriod, Status::Other("active".to_owned()), Status::Other("odd".to_owned())],
        dates: Dates {
            registered: moment("2001-02-03"),
            expires: Some(Moment { written: "soon".to_owned(), at: None }),
            ..Dates::default()
        },
        name_servers: Some([name("ns1.parked.example.")].into_iter().collect()),
        signed: Some(false),
        ds: vec![Ds { key_tag: 1, algorithm: 13, digest_type: 2, digest: vec![0, 255] }],
        related: vec!["https://rdap.registrar.example/".to_owned()],
    };
    let outcomes = [
        Outcome::Found(Box::new(found)),
        Outcome::Found(Box::default()),
        Outcome::NotFound,
        Outcome::Limited { until: Some(at(60_000_000)) },
        Outcome::Limited { until: None },
        Outcome::Unreadable { reason: "no JSON".to_owned() },
    ];
    let answer = |outcome| Answer {
        source: Source::RegistrarRdap,
        server: "https://rdap.example/".to_owned(),
        domain: name("shop.example."),
        heard: at(5),
        outcome,
        raw: "{\"a\": \"\u{1b}[2J\"}\n".to_owned(),
    };
    Hearing {
        zone: name("shop.example."),
        answers: outcomes.into_iter().map(answer).collect(),
        notes: vec!["asked twice".to_owned()],
    }
}

/// All that can be learned of a resolver.
fn calibration() -> Calibration {
    Calibration {
        unasked: NoRecursion::Recurses,
        unasked_told: true,
        held_answered: Some(false),
        checking_disabled: Some(true),
        extended_errors: Some(true),
        validates: Some(false),
        largest_long: Some(86_400),
        largest: Some(u32::MAX),
        largest_negative: Some(0),
        identity: Some("gpdns-fra \u{fc}".to_owned()),
        learned: Some(at(-1)),
    }
}

/// At least one of every kind. The compiler asks for a new kind here by way of [`kind_of`].
fn events() -> Vec<Event> {
    let servers = vec![FoundServer { name: name("a.nic.example."), address: address("192.0.2.1:53") }];
    let unresolved = vec![(name("b.nic.example."), "it has no address".to_owned())];
    let step = FlushStep { operator: FlushOperator::OpenDns, name: name("shop.example."), rtype: RecordType(65280) };
    let ended = |outcome| Event::FlushStepEnded(FlushRecord { step: step.clone(), outcome, by: "ann".to_owned() });
    let acted = |act| Event::FlushActed { by: "ann".to_owned(), act };
    let exclusion = FlushExclusion { operator: Some(FlushOperator::Google), name: None, rtype: Some(RecordType::NS) };
    let everything = FlushExclusion { operator: None, name: Some(name("www.shop.example.")), rtype: None };
    let choice = FlushChoice {
        operators: vec![FlushOperator::Cloudflare],
        everything: true,
        left_out: vec![exclusion, everything],
    };
    let unsent = Outcome::NotSent { reason: "Network is unreachable (os error 101)".to_owned() };
    let malformed = Outcome::Malformed { rcode: Some(Rcode::REFUSED), reason: "cut short".to_owned() };
    let odd = Observation {
        query: Query {
            class: Class::CH,
            cd: true,
            dnssec_ok: true,
            transport: Transport::Tcp,
            rtype: RecordType(0),
            ..query()
        },
        sent: at(-5),
        at: at(99),
        rtt: Some(Duration::new(3, 1)),
        packets: 0,
        ..observation("other.example.", Outcome::NoResponse)
    };
    let longer = Observation { rtt: Some(Duration::from_secs(9)), ..observation("a.shop.example.", malformed) };
    vec![
        Event::CutFound { parent: name("example."), servers, unresolved },
        Event::CutFound { parent: Name::root(), servers: vec![], unresolved: vec![] },
        Event::WalkFailed { reason: "nobody answered".to_owned(), ours: true },
        Event::HostResolved { host: name("ns1.good.example."), addresses: Ok(vec![address("192.0.2.53:53")]) },
        Event::HostResolved { host: name("ns2.good.example."), addresses: Err("it has no address".to_owned()) },
        observed("k3j9x0w2m5.shop.example.", Outcome::Answered(response("k3j9x0w2m5.shop.example."))),
        observed("k3j9x0w2m6.shop.example.", Outcome::Answered(response("k3j9x0w2m6.shop.example."))),
        observed("shop.example.", Outcome::Answered(response("shop.example."))),
        observed("a\\.b.shop.example.", Outcome::NoResponse),
        observed("elsewhere.", Outcome::Unreachable),
        observed("x.shop.example.", unsent),
        Event::Observed(Arc::new(longer)),
        Event::Observed(Arc::new(odd)),
        Event::ExpectationAccepted(opening().expectation.unwrap()),
        Event::SurveyChanged(Survey::Off),
        Event::HostsWatched(vec![name("www.shop.example.")]),
        acted(FlushAct::Armed(choice)),
        acted(FlushAct::Disarmed(Disarming::TimedOut)),
        acted(FlushAct::Ordered { steps: vec![step.clone()], against: vec!["the parent is wrong".to_owned()] }),
        ended(FlushOutcome::Sent { reply: "{\"msg\":\"purge request queued\"}".to_owned() }),
        ended(FlushOutcome::DoneByHand),
        ended(FlushOutcome::NeedsAPerson { link: "https://example.com/?q=1".to_owned() }),
        Event::RegistrationHeard(Box::new(hearing())),
        Event::ResolverAdded(opening().resolvers.remove(0)),
        Event::CalibrationsRemembered(vec![
            (address("[2001:db8::1]:53"), calibration()),
            (address("192.0.2.7:53"), Calibration::default()),
        ]),
        Event::StraysCame { total: u64::MAX },
        Event::ClockJumped { seconds: 1800 },
        Event::WallClockSet { seconds: -7 },
        Event::NoteMade("called the registrar \u{1b}[2J".to_owned()),
    ]
}

/// A number for each kind, so that none is without a sample.
fn kind_of(event: &Event) -> usize {
    match event {
        Event::CutFound { .. } => 0,
        Event::WalkFailed { .. } => 1,
        Event::HostResolved { .. } => 2,
        Event::Observed(_) => 3,
        Event::ExpectationAccepted(_) => 4,
        Event::SurveyChanged(_) => 5,
        Event::HostsWatched(_) => 6,
        Event::FlushActed { .. } => 7,
        Event::FlushStepEnded(_) => 8,
        Event::StraysCame { .. } => 12,
        Event::ClockJumped { .. } => 13,
        Event::WallClockSet { .. } => 14,
        Event::NoteMade(_) => 15,
        Event::RegistrationHeard(_) => 9,
        Event::ResolverAdded(_) => 10,
        Event::CalibrationsRemembered(_) => 11,
    }
}

/// A journal of all of them, and the entries it should give.
fn journal() -> (String, Vec<Entry>) {
    let mut lines = header().line().unwrap();
    let mut encoder = Encoder::new(BEGIN);
    let mut entries = Vec::new();
    for (number, event) in (0..).zip(events()) {
        encoder.event(at(13_345 + number), &event, &mut lines).unwrap();
        encoder.settled(at(13_346 + number), number % 2 == 0, &mut lines);
        entries.push(Entry::Event(at(13_345 + number), event));
        entries.push(Entry::Settled { at: at(13_346 + number), noted: number % 2 == 0 });
    }
    encoder.gap(at(99_999), 3, &mut lines);
    encoder.ended(at(100_000), &mut lines);
    entries.push(Entry::Gap { at: at(99_999), lost: 3 });
    entries.push(Entry::Ended { at: at(100_000) });
    (lines, entries)
}

fn read(text: &str) -> (Vec<Entry>, Damage) {
    let mut reader = JournalReader::of_text(text.as_bytes().to_vec()).unwrap();
    let mut entries = Vec::new();
    while let Some(entry) = reader.read().unwrap() {
        entries.push(entry);
    }
    (entries, reader.damage().clone())
}

#[test]
fn every_kind_of_fact_is_read_as_it_was_written() {
    let mut kinds: Vec<usize> = events().iter().map(kind_of).collect();
    kinds.dedup();
    assert_eq!(kinds, (0..=15).collect::<Vec<_>>());
    let (text, expected) = journal();
    let (entries, damage) = read(&text);
    for (told, expected) in entries.iter().zip(&expected) {
        assert_eq!(told, expected);
    }
    assert_eq!(entries.len(), expected.len());
    assert_eq!(damage, Damage { lost: 3, ended: true, ..Damage::default() });
    assert_eq!(JournalReader::of_text(text.into_bytes()).unwrap().header(), &header());
}

#[test]
fn no_secret_of_another_line_and_no_control_character_stands_in_the_text() {
    let (text, _) = journal();
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
}

#[test]
fn what_was_said_before_is_only_referred_to() {
    let (text, _) = journal();
    // The same answer to another nonce, with the same TTLs.
    let again = text.lines().find(|line| line.contains("k3j9x0w2m6")).unwrap();
    assert_eq!(again, "[13351,1,1,12351,51,\"k3j9x0w2m6\",[7,7,0,60,900],{\"at\":13345}]");
}

#[test]
fn what_is_defined_anew_replaces_what_was_forgotten() {
    let mut lines = header().line().unwrap();
    let mut encoder = Encoder::new(BEGIN);
    let event = observed("a.shop.example.", Outcome::Answered(response("a.shop.example.")));
    for round in 0..3 {
        encoder.event(at(13_345), &event, &mut lines).unwrap();
        if round == 1 {
            encoder.forget();
        }
    }
    let lines: Vec<&str> = lines.lines().collect();
    assert!(lines[1] == lines[3] && lines[2].len() < 80, "{lines:#?}");
    // The first half may be lost: the rest stands for itself.
    assert_eq!(read(&format!("{}\n{}\n", lines[0], lines[3])).1, Damage::default());
    let (_, damage) = read(&format!("{}\n{}\n", lines[0], lines[2]));
    assert_eq!(damage.bad_lines, [(2, "query 1 was never defined".to_owned())]);
}

#[test]
fn a_torn_last_line_is_left_out_and_said() {
    let (text, expected) = journal();
    let lines = text.lines().count() as u64;
    let last_line = text.trim_end().rfind('\n').unwrap() + 1;
    for cut in last_line..text.len() {
        let (entries, damage) = read(&text[..cut]);
        assert_eq!(entries.len(), expected.len() - 1, "{cut}");
        assert_eq!(damage.torn, (cut > last_line).then_some(lines), "{cut}");
        assert!(!damage.ended && damage.bad == 0, "{cut}");
    }
}

#[test]
fn bad_lines_are_named_and_the_rest_is_told() {
    let (text, expected) = journal();
    let header_ends = text.find('\n').unwrap() + 1;
    let deep = "[".repeat(100_000);
    let long = format!("\"{}\"", "x".repeat(9 << 20));
    let bad = [
        "",
        "nonsense",
        "{}",
        "[]",
        "[1,99,\"none\",1]",
        "[1,1,99,1]",
        "[1e999,1,\"none\",1]",
        "{\"t\":1}",
        "true",
        "{\"t\":99999999999999999999,\"gap\":1}",
        "{\"t\":1,\"hosts-watched\":[\"a..b\"]}",
        "\u{1b}[2J",
        &deep,
        &long,
        "[0,[70000,{\"role\":\"walk\",\"to\":\"1.1.1.1:53\",\"name\":\".\",\"type\":\"A\",\"why\":\"walk\"}],\"none\",1]",
    ];
    let text = format!("{}{}\n{}", &text[..header_ends], bad.join("\n"), &text[header_ends..]);
    let (entries, damage) = read(&text);
    assert_eq!(entries, expected);
    assert_eq!(damage.bad, bad.len() as u64);
    let numbers: Vec<u64> = damage.bad_lines.iter().map(|(line, _)| *line).collect();
    assert_eq!(numbers, (2..12).collect::<Vec<_>>());
    let notes = damage.notes();
    assert!(notes.iter().all(|note| note.chars().all(|c| !c.is_control()) && note.len() < 700), "{notes:#?}");
    assert!(notes.iter().any(|note| note == "5 more lines cannot be read and are left out"), "{notes:#?}");
}

#[test]
fn what_a_newer_version_adds_is_counted_and_left_out() {
    let (text, expected) = journal();
    let newer = "{\"t\":1,\"moon-phase\":{\"full\":true}}\n{\"t\":2,\"moon-phase\":null}\n";
    let more = "[13351,1,1,12351,51,\"k3j9x0w2m6\",[7,7,0,60,900],{\"mood\":\"good\",\"at\":13345},\"and more\"]";
    let text = text.replace("[13351,1,1,12351,51,\"k3j9x0w2m6\",[7,7,0,60,900],{\"at\":13345}]", more) + newer;
    let (mut entries, damage) = read(&text);
    entries.truncate(expected.len());
    assert!(entries == expected);
    assert_eq!(damage.unknown, [("moon-phase".to_owned(), 2)].into());
    assert_eq!(damage.bad, 0);
}

#[test]
fn what_is_no_journal_is_refused_with_its_reason() {
    let newer = header().line().unwrap().replacen("\"unpark-journal\":1", "\"unpark-journal\":2", 1);
    let bad_zone = header().line().unwrap().replacen("shop.example.", "shop..example.", 1);
    for (text, why) in [
        ("", "empty"),
        ("hello", "no journal"),
        ("hello\n", "no journal"),
        ("{}\n", "unpark-journal"),
        ("{\"unpark-journal\":1", "cut short"),
        ("{\"unpark-journal\":1}\n", "missing field"),
        (newer.as_str(), "format 2; this version reads up to format 1"),
        (bad_zone.as_str(), "empty label"),
        ("\u{1b}[2J\n", "no journal"),
        (&"x".repeat(17 << 20), "longer"),
    ] {
        let error = JournalReader::of_text(text.as_bytes().to_vec()).unwrap_err().to_string();
        assert!(error.contains(why) && error.contains("line 1"), "{error}");
        assert!(error.chars().all(|c| !c.is_control()), "{error}");
    }
}

#[test]
fn a_compressed_journal_is_read_as_it_is_forwards_and_back() {
    let (text, expected) = journal();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl.gz");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    std::fs::write(&path, &packed).unwrap();
    let mut reader = JournalReader::open(&path).unwrap();
    let read =
        |reader: &mut JournalReader, count: usize| (0..count).map_while(|_| reader.read().unwrap()).collect::<Vec<_>>();
    assert_eq!(read(&mut reader, 5), expected[..5]);
    let position = reader.position();
    assert_eq!(read(&mut reader, 1000), expected[5..]);
    reader.go_to(&position).unwrap();
    assert_eq!(read(&mut reader, 1000), expected[5..]);
    assert_eq!(reader.damage().lost, 3, "what is read again does not count again");
    // Cut short, as when the machine lost power while it was compressed.
    std::fs::write(&path, &packed[..packed.len() / 2]).unwrap();
    let mut reader = JournalReader::open(&path).unwrap();
    let told = read(&mut reader, 1000);
    assert_eq!(told, expected[..told.len()]);
    assert!(told.len() < expected.len() && reader.damage().torn.is_some());
}

#[test]
fn a_folder_or_a_missing_file_is_an_error_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().to_path_buf(), folder.path().join("none.jsonl")] {
        let error = JournalReader::open(&path).unwrap_err().to_string();
        assert!(error.contains(path.to_str().unwrap()), "{error}");
    }
}
