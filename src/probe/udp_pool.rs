//! A few UDP sockets shared by all queries, with our own demultiplexing (RFC 1035 §4.2.1, RFC 5452).
//!
//! One socket per query costs a descriptor each and five times the CPU, and under `ulimit -n 1024` a first round of
//! thousands fails. Here an answer finds its query by (source address, id) and the question it echoes. The time of
//! arrival is taken where the datagram is read. May not know what a message says beyond id and question.

use std::collections::{HashMap, VecDeque};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::RngExt as _;
use tokio::net::UdpSocket;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::network::{ExchangeError, Reply};
use super::wire;

/// What we ask of the kernel: one socket with the usual 208 KiB loses replies when thousands come at once.
const RECEIVE_BUFFER: usize = 4 * 1024 * 1024;
/// How many ended exchanges a socket remembers, so as to tell a late answer from a stray one.
const ENDED_REMEMBERED: usize = 512;
/// After so many failed reads in a row the reader waits a little before it tries again.
const READ_FAILURES: u32 = 16;

/// The sockets of one address family. Dropping the pool lets exchanges under way end first.
#[derive(Debug)]
pub(super) struct UdpPool {
    lanes: Vec<Arc<Lane>>,
}

/// By what an answer finds its query. Flow label and scope of an IPv6 address do not count.
type Key = (IpAddr, u16, u16);

#[derive(Debug)]
struct Lane {
    socket: Arc<UdpSocket>,
    flights: Arc<Flights>,
    reader: AbortHandle,
}

#[derive(Debug)]
struct Flights {
    table: Mutex<Table>,
    dropped: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct Table {
    by_key: HashMap<Key, Flight>,
    /// Keys of exchanges that ended, oldest first; their flights stay a while without a waiter.
    ended: VecDeque<Key>,
}

#[derive(Debug)]
struct Flight {
    question: Box<[u8]>,
    waiter: Option<oneshot::Sender<(Vec<u8>, Instant)>>,
}

impl UdpPool {
    /// Binds `count` sockets on ports of the kernel's choice in the family of `address` (an unspecified one).
    /// Must be called inside a tokio runtime: each socket has a task that reads it.
    ///
    /// # Errors
    /// The first socket that cannot be opened.
    pub(super) fn open(address: IpAddr, count: usize, dropped: &Arc<AtomicU64>) -> io::Result<Self> {
        let lanes = (0..count).map(|_| Lane::open(address, dropped).map(Arc::new)).collect::<io::Result<_>>()?;
        Ok(Self { lanes })
    }

    /// Sends `message` from one of the sockets, chosen at random, and waits for its answer.
    pub(super) async fn exchange(
        &self,
        to: SocketAddr,
        message: &[u8],
        wait: Duration,
    ) -> Result<Reply, ExchangeError> {
        let not_sent = |reason: &str| ExchangeError::NotSent(reason.to_owned());
        let (Some(id), Some(question)) = (wire::id(message), wire::question(message)) else {
            return Err(not_sent("the message has no question"));
        };
        let key = (to.ip(), to.port(), id);
        let first = rand::rng().random_range(0..self.lanes.len().max(1));
        // The same id may be under way to the same address already: another socket tells the two apart.
        let lanes = self.lanes.iter().cycle().skip(first).take(self.lanes.len());
        let Some((lane, answer)) =
            lanes.into_iter().find_map(|l| Some((Arc::clone(l), l.flights.begin(key, question)?)))
        else {
            return Err(not_sent("every socket has a query with this id to this address under way"));
        };
        let _ended = EndOnDrop { flights: &lane.flights, key };
        let left = Instant::now();
        send(&lane.socket, message, to, wait).await.map_err(|error| ExchangeError::from_io(&error))?;
        match tokio::time::timeout(wait, answer).await {
            Ok(Ok((message, arrived))) => Ok(Reply { message, rtt: arrived.saturating_duration_since(left) }),
            Ok(Err(_)) | Err(_) => Err(ExchangeError::TimedOut),
        }
    }
}

/// Sends one datagram, waiting at most `wait` for room.
async fn send(socket: &UdpSocket, message: &[u8], to: SocketAddr, wait: Duration) -> io::Result<()> {
    let mut sent = socket.try_send_to(message, to);
    // A refusal reported here is an earlier datagram's, to whomever: the second try is ours.
    if sent.as_ref().is_err_and(|e| matches!(e.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset)) {
        sent = socket.try_send_to(message, to);
    }
    if sent.as_ref().is_err_and(|e| e.kind() == ErrorKind::WouldBlock) {
        let patiently = tokio::time::timeout(wait, socket.send_to(message, to)).await;
        sent = patiently.unwrap_or_else(|_| Err(io::Error::other("the socket's send buffer stays full")));
    }
    sent.map(drop)
}

impl Lane {
    fn open(address: IpAddr, dropped: &Arc<AtomicU64>) -> io::Result<Self> {
        let socket =
            socket2::Socket::new(socket2::Domain::for_address((address, 0).into()), socket2::Type::DGRAM, None)?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        // A wish: the kernel gives what its limit allows, and less is no reason to fail.
        let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
        socket.set_nonblocking(true)?;
        socket.bind(&SocketAddr::new(address, 0).into())?;
        let socket = Arc::new(UdpSocket::from_std(socket.into())?);
        let flights = Arc::new(Flights { table: Mutex::default(), dropped: Arc::clone(dropped) });
        let reader = tokio::spawn(read(Arc::clone(&socket), Arc::clone(&flights))).abort_handle();
        Ok(Self { socket, flights, reader })
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// Reads a socket for as long as its lane lives.
async fn read(socket: Arc<UdpSocket>, flights: Arc<Flights>) {
    // Never smaller than the largest datagram: a short buffer cuts messages without a word.
    let mut buffer = vec![0; wire::LONGEST];
    let mut failures = 0;
    loop {
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else {
            // Some systems report an earlier datagram's refusal here; the socket itself is well.
            failures += 1;
            if failures > READ_FAILURES {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            continue;
        };
        failures = 0;
        let arrived = Instant::now();
        flights.deliver(from, buffer.get(..length).unwrap_or(&buffer), arrived);
    }
}

impl Flights {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a flight; none when one with the same key is under way.
    fn begin(&self, key: Key, question: &[u8]) -> Option<oneshot::Receiver<(Vec<u8>, Instant)>> {
        let mut table = self.table();
        if table.by_key.get(&key).is_some_and(|flight| flight.waiter.is_some()) {
            return None;
        }
        let (waiter, answer) = oneshot::channel();
        table.by_key.insert(key, Flight { question: question.into(), waiter: Some(waiter) });
        Some(answer)
    }

    fn deliver(&self, from: SocketAddr, message: &[u8], arrived: Instant) {
        let matches = |table: &mut Table| {
            let id = wire::id(message)?;
            let flight = table.by_key.get_mut(&(from.ip(), from.port(), id))?;
            if !wire::answers_question(id, &flight.question, message) {
                return None;
            }
            if let Some(waiter) = flight.waiter.take() {
                // Nobody waits any more when the exchange was given up this very moment: late, not wrong.
                let _ = waiter.send((message.to_vec(), arrived));
            }
            Some(())
        };
        if matches(&mut self.table()).is_none() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn end(&self, key: Key) {
        let mut table = self.table();
        if let Some(flight) = table.by_key.get_mut(&key) {
            flight.waiter = None;
        }
        table.ended.push_back(key);
        if table.ended.len() > ENDED_REMEMBERED
            && let Some(oldest) = table.ended.pop_front()
            && table.by_key.get(&oldest).is_some_and(|flight| flight.waiter.is_none())
        {
            table.by_key.remove(&oldest);
        }
    }
}

/// Ends a flight however its exchange ends, also when the future is dropped.
struct EndOnDrop<'a> {
    flights: &'a Flights,
    key: Key,
}

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.flights.end(self.key);
    }
}
