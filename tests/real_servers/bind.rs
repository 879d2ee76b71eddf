//! One BIND process as an authoritative server whose zones can be replaced and withdrawn while it runs.
//!
//! One process and one thread answer, so once the new zone has been seen, the old one will not be seen again.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Child;

use crate::namespace::{launch, run};

/// What these tests run of BIND.
pub const PROGRAMS: [&str; 2] = ["named", "rndc"];

/// Lets the tests' own `rndc` in; the network it guards is the test's own too.
const KEY: &str =
    "key \"tests\" { algorithm hmac-sha256; secret \"bGFibGFibGFibGFibGFibGFibGFibGFibGFibGFibGE=\"; };\n";

/// A running BIND with a directory and an address of its own.
pub struct Bind {
    directory: PathBuf,
    address: Ipv4Addr,
    process: Child,
}

impl Bind {
    /// Starts an authoritative server with these zones (name, zone-file text). It may not answer yet when this returns.
    pub fn start(parent: &Path, name: &str, address: Ipv4Addr, zones: &[(&str, String)]) -> Self {
        let directory = parent.join(name);
        fs::create_dir(&directory).expect("a fresh directory for the server");
        for (zone, text) in zones {
            write_zone(&directory, zone, text);
        }
        let names: Vec<&str> = zones.iter().map(|(zone, _)| *zone).collect();
        write_authoritative(&directory, address, &names);
        let process = launch_named(&directory, &parent.join(format!("{name}.log")));
        Self { directory, address, process }
    }

    /// Its address.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// Gives a zone new content and has it loaded. The server answers from the old one until that is done.
    pub fn replace(&self, zone: &str, text: &str) {
        write_zone(&self.directory, zone, text);
        rndc(&self.directory, &["reload", zone]);
    }

    /// Serves no zone any more: every question is refused.
    pub fn withdraw_all(&self) {
        write_authoritative(&self.directory, self.address, &[]);
        rndc(&self.directory, &["reconfig"]);
    }
}

impl Drop for Bind {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts `named` in the foreground with the configuration in this directory.
pub fn launch_named(directory: &Path, log: &Path) -> Child {
    let configuration = directory.join("named.conf").display().to_string();
    launch("named", &["-g", "-4", "-n", "1", "-c", &configuration], log)
}

/// Has the `named` of this directory do something.
pub fn rndc(directory: &Path, arguments: &[&str]) {
    let configuration = directory.join("rndc.conf").display().to_string();
    let mut all = vec!["-c", configuration.as_str()];
    all.extend(arguments);
    run("rndc", &all);
}

/// Writes `named.conf` (the common part, these options, and what follows them) and the `rndc.conf` that belongs to it.
pub fn write_configuration(directory: &Path, address: Ipv4Addr, options: &str, rest: &str) {
    let d = directory.display();
    let named = format!(
        "{KEY}options {{\n  directory \"{d}\"; pid-file \"{d}/pid\"; session-keyfile \"{d}/session.key\";\n  \
         managed-keys-directory \"{d}\"; listen-on port 53 {{ {address}; }}; listen-on-v6 {{ none; }};\n  \
         query-source address {address}; empty-zones-enable no; dnssec-validation no;\n  {options}\n}};\n\
         controls {{ inet {address} port 953 allow {{ 127.0.0.0/8; }} keys {{ \"tests\"; }}; }};\n{rest}"
    );
    fs::write(directory.join("named.conf"), named).expect("the configuration can be written");
    let control = format!("{KEY}options {{ default-server {address}; default-key \"tests\"; }};\n");
    fs::write(directory.join("rndc.conf"), control).expect("the configuration can be written");
}

fn write_authoritative(directory: &Path, address: Ipv4Addr, zones: &[&str]) {
    let zones: String = zones
        .iter()
        .map(|zone| format!("zone \"{zone}\" {{ type primary; file \"{}\"; }};\n", zone_file(zone)))
        .collect();
    write_configuration(directory, address, "recursion no; notify no;", &zones);
}

fn zone_file(zone: &str) -> String {
    format!("zone-{}", zone.trim_end_matches('.'))
}

fn write_zone(directory: &Path, zone: &str, text: &str) {
    fs::write(directory.join(zone_file(zone)), text).expect("the zone file can be written");
}
