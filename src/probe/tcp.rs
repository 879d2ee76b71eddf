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
    let mut has_turn = false;
    let conversation = async {
        // Never closed, so waiting for a turn ends with one.
        let _turn = connections.acquire().await;
        has_turn = true;
        converse(to, message, dropped).await
    };
    match tokio::time::timeout(wait, conversation).await {
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(error)) => Err(ExchangeError::from_io(&error)),
        Err(_) if has_turn => Err(ExchangeError::TimedOut),
        // Waiting for our own turn is our affair, and must not look like the target's silence.
        Err(_) => Err(ExchangeError::NotSent("too many TCP connections at once".to_owned())),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waiting_for_a_turn_is_not_the_targets_silence() {
        let (none_free, dropped) = (Semaphore::new(0), AtomicU64::new(0));
        let target = "127.0.0.1:53".parse().unwrap();
        let end = exchange(target, &[0; 17], Duration::from_secs(1), &none_free, &dropped).await;
        assert!(matches!(end, Err(ExchangeError::NotSent(_))));
    }
}
