//! Many name servers in one thread, for benches: one UDP socket per address of 127.0.0.0/8, late or silent on plan.
//!
//! Each answers for one zone: NS and SOA at the apex, A everywhere, TXT with NXDOMAIN and the zone's SOA (as a nonce
//! meets it). Runs on a thread of its own, whose CPU time can be told from the client's. Linux only: other systems
//! have no 127.0.0.0/8 without set-up.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::time::Duration;

use unpark::probe::wire;

/// What the servers do.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How many there are.
    pub servers: usize,
    /// Shortest and longest time before an answer; each server has its own between them.
    pub delay: (Duration, Duration),
    /// Every so many-th server never answers; 0 for none.
    pub silent_every: usize,
}

impl Plan {
    /// How long server `index` waits before it answers; none when it is silent.
    #[must_use]
    pub fn delay_of(&self, index: usize) -> Option<Duration> {
        if self.silent_every > 0 && index % self.silent_every == self.silent_every - 1 {
            return None;
        }
        let (shortest, longest) = self.delay;
        // Spread by a step that shares no factor with 1,000, so that neighbours differ.
        let share = u32::try_from(index * 619 % 1_000).unwrap_or(0);
        Some(shortest + longest.saturating_sub(shortest) * share / 1_000)
    }
}

/// The servers, running until the process ends.
#[derive(Debug)]
pub struct Responder {
    /// Where they are, in the order of the plan.
    pub servers: Vec<SocketAddr>,
    thread: u32,
}

impl Responder {
    /// Binds all sockets and starts answering.
    ///
    /// # Errors
    /// When a socket cannot be bound, usually for want of descriptors: one per server is needed.
    pub fn start(plan: Plan) -> io::Result<Self> {
        let (ready, started) = mpsc::channel();
        std::thread::Builder::new().name("responder".to_owned()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            match runtime {
                Ok(runtime) => runtime.block_on(serve(plan, &ready)),
                Err(error) => drop(ready.send(Err(error))),
            }
        })?;
        let (servers, thread) = started.recv().map_err(|_| io::Error::other("the responder ended"))??;
        Ok(Self { servers, thread })
    }

    /// CPU time that the responder's thread has used.
    ///
    /// # Errors
    /// Where there is no `/proc`.
    pub fn cpu(&self) -> io::Result<Duration> {
        crate::usage::cpu_of_thread(self.thread)
    }
}

type Ready = mpsc::Sender<io::Result<(Vec<SocketAddr>, u32)>>;

async fn serve(plan: Plan, ready: &Ready) {
    let mut servers = Vec::with_capacity(plan.servers);
    for index in 0..plan.servers {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let ip = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 1, 0, 0)) + number);
        let bound = tokio::net::UdpSocket::bind((ip, 0)).await.and_then(|socket| Ok((socket.local_addr()?, socket)));
        match bound {
            Ok((address, socket)) => {
                servers.push(address);
                tokio::spawn(answer_at(std::sync::Arc::new(socket), plan.delay_of(index)));
            }
            Err(error) => {
                let _ = ready.send(Err(error));
                return;
            }
        }
    }
    let own = std::fs::read_link("/proc/thread-self").ok();
    let thread = own.and_then(|path| path.file_name()?.to_str()?.parse().ok()).unwrap_or(0);
    let _ = ready.send(Ok((servers, thread)));
    std::future::pending::<()>().await;
}

async fn answer_at(socket: std::sync::Arc<tokio::net::UdpSocket>, delay: Option<Duration>) {
    let mut buffer = [0; 2048];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let (Some(delay), Some(reply)) = (delay, buffer.get(..length).and_then(reply)) else { continue };
        let socket = std::sync::Arc::clone(&socket);
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            let _ = socket.send_to(&reply, from).await;
        });
    }
}

/// The answer to a query; none when it is no query.
fn reply(query: &[u8]) -> Option<Vec<u8>> {
    let question = wire::question(query)?;
    let rtype = u16::from_be_bytes([*question.get(question.len() - 4)?, *question.get(question.len() - 3)?]);
    // The zone is the question's last two labels; a pointer to it names it.
    let (mut at, mut starts) = (0, Vec::new());
    while *question.get(at)? != 0 {
        starts.push(12 + at);
        at += usize::from(*question.get(at)?) + 1;
    }
    let zone = u16::try_from(*starts.get(starts.len().checked_sub(2)?)?).ok()? | 0xc000;
    let (ns, soa, a, txt) = (2, 6, 1, 16);
    let (rcode, answers, authority) = match rtype {
        _ if rtype == txt => (3, 0, 1),
        _ if rtype == ns => (0, 2, 0),
        _ if rtype == a || rtype == soa => (0, 1, 0),
        _ => (0, 0, 1),
    };
    let mut reply = vec![query[0], query[1], 0x84 | (query[2] & 1), rcode, 0, 1, 0, answers, 0, authority, 0, 1];
    reply.extend(question);
    let mut record = |owner: u16, rtype: u16, data: &[u8]| {
        reply.extend(owner.to_be_bytes());
        reply.extend(rtype.to_be_bytes());
        reply.extend([0, 1, 0, 0, 1, 44]); // IN, 300 s
        reply.extend(u16::try_from(data.len()).unwrap_or(0).to_be_bytes());
        reply.extend(data);
    };
    let [high, low] = zone.to_be_bytes();
    let host = |label: &[u8; 3]| [&[3], &label[..], &[high, low]].concat();
    if rtype == ns {
        record(zone, ns, &host(b"ns1"));
        record(zone, ns, &host(b"ns2"));
    } else if rtype == a {
        record(0xc00c, a, &[192, 0, 2, 1]);
    } else {
        let numbers: Vec<u8> = [1_u32, 3600, 600, 86_400, 300].iter().flat_map(|n| n.to_be_bytes()).collect();
        record(zone, soa, &[host(b"ns1"), host(b"adm"), numbers].concat());
    }
    // OPT with an NSID, as a real resolver sends it.
    reply.extend([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 9, 0, 3, 0, 5]);
    reply.extend(b"bench");
    Some(reply)
}
