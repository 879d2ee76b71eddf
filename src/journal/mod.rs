//! The flight recorder: what was heard and done, in a file of JSON Lines, and what was so then, told from it again.
//!
//! The first line holds all that the incident started from, every other line one fact. No verdict is written, so newer
//! rules judge old journals anew. Nothing here asks the network, and nothing here words what people read beyond what is
//! wrong with a file. `docs/journal.md` describes the format.

mod decode;
mod disk;
mod encode;
mod error;
mod form;
mod header;
mod line;
mod pack;
mod place;
mod reader;
mod replay;
mod writer;

pub use decode::{Decoder, Entry};
pub use disk::{JournalFile, KeepLines, OpenPlace};
pub use encode::Encoder;
pub use error::JournalError;
pub use header::Header;
pub use pack::{is_plain, pack, pack_folder};
pub use place::{is_being_written, is_journal_name, journals_in, usual_folder, usual_name};
pub use reader::{Damage, JournalReader, Position};
pub use replay::Replay;
pub use writer::{Journal, Recorder, Standing};

/// The number of the format that is written. Raised only when an older reader could not read it rightly.
pub const FORMAT: u32 = 1;

/// The number of the rules by which a journal notes what changed. To be raised with every change of a rule after which a verdict may
/// become another at another moment: older journals are then judged at every settling again.
pub const RULES: u32 = 2;

/// The longest first line: some twenty thousand resolvers.
const LONGEST_HEADER: u64 = 16 << 20;
/// The longest other line: what registry and registrar say about a registration, and room to spare.
const LONGEST_LINE: u64 = 8 << 20;
/// The most queries that are referred to at one time.
const MOST_QUERIES: u32 = 65_536;
/// The most responses that are referred to at one time.
const MOST_RESPONSES: u32 = 8_192;
/// The most events besides observations in one journal.
const MOST_HAPPENINGS: u64 = 1_000_000;

#[cfg(test)]
mod tests;
