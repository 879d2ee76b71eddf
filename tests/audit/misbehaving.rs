//! Registries that misbehave: the audit ends, lists their zones with the reason, says nothing against them, and asks nobody in vain.

use std::time::{Duration, Instant};

use unpark::audit::input::{Format, read};
use unpark::audit::{Code, Risk};
use unpark::auditor::Bounds;
use unpark::dns::shown;
use unpark::time::ReadClock as _;
use unpark::view::html;
use unpark::view::lines::{self, Look};
use unpark::view::{json, portfolio as views};

use crate::portfolio::World;
use crate::registry::{Does, Server, fixture, rdap, reply};
use crate::run::{WallClock, ask_within, judge, tools, unpaced};

/// A domain whose DNS nobody knows: only its registry is the subject.
fn zone(case: &str) -> String {
    format!("shop.{case}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_registry_does_its_zones_are_listed_with_the_reason() {
    let world = World::new(0, WallClock.now(), Duration::ZERO);
    let head = |length: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").into_bytes();
    let ten_megabytes = 10 * 1024 * 1024;
    let mut flood = head(ten_megabytes);
    flood.resize(64 * 1024, b' ');
    let half = fixture("healthy");
    let half = &half[..half.len() / 2];
    let limited = |fields: &str| Does::Say(reply("429 Too Many Requests", fields, &fixture("error-429")));
    let to = |location: &str| Does::Say(reply("302 Found", &format!("Location: {location}\r\n"), ""));
    let cases: Vec<(&str, Does, &str)> = vec![
        ("storm", limited(""), "refused 3 times in a row"),
        ("patience", limited("Retry-After: 90000\r\n"), "asks to wait for 24 h 59 min"),
        ("circle", to("/domain/shop.circle"), "in a circle"),
        ("flood", Does::Flood(flood, ten_megabytes), "longer than 1048576 octets"),
        ("drip", Does::Drip(head(1_000_000)), "did not end within"),
        ("page", Does::Say(reply("200 OK", "Content-Type: text/html\r\n", "<html>Hello</html>")), "no JSON"),
        ("cut", rdap(half), "no JSON"),
        ("torn", Does::Say([head(100_000), half.as_bytes().to_vec()].concat()), "broke off"),
        ("binary", Does::Say([head(4), vec![0xff, 0xfe, 0, 0x1b]].concat()), "no JSON"),
        ("error", Does::Say(reply("503 Unavailable", "", "")), "HTTP 503"),
    ];
    let mut table = String::new();
    let mut servers = Vec::new();
    for (case, does, _) in &cases {
        let server = Server::http().await;
        server.on(&format!("/domain/{}", zone(case)), does.clone());
        table.push_str(&format!("[[server]]\nurls = [\"{}\"]\ntlds = [\"{case}\"]\n", server.url("/")));
        servers.push(server);
    }
    // Nobody listens there, by RDAP or by WHOIS.
    table.push_str("[[server]]\nurls = [\"http://127.0.0.1:1/\"]\ntlds = [\"closed\"]\n");
    let mut names: Vec<String> = cases.iter().map(|(case, ..)| zone(case)).collect();
    names.extend([zone("closed"), zone("whois")]);
    let list = read(&names.join("\n"), Format::Lines);
    let bounds = Bounds {
        registries: unpark::auditor::RegistryLimits { most_refusals: 3, ..unpaced().registries },
        ..unpaced()
    };
    let (run, _) = ask_within(&tools(&world, &table, Duration::from_millis(700)), &list, None, None, &bounds).await;
    let audit = judge(&list, &run.facts, WallClock.now());
    for row in &audit.rows {
        let zone = row.entry.zone.without_dot();
        let reason = cases.iter().find(|(case, ..)| zone == self::zone(case)).map_or("", |(.., reason)| reason);
        let said = row.unknown.join("; ");
        assert!(said.contains("the registration: ") && said.contains(reason), "{zone}: {said}");
        assert!(said.chars().all(shown::is_plain), "{said}");
        assert!(row.issues.iter().all(|issue| issue.topic != unpark::audit::Topic::Expiry), "{zone}: {:?}", row.issues);
        assert_eq!((row.days_left, row.expires.as_ref()), (None, None), "{zone}");
    }
    assert!(servers[0].asked().len() == 3, "a storm is asked three times, then left alone");
    assert_eq!(servers[1].asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_registry_that_refuses_holds_up_nobody_and_is_left_alone() {
    let world = World::new(60, WallClock.now(), Duration::ZERO);
    world.serve_registries().await;
    let storm = Server::http().await;
    let names: Vec<String> = (0..300).map(|n| format!("zone{n}.storm")).collect();
    for name in &names {
        storm.on(&format!("/domain/{name}"), Does::Say(reply("429 Too Many Requests", "", "")));
    }
    let table = format!("{}[[server]]\nurls = [\"{}\"]\ntlds = [\"storm\"]\n", world.rdap_table(), storm.url("/"));
    let good: Vec<String> = world.truth().into_keys().collect();
    let list = read(&[names, good].concat().join("\n"), Format::Lines);
    let began = Instant::now();
    let (run, _) = ask_within(&tools(&world, &table, Duration::from_secs(5)), &list, None, None, &unpaced()).await;
    let audit = judge(&list, &run.facts, WallClock.now());
    let unknown =
        audit.rows.iter().filter(|row| row.unknown.iter().any(|why| why.starts_with("the registration"))).count();
    assert_eq!(unknown, 300, "all of the storm's zones are listed, none of the others");
    // Sixteen at once may be on their way when the first refusal comes.
    assert!(storm.asked().len() < 60, "{} questions into the storm", storm.asked().len());
    println!("a storm over 300 of 360 zones: {:.1?}, {} questions to it", began.elapsed(), storm.asked().len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_hostile_reaches_terminal_page_or_table() {
    let world = World::new(0, WallClock.now(), Duration::ZERO);
    let server = Server::http().await;
    let evil = "\\u001b[2J\\u202e<script>alert(1)</script>\\u0007=cmd()";
    let body = fixture("healthy")
        .replace("unpark-demo.example", "shop.evil")
        .replace("Example Registrar, Inc.", evil)
        .replace("client transfer prohibited", evil)
        .replace("700100_DOMAIN-EXAMPLE", evil);
    server.on("/domain/shop.evil", rdap(&body));
    let table = format!("[[server]]\nurls = [\"{}\"]\ntlds = [\"evil\"]\n", server.url("/"));
    let list = read("shop.evil\n", Format::Lines);
    let tools = tools(&world, &table, Duration::from_secs(5));
    let (run, _) = ask_within(&tools, &list, None, None, &Bounds { registrars: false, ..unpaced() }).await;
    let audit = judge(&list, &run.facts, WallClock.now());
    assert!(audit.rows[0].registrar.name.as_ref().unwrap().contains("script"));
    let text = lines::audit_text(&audit, &[], Look { verbose: true, ..Look::plain(100) });
    let document = json::audit(&audit, "x\u{1b}[2J", &[], audit.now, json::Work::default(), 3);
    let page = views::audit_page(&audit, "<b>list</b>");
    let table = views::audit_csv(&audit);
    for output in [&text, &document, &page, &table] {
        assert!(output.chars().all(|c| c == '\n' || shown::is_plain(c) || c == '\r'), "{output}");
    }
    assert!(!page.contains("<script") && !page.contains("<b>list") && page.contains(&html::escape("<script>")));
    assert!(table.lines().all(|line| !line.contains(",=") && !line.contains(",\"=")), "{table}");
}

#[test]
fn a_zone_that_was_not_reached_is_never_fine() {
    let list = read("shop.example\n", Format::Lines);
    let audit = judge(&list, &unpark::audit::Facts::default(), WallClock.now());
    assert_eq!(audit.rows[0].risk, Risk::Unknown);
    assert_eq!(audit.rows[0].unknown.len(), 2);
    assert!(Code::ALL.iter().all(|code| !audit.headline().contains(code.word())));
    assert_eq!(audit.headline(), "Of 1 zone, 1 could not be told.");
}
