//! Posts a change to a webhook, again when that may help, and never says where beyond the host: the address is a secret.

use std::fmt;
use std::time::Duration;

use super::client::{HttpClient, Reply};
use super::error::HttpError;
use super::url::HttpUrl;

/// Pauses before the second, third and fourth try.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(9)];
/// The longest pause that a server may ask for (`Retry-After`).
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// An address to post to. It holds a secret, so neither `Debug` nor any error shows more than its host.
#[derive(Clone)]
pub struct Webhook {
    url: HttpUrl,
    client: HttpClient,
    pauses: [Duration; 3],
}

impl Webhook {
    /// Reads and checks an address.
    ///
    /// # Errors
    /// What is wrong with it, in words that do not hold it.
    pub fn new(url: &str, client: HttpClient) -> Result<Self, &'static str> {
        let url = HttpUrl::parse(url).map_err(|error| match error {
            HttpError::PlainHttp { .. } => "plain http:// is allowed only to this machine",
            _ => "it is no address of the form https://host/path, without user name, password or fragment",
        })?;
        Ok(Self { url, client, pauses: PAUSES })
    }

    /// Whether it is on this machine, by its text alone.
    #[must_use]
    pub fn stays_here(&self) -> bool {
        self.url.is_loopback()
    }

    /// The host, which is no secret, safe to show.
    #[must_use]
    pub fn host(&self) -> String {
        crate::dns::shown::text(self.url.inner().host_str().unwrap_or_default())
    }

    /// Posts a JSON text. Tries again, with growing pauses, where the network or the server failed or the server asks
    /// for patience; not where it refuses.
    ///
    /// # Errors
    /// Why it was not taken, in words safe to show that do not hold the address.
    pub async fn post(&self, json: &str) -> Result<(), String> {
        let mut tries = 0_usize;
        loop {
            let outcome = self.client.post_json(&self.url, json).await;
            tries += 1;
            let (reason, pause) = match &outcome {
                Ok(reply) if (200..300).contains(&reply.status) => return Ok(()),
                Ok(reply) if may_pass(reply.status) => (format!("HTTP status {}", reply.status), asked_pause(reply)),
                Ok(reply) => return Err(format!("HTTP status {}", reply.status)),
                Err(error) => (self.without_secret(&error.to_string()), None),
            };
            let Some(usual) = self.pauses.get(tries - 1) else {
                return Err(format!("{reason}, {tries} times"));
            };
            tokio::time::sleep(pause.unwrap_or(*usual)).await;
        }
    }

    /// A reason without the parts of the address that are secret, should the library ever repeat them.
    fn without_secret(&self, reason: &str) -> String {
        let url = self.url.inner();
        let parts = [Some(url.as_str()), Some(url.path()).filter(|path| path.len() > 1), url.query()];
        parts.into_iter().flatten().fold(reason.to_owned(), |text, part| text.replace(part, "…"))
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("host", &self.host()).finish_non_exhaustive()
    }
}

/// Whether a status may be another one the next time.
const fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 425 | 429) || status >= 500
}

/// The pause that the server asks for, in whole seconds; none when it asks for none that can be kept.
fn asked_pause(reply: &Reply) -> Option<Duration> {
    let seconds: u64 = reply.retry_after.as_deref()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds)).filter(|pause| *pause <= LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::mpsc;

    use super::*;
    use crate::http::{Limits, ProxySettings, no_look_up};

    const SECRET: &str = "T0000/B0000/secretsecret";

    /// A server on loopback that gives these replies, one for each request; an empty one is never sent. What it was told
    /// comes out of the channel.
    fn server(replies: Vec<&'static str>) -> (String, mpsc::Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/services/{SECRET}?key={SECRET}", listener.local_addr().unwrap());
        let (told, heard) = mpsc::channel();
        std::thread::spawn(move || {
            let mut kept = Vec::new();
            for reply in replies {
                let Ok((mut stream, _)) = listener.accept() else { return };
                let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
                let (mut request, mut octets) = (String::new(), [0; 4096]);
                while !request.ends_with('}') {
                    match stream.read(&mut octets) {
                        Ok(n @ 1..) => request.push_str(&String::from_utf8_lossy(&octets[..n])),
                        _ => break,
                    }
                }
                let _ = told.send(request);
                if reply.is_empty() {
                    kept.push(stream);
                } else {
                    let _ = stream.write_all(reply.as_bytes());
                }
            }
            std::thread::sleep(Duration::from_secs(3));
            drop(kept);
        });
        (url, heard)
    }

    fn webhook(url: &str, total: Duration) -> Webhook {
        let limits = Limits { connect: total, total, body: 4096 };
        let client = HttpClient::new(&no_look_up(), &ProxySettings::none(), limits).unwrap();
        Webhook { pauses: [Duration::from_millis(10); 3], ..Webhook::new(url, client).unwrap() }
    }

    const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
    const BUSY: &str =
        "HTTP/1.1 429 Too Many Requests\r\nretry-after: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    const DOWN: &str = "HTTP/1.1 503 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    const GONE: &str = "HTTP/1.1 404 Gone\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

    #[tokio::test]
    async fn it_is_posted_again_until_it_is_taken() {
        let (url, heard) = server(vec![BUSY, DOWN, OK]);
        webhook(&url, Duration::from_secs(5)).post("{\"text\":\"x\"}").await.unwrap();
        let requests: Vec<String> = heard.try_iter().collect();
        assert_eq!(requests.len(), 3);
        let request = requests.last().unwrap().to_lowercase();
        assert!(request.starts_with("post /services/") && request.ends_with("{\"text\":\"x\"}"), "{request}");
        assert!(request.contains("content-type: application/json"), "{request}");
    }

    #[tokio::test]
    async fn what_is_refused_is_not_tried_again_and_what_fails_is_given_up() {
        let (url, heard) = server(vec![GONE, OK]);
        let error = webhook(&url, Duration::from_secs(5)).post("{}").await.unwrap_err();
        assert_eq!(error, "HTTP status 404");
        assert_eq!(heard.try_iter().count(), 1);
        let (url, heard) = server(vec![DOWN, DOWN, DOWN, DOWN, OK]);
        let error = webhook(&url, Duration::from_secs(5)).post("{}").await.unwrap_err();
        assert_eq!(error, "HTTP status 503, 4 times");
        assert_eq!(heard.try_iter().count(), 4);
    }

    #[tokio::test]
    async fn a_server_that_hangs_or_is_not_there_is_given_up_without_its_address() {
        let (url, _heard) = server(vec!["", "", "", ""]);
        let hook = webhook(&url, Duration::from_millis(200));
        let error = hook.post("{}").await.unwrap_err();
        assert!(error.contains("4 times") && !error.contains("secret"), "{error}");
        assert!(!format!("{hook:?}").contains("secret"));
        let nowhere = webhook(&format!("http://127.0.0.1:9/{SECRET}"), Duration::from_millis(200));
        let error = nowhere.post("{}").await.unwrap_err();
        assert!(!error.contains("secret"), "{error}");
    }

    #[test]
    fn an_address_that_cannot_be_used_is_not_repeated() {
        let client = || HttpClient::new(&no_look_up(), &ProxySettings::none(), Limits::default()).unwrap();
        for bad in ["http://hooks.example/secret", "https://u:secret@hooks.example/", "secret", "https://x/#secret"] {
            let reason = Webhook::new(bad, client()).unwrap_err();
            assert!(!reason.contains("secret"), "{reason}");
        }
        assert_eq!(Webhook::new("https://hooks.example/secret", client()).unwrap().host(), "hooks.example");
    }
}
