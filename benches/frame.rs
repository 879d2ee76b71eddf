//! How long a frame takes with 10,000 rows: `cargo bench --bench frame`.
//!
//! Each figure is the median of many: a glance at the incident, the rows arranged anew, and a frame drawn at 200x60, as the live
//! screen does after a key that sorts. The figure to stay below is 4 ms; a frame without sorting comes far more often.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use unpark::catalog::ParkingCatalog;
use unpark::dns::{Name, Rcode, Rdata, Record, RecordType, Serial, Soa, Ttl};
use unpark::flush::FlushEndpoints;
use unpark::incident::{Event, Incident, Opening, ResolverTarget};
use unpark::observation::{Observation, Outcome, Purpose, Query, Response, Role, TargetId};
use unpark::time::Timestamp;
use unpark::view::model::Glance;
use unpark::view::tui::{App, ColourMode, Look, draw};

const NOW: Timestamp = Timestamp::from_secs(1_795_352_321);
/// When the screen is looked at: past the first seconds, in which rows are sorted anew with every frame.
const SHOWN: Timestamp = Timestamp::from_secs(1_795_352_321 + 60);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `cargo test --benches` runs this too: then a small number shows that it works.
    let full = std::env::args().any(|argument| argument == "--bench");
    let (sizes, runs): (&[usize], usize) = if full { (&[150, 1_000, 10_000], 200) } else { (&[50], 3) };
    println!("rows    frame alone   sorted anew   text filter typed   glance alone");
    for &rows in sizes {
        let incident = incident(rows)?;
        let mut app = App::new(Look { colour: ColourMode::True, ascii: false }, FlushEndpoints::default());
        app.resize(200, 60);
        let mut terminal = Terminal::new(TestBackend::new(200, 60))?;
        let mut board = Some(Glance::of(&incident, SHOWN));
        let mut show = |app: &mut App, keys: &str| -> Result<Duration, Box<dyn std::error::Error>> {
            let begun = Instant::now();
            let mut shown = Glance::after(board.take().ok_or("no board")?, &incident, SHOWN);
            for key in keys.chars() {
                let code = if key == '\n' { KeyCode::Enter } else { KeyCode::Char(key) };
                app.update(&Input::Key(KeyEvent::new(code, KeyModifiers::NONE)), &incident, &shown);
            }
            shown.now = SHOWN;
            app.refresh(&incident, &shown);
            terminal.draw(|frame| draw(frame, app, &incident, &shown))?;
            board = Some(shown);
            Ok(begun.elapsed())
        };
        show(&mut app, "")?;
        let frame = median((0..runs).map(|_| show(&mut app, "")).collect::<Result<_, _>>()?);
        let sorted = median((0..runs).map(|_| show(&mut app, "S")).collect::<Result<_, _>>()?);
        show(&mut app, "/goog")?;
        let typed = median((0..runs).map(|_| show(&mut app, "l")).collect::<Result<_, _>>()?);
        let glance = median(
            (0..runs)
                .map(|_| {
                    let begun = Instant::now();
                    std::hint::black_box(Glance::of(&incident, SHOWN));
                    begun.elapsed()
                })
                .collect(),
        );
        println!("{rows:<6}  {frame:>11.2?}   {sorted:>11.2?}   {typed:>17.2?}   {glance:>12.2?}");
    }
    Ok(())
}

fn median(mut spans: Vec<Duration>) -> Duration {
    spans.sort();
    spans.get(spans.len() / 2).copied().unwrap_or_default()
}

/// An incident in which every resolver was heard three times: two of three parked, the rest refusing.
fn incident(rows: usize) -> Result<Incident, Box<dyn std::error::Error>> {
    let zone: Name = "example.com.".parse()?;
    let operators = ["Google", "Cloudflare", "Quad9", "Example ISP", "OpenDNS", "Telstra"];
    let address = |row: usize| {
        let [.., a, b, c] = u32::try_from(row).unwrap_or(0).to_be_bytes();
        SocketAddr::from((Ipv4Addr::new(10, a, b, c), 53))
    };
    let target = |row: usize| ResolverTarget {
        id: format!("r{row}"),
        operator: format!("{} {}", operators[row % operators.len()], row / 40),
        city: String::new(),
        country: Some(["DE", "US", "JP", "BR", "ZA", "AU"][row % 6].to_owned()),
        address: address(row),
        system: false,
        flush: None,
    };
    let opening = Opening {
        parked: vec![std::iter::once("ns1.parked.example.".parse()?).collect()],
        resolvers: (0..rows).map(target).collect(),
        ..Opening::of(zone.clone())
    };
    let mut incident = Incident::open(opening, Arc::new(ParkingCatalog::embedded()), NOW + Duration::ZERO);
    let soa = Soa {
        mname: "ns1.parked.example.".parse()?,
        rname: "hostmaster.parked.example.".parse()?,
        serial: Serial(1),
        refresh: 7200,
        retry: 900,
        expire: 1_209_600,
        minimum: 900,
    };
    for row in 0..rows {
        for sample in 0..3_u64 {
            let target = TargetId::new(Role::Resolver, address(row));
            let query = Query::new(target, zone.clone(), RecordType::TXT, Purpose::Nonce).recursive();
            let rcode = if row % 3 == 0 { Rcode::REFUSED } else { Rcode::NXDOMAIN };
            let ttl = Ttl::from_wire(900);
            let authority = vec![Record { owner: zone.clone(), ttl, rdata: Rdata::Soa(soa.clone()) }];
            let response = Response { ra: true, authority, size: 120, ..Response::empty(rcode) };
            let rtt = Duration::from_micros(9_000 + row as u64);
            let at = NOW + Duration::from_millis(sample);
            let observation = Observation {
                asked: zone.child(b"q6m2x5aozk3whv7t")?,
                outcome: Outcome::Answered(response),
                sent: NOW,
                at,
                rtt: Some(rtt),
                packets: 1,
                query,
            };
            incident.apply(at, &Event::Observed(Arc::new(observation)));
        }
    }
    incident.settle(NOW + Duration::from_millis(5));
    Ok(incident)
}
