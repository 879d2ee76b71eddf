//! The authoritative half of the small internet, and what can happen to it.
//!
//! Every operation returns only when the servers concerned answer accordingly, so that a scenario may look at once.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{RData, RecordType};

use crate::ask::{ask, rcode};
use crate::bind::Bind;
use crate::namespace::add_address;
use crate::nsd::Nsd;
use crate::wait::until;
use crate::zones::{self, Delegation, Lifetimes, Parking, ZONE};

/// How long a server may take to start or to load a zone.
const PATIENCE: Duration = Duration::from_secs(20);

/// Root, parents, parking provider and correct servers. Begins with the zone parked at every parent server.
pub struct World {
    directory: PathBuf,
    parking: Parking,
    lifetimes: Lifetimes,
    serial: u32,
    parents: [Bind; 2],
    correct: [Bind; 2],
    /// The root and the parking provider: kept running.
    _unchanging: [Nsd; 2],
}

impl World {
    /// Starts all authoritative servers and waits until each address answers for its zones.
    pub fn start(directory: &Path, parking: Parking, lifetimes: Lifetimes) -> Self {
        let addresses = [zones::ROOT].into_iter().chain(zones::PARENTS).chain(zones::PARKING).chain(zones::CORRECT);
        addresses.for_each(add_address);
        let parked_tld = zones::tld(Delegation::Parked, parking, lifetimes, 1);
        let parent_zones = [("tld.", parked_tld), ("com.", zones::com()), ("infra.", zones::infra())];
        let correct_zones = [(ZONE, zones::correct(lifetimes))];
        let parked_zones = [
            (ZONE, zones::parked(parking, lifetimes)),
            ("pendingrenewaldeletion.com.", zones::known_parking_provider()),
        ];
        let [first, second] = zones::PARENTS;
        let [one, two] = zones::CORRECT;
        let world = Self {
            directory: directory.to_path_buf(),
            parking,
            lifetimes,
            serial: 1,
            parents: [
                Bind::start(directory, "parent-a", first, &parent_zones),
                Bind::start(directory, "parent-b", second, &parent_zones),
            ],
            correct: [
                Bind::start(directory, "correct-1", one, &correct_zones),
                Bind::start(directory, "correct-2", two, &correct_zones),
            ],
            _unchanging: [
                Nsd::start(directory, "root", &[zones::ROOT], &[(".", zones::root())]),
                Nsd::start(directory, "parking", &zones::PARKING, &parked_zones),
            ],
        };
        World::wait_until_it_answers();
        fs::write(world.hints(), zones::HINTS).expect("the hints can be written");
        world
    }

    /// The directory for everything that belongs to this world.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The root hints file of this world.
    pub fn hints(&self) -> PathBuf {
        self.directory.join("root.hints")
    }

    /// The NS names of the parked delegation.
    pub fn parked_names(&self) -> [&'static str; 2] {
        self.parking.names()
    }

    /// The parked delegation, at every parent server.
    pub fn park(&mut self) {
        self.delegate(&[0, 1], Delegation::Parked);
    }

    /// The correct delegation, at every parent server.
    pub fn restore(&mut self) {
        self.delegate(&[0, 1], Delegation::Correct);
    }

    /// The correct delegation, at one parent server (0 or 1) only.
    pub fn restore_on(&mut self, parent: usize) {
        self.delegate(&[parent], Delegation::Correct);
    }

    /// No delegation at any parent server: the name does not exist.
    pub fn hold(&mut self) {
        self.delegate(&[0, 1], Delegation::Absent);
    }

    /// The correct delegation with a DS that fits no key of the zone, at every parent server.
    pub fn leave_ds(&mut self) {
        self.delegate(&[0, 1], Delegation::CorrectWithDs);
    }

    /// One correct server (0 or 1) no longer serves the zone: it answers REFUSED.
    pub fn refuse(&mut self, server: usize) {
        let server = &self.correct[server];
        server.withdraw_all();
        until("the server refuses", PATIENCE, || {
            let answer = ask(server.address(), ZONE, RecordType::SOA, false);
            (rcode(answer.as_ref()) == Some(ResponseCode::Refused)).then_some(())
        });
    }

    /// `tld.` with [`ZONE`] parked.
    pub fn tld(&self, serial: u32) -> String {
        zones::tld(Delegation::Parked, self.parking, self.lifetimes, serial)
    }

    /// Any other content of `tld.`, given its serial, at every parent server.
    pub fn publish(&mut self, tld: impl Fn(&Self, u32) -> String) {
        self.serial += 1;
        let text = tld(self, self.serial);
        self.load(&[0, 1], &text);
    }

    fn delegate(&mut self, parents: &[usize], delegation: Delegation) {
        self.serial += 1;
        let text = zones::tld(delegation, self.parking, self.lifetimes, self.serial);
        self.load(parents, &text);
    }

    fn load(&self, parents: &[usize], text: &str) {
        for parent in parents {
            self.parents[*parent].replace("tld.", text);
        }
        for parent in parents {
            let address = self.parents[*parent].address();
            until("the parent server has loaded its zone", PATIENCE, || {
                (serial_at(address, "tld.") == Some(self.serial)).then_some(())
            });
        }
    }

    fn wait_until_it_answers() {
        let expected = [(zones::ROOT, ".")]
            .into_iter()
            .chain(zones::PARENTS.into_iter().flat_map(|parent| ["tld.", "com.", "infra."].map(|zone| (parent, zone))))
            .chain(zones::PARKING.map(|address| (address, ZONE)))
            .chain(zones::CORRECT.map(|address| (address, ZONE)));
        for (address, zone) in expected {
            until(&format!("{address} serves {zone}"), PATIENCE, || serial_at(address, zone));
        }
    }
}

/// The serial a server gives for a zone with authority; `None` when it does not.
fn serial_at(address: std::net::Ipv4Addr, zone: &str) -> Option<u32> {
    let answer = ask(address, zone, RecordType::SOA, false)?;
    let first = answer.answers.first().filter(|_| answer.metadata.authoritative)?;
    match &first.data {
        RData::SOA(soa) => Some(soa.serial),
        _ => None,
    }
}
