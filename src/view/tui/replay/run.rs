//! Joins the loop of the screen to whoever tells a journal.

use std::future::Future;
use std::io;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::Told;
use crate::incident::Incident;
use crate::time::Timestamp;
use crate::view::tui::run::{TellState, show};
use crate::view::tui::{App, Wish};

/// Shows what is told of a journal until the operator quits, `stop` ends, nobody tells any more, or the terminal goes away.
///
/// Wishes go to `wishes`, as [`run`](crate::view::tui::run()) says; of those that act on something there are only
/// [`Wish::Replay`] and [`Wish::SaveReport`].
///
/// # Errors
/// The terminal could not be set up, or could not be written to any more.
pub async fn run_replay(
    told: watch::Receiver<Told>,
    wishes: mpsc::Sender<Wish>,
    app: App,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    show(FromJournal(told), wishes, app, stop).await
}

struct FromJournal(watch::Receiver<Told>);

impl TellState for FromJournal {
    async fn changed(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }

    fn look(&mut self, app: &mut App) -> (Arc<Incident>, Timestamp) {
        let told = self.0.borrow_and_update().clone();
        let state = (Arc::clone(&told.incident), told.at);
        app.follow(told);
        state
    }
}
