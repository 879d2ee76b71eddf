//! One query over one TCP connection (RFC 7766). May not know what a message says beyond id and question.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::network::{ExchangeError, Reply};
use super::wire;

/// After so many messages that answer something else the connection is given up.
const STRAY_MESSAGES: usize = 8;

/// Connects, asks and reads the answer, all within `wait`. `connections` bounds how many are open at once.
pub(super) async fn exchange(
    to: SocketAddr,
    message: &[u8],
    wait: Duration,
    connections: &Semaphore,
    dropped: &AtomicU64,
) -> Result<Reply, ExchangeError> {
    let deadline = tokio::time::Instant::now() + wait;
    // Waiting for our own turn is our affair, and must not look like the target's silence.
    let _turn = match tokio::time::timeout_at(deadline, connections.acquire()).await {
        Ok(Ok(turn)) => turn,
        _ => return Err(ExchangeError::NotSent("too many TCP connections at once".to_owned())),
    };
    match tokio::time::timeout_at(deadline, converse(to, message, dropped)).await {
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(error)) => Err(ExchangeError::from_io(&error)),
        Err(_) => Err(ExchangeError::TimedOut),
    }
}

async fn converse(to: SocketAddr, message: &[u8], dropped: &AtomicU64) -> io::Result<Reply> {
    let length = u16::try_from(message.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    // Length and message in one write: some servers read a lone length as the end of the query.
    let framed = [&length.to_be_bytes(), message].concat();
    let left = Instant::now();
    stream.write_all(&framed).await?;
    for _ in 0..STRAY_MESSAGES {
        let length = stream.read_u16().await?;
        let mut reply = vec![0; usize::from(length)];
        stream.read_exact(&mut reply).await?;
        if wire::answers(message, &reply) {
            return Ok(Reply { message: reply, rtt: left.elapsed() });
        }
        dropped.fetch_add(1, Ordering::Relaxed);
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}
