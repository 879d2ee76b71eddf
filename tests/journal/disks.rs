//! Disks that are full for a while, or hang: what they could not take is written when they can again, or is counted.

use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use unpark::incident::{Event, Opening};
use unpark::journal::{Entry, Header, Journal, JournalReader, KeepLines};
use unpark::time::Timestamp;

/// What the test sees of a disk.
#[derive(Default)]
struct Held {
    octets: Vec<u8>,
    /// How many octets it has room for.
    room: usize,
    hangs: bool,
}

#[derive(Clone)]
struct Disk(Arc<(Mutex<Held>, Condvar)>);

impl Disk {
    fn of(room: usize) -> Self {
        Self(Arc::new((Mutex::new(Held { room, ..Held::default() }), Condvar::new())))
    }

    fn change(&self, change: impl FnOnce(&mut Held)) {
        change(&mut self.0.0.lock().unwrap());
        self.0.1.notify_all();
    }

    fn text(&self) -> Vec<u8> {
        self.0.0.lock().unwrap().octets.clone()
    }

    fn journal(&self) -> Journal {
        let disk = self.clone();
        Journal::begin_in(&header(), Box::new(move || Ok(Box::new(disk.clone())))).unwrap()
    }
}

impl KeepLines for Disk {
    fn append(&mut self, octets: &[u8]) -> io::Result<()> {
        let mut held = self.0.1.wait_while(self.0.0.lock().unwrap(), |held| held.hangs).unwrap();
        // A disk takes what it has room for, and only then says that it is full.
        let fits = octets.len().min(held.room.saturating_sub(held.octets.len()));
        held.octets.extend_from_slice(&octets[..fits]);
        if fits < octets.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn cut_to(&mut self, length: u64) -> io::Result<()> {
        self.0.0.lock().unwrap().octets.truncate(usize::try_from(length).unwrap());
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn is_in_place(&self) -> bool {
        true
    }

    fn put_back(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn path(&self) -> &Path {
        Path::new("disk")
    }
}

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(1_795_351_200_000_000 + micros)
}

fn header() -> Header {
    let opening = Opening::of("shop.example.".parse().unwrap());
    Header::new("watch", false, at(0), opening)
}

fn note(number: i64) -> Event {
    Event::NoteMade(format!("note {number}"))
}

/// The numbers of the notes that a journal tells, how many facts it says were lost, and what cannot be read.
fn told(text: Vec<u8>) -> (Vec<i64>, u64, Vec<String>) {
    let mut reader = JournalReader::of_text(text).unwrap();
    let mut numbers = Vec::new();
    while let Some(entry) = reader.read().unwrap() {
        if let Entry::Event(_, Event::NoteMade(note)) = entry {
            numbers.push(note["note ".len()..].parse().unwrap());
        }
    }
    let mut unread: Vec<String> = reader.damage().bad_lines.iter().map(|line| format!("{line:?}")).collect();
    unread.extend(reader.damage().torn.map(|line| format!("torn: {line}")));
    (numbers, reader.damage().lost, unread)
}

#[test]
fn what_a_full_disk_did_not_take_is_written_when_there_is_room() {
    let disk = Disk::of(header().line().unwrap().len() + 45);
    let journal = disk.journal();
    let (recorder, standing) = (journal.recorder(), journal.standing());
    for number in 0..50 {
        recorder.event(at(number), &note(number));
    }
    super::wait_until("the full disk is noticed", || standing.notice().is_some());
    let notice = standing.notice().unwrap();
    assert!(notice.starts_with("journal: disk full since ") && notice.ends_with("; the watch goes on"), "{notice}");
    let (numbers, lost, unread) = told(disk.text());
    assert!(numbers.len() < 3 && lost == 0 && unread.len() <= 1, "as far as it went it is read: {unread:?}");
    disk.change(|held| held.room = 1 << 20);
    super::wait_until("it is written again", || standing.notice().is_none());
    let _ = journal.end(at(60));
    let (numbers, lost, unread) = told(disk.text());
    assert_eq!((numbers, lost, unread), ((0..50).collect(), 0, vec![]), "nothing is lost, twice or torn");
}

#[test]
fn what_finds_no_room_while_the_disk_hangs_is_counted() {
    const ALL: i64 = 20_000;
    let disk = Disk::of(1 << 30);
    let journal = disk.journal();
    let recorder = journal.recorder();
    disk.change(|held| held.hangs = true);
    let began = std::time::Instant::now();
    for number in 0..ALL {
        recorder.event(at(number), &note(number));
    }
    assert!(began.elapsed() < Duration::from_secs(10), "whoever hands facts over does not wait for the disk");
    disk.change(|held| held.hangs = false);
    super::wait_until("what waited is written", || told(disk.text()).0.len() > 8_000);
    // What comes then is told, after the mark of the gap.
    recorder.event(at(ALL), &note(ALL));
    let standing = journal.end(at(ALL + 1));
    let (numbers, lost, unread) = told(disk.text());
    assert_eq!(numbers.len() as u64 + lost, u64::try_from(ALL).unwrap() + 1, "each is told or counted: {unread:?}");
    assert!(lost > 0 && unread.is_empty() && numbers.last() == Some(&ALL), "{lost} {unread:?}");
    let notice = standing.notice().unwrap();
    assert_eq!(notice, format!("journal: {lost} facts could not be written and are missing in it"));
}
