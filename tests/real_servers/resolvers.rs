//! The resolving half: Unbound, BIND, PowerDNS Recursor and Knot Resolver, each with its default habits.
//!
//! They start from the world's root hints, do not validate (nothing here is signed), and each listens on an address of its own.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::Ipv4Addr;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use hickory_proto::op::Message;
use hickory_proto::rr::RecordType;

use crate::ask::{Side, ask, fresh_name, side};
use crate::namespace::{add_address, command, run};
use crate::wait::until;
use crate::world::World;
use crate::zones;

/// What these tests run of the four.
pub const PROGRAMS: [&str; 7] =
    ["unbound", "unbound-control", "named", "rndc", "pdns_recursor", "rec_control", "kresd"];

/// How long a resolver may take to start, or to get through to an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// NLnet Labs Unbound.
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
        let resolvers: Vec<Self> = Kind::ALL.into_iter().map(|kind| Self::launch(kind, world)).collect();
        resolvers.iter().for_each(Self::wait_until_it_answers);
        resolvers
    }

    /// Starts one resolver and waits until it answers.
    pub fn start(kind: Kind, world: &World) -> Self {
        let resolver = Self::launch(kind, world);
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
            Kind::Bind => drop(run("rndc", &["-c", &format!("{d}/rndc.conf"), "flush"])),
            Kind::PowerDns => {
                let configuration = format!("--config-dir={d}");
                run("rec_control", &[&configuration, &format!("--socket-dir={d}"), "wipe-cache", ".$"]);
            }
            Kind::Knot => clear_knot(&self.directory.join("run/control")),
        }
    }

    fn launch(kind: Kind, world: &World) -> Self {
        add_address(kind.address());
        let directory = world.directory().join(kind.name());
        fs::create_dir_all(directory.join("run")).expect("a fresh directory for the resolver");
        let d = directory.display().to_string();
        write_configuration(kind, &directory, &world.hints());
        let (program, arguments) = match kind {
            Kind::Unbound => ("unbound", vec!["-d".to_owned(), "-c".to_owned(), format!("{d}/unbound.conf")]),
            Kind::Bind => {
                let mut arguments: Vec<String> = ["-g", "-4", "-n", "1", "-c"].map(str::to_owned).to_vec();
                arguments.push(format!("{d}/named.conf"));
                ("named", arguments)
            }
            Kind::PowerDns => ("pdns_recursor", vec![format!("--config-dir={d}")]),
            Kind::Knot => {
                let arguments = vec!["-n".to_owned(), "-c".to_owned(), format!("{d}/kresd.conf"), format!("{d}/run")];
                ("kresd", arguments)
            }
        };
        let log = world.directory().join(format!("{}.log", kind.name()));
        let log = fs::File::create(log).expect("a log file");
        let process = command(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
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
fn clear_knot(folder: &Path) {
    let socket = until("the control socket of kresd", PATIENCE, || fs::read_dir(folder).ok()?.flatten().next());
    let mut stream = UnixStream::connect(socket.path()).expect("kresd listens on its control socket");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit above zero");
    stream.write_all(b"cache.clear()\n").expect("kresd reads its control socket");
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
            let key =
                "key \"lab\" { algorithm hmac-sha256; secret \"bGFibGFibGFibGFibGFibGFibGFibGFibGFibGFibGE=\"; };\n";
            write(
                "named.conf",
                format!(
                    "{key}options {{\n  directory \"{d}\"; pid-file \"{d}/pid\"; session-keyfile \"{d}/session.key\";\n  \
                     managed-keys-directory \"{d}\"; listen-on port 53 {{ {address}; }}; listen-on-v6 {{ none; }};\n  \
                     query-source address {address}; recursion yes; allow-recursion {{ 127.0.0.0/8; }};\n  \
                     empty-zones-enable no; dnssec-validation no;\n}};\n\
                     controls {{ inet {address} port 953 allow {{ 127.0.0.0/8; }} keys {{ \"lab\"; }}; }};\n\
                     zone \".\" {{ type hint; file \"{hints}\"; }};\n"
                ),
            );
            write("rndc.conf", format!("{key}options {{ default-server {address}; default-key \"lab\"; }};\n"));
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
