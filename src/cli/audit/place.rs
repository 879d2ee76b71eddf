//! Where the state of an audit is kept: one file for each list, below the user's state folder (XDG Base Directory).

use std::path::{Path, PathBuf};

use crate::audit::Portfolio;
use crate::cli::complain::Complaint;

/// The usual place for a list; none where there is no home folder. A list from standard input is told by its zones.
pub fn usual(name: &str, list: &Portfolio) -> Option<PathBuf> {
    let absolute = |variable: &str| std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    let path = std::fs::canonicalize(name).ok();
    let mut mark = Fnv::default();
    match &path {
        Some(path) => mark.add(path.as_os_str().as_encoded_bytes()),
        None => list.entries.iter().for_each(|entry| mark.add(entry.zone.to_string().as_bytes())),
    }
    let stem = path.as_ref().and_then(|path| path.file_stem()).map(|stem| stem.to_string_lossy().into_owned());
    let stem: String = stem.unwrap_or_else(|| "list".to_owned());
    let stem: String =
        stem.chars().map(|c| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' }).take(40).collect();
    Some(folder.join("unpark").join("audit").join(format!("{stem}-{:016x}.jsonl", mark.0)))
}

/// Makes the folder, for the user alone.
pub fn make_folder(folder: &Path) -> Result<(), Complaint> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder).map_err(|e| {
        Complaint::own(format!("{}: {e}", folder.display()), "give another file with --state, or none with --no-state")
    })
}

/// FNV-1a: the same on every machine and in every version, and no secret depends on it.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, octets: &[u8]) {
        for octet in octets.iter().chain(&[0]) {
            self.0 = (self.0 ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
