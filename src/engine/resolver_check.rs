//! Asks every resolver, off any zone, whether it answers from here and what it can do. Says what came; decides nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt as _, StreamExt as _};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::catalog::Neutral;
use crate::dns::{Name, Rcode, RecordType};
use crate::incident::{CheckedResolver, Reach, ResolverCheck, ResolverTarget};
use crate::judge::{Calibration, NoRecursion};
use crate::observation::{Observation, Purpose, Query, Role, TargetId, Transport};
use crate::probe::Prober;
use crate::schedule::identity_questions;
use crate::time::ReadClock;

/// How many resolvers are asked at once.
const AT_ONCE: usize = 64;
/// Between two questions to one resolver, after the first ones.
const PAUSE: Duration = Duration::from_millis(200);

/// Asks them all, at most `rate` questions a second, and tells `progress` how many are done.
pub async fn check_resolvers(
    prober: Arc<Prober>,
    clock: Arc<dyn ReadClock>,
    targets: Vec<ResolverTarget>,
    neutral: &Neutral,
    rate: f64,
    progress: impl Fn(usize),
) -> ResolverCheck {
    let started = clock.now();
    let asking =
        Asking { prober, neutral, turn: Mutex::new(Instant::now()), gap: Duration::from_secs_f64(1.0 / rate.max(1.0)) };
    // Where every resolver is on this machine, nothing that leaves it could be intercepted.
    let afar = targets.iter().any(|target| !target.address.ip().is_loopback());
    let nobodies: &[SocketAddr] = if afar { &neutral.nobody } else { &[] };
    let listening = async {
        let asked = nobodies.iter().map(|address| asking.nobody(*address));
        let heard = futures::future::join_all(asked).await;
        nobodies.iter().zip(heard).filter(|(_, heard)| *heard).map(|(address, _)| *address).collect::<Vec<_>>()
    };
    let checking = async {
        let mut done = 0;
        let mut checked: Vec<(usize, CheckedResolver)> = futures::stream::iter(targets.into_iter().enumerate())
            .map(|(at, target)| asking.check(target).map(move |checked| (at, checked)))
            .buffer_unordered(AT_ONCE)
            .inspect(|_| {
                done += 1;
                progress(done);
            })
            .collect()
            .await;
        checked.sort_by_key(|(at, _)| *at);
        checked.into_iter().map(|(_, resolver)| resolver).collect()
    };
    let (intercepted, resolvers) = futures::future::join(listening, checking).await;
    ResolverCheck { started, finished: clock.now(), resolvers, nobodies: nobodies.len(), intercepted }
}

struct Asking<'a> {
    prober: Arc<Prober>,
    neutral: &'a Neutral,
    /// When the next question may leave.
    turn: Mutex<Instant>,
    gap: Duration,
}

impl Asking<'_> {
    async fn ask(&self, query: &Query) -> Observation {
        let at = {
            let mut turn = self.turn.lock().await;
            let at = (*turn).max(Instant::now());
            *turn = at + self.gap;
            at
        };
        tokio::time::sleep_until(at).await;
        self.prober.ask(query).await
    }

    async fn nobody(&self, address: SocketAddr) -> bool {
        let target = TargetId::new(Role::Nobody, address);
        let query = Query::new(target, Name::root(), RecordType::NS, Purpose::Interception).recursive();
        self.ask(&query).await.was_heard()
    }

    async fn check(&self, target: ResolverTarget) -> CheckedResolver {
        let id = TargetId::new(Role::Resolver, target.address);
        let (name, rtype) = self.neutral.steady.clone().unwrap_or((Name::root(), RecordType::NS));
        let steady = Query::new(id, name, rtype, Purpose::SteadyName).recursive();
        let over_tcp = Query { transport: Transport::Tcp, ..steady.clone() };
        let (by_udp, by_tcp) = futures::future::join(self.ask(&steady), self.ask(&over_tcp)).await;
        let mut calibration = Calibration::default();
        calibration.learn(&by_udp);
        calibration.learn(&by_tcp);
        if by_udp.was_heard() || by_tcp.was_heard() {
            self.calibrate(&target, id, &mut calibration).await;
        }
        CheckedResolver { udp: Reach::of(&by_udp), tcp: Reach::of(&by_tcp), target, calibration }
    }

    async fn calibrate(&self, target: &ResolverTarget, id: TargetId, calibration: &mut Calibration) {
        let about = |(name, rtype): &(Name, RecordType), purpose| Query::new(id, name.clone(), *rtype, purpose);
        let mut learn = async |query: Query| {
            tokio::time::sleep(PAUSE).await;
            let observation = self.ask(&query).await;
            calibration.learn(&observation);
            (observation, calibration.clone())
        };
        let mut known = Calibration::default();
        if let Some(zone) = &self.neutral.unasked_zone {
            let query = Query::new(id, zone.clone(), RecordType::TXT, Purpose::UnaskedName);
            known = learn(query).await.1;
        }
        if let Some(steady) = &self.neutral.steady
            && known.unasked_told
            && known.no_recursion() == NoRecursion::Unknown
        {
            learn(about(steady, Purpose::SteadyName)).await;
        }
        if let Some(long) = &self.neutral.long_lived {
            learn(about(long, Purpose::LongLivedName).recursive()).await;
        }
        if let Some(bogus) = &self.neutral.bogus {
            let checked = about(bogus, Purpose::BogusName).recursive();
            let failed = learn(checked.clone()).await.0.response().is_some_and(|r| r.rcode == Rcode::SERVFAIL);
            if failed {
                learn(Query { cd: true, ..checked }).await;
            }
        }
        for query in identity_questions(id, self.neutral.identity_of(&target.operator)) {
            if learn(query).await.1.identity.is_some() {
                break;
            }
        }
    }
}
