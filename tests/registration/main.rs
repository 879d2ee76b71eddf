//! Registries and registrars on the loopback, by real HTTP and TCP: every fixture gives exactly the findings that its name says,
//! and servers that misbehave give an outcome in words, never a finding. No packet leaves the machine.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod world;

use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;
use unpark::catalog::{ParkingCatalog, RdapTable};
use unpark::dns::{Name, NsSet, shown};
use unpark::http::{
    HttpClient, Limits, ProxySettings, RDAP_LIMITS, RdapClient, RegistryClient, WHOIS_LIMITS, WhoisClient, no_look_up,
};
use unpark::registration::{Cause, Evidence, Finding, Hearing, Outcome, Source, Standing, causes};
use unpark::time::{ReadClock, Timestamp};
use unpark::view::lines::Look;
use unpark::view::{json, lines};

use world::{Does, Server, fixture, fixture_linked, rdap, reply};

const ZONE: &str = "unpark-demo.example";
const NOW: &str = "2026-10-08T12:00:00Z";

struct StoppedClock(Timestamp);

impl ReadClock for StoppedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

fn table(text: &str) -> RdapTable {
    RdapTable::parse(text, "test.toml").unwrap()
}

fn client(table: RdapTable, whois: Option<&str>, total: Duration) -> RegistryClient {
    let limits = |usual: Limits| Limits { total, ..usual };
    let http = HttpClient::new(&no_look_up(), &ProxySettings::none(), limits(RDAP_LIMITS)).unwrap();
    let server = whois.map(|text| text.parse().unwrap());
    RegistryClient::new(
        table,
        RdapClient::new(http, total),
        WhoisClient::new(&no_look_up(), server, limits(WHOIS_LIMITS)),
    )
}

async fn hear(client: &RegistryClient, zone: &str, now: &str) -> Hearing {
    client.hear(&zone.parse().unwrap(), &StoppedClock(now.parse().unwrap())).await
}

/// Asks a server about [`ZONE`] below `path`.
async fn ask(server: &Server, path: &str) -> Hearing {
    ask_for(server, path, Duration::from_secs(10), NOW).await
}

async fn ask_for(server: &Server, path: &str, total: Duration, now: &str) -> Hearing {
    let text = format!("[[server]]\nurls = [\"{}\"]\ntlds = [\"example\"]\n", server.url(path));
    hear(&client(table(&text), None, total), ZONE, now).await
}

fn good() -> NsSet {
    ["ns1.dns-host.example", "ns2.dns-host.example"].iter().map(|n| n.parse::<Name>().unwrap()).collect()
}

fn judge(hearing: &Hearing, now: &str) -> Vec<Finding> {
    let (expected, parking) = (good(), ParkingCatalog::embedded());
    let evidence = Evidence { hearing, expected: Some(&expected), parked: &[], parking: &parking };
    causes(&evidence, now.parse().unwrap())
}

fn codes(hearing: &Hearing, now: &str) -> Vec<Cause> {
    judge(hearing, now).iter().map(|finding| finding.cause).collect()
}

#[tokio::test]
async fn every_fixture_gives_exactly_the_findings_of_its_name() {
    use Cause::{
        ChangedAfterAnniversary, ClientHold, NotExpected, NotRegistered, PendingDelete, Redemption, RegistrarExpired,
    };
    let server = Server::http().await;
    for (name, now, findings) in [
        ("healthy", NOW, vec![]),
        ("autorenew-but-healthy", NOW, vec![]),
        ("renewed-restored", NOW, vec![]),
        ("expired-autorenew-parked", NOW, vec![NotExpected, ChangedAfterAnniversary]),
        ("expired-parked-status-active", NOW, vec![NotExpected, ChangedAfterAnniversary]),
        ("registrar-expired", NOW, vec![NotExpected, RegistrarExpired, ChangedAfterAnniversary]),
        ("clienthold", NOW, vec![ClientHold]),
        ("redemption", "2026-11-20T12:00:00Z", vec![Redemption]),
        ("pending-delete", "2026-12-13T12:00:00Z", vec![PendingDelete]),
    ] {
        server.on(&format!("/{name}/domain/{ZONE}"), rdap(&fixture(name)));
        let hearing = ask_for(&server, &format!("/{name}/"), Duration::from_secs(10), now).await;
        assert_eq!(codes(&hearing, now), findings, "{name}");
        assert_eq!(hearing.answers[0].raw, fixture(name), "the answer is kept as it came");
    }
    let not_found = reply("404 Not Found", "Content-Type: application/rdap+json\r\n", &fixture("error-404"));
    server.on(&format!("/404/domain/{ZONE}"), Does::Say(not_found));
    assert_eq!(codes(&ask(&server, "/404/").await, NOW), [NotRegistered]);
    for head in server.asked() {
        assert!(head.to_lowercase().contains("accept: application/rdap+json, application/json"), "{head}");
    }
}

#[tokio::test]
async fn the_registrar_is_asked_where_the_registry_says() {
    use Cause::{ChangedAfterAnniversary, NotExpected, RegistrarExpired};
    let (registry, registrar) = (Server::http().await, Server::http().await);
    let link = registrar.url("/own/x");
    registry.on(&format!("/domain/{ZONE}"), rdap(&fixture_linked("expired-parked-status-active", &link)));
    registrar.on("/own/x", rdap(&fixture("registrar-expired")));
    let hearing = ask(&registry, "/").await;
    let sources: Vec<Source> = hearing.answers.iter().map(|a| a.source).collect();
    assert_eq!(sources, [Source::RegistryRdap, Source::RegistrarRdap]);
    assert_eq!(codes(&hearing, NOW), [NotExpected, RegistrarExpired, ChangedAfterAnniversary]);
    // A registrar that limits takes nothing from what the registry said.
    registrar.on("/own/x", Does::Say(reply("429 Too Many Requests", "", "")));
    let hearing = ask(&registry, "/").await;
    assert_eq!(codes(&hearing, NOW), [NotExpected, ChangedAfterAnniversary]);
    assert_eq!((registry.asked().len(), registrar.asked().len()), (2, 2), "each is asked once");
}

#[tokio::test]
async fn too_many_questions_are_no_finding_and_are_not_repeated() {
    let server = Server::http().await;
    let limited = |fields: &str| Does::Say(reply("429 Too Many Requests", fields, &fixture("error-429")));
    for (fields, until) in [
        ("Retry-After: 90\r\n", Some("2026-10-08T12:01:30Z")),
        ("Retry-After: Thu, 08 Oct 2026 13:00:00 GMT\r\n", Some("2026-10-08T13:00:00Z")),
        ("Retry-After: \x07later\r\n", None),
        ("", None),
    ] {
        let before = server.asked().len();
        server.on(&format!("/domain/{ZONE}"), limited(&fields.replace('\x07', "")));
        let hearing = ask(&server, "/").await;
        let until = until.map(|text| text.parse().unwrap());
        assert_eq!(hearing.answers[0].outcome, Outcome::Limited { until });
        assert_eq!(codes(&hearing, NOW), []);
        assert_eq!(Standing::of(&hearing, &[]), Standing::Unknown);
        assert_eq!(server.asked().len(), before + 1);
    }
}

#[tokio::test]
async fn redirects_are_few_and_checked() {
    let server = Server::http().await;
    let to = |location: &str| Does::Say(reply("302 Found", &format!("Location: {location}\r\n"), ""));
    let path = |case: &str| format!("/{case}/domain/{ZONE}");
    server.on(&path("good"), to("/a"));
    server.on("/a", to(&server.url("/b")));
    server.on("/b", to("c"));
    server.on("/c", rdap(&fixture("healthy")));
    let hearing = ask(&server, "/good/").await;
    assert_eq!((codes(&hearing, NOW), &hearing.answers[0].server), (vec![], &server.url("/c")));
    server.on(&path("many"), to("/good/domain/unpark-demo.example"));
    server.on(&path("circle"), to("/round"));
    server.on("/round", to(&path("circle")));
    server.on(&path("plain"), to("http://192.0.2.1/"));
    server.on(&path("file"), to("file:///etc/passwd"));
    server.on(&path("nowhere"), Does::Say(reply("301 Moved", "", "")));
    for (case, reason) in [
        ("many", "more than 3 redirects"),
        ("circle", "in a circle"),
        ("plain", "plain http:// is allowed only to this machine"),
        ("file", "may not be followed"),
        ("nowhere", "without a place to go"),
    ] {
        let hearing = ask(&server, &format!("/{case}/")).await;
        let said = hearing.answers[0].outcome.phrase();
        assert!(said.contains(reason), "{case}: {said}");
        assert_eq!((hearing.answers[0].outcome.word(), codes(&hearing, NOW)), ("unreadable", vec![]));
    }
}

#[tokio::test]
async fn bodies_that_do_not_end_or_make_no_sense_are_no_findings() {
    let server = Server::http().await;
    let path = |case: &str| format!("/{case}/domain/{ZONE}");
    let head = |length: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").into_bytes();
    let ten_megabytes = 10 * 1024 * 1024;
    let mut flood = head(ten_megabytes);
    flood.resize(64 * 1024, b' ');
    server.on(&path("flood"), Does::Flood(flood, ten_megabytes));
    server.on(&path("drip"), Does::Drip(head(1_000_000)));
    let half = fixture("healthy");
    let half = &half[..half.len() / 2];
    server.on(&path("cut"), Does::Say([head(100_000), half.as_bytes().to_vec()].concat()));
    server.on(&path("half"), rdap(half));
    server.on(&path("html"), Does::Say(reply("200 OK", "Content-Type: text/html\r\n", "<html>Welcome</html>")));
    server.on(&path("other"), rdap(&fixture("healthy").replace(ZONE, "other.example")));
    server.on(&path("binary"), Does::Say([head(4), vec![0xff, 0xfe, 0, 0x1b]].concat()));
    server.on(&path("broken"), Does::Say(b"\x1b[2J no http at all\r\n\r\n".to_vec()));
    server.on(&path("503"), Does::Say(reply("503 Unavailable", "", "")));
    for (case, word, reason) in [
        ("flood", "unreadable", "longer than 1048576 octets"),
        ("drip", "", "within"),
        ("cut", "unreadable", "broke off"),
        ("half", "unreadable", "no JSON"),
        ("html", "unreadable", "no JSON"),
        ("other", "unreadable", "it describes other.example"),
        ("binary", "unreadable", "no JSON"),
        ("broken", "no-answer", ""),
        ("503", "unreadable", "HTTP 503"),
        ("404 page", "unreadable", "HTTP 404 with a page"),
    ] {
        let patience = Duration::from_millis(if case == "drip" { 300 } else { 10_000 });
        let hearing = ask_for(&server, &format!("/{}/", case.replace(' ', "-")), patience, NOW).await;
        let outcome = &hearing.answers[0].outcome;
        assert!(word.is_empty() || outcome.word() == word, "{case}: {outcome:?}");
        assert!(
            outcome.phrase().contains(reason) && outcome.phrase().chars().all(shown::is_plain),
            "{case}: {outcome:?}"
        );
        assert_eq!(codes(&hearing, NOW), [], "{case}");
        assert!(hearing.answers[0].raw.len() <= RDAP_LIMITS.body * 3, "{case}");
    }
    // A wrong label on a good answer does no harm.
    let mislabelled = reply("200 OK", "Content-Type: text/html\r\n", &fixture("healthy"));
    server.on(&path("mislabelled"), Does::Say(mislabelled));
    assert!(ask(&server, "/mislabelled/").await.registry().is_some());
}

#[tokio::test]
async fn nothing_hostile_reaches_a_terminal() {
    let server = Server::http().await;
    let evil = "\\u001b[2J\\u202eevil\\u0007\\n";
    let body = fixture("expired-autorenew-parked")
        .replace("Example Registrar, Inc.", evil)
        .replace("abuse@registrar.example", evil)
        .replace("client transfer prohibited", evil)
        .replace("2027-10-03T14:22:05Z", evil)
        .replace("700100_DOMAIN-EXAMPLE", evil)
        .replace("ns2.expired-parking.example", evil)
        .replace("https://rdap.registrar.example/rdap/domain/unpark-demo.example", evil);
    server.on(
        &format!("/domain/{ZONE}"),
        rdap(&format!("{body}\n\u{1b}]0;x\u{7}").replace("\n\u{1b}]0;x\u{7}", "\n \t")),
    );
    let hearing = ask(&server, "/").await;
    assert!(hearing.registry().is_some(), "{:?}", hearing.answers[0].outcome);
    let (expected, parking) = (good(), ParkingCatalog::embedded());
    let evidence = Evidence { hearing: &hearing, expected: Some(&expected), parked: &[], parking: &parking };
    let now = NOW.parse().unwrap();
    let findings = causes(&evidence, now);
    let look = Look { verbose: true, ..Look::plain(100) };
    let text = lines::registration_text(&evidence, &findings, now, look);
    assert!(text.contains("\\u{1b}[2J\\u{202e}evil"), "{text}");
    let document = json::registration(&evidence, &findings, now, 1);
    for output in [&text, &document] {
        let bad = output.chars().find(|c| *c != '\n' && !shown::is_plain(*c));
        assert_eq!(bad, None);
    }
    assert_eq!(faults(&document), Vec::<String>::new());
}

/// What the contract has against an output.
fn faults(document: &str) -> Vec<String> {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/registration.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
    let value: Value = serde_json::from_str(document).unwrap();
    validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

#[test]
fn the_contract_knows_every_code() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/registration.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let words = schema.pointer("/$defs/finding/properties/code/enum").and_then(Value::as_array).unwrap();
    let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
    assert_eq!(words, Cause::ALL.iter().map(|c| c.word()).collect::<Vec<_>>());
}

const RECORD: &str = "domain: unpark-demo.eu\nregistrar: M\u{fc}ller\nnserver: ns1.dns-host.example\n\
                      nserver: ns2.dns-host.example\nexpires: 2026-10-03\n";

fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

#[tokio::test]
async fn whois_answers_where_there_is_no_rdap() {
    let (first, second) = (Server::whois().await, Server::whois().await);
    let other = table("[[server]]\nurls = [\"https://rdap.invalid/\"]\ntlds = [\"invalid\"]\n");
    let start = format!("127.0.0.1:{}", first.port);
    let client = client(other, Some(&start), Duration::from_millis(500));
    let refer = |to: &Server| Does::Say(format!("refer: 127.0.0.1:{}\n", to.port).into_bytes());
    // A referral, an answer in Latin-1, and the registration instead of the zone below it.
    first.on("unpark-demo.eu", refer(&second));
    second.on("unpark-demo.eu", Does::Say(latin_1(RECORD)));
    let hearing = hear(&client, "www.unpark-demo.eu", NOW).await;
    let (answer, read) = hearing.registry().unwrap();
    assert_eq!((answer.source, answer.domain.to_string().as_str()), (Source::Whois, "unpark-demo.eu."));
    assert_eq!(read.registrar.name.as_deref(), Some("Müller"));
    assert_eq!(codes(&hearing, NOW), [Cause::Expired]);
    assert_eq!(second.asked(), ["unpark-demo.eu\r\n"]);
    // Everything else: in words, and without a finding unless the registry says that there is none.
    let flood = Does::Flood(vec![b'x'; 64 * 1024], 10 * 1024 * 1024);
    for (domain, does, word, findings) in [
        ("gone.eu", Does::Say(b"% nothing found\n".to_vec()), "not-found", vec![Cause::NotRegistered]),
        ("many.eu", Does::Say(b"Query rate limit exceeded\n".to_vec()), "limited", vec![]),
        ("flood.eu", flood, "unreadable", vec![]),
        ("drip.eu", Does::Drip(RECORD.as_bytes().to_vec()), "no-answer", vec![]),
        ("noise.eu", Does::Say(vec![0, 0x1b, 0xff, b'\n']), "unreadable", vec![]),
        ("empty.eu", Does::Say(Vec::new()), "unreadable", vec![]),
        ("unpark.eu", Does::Say(RECORD.as_bytes().to_vec()), "unreadable", vec![]),
        ("closed.eu", Does::Say(b"refer: 127.0.0.1:1\n".to_vec()), "not-sent", vec![]),
        ("unknown.eu", Does::Say(b"refer: whois.nowhere.example:43\n".to_vec()), "not-sent", vec![]),
    ] {
        first.on(domain, does);
        let hearing = hear(&client, domain, NOW).await;
        assert_eq!(hearing.answers[0].outcome.word(), word, "{domain}: {:?}", hearing.answers[0].outcome);
        assert_eq!(codes(&hearing, NOW), findings, "{domain}");
    }
    // Referrals in a circle end.
    first.on("round.eu", refer(&second));
    second.on("round.eu", refer(&first));
    let hearing = hear(&client, "round.eu", NOW).await;
    assert_eq!(hearing.answers[0].outcome.word(), "unreadable");
    let asked = first.asked().iter().chain(&second.asked()).filter(|line| line.starts_with("round.eu")).count();
    assert_eq!(asked, 3);
}

#[tokio::test]
async fn plain_http_to_others_is_not_used() {
    let whois = Server::whois().await;
    whois.on("unpark-demo.kg", Does::Say(b"No match\n".to_vec()));
    let plain = table("[[server]]\nurls = [\"http://192.0.2.1/\"]\ntlds = [\"kg\"]\n");
    let start = format!("127.0.0.1:{}", whois.port);
    let hearing = hear(&client(plain, Some(&start), Duration::from_secs(5)), "unpark-demo.kg", NOW).await;
    assert_eq!(hearing.answers[0].outcome, Outcome::NotFound);
    assert!(hearing.notes[0].contains("without https"), "{:?}", hearing.notes);
}

/// Runs the command with nothing but the loopback to reach: the walk from the root begins at a closed port.
async fn unpark(table: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let hints = ". 3600000 NS a.root.test.\na.root.test. 3600000 A 127.0.0.1#1\n";
    let mut command = Command::new(env!("CARGO_BIN_EXE_unpark"));
    command
        .arg("registration")
        .args(arguments)
        .env_clear()
        .env("UNPARK_RDAP_TABLE", file("rdap.toml", table))
        .env("UNPARK_WHOIS_SERVER", "127.0.0.1:1")
        .env("UNPARK_ROOT_HINTS", file("root.hints", hints))
        .env("UNPARK_CONFIG", file("unpark.toml", ""))
        .current_dir(folder.path());
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = run.await.unwrap();
    drop(folder);
    output
}

#[tokio::test]
async fn the_command_tells_by_its_exit_code() {
    let server = Server::http().await;
    let table = format!("[[server]]\nurls = [\"{}\"]\ntlds = [\"example\"]\n", server.url("/"));
    let serve = |name: &str| {
        let own = server.url("/own");
        server.on(&format!("/domain/{ZONE}"), rdap(&fixture_linked(name, &own)));
    };
    server.on("/own", rdap(&fixture("healthy")));
    let expect = ["--expect", "ns1.dns-host.example,ns2.dns-host.example"];
    let arguments = [&[ZONE][..], &expect].concat();
    let with_json = [&arguments[..], &["--json"]].concat();
    let text = |output: &Output| String::from_utf8(output.stdout.clone()).unwrap();

    serve("healthy");
    let output = unpark(&table, &arguments).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(text(&output).starts_with("unpark-demo.example: nothing in the registration explains an outage.\n"));

    serve("clienthold");
    let output = unpark(&table, &arguments).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output).contains("\nCall Example Registrar, Inc. (IANA id 9995): "), "{}", text(&output));
    let output = unpark(&table, &with_json).await;
    assert_eq!((output.status.code(), faults(&text(&output))), (Some(1), Vec::new()));
    let document: Value = serde_json::from_str(&text(&output)).unwrap();
    assert_eq!(document.pointer("/findings/0/code").and_then(Value::as_str), Some("CLIENT_HOLD"));
    assert_eq!(document.pointer("/answers/1/source").and_then(Value::as_str), Some("registrar-rdap"));

    server.on(&format!("/domain/{ZONE}"), Does::Say(reply("429 Too Many Requests", "", "")));
    let output = unpark(&table, &with_json).await;
    assert_eq!((output.status.code(), faults(&text(&output))), (Some(3), Vec::new()), "{output:?}");
    // No RDAP for this one, and nothing listens where WHOIS should.
    let output = unpark(&table, &["unpark-demo.eu"]).await;
    assert_eq!(output.status.code(), Some(3), "{output:?}");

    for (table, arguments) in [("[[server]]\n", &[ZONE][..]), (&table, &["a..b"]), (&table, &[])] {
        let output = unpark(table, arguments).await;
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{output:?}");
    }
}

#[tokio::test]
async fn the_table_of_iana_is_fetched_once_a_week_and_never_half() {
    let server = Server::http().await;
    let services: Vec<String> =
        (0..600).map(|n| format!("[[\"tld{n}\"],[\"https://rdap.registry{n}.example/\"]]")).collect();
    let whole = format!("{{\"version\":\"1.0\",\"services\":[{}]}}", services.join(","));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("hints"), ". 3600000 NS a.root.test.\na.root.test. 3600000 A 127.0.0.1#1\n")
        .unwrap();
    let kept = folder.path().join("unpark").join("rdap-dns.json");
    let run = |url: String| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_unpark"));
        command
            .args(["registration", ZONE, "--verbose", "--timeout", "2s"])
            .env_clear()
            .env("XDG_CACHE_HOME", folder.path())
            .env("UNPARK_RDAP_BOOTSTRAP_URL", url)
            .env("UNPARK_WHOIS_SERVER", "127.0.0.1:1")
            .env("UNPARK_ROOT_HINTS", "hints")
            .current_dir(folder.path());
        tokio::task::spawn_blocking(move || command.output().unwrap())
    };
    // What is not IANA's whole table is not kept.
    for (path, body) in [("/few", "{\"services\":[[[\"a\"],[\"https://x.example/\"]]]}"), ("/none", "<html>")] {
        server.on(path, rdap(body));
        let output = run(server.url(path)).await.unwrap();
        assert!(!kept.exists(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("could not be renewed"), "{output:?}");
    }
    server.on("/dns.json", rdap(&whole));
    run(server.url("/dns.json")).await.unwrap();
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), whole);
    let asked = server.asked().len();
    run(server.url("/dns.json")).await.unwrap();
    assert_eq!(server.asked().len(), asked, "a young table is not fetched again");
}
