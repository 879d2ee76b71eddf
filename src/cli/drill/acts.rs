//! What a scenario has the operator of the tool do by itself: through the same guard, plan, sender and proof as by hand.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::catalog::FlushOperator;
use crate::cli::flush::{requests, send_steps};
use crate::drill::front::DrillClock;
use crate::drill::scenario::{Act, Deed};
use crate::engine::Command;
use crate::flush::{FlushPlan, SourceState, guard};
use crate::http::CloudflareSender;
use crate::incident::{FlushAct, FlushChoice, Incident};

/// Who does it.
const BY: &str = "drill";

/// Does everything in its time. Acts at operators without a flush do nothing.
pub async fn act(
    acts: Vec<Act>,
    clock: Arc<DrillClock>,
    news: watch::Receiver<Arc<Incident>>,
    commands: mpsc::Sender<Command>,
    sender: CloudflareSender,
) {
    for act in acts {
        clock.reach(act.at).await;
        let Some(operator) = FlushOperator::of_resolvers(&act.operator) else { continue };
        let choice = FlushChoice { operators: vec![operator], ..FlushChoice::usual() };
        if act.deed == Deed::ArmFlush {
            let armed = Command::FlushActed { by: BY.to_owned(), act: FlushAct::Armed(choice) };
            let _ = commands.send(armed).await;
            continue;
        }
        let incident = Arc::clone(&news.borrow());
        let against = guard(&SourceState::of(&incident)).err().unwrap_or_default();
        if against.is_empty() || act.deed == Deed::FlushEvenIfParked {
            let steps = requests(&FlushPlan::of(&incident, &choice));
            let against = against.iter().map(ToString::to_string).collect();
            send_steps(&sender, &steps, against, BY, &commands, |_, _| ()).await;
        }
    }
}
