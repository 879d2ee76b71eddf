//! The file under a journal, behind a seam: tests put disks there that are full, slow or gone.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::place;

/// A place that lines are added to.
pub trait KeepLines: Send {
    /// Adds octets at the end. Where it fails, part of them may be there.
    ///
    /// # Errors
    /// The disk is full, or gone.
    fn append(&mut self, octets: &[u8]) -> io::Result<()>;

    /// Cuts off what stands behind the first `length` octets.
    ///
    /// # Errors
    /// As for adding.
    fn cut_to(&mut self, length: u64) -> io::Result<()>;

    /// Has what was added written to the disk itself.
    ///
    /// # Errors
    /// As for adding.
    fn sync(&mut self) -> io::Result<()>;

    /// Whether it still stands where people look for it.
    fn is_in_place(&self) -> bool;

    /// Puts it back where it stood, with all that it held.
    ///
    /// # Errors
    /// As for adding.
    fn put_back(&mut self) -> io::Result<()>;

    /// Where it stands.
    fn path(&self) -> &Path;
}

/// Opens a place to keep lines; called again while that fails.
pub type OpenPlace = Box<dyn FnMut() -> io::Result<Box<dyn KeepLines>> + Send>;

/// A real file.
#[derive(Debug)]
pub struct JournalFile {
    file: File,
    path: PathBuf,
}

impl JournalFile {
    /// Makes a new file at `wanted`, or beside it with a number where that is taken.
    ///
    /// # Errors
    /// The folder or the file cannot be made.
    pub fn create(wanted: &Path) -> io::Result<Self> {
        let (file, path) = place::create(wanted)?;
        Ok(Self { file, path })
    }
}

impl KeepLines for JournalFile {
    fn append(&mut self, octets: &[u8]) -> io::Result<()> {
        self.file.write_all(octets)
    }

    fn cut_to(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    #[cfg(unix)]
    fn is_in_place(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let (Ok(here), Ok(there)) = (self.file.metadata(), std::fs::metadata(&self.path)) else { return false };
        (here.dev(), here.ino()) == (there.dev(), there.ino())
    }

    #[cfg(not(unix))]
    fn is_in_place(&self) -> bool {
        self.path.exists()
    }

    fn put_back(&mut self) -> io::Result<()> {
        // The file that was removed lives on as long as it is open here.
        let (mut file, path) = place::create(&self.path)?;
        self.file.seek(SeekFrom::Start(0))?;
        if let Err(error) = io::copy(&mut self.file, &mut file) {
            // Half a journal under its name would be taken for the whole.
            let _ = std::fs::remove_file(&path);
            return Err(error);
        }
        (self.file, self.path) = (file, path);
        Ok(())
    }

    fn path(&self) -> &Path {
        &self.path
    }
}
