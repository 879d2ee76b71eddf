//! The resolving half: Unbound, BIND, PowerDNS Recursor and Knot Resolver, each with its default habits.
//!
//! They start from the world's root hints, do not validate (nothing here is signed), and each listens on an address of
//! its own.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::Ipv4Addr;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use hickory_proto::op::Message;
use hickory_proto::rr::RecordType;

use crate::ask::{Side, ask, fresh_name, side};
use crate::bind;
use crate::namespace::{add_address, launch, run};
use crate::wait::until;
use crate::world::World;
use crate::zones;

/// What these tests run of the other three; see [`bind::PROGRAMS`] for BIND.
pub const PROGRAMS: [&str; 5] = ["unbound", "unbound-control", "pdns_recursor", "rec_control", "kresd"];

/// How long a resolver may take to start, or to get through to an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Unbound, of `NLnet` Labs.
    Unbound,
    /// ISC BIND.
    Bind,
    /// PowerDNS Recursor.
    PowerDns,
    /// CZ.NIC Knot Resolver.
    Knot,
}

impl Kind {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Unbound, Self::Bind, Self::PowerDns, Self::Knot];

    /// Where it listens, port 53.
    pub const fn address(self) -> Ipv4Addr {
        Ipv4Addr::new(127, 50, 4, self as u8 + 1)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Unbound => "unbound",
            Self::Bind => "bind",
            Self::PowerDns => "powerdns",
            Self::Knot => "knot",
        }
    }
}

/// A running resolver.
pub struct Resolver {
    kind: Kind,
    directory: PathBuf,
    process: Child,
}

impl Resolver {
    /// Starts one resolver of each kind, all at once; returns when all answer.
    pub fn start_all(world: &World) -> Vec<Self> {
        let resolvers: Vec<Self> = Kind::ALL.into_iter().map(|kind| Self::begin(kind, world)).collect();
        resolvers.iter().for_each(Self::wait_until_it_answers);
        resolvers
    }

    /// Starts one resolver and waits until it answers.
    pub fn start(kind: Kind, world: &World) -> Self {
        let resolver = Self::begin(kind, world);
        resolver.wait_until_it_answers();
        resolver
    }

    /// Which implementation this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Where it listens, port 53.
    pub fn address(&self) -> Ipv4Addr {
        self.kind.address()
    }

    /// Has it resolve the zone as users would (apex and `www` addresses), until its answers come from `side`.
    /// The first question through a new delegation may fail: ordinary users ask again too.
    pub fn prime(&self, zone: &str, side: Side) {
        for name in [zone.to_owned(), format!("www.{zone}"), fresh_name(zone)] {
            until(&format!("{:?} gives the {side:?} answer for {name}", self.kind), PATIENCE, || {
                (crate::ask::side(self.ask(&name, RecordType::A).as_ref()) == side).then_some(())
            });
        }
    }

    /// Which servers it uses for the zone now, judged by a name it cannot have cached.
    pub fn uses(&self, zone: &str) -> Side {
        side(self.ask(&fresh_name(zone), RecordType::A).as_ref())
    }

    /// Asks it one question with recursion desired.
    pub fn ask(&self, name: &str, rtype: RecordType) -> Option<Message> {
        ask(self.address(), name, rtype, true)
    }

    /// Empties its whole cache, by its own control program.
    pub fn empty_cache(&self) {
        let d = self.directory.display().to_string();
        match self.kind {
            Kind::Unbound => {
                let configuration = format!("{d}/unbound.conf");
                run("unbound-control", &["-c", &configuration, "flush_zone", "."]);
            }
            Kind::Bind => bind::rndc(&self.directory, &["flush"]),
            Kind::PowerDns => {
                let configuration = format!("--config-dir={d}");
                run("rec_control", &[&configuration, &format!("--socket-dir={d}"), "wipe-cache", ".$"]);
            }
            Kind::Knot => tell_knot(&self.directory.join("run/control"), "cache.clear()"),
        }
    }

    /// A way to have it forget one name and type by its own control program, as an operator's flush request would.
    pub fn forgetting(&self) -> impl Fn(&str, &str) + Send + 'static {
        let (kind, directory) = (self.kind, self.directory.clone());
        move |name: &str, rtype: &str| {
            let d = directory.display().to_string();
            match kind {
                Kind::Unbound => {
                    let configuration = format!("{d}/unbound.conf");
                    run("unbound-control", &["-c", &configuration, "flush_type", name, rtype]);
                }
                // It has no flush by type.
                Kind::Bind => bind::rndc(&directory, &["flushname", name]),
                Kind::PowerDns => {
                    let (configuration, socket) = (format!("--config-dir={d}"), format!("--socket-dir={d}"));
                    run("rec_control", &[&configuration, &socket, "wipe-cache-typed", rtype, name]);
                }
                // Its delegation goes with everything below it.
                Kind::Knot if rtype == "NS" => {
                    tell_knot(&directory.join("run/control"), &format!("cache.clear('{name}')"));
                }
                Kind::Knot => tell_knot(&directory.join("run/control"), &format!("cache.clear('{name}', true)")),
            }
        }
    }

    fn begin(kind: Kind, world: &World) -> Self {
        add_address(kind.address());
        let directory = world.directory().join(kind.name());
        fs::create_dir_all(directory.join("run")).expect("a fresh directory for the resolver");
        let d = directory.display().to_string();
        write_configuration(kind, &directory, &world.hints());
        let log = world.directory().join(format!("{}.log", kind.name()));
        let process = match kind {
            Kind::Unbound => launch("unbound", &["-d", "-c", &format!("{d}/unbound.conf")], &log),
            Kind::Bind => bind::launch_named(&directory, &log),
            Kind::PowerDns => launch("pdns_recursor", &[&format!("--config-dir={d}")], &log),
            Kind::Knot => launch("kresd", &["-n", "-c", &format!("{d}/kresd.conf"), &format!("{d}/run")], &log),
        };
        Self { kind, directory, process }
    }

    /// Asks for a name that has nothing to do with the zone under test, whose delegation must stay uncached.
    fn wait_until_it_answers(&self) {
        until(&format!("{:?} resolves", self.kind), PATIENCE, || {
            let answer = self.ask(zones::PARENT_NAMES[0], RecordType::A)?;
            (!answer.answers.is_empty()).then_some(())
        });
    }
}

impl Drop for Resolver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Knot Resolver's control socket takes Lua lines and ends each reply with a prompt.
fn tell_knot(folder: &Path, line: &str) {
    let socket = until("the control socket of kresd", PATIENCE, || fs::read_dir(folder).ok()?.flatten().next());
    let mut stream = UnixStream::connect(socket.path()).expect("kresd listens on its control socket");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit above zero");
    stream.write_all(format!("{line}\n").as_bytes()).expect("kresd reads its control socket");
    let mut said = Vec::new();
    while !said.ends_with(b"}\n> ") {
        let mut part = [0; 512];
        let length = stream.read(&mut part).expect("kresd answers on its control socket");
        assert_ne!(length, 0, "kresd closed its control socket after {:?}", String::from_utf8_lossy(&said));
        said.extend_from_slice(&part[..length]);
    }
    assert!(said.windows(7).any(|part| part == b"'count'"), "kresd said {:?}", String::from_utf8_lossy(&said));
}

fn write_configuration(kind: Kind, directory: &Path, hints: &Path) {
    let address = kind.address();
    let (d, hints) = (directory.display(), hints.display());
    let write = |name: &str, text: String| {
        fs::write(directory.join(name), text).expect("the configuration can be written");
    };
    match kind {
        Kind::Unbound => write(
            "unbound.conf",
            format!(
                "server:\n  interface: {address}\n  port: 53\n  outgoing-interface: {address}\n  num-threads: 1\n  \
                 access-control: 127.0.0.0/8 allow\n  do-ip6: no\n  do-not-query-localhost: no\n  chroot: \"\"\n  \
                 username: \"\"\n  directory: \"{d}\"\n  pidfile: \"{d}/pid\"\n  use-syslog: no\n  logfile: \"\"\n  \
                 root-hints: \"{hints}\"\n  module-config: \"iterator\"\n\
                 remote-control:\n  control-enable: yes\n  control-use-cert: no\n  control-interface: {d}/control\n"
            ),
        ),
        Kind::Bind => {
            let hints = format!("zone \".\" {{ type hint; file \"{hints}\"; }};\n");
            bind::write_configuration(directory, address, "recursion yes; allow-recursion { 127.0.0.0/8; };", &hints);
        }
        Kind::PowerDns => write(
            "recursor.conf",
            format!(
                "local-address={address}\nlocal-port=53\nquery-local-address={address}\nhint-file={hints}\n\
                 dont-query=\nallow-from=127.0.0.0/8\nsocket-dir={d}\ndnssec=off\nsecurity-poll-suffix=\nthreads=1\n\
                 daemon=no\ndisable-syslog=yes\nwrite-pid=no\n"
            ),
        ),
        // ALLOW_LOCAL: otherwise it ignores loopback addresses of name servers, as is right on the real Internet.
        Kind::Knot => write(
            "kresd.conf",
            format!(
                "net.listen('{address}', 53, {{ kind = 'dns' }})\nnet.outgoing_v4('{address}')\nnet.ipv6 = false\n\
                 modules.unload('ta_update')\nmodules.unload('ta_signal_query')\nmodules.unload('priming')\n\
                 modules.unload('detect_time_skew')\nmodules.load('hints')\n\
                 hints.root({{ ['a.rootlab.'] = '{}' }})\ntrust_anchors.remove('.')\n\
                 policy.add(policy.all(policy.FLAGS('ALLOW_LOCAL')))\ncache.size = 20 * MB\n",
                zones::ROOT
            ),
        ),
    }
}
