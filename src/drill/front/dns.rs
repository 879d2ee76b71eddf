//! The simulated servers' DNS on loopback: UDP, and TCP with its lengths (RFC 1035 §4.2). Bounded in what it holds.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::Held;
use crate::drill::message::ReadQuery;
use crate::drill::model::{ClientId, Packet, Reaction};
use crate::observation::Transport;
use crate::time::ReadClock as _;

/// Answers of one server that are on their way at once; what comes beyond is lost, as at any server that has too much to do.
const MOST_PENDING: usize = 4096;
/// TCP connections of one server at once.
const MOST_CONNECTIONS: usize = 32;
/// How long a client may take to send its query over TCP.
const PATIENCE: Duration = Duration::from_secs(5);
/// After a failure of the socket itself.
const BREATH: Duration = Duration::from_millis(20);
/// Largest UDP query that is read.
const LARGEST_QUERY: usize = 4096;

/// Serves one simulated server, known to clients as `server`.
pub(super) fn serve(
    serving: &mut JoinSet<()>,
    held: &Arc<Held>,
    server: SocketAddr,
    udp: UdpSocket,
    listener: TcpListener,
) {
    serving.spawn(serve_udp(Arc::clone(held), server, Arc::new(udp)));
    serving.spawn(serve_tcp(Arc::clone(held), server, listener));
}

async fn serve_udp(held: Arc<Held>, server: SocketAddr, socket: Arc<UdpSocket>) {
    let mut octets = vec![0; LARGEST_QUERY];
    // Dropped with this loop, and with it every answer still on its way.
    let mut pending = JoinSet::new();
    loop {
        while pending.try_join_next().is_some() {}
        let Ok((length, client)) = socket.recv_from(&mut octets).await else {
            // A client that went away is no reason to stop; a socket that fails for good must not spin.
            sleep(BREATH).await;
            continue;
        };
        let Some(query) = octets.get(..length).and_then(ReadQuery::read) else { continue };
        let Some((after, message)) = answer(&held, server, client, Transport::Udp, &query) else { continue };
        if pending.len() >= MOST_PENDING {
            continue;
        }
        let socket = Arc::clone(&socket);
        pending.spawn(async move {
            sleep(after).await;
            // The client may have gone; that is its affair.
            let _ = socket.send_to(&message, client).await;
        });
    }
}

async fn serve_tcp(held: Arc<Held>, server: SocketAddr, listener: TcpListener) {
    let free = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok(turn) = Arc::clone(&free).acquire_owned().await else { return };
        let Ok((stream, client)) = listener.accept().await else {
            sleep(BREATH).await;
            continue;
        };
        let held = Arc::clone(&held);
        connections.spawn(async move {
            let _turn = turn;
            // Whatever goes wrong, the connection is closed, and that is all a client is owed.
            let _ = converse(&held, server, stream, client).await;
        });
    }
}

/// One query and its answer; silence closes the connection.
async fn converse(held: &Held, server: SocketAddr, mut stream: TcpStream, client: SocketAddr) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let reading = async {
        let length = stream.read_u16().await?;
        let mut octets = vec![0; usize::from(length)];
        stream.read_exact(&mut octets).await?;
        Ok::<_, io::Error>(octets)
    };
    let octets = timeout(PATIENCE, reading).await??;
    let Some(query) = ReadQuery::read(&octets) else { return Ok(()) };
    let Some((after, message)) = answer(held, server, client, Transport::Tcp, &query) else { return Ok(()) };
    sleep(after).await;
    let length = u16::try_from(message.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    timeout(PATIENCE, stream.write_all(&[&length.to_be_bytes(), message.as_slice()].concat())).await??;
    Ok(())
}

/// What the model answers, and after how long in real time; none for silence and for a closed port.
fn answer(
    held: &Held,
    server: SocketAddr,
    client: SocketAddr,
    transport: Transport,
    query: &ReadQuery,
) -> Option<(Duration, Vec<u8>)> {
    let packet = Packet {
        to: server,
        from: ClientId(u64::from(client.port())),
        transport,
        question: query.question.clone(),
        rd: query.rd,
        cd: query.cd,
        dnssec_ok: query.edns.is_some_and(|e| e.dnssec_ok),
        nsid_wanted: query.edns.is_some_and(|e| e.nsid_wanted),
    };
    match held.receive(&packet) {
        Reaction::Answer { after, response } => {
            Some((held.clock.wait_for(after), query.write(&response, transport == Transport::Udp)))
        }
        Reaction::Refusal { .. } | Reaction::Silence | Reaction::NotSent => None,
    }
}
