//! Reads a journal line by line, in bounded memory, whatever the file holds. Files that `gzip` made are read as they are.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::decode::{Decoder, Entry};
use super::{Header, JournalError, LONGEST_HEADER, LONGEST_LINE};

/// How many unreadable lines are named.
const NAMED: usize = 10;
/// How many unknown kinds are named.
const KINDS: usize = 16;
/// The first octets of a gzip file (RFC 1952 §2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What of a journal could not be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Damage {
    /// The number of the last line, when it was cut short: the program that wrote it was stopped or still writes.
    pub torn: Option<u64>,
    /// How many lines could not be read.
    pub bad: u64,
    /// The first of them: number and reason, safe to show.
    pub bad_lines: Vec<(u64, String)>,
    /// How many facts the writer had to leave out, because the disk was full or too slow.
    pub lost: u64,
    /// Kinds of facts that this version does not know, with their number.
    pub unknown: BTreeMap<String, u64>,
    /// Whether the watch ended in order.
    pub ended: bool,
}

impl Damage {
    /// What is to be said about it, a line each; nothing when the journal is whole. That a watch did not end in order
    /// is no damage: it may still run.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for (line, reason) in &self.bad_lines {
            notes.push(format!("line {line} cannot be read and is left out: {reason}"));
        }
        let more = self.bad.saturating_sub(self.bad_lines.len() as u64);
        if more > 0 {
            notes.push(format!("{more} more lines cannot be read and are left out"));
        }
        if let Some(line) = self.torn {
            notes.push(format!("the last line ({line}) was cut short and is left out"));
        }
        if self.lost > 0 {
            notes.push(format!("{} facts were lost while the journal was written", self.lost));
        }
        for (kind, count) in &self.unknown {
            notes.push(format!("{count} of a kind that this version does not know are left out: {kind}"));
        }
        notes
    }
}

/// A place in a journal to which reading can return.
#[derive(Debug, Clone)]
pub struct Position {
    offset: u64,
    line: u64,
    decoder: Decoder,
}

impl Position {
    /// Octets of text before it.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }
}

/// Reads a journal.
#[derive(Debug)]
pub struct JournalReader {
    path: PathBuf,
    source: Source,
    header: Header,
    decoder: Decoder,
    /// Octets read.
    offset: u64,
    /// Lines read.
    line: u64,
    /// The last line that counted for the damage: what is read again does not count again.
    furthest: u64,
    damage: Damage,
    text: Vec<u8>,
}

#[derive(Debug)]
enum Source {
    Plain(BufReader<File>),
    Packed(BufReader<MultiGzDecoder<BufReader<File>>>),
    Memory(Cursor<Vec<u8>>),
}

impl Source {
    fn open(path: &Path) -> io::Result<Self> {
        let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
        // A pipe or a device could not be gone back in.
        if !file.get_ref().metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "this is no regular file"));
        }
        if file.fill_buf()?.starts_with(&GZIP) {
            return Ok(Self::Packed(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(file))));
        }
        Ok(Self::Plain(file))
    }

    fn get(&mut self) -> &mut dyn BufRead {
        match self {
            Self::Plain(file) => file,
            Self::Packed(file) => file,
            Self::Memory(text) => text,
        }
    }
}

/// How a line ended.
enum LineEnd {
    /// In a newline.
    Whole,
    /// In the end of the file.
    Torn,
    /// It is too long, and was skipped.
    TooLong,
    /// There was none.
    Nothing,
}

impl JournalReader {
    /// Opens a journal and reads its first line.
    ///
    /// # Errors
    /// The file cannot be read, or is no journal.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let source = Source::open(path).map_err(|source| unreadable(path, source))?;
        Self::start(source, path.to_owned())
    }

    /// Reads a journal that is at hand as text.
    ///
    /// # Errors
    /// It is no journal.
    pub fn of_text(text: Vec<u8>) -> Result<Self, JournalError> {
        Self::start(Source::Memory(Cursor::new(text)), PathBuf::from("(text)"))
    }

    fn start(mut source: Source, path: PathBuf) -> Result<Self, JournalError> {
        let mut text = Vec::new();
        let end = read_line(source.get(), LONGEST_HEADER, &mut text);
        let (end, octets) = end.map_err(|source| unreadable(&path, source))?;
        let no_journal = |reason: &str| JournalError::NoJournal { path: path.clone(), reason: reason.to_owned() };
        match end {
            LineEnd::Whole => {}
            LineEnd::Nothing => return Err(no_journal("the file is empty")),
            LineEnd::Torn if text.first() != Some(&b'{') => return Err(no_journal("this is no journal of unpark")),
            LineEnd::Torn => return Err(no_journal("the first line was cut short: nothing was written after it")),
            LineEnd::TooLong => return Err(no_journal("the line is longer than that of any journal")),
        }
        let header = Header::read(&text, &path)?;
        let decoder = Decoder::new(header.started);
        let damage = Damage::default();
        Ok(Self { path, source, header, decoder, offset: octets, line: 1, furthest: 1, damage, text })
    }

    /// What the first line says.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// What could not be told of what was read so far.
    #[must_use]
    pub const fn damage(&self) -> &Damage {
        &self.damage
    }

    /// How many lines were read.
    #[must_use]
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// The next thing that a line says; none at the end. Lines that cannot be read are left out and counted.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn read(&mut self) -> Result<Option<Entry>, JournalError> {
        loop {
            let mut text = std::mem::take(&mut self.text);
            let read = read_line(self.source.get(), LONGEST_LINE, &mut text);
            self.text = text;
            let (end, octets) = match read {
                Ok(read) => read,
                // A compressed file that was cut short ends where it ends.
                Err(error) if matches!(self.source, Source::Packed(_)) && error.kind() != io::ErrorKind::Other => {
                    (LineEnd::Torn, 0)
                }
                Err(error) => return Err(unreadable(&self.path, error)),
            };
            if matches!(end, LineEnd::Nothing) {
                return Ok(None);
            }
            self.offset += octets;
            self.line += 1;
            let new = self.line > self.furthest;
            self.furthest = self.furthest.max(self.line);
            let entry = match end {
                LineEnd::Torn => {
                    self.damage.torn = Some(self.line);
                    return Ok(None);
                }
                LineEnd::TooLong => Err(format!("it is longer than {} KiB", LONGEST_LINE / 1024)),
                LineEnd::Whole | LineEnd::Nothing => self.decoder.line(&self.text),
            };
            match entry {
                Ok(entry) => {
                    if new {
                        self.note(&entry);
                    }
                    return Ok(Some(entry));
                }
                Err(reason) if new => {
                    self.damage.bad += 1;
                    if self.damage.bad_lines.len() < NAMED {
                        self.damage.bad_lines.push((self.line, reason));
                    }
                }
                Err(_) => {}
            }
        }
    }

    fn note(&mut self, entry: &Entry) {
        match entry {
            Entry::Gap { lost, .. } => self.damage.lost = self.damage.lost.saturating_add(*lost),
            Entry::Unknown { kind } => {
                let unknown = &mut self.damage.unknown;
                if unknown.len() < KINDS || unknown.contains_key(kind) {
                    *unknown.entry(kind.clone()).or_default() += 1;
                } else {
                    *unknown.entry("others".to_owned()).or_default() += 1;
                }
            }
            _ => {}
        }
        self.damage.ended = matches!(entry, Entry::Ended { .. });
    }

    /// Where reading stands.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { offset: self.offset, line: self.line, decoder: self.decoder.clone() }
    }

    /// Goes back, or on, to a position of this journal.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn go_to(&mut self, position: &Position) -> Result<(), JournalError> {
        let went = match &mut self.source {
            Source::Plain(file) => file.seek(SeekFrom::Start(position.offset)).map(|_| ()),
            Source::Memory(text) => {
                text.set_position(position.offset);
                Ok(())
            }
            Source::Packed(_) => self.unpack_to(position.offset),
        };
        went.map_err(|source| unreadable(&self.path, source))?;
        (self.offset, self.line, self.decoder) = (position.offset, position.line, position.decoder.clone());
        Ok(())
    }

    /// Compressed text can only be read from its beginning, or on from where reading stands.
    fn unpack_to(&mut self, offset: u64) -> io::Result<()> {
        if offset < self.offset {
            (self.source, self.offset) = (Source::open(&self.path)?, 0);
        }
        let ahead = offset - self.offset;
        io::copy(&mut self.source.get().take(ahead), &mut io::sink()).map(|_| ())
    }
}

fn unreadable(path: &Path, source: io::Error) -> JournalError {
    JournalError::Unreadable { path: path.to_owned(), source }
}

/// Reads a line of at most `longest` octets into `text`, without its newline. Gives back how it ended, and how many octets were read.
fn read_line(source: &mut dyn BufRead, longest: u64, text: &mut Vec<u8>) -> io::Result<(LineEnd, u64)> {
    text.clear();
    let octets = source.take(longest + 1).read_until(b'\n', text)? as u64;
    if text.last() == Some(&b'\n') {
        text.pop();
        return Ok((LineEnd::Whole, octets));
    }
    if octets == 0 {
        return Ok((LineEnd::Nothing, 0));
    }
    if octets <= longest {
        return Ok((LineEnd::Torn, octets));
    }
    text.clear();
    text.shrink_to(1 << 16);
    let rest = source.skip_until(b'\n')? as u64;
    Ok((LineEnd::TooLong, octets + rest))
}
