//! Compresses journals that are finished. A kill at any moment loses nothing: the plain file goes only when the compressed one
//! was read back whole and stands on the disk under its name.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

use super::{JournalReader, journals_in};

/// How the name of a compressed file goes on while it is not whole.
const PART: &str = ".part";
/// So much is compressed between two pauses.
const PIECE: usize = 64 << 10;

/// Compresses a finished journal: `a.jsonl` becomes `a.jsonl.gz`, with the same time of its last change, for its owner alone.
/// `pause` is called between pieces of some 64 KiB. Gives back where it stands then; none where it was left alone, because it is
/// compressed already, being written, being compressed by somebody else, or because another file has that name.
///
/// # Errors
/// The disk is full or fails; the journal stands as it was.
pub fn pack(path: &Path, pause: &mut dyn FnMut()) -> io::Result<Option<PathBuf>> {
    if !is_plain(path) {
        return Ok(None);
    }
    let mut plain = File::open(path)?;
    // As long as it is held nobody writes; whoever writes holds a lock of his own from the first octet to the last.
    if plain.try_lock_shared().is_err() {
        return Ok(None);
    }
    let packed = with_ending(path, ".gz");
    if packed.symlink_metadata().is_ok() {
        // Somebody was killed before the plain file went; or it is somebody else's.
        let same = is_same_text(&mut plain, &packed)?;
        return if same { remove(path).map(|()| Some(packed)) } else { Ok(None) };
    }
    let part = with_ending(&packed, PART);
    let Some(file) = own_part(&part)? else { return Ok(None) };
    let written = write_part(&mut plain, &file, pause);
    match written {
        Ok(true) => {}
        Ok(false) => return fs::remove_file(&part).map(|()| None),
        Err(error) => {
            // A part of a file is of no use to anybody. That it cannot be removed is not what is wrong.
            let _ = fs::remove_file(&part);
            return Err(error);
        }
    }
    fs::rename(&part, &packed)?;
    sync_folder(path);
    remove(path)?;
    Ok(Some(packed))
}

/// Compresses the finished journals of a folder, and takes away what a kill left of such work. What cannot be compressed stays as
/// it is. Gives back those that were.
pub fn pack_folder(folder: &Path, pause: &mut dyn FnMut()) -> Vec<PathBuf> {
    let mut done = Vec::new();
    for path in journals_in(folder).unwrap_or_default() {
        // What is no journal is somebody else's.
        if is_plain(&path)
            && JournalReader::open(&path).is_ok()
            && let Ok(Some(packed)) = pack(&path, pause)
        {
            done.push(packed);
        }
    }
    for part in parts_in(folder) {
        // One whose journal is still there is taken up again by the one that compresses it.
        let abandoned =
            part.to_str().and_then(|text| text.strip_suffix(".gz.part")).is_some_and(|p| !Path::new(p).exists());
        if abandoned && File::open(&part).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(&part);
        }
    }
    done
}

/// Whether a path is a journal that is not compressed, by its name, and no link.
#[must_use]
pub fn is_plain(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "jsonl")
        && path.symlink_metadata().is_ok_and(|meta| meta.is_file())
}

fn parts_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    paths.filter(|path| path.to_string_lossy().ends_with(".jsonl.gz.part")).collect()
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// The file to compress into, held by nobody else; none where somebody else is at it.
fn own_part(part: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let file = options.open(part)?;
    match file.try_lock() {
        // Between opening and locking the one before may have finished, and given the file its name.
        Ok(()) if is_still(&file, part) => Ok(Some(file)),
        Ok(()) | Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(here), Ok(there)) = (file.metadata(), path.symlink_metadata()) else { return false };
    (here.dev(), here.ino()) == (there.dev(), there.ino())
}

#[cfg(not(unix))]
fn is_still(_: &File, path: &Path) -> bool {
    path.exists()
}

/// Fills the part and reads it back. Says whether it holds all of the journal.
fn write_part(plain: &mut File, part: &File, pause: &mut dyn FnMut()) -> io::Result<bool> {
    part.set_len(0)?;
    let mut packer = GzEncoder::new(part, Compression::default());
    let (mut piece, mut length) = (vec![0; PIECE], 0_u64);
    loop {
        let count = plain.read(&mut piece)?;
        let Some(text) = piece.get(..count).filter(|text| !text.is_empty()) else { break };
        packer.write_all(text)?;
        length += count as u64;
        pause();
    }
    packer.finish()?;
    let meta = plain.metadata()?;
    part.set_modified(meta.modified()?)?;
    part.sync_all()?;
    (&mut &*part).seek(SeekFrom::Start(0))?;
    // Its end holds a check of all of it (RFC 1952 §2.3.1).
    let read = io::copy(&mut MultiGzDecoder::new(BufReader::new(part)), &mut io::sink())?;
    Ok(read == length && meta.len() == length)
}

/// Whether a compressed file holds the same text.
fn is_same_text(plain: &mut File, packed: &Path) -> io::Result<bool> {
    let mut unpacked = BufReader::new(MultiGzDecoder::new(BufReader::new(File::open(packed)?)));
    let mut plain = BufReader::new(plain);
    let (mut ours, mut theirs) = (vec![0; PIECE], vec![0; PIECE]);
    loop {
        let count = plain.read(&mut ours)?;
        let (Some(ours), Some(theirs)) = (ours.get(..count), theirs.get_mut(..count)) else { return Ok(false) };
        if count == 0 {
            // One that is cut short, or no compressed file at all, is not the same.
            return Ok(matches!(unpacked.read(&mut [0]), Ok(0)));
        }
        if unpacked.read_exact(theirs).is_err() || ours != theirs {
            return Ok(false);
        }
    }
}

/// Takes a file away, for good.
fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    sync_folder(path);
    Ok(())
}

/// Has the disk keep a change of names. Where it cannot, the file is there twice after a power failure, which is no loss.
fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Replay;

    const SAMPLE: &str = "tests/journals/v1.jsonl";

    fn sample() -> (tempfile::TempDir, PathBuf, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let text = fs::read(SAMPLE).unwrap();
        fs::write(&path, &text).unwrap();
        (folder, path, text)
    }

    fn unpacked(path: &Path) -> Vec<u8> {
        let mut text = Vec::new();
        MultiGzDecoder::new(BufReader::new(File::open(path).unwrap())).read_to_end(&mut text).unwrap();
        text
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_same_journal_stands_there_smaller_for_its_owner_alone_and_as_old_as_before() {
        let (folder, path, text) = sample();
        let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
        let mut pauses = 0;
        let packed = pack(&path, &mut || pauses += 1).unwrap().unwrap();
        assert_eq!(names(folder.path()), ["a.jsonl.gz"]);
        assert_eq!(unpacked(&packed), text);
        assert!(pauses > 0);
        let meta = packed.metadata().unwrap();
        assert!(meta.len() * 3 < text.len() as u64, "{} of {}", meta.len(), text.len());
        assert_eq!(meta.modified().unwrap(), old);
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::MetadataExt::mode(&meta) & 0o777, 0o600);
        let mut replay = Replay::open(&packed).unwrap();
        replay.go_to_end().unwrap();
        assert!(replay.damage().ended && replay.damage().notes().is_empty());
        assert_eq!(pack(&packed, &mut || ()).unwrap(), None, "once is enough");
    }

    #[test]
    fn what_is_being_written_or_compressed_is_left_alone() {
        let (folder, path, _) = sample();
        let writer = File::options().append(true).open(&path).unwrap();
        writer.lock().unwrap();
        assert_eq!(pack(&path, &mut || ()).unwrap(), None);
        drop(writer);
        let other = File::create(folder.path().join("a.jsonl.gz.part")).unwrap();
        other.lock().unwrap();
        assert_eq!(pack(&path, &mut || ()).unwrap(), None);
        assert_eq!(names(folder.path()), ["a.jsonl", "a.jsonl.gz.part"]);
        drop(other);
        assert!(pack(&path, &mut || ()).unwrap().is_some());
        assert_eq!(names(folder.path()), ["a.jsonl.gz"]);
    }

    #[test]
    fn a_kill_at_any_step_is_made_good_by_the_next_one() {
        // Amid the writing: any part may be there.
        let (folder, path, text) = sample();
        fs::write(folder.path().join("a.jsonl.gz.part"), vec![7; 1 << 20]).unwrap();
        assert_eq!(pack_folder(folder.path(), &mut || ()).len(), 1);
        assert_eq!(names(folder.path()), ["a.jsonl.gz"]);
        assert_eq!(unpacked(&folder.path().join("a.jsonl.gz")), text);
        // After the renaming: both are there.
        fs::write(&path, &text).unwrap();
        assert_eq!(pack_folder(folder.path(), &mut || ()).len(), 1);
        assert_eq!(names(folder.path()), ["a.jsonl.gz"]);
        // What is left of one whose journal somebody deleted.
        fs::write(folder.path().join("b.jsonl.gz.part"), "x").unwrap();
        assert!(pack_folder(folder.path(), &mut || ()).is_empty());
        assert_eq!(names(folder.path()), ["a.jsonl.gz"]);
    }

    #[test]
    fn another_file_of_that_name_is_never_touched_nor_what_is_no_journal() {
        let (folder, path, text) = sample();
        for other in [&b"somebody else's"[..], &[]] {
            fs::write(folder.path().join("a.jsonl.gz"), other).unwrap();
            assert_eq!(pack(&path, &mut || ()).unwrap(), None);
            assert_eq!(fs::read(folder.path().join("a.jsonl.gz")).unwrap(), other);
            assert_eq!(fs::read(&path).unwrap(), text);
        }
        fs::remove_file(folder.path().join("a.jsonl.gz")).unwrap();
        fs::rename(&path, folder.path().join("b.jsonl")).unwrap();
        fs::write(folder.path().join("orders.jsonl"), "{\"order\":1}\n").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("b.jsonl", folder.path().join("link.jsonl")).unwrap();
        assert_eq!(pack_folder(folder.path(), &mut || ()).len(), 1);
        assert!(folder.path().join("orders.jsonl").exists() && folder.path().join("b.jsonl.gz").exists());
        #[cfg(unix)]
        assert!(folder.path().join("link.jsonl").symlink_metadata().is_ok());
    }
}
