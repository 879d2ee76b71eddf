//! Many zones: all found, no false alarm; stopped in the middle and resumed, nothing asked twice.

use std::sync::atomic::Ordering;
use std::time::Duration;

use unpark::audit::Risk;
use unpark::audit::input::{Format, read};
use unpark::auditor::StateFile;
use unpark::time::ReadClock as _;

use crate::portfolio::{Trouble, World};
use crate::run::{Score, WallClock, ask, judge, tools};

/// Every kind of trouble once.
const ZONES: usize = 450;

fn size() -> usize {
    std::env::var("UNPARK_AUDIT_ZONES").ok().and_then(|text| text.parse().ok()).unwrap_or(ZONES)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_wrong_is_found_and_nothing_else() {
    let world = World::new(size(), WallClock.now(), Duration::ZERO);
    world.serve_registries().await;
    let score = Score::of(&world).await;
    println!("{}", score.figures(&world));
    assert_eq!((score.missed.as_slice(), score.false_alarms.as_slice()), (&[][..], &[][..]));
    let mut kinds: Vec<Trouble> = world.truth().into_values().flatten().collect();
    let troubled = kinds.len();
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds.len(), Trouble::ALL.len());
    // What is wrong stands before what is fine.
    assert!(score.audit.rows[..troubled].iter().all(|row| row.risk < Risk::Notice));
    assert!(score.audit.rows[troubled..].iter().all(|row| row.risk == Risk::Fine));
    // Their mail hangs on a domain that nobody watches; so do their name servers.
    let gaps: Vec<String> = score.audit.gaps().map(|gap| gap.domain.without_dot()).collect();
    assert!(gaps.contains(&"gamma-mail.com".to_owned()) && gaps.contains(&"alpha-dns.com".to_owned()), "{gaps:?}");
    let packets = score.run.progress.packets as f64 / score.audit.rows.len() as f64;
    assert!(packets < 12.0, "{packets} packets a zone");
    let signed = score.audit.rows[troubled..].iter().filter(|row| row.signed == Some(true)).count();
    assert!(signed > 10, "{signed} healthy zones are signed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_was_stopped_goes_on_and_asks_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.jsonl");
    let world = World::new(ZONES, WallClock.now(), Duration::ZERO);
    world.serve_registries().await;
    let list = read(&world.list(), Format::Toml);
    let asker = || tools(&world, &world.rdap_table(), Duration::from_secs(10));
    let (first, _) = ask(&asker(), &list, Some(&path), Some(ZONES)).await;
    assert!(first.stopped);
    // A crash tears the last line.
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 7]).unwrap();
    let before = (first.facts.dns.len(), first.facts.registrations.len());
    assert!(before.0 > 20 && before.1 > 20, "{before:?}");

    let asked = || (world.messages.swap(0, Ordering::Relaxed), world.questions.swap(0, Ordering::Relaxed));
    let halfway = asked();
    let (second, kept) = ask(&asker(), &list, Some(&path), None).await;
    assert_eq!((second.stopped, kept.torn), (false, 1));
    let known = kept.facts.dns.len() + kept.facts.registrations.len() + kept.halves.len();
    assert!(known + 1 >= before.0 + before.1, "{known} of {before:?}");
    let rest = asked();
    let score = Score::judge(&world, &list, second, Duration::ZERO);
    assert_eq!((score.missed.as_slice(), score.false_alarms.as_slice()), (&[][..], &[][..]));

    // A third run knows everything but what never answers, and asks no registry at all.
    let (third, _) = ask(&asker(), &list, Some(&path), None).await;
    assert_eq!((third.progress.zones.done, third.progress.registrations.done), (0, 0));
    assert_eq!(asked(), (0, 0));
    let now = WallClock.now();
    assert_eq!(judge(&list, &third.facts, now), judge(&list, &score.run.facts, now), "what was kept is what was heard");

    // Both halves together cost about what one run costs: what was under way when it was stopped is asked again.
    let (whole, _) = ask(&asker(), &list, None, None).await;
    let all = asked();
    assert!(!whole.stopped);
    let twice = (halfway.1 + rest.1).saturating_sub(all.1);
    assert!(twice <= 32, "{twice} questions asked twice");
}

#[tokio::test]
async fn kept_answers_age_and_a_foreign_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.jsonl");
    let world = World::new(3, WallClock.now(), Duration::ZERO);
    world.serve_registries().await;
    let list = read(&world.list(), Format::Toml);
    ask(&tools(&world, &world.rdap_table(), Duration::from_secs(10)), &list, Some(&path), None).await;
    let now = WallClock.now();
    let hour = Duration::from_secs(3600);
    let (held, kept) = StateFile::open(&path, hour, now).unwrap();
    assert_eq!((kept.facts.dns.len(), kept.facts.registrations.len(), kept.stale), (3, 3, 0));
    assert!(StateFile::open(&path, hour, now).unwrap_err().to_string().contains("in use by another audit"));
    drop(held);
    let (_, kept) = StateFile::open(&path, hour, now + hour * 2).unwrap();
    // Three zones; of each registration the registry's word, then with the registrar's.
    assert_eq!((kept.facts.dns.len(), kept.stale), (0, 9));
    let (_, kept) = StateFile::open(&path, hour, now).unwrap();
    assert_eq!(kept.facts.dns.len(), 0, "what was too old is gone");
    std::fs::write(&path, "my notes\n").unwrap();
    let said = StateFile::open(&path, hour, now).unwrap_err().to_string();
    assert!(said.contains("is no state file of an audit"), "{said}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "my notes\n", "and is left as it was");
}
