//! Journals are compressed when they end; a kill at any moment of that loses nothing.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use unpark::journal::Replay;

use super::{chance, honest, run, size, stop, unpark, wait_until, watch};

/// The files of a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|one| one.unwrap().path()).collect();
    all.sort();
    all
}

/// A journal of many lines, one after the other the same.
fn long(path: &Path, lines: usize) -> u64 {
    let sample = std::fs::read_to_string("tests/journals/v1.jsonl").unwrap();
    let (mut text, settled) = (sample.replace("{\"t\":887817206,\"ended\":true}\n", ""), "12345\n[54321]\n");
    text.push_str(&settled.repeat(lines / 2));
    std::fs::write(path, text).unwrap();
    size(path)
}

fn told(path: &Path) -> (u64, usize) {
    let mut replay = Replay::open(path).unwrap();
    replay.go_to_end().unwrap();
    assert!(replay.damage().notes().is_empty(), "{:?}", replay.damage());
    (replay.incident().observed(), replay.incident().phases().len())
}

#[test]
fn a_watch_that_ends_leaves_its_journal_compressed_unless_the_operator_named_it() {
    let (world, folder) = (honest(233), tempfile::tempdir().unwrap());
    let journals = folder.path().join("state/unpark/journals");
    let process = watch(&world, folder.path(), &[]);
    wait_until("some facts are written", || {
        journals.exists() && files(&journals).iter().any(|path| size(path) > 2_000)
    });
    let plain = files(&journals).remove(0);
    let (_, errors) = stop(process);
    let packed = PathBuf::from(format!("{}.gz", plain.display()));
    assert_eq!(files(&journals), std::slice::from_ref(&packed), "{errors}");
    assert!(errors.contains(&format!("journal: {}\n", packed.display())), "{errors}");
    let mut replay = Replay::open(&packed).unwrap();
    replay.go_to_end().unwrap();
    assert!(replay.damage().ended && replay.damage().notes().is_empty(), "{:?}", replay.damage());
    let (code, list, _) = run(unpark(folder.path(), &["journals", "list", "--json"]));
    let list: Value = serde_json::from_str(&list).unwrap();
    let one = &list["journals"][0];
    assert_eq!((code, one["compressed"].as_bool(), one["end"].as_str()), (Some(0), Some(true), Some("ended")), "{one}");
    let (_, text, _) = run(unpark(folder.path(), &["journals", "list"]));
    assert!(text.contains(" compressed, ") && text.contains("victim.test."), "{text}");
    let (_, report, errors) = run(unpark(folder.path(), &["report", &packed.display().to_string()]));
    assert!(report.contains("victim.test") && errors.is_empty(), "{report}{errors}");

    let process = watch(&world, folder.path(), &["--journal", "mine.jsonl"]);
    wait_until("some facts are written", || size(&folder.path().join("mine.jsonl")) > 2_000);
    stop(process);
    assert!(folder.path().join("mine.jsonl").exists(), "what the operator named keeps its name");
}

#[test]
fn pruning_compresses_what_it_leaves_and_only_that() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::copy("tests/journals/v1.jsonl", at.join("a.jsonl")).unwrap();
    std::fs::write(at.join("orders.jsonl"), "{\"order\":1}\n").unwrap();
    let before = told(&at.join("a.jsonl"));
    let prune = |more: &[&str]| {
        let (code, text, errors) =
            run(unpark(at, &[&["journals", "prune", "--folder", ".", "--keep", "9"], more].concat()));
        assert_eq!(code, Some(0), "{errors}");
        text
    };
    assert!(prune(&["--dry-run"]).contains("would compress ./a.jsonl"));
    assert!(at.join("a.jsonl").exists());
    assert_eq!(prune(&[]), "compressed to ./a.jsonl.gz\n");
    assert_eq!(files(at), [at.join("a.jsonl.gz"), at.join("orders.jsonl")]);
    assert_eq!(told(&at.join("a.jsonl.gz")), before);
    assert_eq!(prune(&[]), "");
}

#[test]
fn a_kill_amid_the_compression_loses_nothing() {
    let kills: u32 = std::env::var("UNPARK_KILLS").map_or(8, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let plain = at.join("a.jsonl");
    let octets = long(&plain, 200_000);
    let before = told(&plain);
    let text = std::fs::read(&plain).unwrap();
    let prune = || unpark(at, &["journals", "prune", "--folder", ".", "--keep", "9"]);
    let begun = Instant::now();
    assert_eq!(run(prune()).0, Some(0));
    let (whole, mut seed, mut amid) = (begun.elapsed(), 11, 0);
    for number in 0..kills {
        for path in files(at) {
            std::fs::remove_file(path).unwrap();
        }
        std::fs::write(&plain, &text).unwrap();
        let mut process = prune().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole.mul_f64((chance(&mut seed) % 1000) as f64 / 1000.0));
        let _ = process.kill();
        process.wait().unwrap();
        let journals: Vec<PathBuf> =
            files(at).into_iter().filter(|path| unpark::journal::is_journal_name(path)).collect();
        amid += u32::from(files(at).len() > 1);
        assert!(!journals.is_empty(), "kill {number}: the journal is gone");
        for path in &journals {
            assert_eq!(told(path), before, "kill {number}: {}", path.display());
        }
        let (code, _, errors) = run(prune());
        assert_eq!((code, files(at)), (Some(0), vec![at.join("a.jsonl.gz")]), "kill {number}: {errors}");
    }
    assert_eq!(told(&at.join("a.jsonl.gz")), before);
    println!("{kills} kills, {amid} of them amid the work on {octets} octets");
    assert!(whole > Duration::ZERO);
}
