//! One NSD process: an authoritative server whose zones stay as they are (the root, the parking provider).
//!
//! Zones that change are served by BIND: after a reload, an old child of NSD may answer from the old zone for a moment
//! although the new one has already been seen, and a scenario could not tell that from a lagging server.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Child;

use crate::namespace::launch;

/// What these tests run of NSD.
pub const PROGRAMS: [&str; 1] = ["nsd"];

/// A running NSD with a directory of its own and no address but those given.
pub struct Nsd {
    process: Child,
}

impl Nsd {
    /// Starts the server with these zones (name, zone-file text). It may not answer yet when this returns.
    pub fn start(parent: &Path, name: &str, addresses: &[Ipv4Addr], zones: &[(&str, String)]) -> Self {
        Self::start_with(parent, name, addresses, zones, false)
    }

    /// The same; with `minimal` positive answers carry no NS set.
    pub fn start_with(
        parent: &Path,
        name: &str,
        addresses: &[Ipv4Addr],
        zones: &[(&str, String)],
        minimal: bool,
    ) -> Self {
        let directory = parent.join(name);
        fs::create_dir(&directory).expect("a fresh directory for the server");
        let d = directory.display();
        let listen: String = addresses.iter().map(|address| format!("  ip-address: {address}\n")).collect();
        // Rate limits off: a test asks more often than strangers do.
        let mut text = format!(
            "server:\n{listen}  port: 53\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"{d}\"\n  database: \"\"\n  \
             pidfile: \"{d}/pid\"\n  xfrdfile: \"{d}/xfrd.state\"\n  zonelistfile: \"{d}/zone.list\"\n  \
             xfrdir: \"{d}\"\n  rrl-ratelimit: 0\n  rrl-whitelist-ratelimit: 0\n  server-count: 1\n  reuseport: no\n  \
             minimal-responses: {}\n\
             remote-control:\n  control-enable: no\n",
            if minimal { "yes" } else { "no" }
        );
        for (index, (zone, content)) in zones.iter().enumerate() {
            fs::write(directory.join(format!("zone{index}")), content).expect("the zone file can be written");
            text += &format!("zone:\n  name: \"{zone}\"\n  zonefile: \"zone{index}\"\n");
        }
        let configuration = directory.join("nsd.conf");
        fs::write(&configuration, text).expect("the configuration can be written");
        let configuration = configuration.display().to_string();
        Self { process: launch("nsd", &["-d", "-c", &configuration], &parent.join(format!("{name}.log"))) }
    }
}

impl Drop for Nsd {
    fn drop(&mut self) {
        // Its children end with the namespace.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
