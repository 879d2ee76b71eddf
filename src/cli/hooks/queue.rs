//! A short queue in which the newest wins: what cannot be delivered in time is old news.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// So many changes wait at most.
const MOST: usize = 8;

/// Changes that wait for one worker.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: Mutex<Waiting>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    changes: VecDeque<String>,
    /// How many were pushed out since the worker last took one.
    dropped: u64,
    closed: bool,
}

impl Queue {
    /// Adds a change; the oldest that waits makes room.
    pub fn push(&self, change: String) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.changes.len() >= MOST {
            waiting.changes.pop_front();
            waiting.dropped += 1;
        }
        waiting.changes.push_back(change);
        drop(waiting);
        self.news.notify_one();
    }

    /// Nothing more will come.
    pub fn close(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.news.notify_one();
    }

    /// The oldest that waits, and how many were pushed out before it; none when the queue is closed and empty.
    pub async fn next(&self) -> Option<(String, u64)> {
        loop {
            {
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(change) = waiting.changes.pop_front() {
                    return Some((change, std::mem::take(&mut waiting.dropped)));
                }
                if waiting.closed {
                    return None;
                }
            }
            self.news.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_newest_win_and_what_was_pushed_out_is_counted() {
        let queue = Queue::default();
        (0..MOST + 3).for_each(|number| queue.push(number.to_string()));
        assert_eq!(queue.next().await, Some(("3".to_owned(), 3)));
        assert_eq!(queue.next().await, Some(("4".to_owned(), 0)));
        queue.close();
        for _ in 0..MOST - 2 {
            assert!(queue.next().await.is_some());
        }
        assert_eq!(queue.next().await, None);
    }
}
