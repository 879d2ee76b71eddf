//! Journals that nobody wrote in good faith: whatever a file holds, it is told or refused, and the damage is named by its line.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use unpark::incident::Incident;
use unpark::journal::{Damage, JournalReader, Replay};
use unpark::view::model::Board;
use unpark::view::report::{Origin, Report, html, markdown};

/// The beginning of a real journal: its header, and the first answers with what they define.
static SMALL: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let whole = std::fs::read("tests/journals/v1.jsonl").unwrap();
    whole.split_inclusive(|octet| *octet == b'\n').take(24).collect::<Vec<_>>().concat()
});

/// Tells it to its end, and looks at it as the program does; none where it is refused.
fn tell(text: Vec<u8>) -> Option<(Damage, Incident)> {
    let refused = |error: String| {
        assert!(error.contains("line 1: ") && error.chars().all(|c| !c.is_control()), "{error}");
        assert!(error.len() < 1_000, "{error}");
    };
    let reader = JournalReader::of_text(text).map_err(|error| refused(error.to_string())).ok()?;
    let mut replay = Replay::of(reader);
    replay.go_to_end().unwrap();
    let (now, damage) = (replay.now(), replay.damage().clone());
    let incident = replay.view(now);
    let _ = Board::of(&incident, now);
    let report = Report::of(&incident, now, None, Origin { notes: damage.notes(), ..Origin::default() });
    for text in [markdown(&report), html(&report)] {
        assert!(!text.contains('\u{1b}'));
    }
    replay.go_to(replay.header().started).unwrap();
    assert!(damage.notes().iter().all(|note| note.chars().all(|c| !c.is_control()) && note.len() < 1_000));
    Some((damage, incident))
}

/// Damage as one line put in after the header does it.
fn with_line(line: &[u8]) -> (Damage, Incident) {
    let header = SMALL.iter().position(|octet| *octet == b'\n').unwrap() + 1;
    tell([&SMALL[..header], line, b"\n", &SMALL[header..]].concat()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_octets_are_told_or_refused(octets in vec(any::<u8>(), 0..2_000)) {
        prop_assert!(tell(octets).is_none(), "no journal begins like this");
    }

    #[test]
    fn any_line_is_told_or_named(line in vec(any::<u8>().prop_filter("one line", |o| *o != b'\n'), 0..400)) {
        let (damage, _) = with_line(&line);
        prop_assert!(damage.bad_lines.iter().all(|(number, _)| *number == 2), "{:?}", damage);
    }

    #[test]
    fn any_change_of_a_real_one_is_told_or_refused(
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)
    ) {
        let mut text = SMALL.clone();
        for (place, octet) in changes {
            let place = place.index(text.len());
            text[place] = octet;
        }
        let _ = tell(text);
    }

    #[test]
    fn any_numbers_are_told_or_refused(numbers in vec(any::<i64>(), 6), digits in 1_usize..400) {
        let [t, query, sent, lag, ttl, rest] = numbers[..] else { unreachable!("six were asked for") };
        for line in [
            format!("[{t},{query},\"none\",{sent}]"),
            format!("[{t},1,\"none\",{sent},{lag},\"\",{ttl}]"),
            format!("[{t},1,1,{sent},{lag},\"\",[{ttl},{rest}],{{\"packets\":{rest},\"at\":{t},\"rtt\":[{rest},{lag}]}}]"),
            format!("{t}"),
            format!("[{t}]"),
            "9".repeat(digits),
            format!("{{\"t\":{t},\"gap\":{rest}}}"),
            format!("{{\"t\":{t},\"clock-jumped\":{{\"seconds\":{rest}}}}}"),
            format!("{{\"t\":{t},\"note-made\":\"far\"}}"),
        ] {
            let (damage, _) = with_line(line.as_bytes());
            prop_assert!(damage.bad_lines.first().is_none_or(|(number, _)| *number == 2), "{line}: {damage:?}");
        }
    }
}

#[test]
fn a_small_journal_is_told_as_far_as_it_goes_wherever_it_ends() {
    let header = SMALL.iter().position(|octet| *octet == b'\n').unwrap() + 1;
    for end in 0..SMALL.len() {
        // Each takes a telling of its own: every seventh octet of the header, every thirteenth after it, and every end of a
        // line with its neighbours.
        if end < header {
            if end % 7 == 0 {
                assert!(tell(SMALL[..end].to_vec()).is_none(), "{end}");
            }
            continue;
        }
        let at_an_end = SMALL[end - 1..=end].contains(&b'\n') || SMALL[end - 2] == b'\n';
        if !end.is_multiple_of(13) && !at_an_end {
            continue;
        }
        let mut replay = Replay::of(JournalReader::of_text(SMALL[..end].to_vec()).unwrap());
        replay.go_to_end().unwrap();
        let whole = SMALL[..end].ends_with(b"\n");
        assert_eq!((replay.damage().torn.is_none(), replay.damage().bad), (whole, 0), "{end}");
    }
}

#[test]
fn a_time_that_no_watch_reaches_is_named_and_carries_nothing_with_it() {
    let (_, as_it_was) = with_line(b"0");
    for line in [
        "9223372036854775807",
        "[9223372036854775807]",
        "{\"t\":9223372036854775807,\"gap\":1}",
        "{\"t\":-9223372036854775808,\"ended\":true}",
        "{\"t\":9000000000000000,\"note-made\":\"far\"}",
    ] {
        let (damage, incident) = with_line(line.as_bytes());
        assert_eq!(damage.bad_lines.len(), 1, "{line}");
        assert!(damage.bad_lines[0].0 == 2 && damage.bad_lines[0].1.contains("years away"), "{damage:?}");
        assert_eq!(incident.phases(), as_it_was.phases(), "{line}");
        assert!(damage.lost == 0 && !damage.ended);
    }
}

#[test]
fn deep_and_long_lines_are_named_in_bounded_memory() {
    for line in ["[".repeat(1 << 20), "{\"a\":".repeat(1 << 18), "1".repeat(1 << 20), "x".repeat(50 << 20)] {
        let (damage, _) = with_line(line.as_bytes());
        assert_eq!((damage.bad, damage.bad_lines[0].0), (1, 2), "{}", &line[..10]);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.jsonl");
    let text = String::from_utf8(SMALL.clone()).unwrap();
    let (header, rest) = text.split_once('\n').unwrap();
    std::fs::write(&path, format!("{header}\n{}\n{rest}", "x".repeat(50 << 20))).unwrap();
    // As much memory as the program needs for any journal, and no more.
    let program = env!("CARGO_BIN_EXE_unpark");
    let script = "ulimit -v 600000 && exec \"$@\"";
    let arguments = ["-c", script, "sh", program, "report", "--format", "json"];
    let mut command = std::process::Command::new("sh");
    let output = command.args(arguments).arg(&path).env_clear().env("HOME", folder.path()).output().unwrap();
    let (code, _, errors) = super::told(output);
    assert_eq!(
        (code, errors.as_str()),
        (Some(0), "note: line 2 cannot be read and is left out: it is longer than 8192 KiB\n")
    );
}
