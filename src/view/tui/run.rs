//! The loop of the live screen: keys, news and seconds in; frames and wishes out. The only part that knows a clock.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::EventStream;
use futures::StreamExt as _;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use crate::incident::Incident;
use crate::time::{ReadClock, Timestamp};
use crate::view::model::Glance;
use crate::view::tui::terminal::{self, Screen};
use crate::view::tui::{App, Wish, draw};

/// At most 30 frames a second.
const FRAME: Duration = Duration::from_millis(33);

/// Shows an incident until the operator quits, `stop` ends, the news end, or the terminal goes away. The first frame is
/// drawn at once. However it ends, the terminal is given back.
///
/// `news` holds incidents that are settled. Wishes go to `wishes`; [`Wish::Quit`] is the last of them, and [`Wish::Copy`]
/// never gets there, since only this loop may write to the terminal. `app` is the screen it begins with.
///
/// # Errors
/// The terminal could not be set up, or could not be written to any more.
pub async fn run(
    news: watch::Receiver<Arc<Incident>>,
    wishes: mpsc::Sender<Wish>,
    clock: Arc<dyn ReadClock>,
    app: App,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    show(Live { news, clock }, wishes, app, stop).await
}

/// Where the screen has from what it shows: the present, or a journal.
pub(super) trait TellState {
    /// Waits for something new; says whether there can be any.
    fn changed(&mut self) -> impl Future<Output = bool>;

    /// What is so, settled, and the moment to show it at.
    fn look(&mut self, app: &mut App) -> (Arc<Incident>, Timestamp);
}

/// What is so now.
struct Live {
    news: watch::Receiver<Arc<Incident>>,
    clock: Arc<dyn ReadClock>,
}

impl TellState for Live {
    async fn changed(&mut self) -> bool {
        self.news.changed().await.is_ok()
    }

    fn look(&mut self, _: &mut App) -> (Arc<Incident>, Timestamp) {
        (self.news.borrow_and_update().clone(), self.clock.now())
    }
}

/// The loop of [`run`], whatever is told.
pub(super) async fn show(
    mut told: impl TellState,
    wishes: mpsc::Sender<Wish>,
    mut app: App,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut screen = Screen::enter()?;
    let (mut incident, now) = told.look(&mut app);
    let mut board = Glance::of(&incident, now);
    let mut keys = EventStream::new();
    let mut second = interval(Duration::from_secs(1));
    second.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut next_frame = Instant::now();
    let mut changed = true;
    #[cfg(unix)]
    let mut suspensions = terminal::suspensions()?;
    tokio::pin!(stop);
    loop {
        #[cfg(unix)]
        let suspended = async {
            if suspensions.recv().await.is_none() {
                std::future::pending::<()>().await;
            }
        };
        #[cfg(not(unix))]
        let suspended = std::future::pending::<()>();
        // The order is the priority: a flood of news delays neither the end nor a key.
        tokio::select! {
            biased;
            () = &mut stop => return Ok(()),
            () = suspended => {
                #[cfg(unix)]
                screen.suspend()?;
                changed = true;
            }
            event = keys.next() => {
                // No more input: the terminal is gone.
                let Some(event) = event.transpose()? else { return Ok(()) };
                changed = true;
                match app.update(&event, &incident, &board) {
                    Some(Wish::Copy(text)) => screen.copy(&text)?,
                    Some(Wish::Suspend) => {
                        #[cfg(unix)]
                        terminal::suspend_group()?;
                    }
                    Some(Wish::Quit) => {
                        // The one who listens may be gone or busy; the end of this loop says the same.
                        let _ = wishes.try_send(Wish::Quit);
                        return Ok(());
                    }
                    wish => {
                        if wish.is_some_and(|wish| wishes.try_send(wish).is_err()) {
                            app.note("not done: the engine is busy or gone; try again", board.now);
                        }
                    }
                }
            }
            () = sleep_until(next_frame), if changed => {
                let now;
                (incident, now) = told.look(&mut app);
                board = Glance::after(board, &incident, now);
                board.notices.extend(app.outside_notice());
                let size = screen.terminal.size()?;
                app.resize(size.width, size.height);
                app.refresh(&incident, &board);
                screen.terminal.draw(|frame| draw(frame, &app, &incident, &board))?;
                changed = false;
                next_frame = Instant::now() + FRAME;
            }
            _ = second.tick() => changed = true,
            heard = told.changed() => {
                if !heard {
                    return Ok(());
                }
                changed = true;
            }
        }
    }
}
