//! What is printed: text and lines as snapshots, and the promises every text keeps whatever servers say.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "support/incidents.rs"]
mod incidents;

use incidents::{GOOD, PARKED, RESOLVERS, Side, Stage, denial, name, stages};
use unicode_width::UnicodeWidthStr;
use unpark::catalog::ResolverCatalog;
use unpark::dns::{RecordType, shown};
use unpark::flush::{FlushEndpoints, FlushOperator, FlushOutcome, FlushPlan, FlushStep, Obstacle};
use unpark::incident::Phase;
use unpark::judge::Verdict;
use unpark::view::json;
use unpark::view::lines::{Look, changes, check_text, flush_plan_text, flush_result_line, resolvers_text, trace_text};
use unpark::view::model::RungKind;

/// How the lines of a watch look in these tests.
const LINES: Look = Look::plain(120);

/// The stages are what their names say, or no test below means anything.
#[test]
fn the_stages_stand_where_they_should() {
    use Phase::{
        BrokenAtAuthority, CannotTell, Converging, Healthy, HeldAtParent, ParkedAtParent, SplitAtParent, Starting,
    };
    use Verdict::{Correct, Draining, Mixed, Other, Parked, Silent};
    let phases: Vec<Phase> = stages().iter().map(|(_, stage)| stage.incident.phase()).collect();
    assert_eq!(
        phases,
        [
            Starting,
            Healthy,
            ParkedAtParent,
            HeldAtParent,
            SplitAtParent,
            BrokenAtAuthority,
            Converging,
            CannotTell,
            ParkedAtParent
        ]
    );
    let verdicts: Vec<Verdict> =
        incidents::converging().incident.resolvers().iter().map(|r| r.judgement.verdict).collect();
    assert_eq!(verdicts, [Mixed, Correct, Parked, Draining, Other, Silent]);
}

#[test]
fn check_for_people() {
    for (title, stage) in stages() {
        let board = stage.board();
        insta::assert_snapshot!(format!("check_{title}"), check_text(&board, Look::plain(80)));
    }
    let board = incidents::converging().board();
    insta::assert_snapshot!("check_wide_verbose", check_text(&board, Look { verbose: true, ..Look::plain(200) }));
    insta::assert_snapshot!("check_quiet", check_text(&board, Look { quiet: true, ..Look::plain(80) }));
}

#[test]
fn trace_for_people() {
    for (title, stage) in stages() {
        let text = trace_text(&stage.incident, &stage.board(), Look::plain(100));
        insta::assert_snapshot!(format!("trace_{title}"), text);
    }
}

/// Every text there is, with the width it was asked for.
fn every_text(colour: bool) -> Vec<(usize, String)> {
    let mut texts = Vec::new();
    for width in [40, 80, 132] {
        for (verbose, ascii) in [(false, false), (true, true)] {
            let look = Look { colour, verbose, ascii, ..Look::plain(width) };
            for (_, stage) in stages() {
                let board = stage.board();
                texts.push((width, check_text(&board, look)));
                texts.push((width, trace_text(&stage.incident, &board, look)));
            }
            texts.push((width, resolvers_text(&ResolverCatalog::embedded(), true, look)));
        }
    }
    texts
}

#[test]
fn no_line_is_wider_than_asked_nor_ends_with_a_space() {
    for (width, text) in every_text(false) {
        assert!(text.ends_with('\n'));
        for line in text.lines() {
            assert!(line.width() <= width, "{width}: {line}");
            assert!(!line.ends_with(' '), "{line:?}");
        }
    }
}

/// The text without the sequences that colour it.
fn uncoloured(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        let (code, rest) = part.split_once('m').expect("only SGR sequences");
        assert!(["0", "1", "2", "31", "32", "33", "36", "1;31"].contains(&code), "{code:?}");
        plain.push_str(rest);
    }
    plain
}

#[test]
fn colour_adds_nothing_and_takes_nothing_away() {
    let mut coloured = 0;
    for ((_, plain), (_, colour)) in every_text(false).into_iter().zip(every_text(true)) {
        assert!(!plain.contains('\x1b'));
        coloured += usize::from(colour.contains('\x1b'));
        assert_eq!(uncoloured(&colour), plain);
    }
    assert!(coloured > 50, "colour was hardly used");
}

#[test]
fn hostile_octets_never_leave_unescaped() {
    let stage = incidents::hostile();
    let board = stage.board();
    let mut texts: Vec<String> = every_text(false).into_iter().map(|(_, text)| text).collect();
    texts.extend(changes(None, &board, LINES));
    texts.extend(changes(Some(&incidents::starting().board()), &board, LINES));
    texts.push(json::check(&stage.incident, &board, stage.now, stage.now, 1));
    texts.push(json::trace(&stage.incident, &board, stage.now, stage.now, 1));
    let evil = FlushEndpoints { cloudflare: incidents::EVIL.to_owned(), ..FlushEndpoints::default() };
    let plan = FlushPlan::for_zone(&name("shop.example."), &[], true, &FlushOperator::ALL);
    let obstacle = Obstacle::ParentsWrong { count: 1, total: 2, names: vec![incidents::EVIL.to_owned()] };
    texts.push(flush_plan_text(&plan, &evil, &[obstacle]));
    texts.push(flush_result_line(&plan.steps[0], &FlushOutcome::Refused { reason: incidents::EVIL.to_owned() }));
    for text in &texts {
        let bad = text.chars().find(|c| *c != '\n' && !shown::is_plain(*c));
        assert_eq!(bad, None, "{text}");
        assert!(!text.lines().any(|line| line.starts_with("fake line")), "{text}");
    }
    assert!(texts.iter().filter(|text| text.contains("owned")).count() > 5, "the hostile text was not shown at all");
}

#[test]
fn changes_are_said_once_and_only_when_something_changed() {
    let mut stage = Stage::open(Some(&GOOD), &RESOLVERS[..3]);
    let mut said = changes(None, &stage.board(), LINES);
    let mut step = |stage: &mut Stage, act: &dyn Fn(&mut Stage)| {
        let before = stage.board();
        act(stage);
        let lines = changes(Some(&before), &stage.board(), LINES);
        said.extend(lines.iter().cloned());
        lines
    };
    step(&mut stage, &Stage::walk);
    step(&mut stage, &|s| s.parent_delegates(0, &PARKED));
    step(&mut stage, &|s| s.parent_delegates(1, &PARKED));
    step(&mut stage, &|s| s.authorities(true));
    for (_, address) in &RESOLVERS[..3] {
        step(&mut stage, &|s| s.nonce(address, denial(Side::Parked, 300)));
    }
    assert_eq!(step(&mut stage, &|s| s.wait(30)), Vec::<String>::new(), "time alone is no change");
    assert_eq!(step(&mut stage, &|s| s.nonce(RESOLVERS[0].1, denial(Side::Parked, 270))), Vec::<String>::new());
    step(&mut stage, &|s| s.parent_delegates(0, &GOOD));
    step(&mut stage, &|s| s.parent_delegates(1, &GOOD));
    step(&mut stage, &|s| s.correct(RESOLVERS[0].1));
    step(&mut stage, &|s| s.wait(700));
    for (_, address) in &RESOLVERS[..3] {
        step(&mut stage, &|s| s.correct(address));
    }
    insta::assert_snapshot!("changes", said.join("\n"));
}

#[test]
fn a_phase_that_nobody_looked_at_in_time_is_said_all_the_same() {
    let mut stage = Stage::open(Some(&GOOD), &RESOLVERS[..3]);
    let before = stage.board();
    stage.walk();
    for parents in [&GOOD[..], &PARKED[..]] {
        stage.wait(30);
        stage.parent_delegates(0, parents);
        stage.parent_delegates(1, parents);
    }
    let phases: Vec<&str> = stage.board().phases.iter().map(|change| change.phase.word()).collect();
    let lines = changes(Some(&before), &stage.board(), Look { quiet: true, ..LINES });
    let said: Vec<&str> = lines.iter().filter_map(|line| line.split_once("Z phase ")).map(|(_, said)| said).collect();
    assert!(phases.len() > 2, "{phases:?}");
    assert_eq!(said.iter().filter_map(|said| said.split(':').next()).collect::<Vec<_>>(), phases[1..], "{lines:#?}");
    let (last, passed) = said.split_last().unwrap();
    assert!(passed.iter().all(|said| said.ends_with("and left again since")), "{lines:#?}");
    assert!(!last.contains("left again"), "{lines:#?}");
}

#[test]
fn the_first_verdicts_of_many_resolvers_are_one_line() {
    let (before, after) = (incidents::starting().board(), incidents::converging().board());
    let lines = changes(Some(&before), &after, LINES);
    assert_eq!(lines.iter().filter(|l| l.contains("Z resolver ")).count(), 0, "{lines:#?}");
    let counts: Vec<&String> = lines.iter().filter(|l| l.contains(" resolvers: ")).collect();
    assert_eq!(counts.len(), 1, "{lines:#?}");
    assert!(counts[0].ends_with("1 correct, 1 other, 1 parked, 1 mixed, 1 draining, 1 silent"), "{}", counts[0]);
    assert!(lines.iter().all(|l| l.starts_with("2026-") && l.get(19..21) == Some("Z ")));
    assert_eq!(changes(Some(&after), &after, LINES), Vec::<String>::new());
}

#[test]
fn a_watch_in_lines_says_as_much_as_it_is_asked_to() {
    let (before, after) = (incidents::starting().board(), incidents::converging().board());
    let told = |look: Look| changes(Some(&before), &after, look);
    let quiet = told(Look { quiet: true, ..LINES });
    let kinds: Vec<&str> = quiet.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    // It was parked, and split, between the two, while nobody looked.
    assert_eq!(kinds, ["phase", "phase", "phase", "next:"], "{quiet:#?}");

    let usual = told(LINES);
    let verbose = told(Look { verbose: true, ..LINES });
    assert!(quiet.iter().all(|line| usual.contains(line)) && usual.iter().all(|line| verbose.contains(line)));
    let servers: usize = after.ladder.iter().filter(|r| r.kind != RungKind::Here).map(|r| r.servers.len()).sum();
    assert!(servers > 2);
    assert_eq!(verbose.iter().filter(|l| l.contains("Z server ")).count(), servers, "{verbose:#?}");
    assert_eq!(verbose.iter().filter(|l| l.contains("Z resolver ")).count(), after.rows.len(), "{verbose:#?}");

    let coloured = told(Look { verbose: true, colour: true, ..LINES });
    assert!(coloured.join("\n").contains('\x1b'));
    assert_eq!(uncoloured(&coloured.join("\n")), verbose.join("\n"));
    let ascii = told(Look { verbose: true, ascii: true, ..LINES });
    assert!(ascii.iter().any(|line| line.contains("unknown -> parked")), "{ascii:#?}");
    assert!(ascii.iter().all(|line| line.is_ascii()), "{ascii:#?}");
}

#[test]
fn the_list_of_resolvers() {
    let own = "[[resolver]]\nid = \"office\"\nipv4 = [\"10.0.0.53\", \"127.0.0.1:5353\"]\n\
               [[resolver]]\nid = \"big\"\noperator = \"Big DNS\"\ncity = \"anycast\"\ncountry = \"US\"\nregion = \"global\"\n\
               ipv4 = [\"192.0.2.1\"]\nipv6 = [\"2001:db8::1\"]\nkind = \"filtered\"\ndnssec = \"true\"\nflush = \"google\"\n\
               default = false\nconfidence = \"high\"\nnote = \"blocks malware\"\n";
    let catalog = ResolverCatalog::parse(own, "own.toml").unwrap();
    insta::assert_snapshot!("resolvers_default", resolvers_text(&catalog, false, Look::plain(80)));
    insta::assert_snapshot!("resolvers_all", resolvers_text(&catalog, true, Look::plain(80)));
    insta::assert_snapshot!("resolvers_all_wide", resolvers_text(&catalog, true, Look::plain(200)));
    insta::assert_snapshot!("resolvers_json", json::resolvers(&catalog, true));
    let count = |all| json::resolvers(&ResolverCatalog::embedded(), all).matches("\"id\"").count();
    assert!(count(false) > 20 && count(true) > count(false));
}

#[test]
fn a_flush_is_told_exactly() {
    let zone = name("shop.example.");
    let plan = FlushPlan::for_zone(&zone, &[name("*.shop.example.")], false, &FlushOperator::ALL);
    let obstacle = Obstacle::ParentsWrong { count: 1, total: 2, names: vec!["b.nic.example.".to_owned()] };
    let endpoints = FlushEndpoints::default();
    insta::assert_snapshot!("flush_plan", flush_plan_text(&plan, &endpoints, &[]));
    let text = flush_plan_text(&plan, &endpoints, &[obstacle]);
    assert!(text.starts_with(
        "Do not flush now: a flush now would store the parked answer again with a full TTL.\n  1 of 2 parent servers still"
    ));
    assert!(text.ends_with(&flush_plan_text(&plan, &endpoints, &[])));
    let step = FlushStep { operator: FlushOperator::Cloudflare, name: zone, rtype: RecordType::NS };
    assert_eq!(
        flush_result_line(&step, &FlushOutcome::Sent { reply: String::new() }),
        "Cloudflare shop.example NS: sent"
    );
    let refused = FlushOutcome::Refused { reason: "too many requests (HTTP 429)".to_owned() };
    assert_eq!(
        flush_result_line(&step, &refused),
        "Cloudflare shop.example NS: refused (too many requests (HTTP 429))"
    );
}
