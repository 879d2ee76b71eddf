//! One NSD process: an authoritative server whose zones can be replaced and withdrawn while it runs.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use crate::namespace::{command, run};

/// What these tests run of NSD.
pub const PROGRAMS: [&str; 2] = ["nsd", "nsd-control"];

/// A running NSD with its own directory, its control socket in it, and no address but those given.
pub struct Nsd {
    directory: PathBuf,
    addresses: Vec<Ipv4Addr>,
    process: Child,
}

impl Nsd {
    /// Starts the server with these zones (name, zone-file text). It may not answer yet when this returns.
    pub fn start(parent: &Path, name: &str, addresses: &[Ipv4Addr], zones: &[(&str, String)]) -> Self {
        let directory = parent.join(name);
        fs::create_dir(&directory).expect("a fresh directory for the server");
        for (zone, text) in zones {
            write_zone(&directory, zone, text);
        }
        let names: Vec<&str> = zones.iter().map(|(zone, _)| *zone).collect();
        write_configuration(&directory, addresses, &names);
        let log = fs::File::create(parent.join(format!("{name}.log"))).expect("a log file");
        let process = command("nsd")
            .arg("-d")
            .arg("-c")
            .arg(directory.join("nsd.conf"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn()
            .expect("nsd starts");
        Self { directory, addresses: addresses.to_vec(), process }
    }

    /// Its addresses.
    pub fn addresses(&self) -> &[Ipv4Addr] {
        &self.addresses
    }

    /// Gives a zone new content and has it loaded. The server may answer from the old one for a moment longer.
    pub fn replace(&self, zone: &str, text: &str) {
        write_zone(&self.directory, zone, text);
        self.control(&["reload", zone]);
    }

    /// Serves these zones and no others from now on: questions about the rest are refused.
    pub fn serve_only(&self, zones: &[&str]) {
        write_configuration(&self.directory, &self.addresses, zones);
        self.control(&["reconfig"]);
    }

    fn control(&self, arguments: &[&str]) {
        let configuration = self.directory.join("nsd.conf").display().to_string();
        let mut all = vec!["-c", configuration.as_str()];
        all.extend(arguments);
        run("nsd-control", &all);
    }
}

impl Drop for Nsd {
    fn drop(&mut self) {
        // Its children end with the namespace at the latest.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn zone_file(zone: &str) -> String {
    format!("zone-{}", zone.trim_end_matches('.'))
}

fn write_zone(directory: &Path, zone: &str, text: &str) {
    fs::write(directory.join(zone_file(zone)), text).expect("the zone file can be written");
}

fn write_configuration(directory: &Path, addresses: &[Ipv4Addr], zones: &[&str]) {
    let d = directory.display();
    let listen: String = addresses.iter().map(|address| format!("  ip-address: {address}\n")).collect();
    // Rate limits off: a test asks more often than strangers do.
    let mut text = format!(
        "server:\n{listen}  port: 53\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"{d}\"\n  database: \"\"\n  \
         pidfile: \"{d}/pid\"\n  xfrdfile: \"{d}/xfrd.state\"\n  zonelistfile: \"{d}/zone.list\"\n  xfrdir: \"{d}\"\n  \
         rrl-ratelimit: 0\n  rrl-whitelist-ratelimit: 0\n  server-count: 1\n  reuseport: no\n  verbosity: 1\n\
         remote-control:\n  control-enable: yes\n  control-interface: {d}/control\n"
    );
    for zone in zones {
        text += &format!("zone:\n  name: \"{zone}\"\n  zonefile: \"{}\"\n", zone_file(zone));
    }
    fs::write(directory.join("nsd.conf"), text).expect("the configuration can be written");
}
