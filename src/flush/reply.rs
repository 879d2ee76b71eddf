//! What an operator's reply to a flush request means. Pure: status and body in, judgement out.
//!
//! A request counts as taken only when the status is 200 **and** the message says that it was queued. Even then it is
//! called "sent" and never more: the reply says nothing about the caches.

use std::fmt;
use std::time::Duration;

use crate::dns::shown;
use crate::incident::FlushOutcome;
use crate::time::in_words;

/// When an operator wants to be asked again (RFC 9110 §10.2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetryAfter {
    /// After this span, at most a day.
    Span(Duration),
    /// At a date, or in words that are none: as it stands, made safe to show.
    Text(String),
}

/// The refusals that are known word for word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownRefusal {
    /// `parameter "domain" is required`.
    NoDomain,
    /// `unsupported RRType`.
    UnsupportedType,
    /// `refreshed domain must be below a top level domain`.
    NotBelowTld,
    /// `wildcard purge is not supported`.
    Wildcard,
}

/// What a reply says. Texts in it are safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlushReply {
    /// The request was queued.
    Queued {
        /// The operator's words.
        message: String,
    },
    /// The operator answered with another message.
    Refused {
        /// Which of the known refusals it is, if any.
        known: Option<KnownRefusal>,
        /// The HTTP status.
        status: u16,
        /// The operator's words.
        message: String,
    },
    /// Too many requests (429): no further one may follow.
    RateLimited {
        /// When to come back, if it says so.
        retry_after: Option<RetryAfter>,
    },
    /// Forbidden (403), as the operator's firewall answers: no further request may follow.
    Forbidden {
        /// The operator's words, if it found any.
        message: Option<String>,
    },
    /// A redirect. It is not followed: the request must reach the host it was meant for.
    Redirected {
        /// The HTTP status.
        status: u16,
    },
    /// Another status without a message.
    Failed {
        /// The HTTP status.
        status: u16,
    },
    /// A status of success with something that cannot be read as a reply.
    Garbage {
        /// The HTTP status.
        status: u16,
        /// What is wrong with it.
        reason: String,
    },
}

/// Most characters of an operator's message that are kept.
const LONGEST_MESSAGE: usize = 300;
/// Longest span of a `Retry-After` that is believed.
const LONGEST_RETRY: u64 = 86_400;

/// The known refusals: what the message holds, in lower case.
const KNOWN: &[(&str, KnownRefusal)] = &[
    ("parameter \"domain\" is required", KnownRefusal::NoDomain),
    ("unsupported rrtype", KnownRefusal::UnsupportedType),
    ("must be below a top level domain", KnownRefusal::NotBelowTld),
    ("wildcard purge is not supported", KnownRefusal::Wildcard),
];

/// Judges Cloudflare's reply: its status, its body (`{"msg": "…"}`) and the `Retry-After` field, if there was one.
#[must_use]
pub fn judge_reply(status: u16, retry_after: Option<&str>, body: &[u8]) -> FlushReply {
    let message = message(body);
    match (status, message) {
        (429, _) => FlushReply::RateLimited { retry_after: retry_after.and_then(RetryAfter::read) },
        (403, message) => FlushReply::Forbidden { message: message.ok().map(|m| shown::text(&m)) },
        (300..=399, _) => FlushReply::Redirected { status },
        (200, Ok(message)) if message.to_lowercase().contains("queued") => {
            FlushReply::Queued { message: shown::text(&message) }
        }
        (_, Ok(message)) => {
            let lower = message.to_lowercase();
            let known = KNOWN.iter().find(|(text, _)| lower.contains(text)).map(|(_, known)| *known);
            FlushReply::Refused { known, status, message: shown::text(&message) }
        }
        (200..=299, Err(reason)) => FlushReply::Garbage { status, reason: reason.to_owned() },
        (_, Err(_)) => FlushReply::Failed { status },
    }
}

/// The message in a body.
fn message(body: &[u8]) -> Result<String, &'static str> {
    let value: serde_json::Value = serde_json::from_slice(body)
        .map_err(|_| if body.is_empty() { "the reply is empty" } else { "the reply is no JSON" })?;
    match value.get("msg").and_then(serde_json::Value::as_str) {
        Some(text) => Ok(text.chars().take(LONGEST_MESSAGE).collect()),
        None => Err("the reply holds no message"),
    }
}

impl RetryAfter {
    /// Reads the field: whole seconds, or anything else as text. Empty is none.
    fn read(field: &str) -> Option<Self> {
        let field = field.trim();
        match field.parse::<u64>() {
            Ok(seconds) => Some(Self::Span(Duration::from_secs(seconds.min(LONGEST_RETRY)))),
            Err(_) if field.is_empty() => None,
            Err(_) => Some(Self::Text(shown::text(field))),
        }
    }
}

impl FlushReply {
    /// Whether no further request may be sent to this operator after such a reply.
    #[must_use]
    pub const fn forbids_more(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Forbidden { .. })
    }

    /// What became of the step that got this reply.
    #[must_use]
    pub fn outcome(&self) -> FlushOutcome {
        match self {
            Self::Queued { message } => FlushOutcome::Sent { reply: message.clone() },
            Self::Garbage { .. } => FlushOutcome::Unclear { reason: self.to_string() },
            _ => FlushOutcome::Refused { reason: self.to_string() },
        }
    }
}

impl KnownRefusal {
    /// What it means for the person who asked.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::NoDomain => "the name did not arrive",
            Self::UnsupportedType => "this type cannot be flushed",
            Self::NotBelowTld => "only names below a top-level domain can be flushed",
            Self::Wildcard => "a wildcard cannot be flushed, only each name below it",
        }
    }
}

impl fmt::Display for RetryAfter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Span(span) => write!(f, "in {}", in_words(*span)),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for FlushReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queued { message } => write!(f, "the operator says: {message}"),
            Self::Refused { known: Some(known), message, .. } => {
                write!(f, "{}; the operator says: {message}", known.meaning())
            }
            Self::Refused { known: None, status, message } => {
                write!(f, "the operator says: {message} (HTTP {status})")
            }
            Self::RateLimited { retry_after: Some(when) } => {
                write!(f, "too many requests (HTTP 429), again allowed: {when}")
            }
            Self::RateLimited { retry_after: None } => f.write_str("too many requests (HTTP 429)"),
            Self::Forbidden { message: Some(message) } => {
                write!(f, "forbidden (HTTP 403); the operator says: {message}")
            }
            Self::Forbidden { message: None } => f.write_str("forbidden (HTTP 403)"),
            Self::Redirected { status } => write!(f, "redirected elsewhere (HTTP {status}), which is not followed"),
            Self::Failed { status } => write!(f, "the operator's server answered HTTP {status} without a message"),
            Self::Garbage { status, reason } => write!(f, "{reason} (HTTP {status})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUED: &[u8] =
        br#"{"msg":"purge request queued. Please wait a few seconds and verify the request was successful"}"#;

    #[test]
    fn only_200_with_the_word_queued_counts_as_sent() {
        let reply = "purge request queued. Please wait a few seconds and verify the request was successful".to_owned();
        assert_eq!(judge_reply(200, None, QUEUED).outcome(), FlushOutcome::Sent { reply });
        let long = format!("{{\"msg\":\"queued {}\"}}", "x".repeat(5000));
        let FlushOutcome::Sent { reply } = judge_reply(200, None, long.as_bytes()).outcome() else { panic!("queued") };
        assert_eq!(reply.len(), LONGEST_MESSAGE);
        for (status, body) in [(200, br#"{"msg":"ok"}"#.as_slice()), (202, QUEUED), (400, QUEUED), (500, QUEUED)] {
            let outcome = judge_reply(status, None, body).outcome();
            assert_eq!(outcome.word(), "refused", "{status} {outcome}");
        }
    }

    #[test]
    fn known_refusals_are_recognised_under_any_status() {
        for (text, known) in [
            (r#"parameter \"domain\" is required"#, KnownRefusal::NoDomain),
            ("unsupported RRType", KnownRefusal::UnsupportedType),
            ("refreshed domain must be below a top level domain", KnownRefusal::NotBelowTld),
            ("wildcard purge is not supported", KnownRefusal::Wildcard),
        ] {
            for status in [200, 400, 422] {
                let reply = judge_reply(status, None, format!("{{\"msg\":\"{text}\"}}").as_bytes());
                assert!(matches!(reply, FlushReply::Refused { known: Some(k), .. } if k == known), "{reply}");
                assert!(reply.to_string().contains(known.meaning()));
            }
        }
    }

    #[test]
    fn any_other_message_is_shown_as_it_stands_and_made_safe() {
        let reply = judge_reply(200, None, br#"{"msg":"come back\u001b[2J later"}"#);
        assert_eq!(reply.to_string(), "the operator says: come back\\u{1b}[2J later (HTTP 200)");
        assert!(!judge_reply(403, None, br#"{"msg":"\u202e"}"#).to_string().contains('\u{202e}'));
        assert!(!judge_reply(429, Some("\x1b"), b"").to_string().contains('\x1b'));
    }

    #[test]
    fn forbidden_and_too_many_forbid_more() {
        let limited = judge_reply(429, Some(" 120 "), b"<html>");
        assert!(limited.forbids_more());
        assert_eq!(limited.to_string(), "too many requests (HTTP 429), again allowed: in 2 min");
        let date = "Sun, 22 Nov 2026 13:00:00 GMT";
        let dated = judge_reply(429, Some(date), b"");
        assert_eq!(dated, FlushReply::RateLimited { retry_after: Some(RetryAfter::Text(date.to_owned())) });
        let endless = judge_reply(429, Some("18446744073709551615"), b"");
        assert!(
            matches!(endless, FlushReply::RateLimited { retry_after: Some(RetryAfter::Span(s)) } if s.as_secs() == 86_400)
        );
        assert!(judge_reply(403, None, QUEUED).forbids_more());
        assert!(!judge_reply(500, None, b"").forbids_more());
    }

    #[test]
    fn what_cannot_be_read_is_unclear_with_success_and_refused_without() {
        let deep = [b"[".repeat(40_000), b"]".repeat(40_000)].concat();
        for body in [b"".as_slice(), b"<html>queued</html>", b"\xff\xfe", b"{}", b"[1]", br#"{"msg":5}"#, &deep] {
            assert_eq!(judge_reply(200, None, body).outcome().word(), "unclear");
            assert_eq!(judge_reply(500, None, body).outcome().word(), "refused");
            assert_eq!(judge_reply(302, None, body).outcome().word(), "refused");
        }
    }

    #[test]
    fn no_words_claim_that_a_cache_has_forgotten() {
        let reason = String::new();
        for outcome in [
            FlushOutcome::DoneByHand,
            judge_reply(200, None, QUEUED).outcome(),
            FlushOutcome::NotSent { reason: reason.clone() },
            FlushOutcome::Unclear { reason },
        ] {
            assert!(!outcome.to_string().contains("flushed") && !outcome.to_string().contains("gone"));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_reply_is_judged_and_safe_to_show(status: u16, field: Option<String>, body: Vec<u8>) {
            let reply = judge_reply(status, field.as_deref(), &body);
            proptest::prop_assert!(reply.to_string().chars().all(shown::is_plain));
        }
    }
}
