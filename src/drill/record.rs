//! What was true when, for the debrief: each parent server and each resolver, looked at again and again.
//!
//! Only a simulator can know this. Nothing that plays the operator may look here. Pure: `now` comes with the look.

use std::collections::BTreeMap;

use super::model::{Internet, Side};
use crate::dns::Name;
use crate::time::Timestamp;

/// The sides of one party over time: each change, oldest first.
pub type Course = Vec<(Timestamp, Side)>;

/// What was true when. As exact as the looks are often.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Which side each parent server delegates to.
    pub parents: BTreeMap<Name, Course>,
    /// Which side each resolver's caches use: the correct one only when all of them do.
    pub resolvers: BTreeMap<String, Course>,
}

impl Record {
    /// Notes how things stand.
    pub fn note(&mut self, net: &Internet, now: Timestamp) {
        let sides = net.sides();
        for (server, delegation) in net.world().delegations(&sides.zone) {
            let side = delegation.map_or(Side::Held, |d| sides.classify(&d.ns.iter().cloned().collect()));
            push(self.parents.entry(server.name.clone()).or_default(), now, side);
        }
        for service in net.services() {
            let Some(address) = service.addresses.first() else { continue };
            let caches = net.truth(now, *address).unwrap_or_default();
            let wrong = caches.iter().map(|cache| cache.side).find(|side| *side != Side::Correct);
            push(self.resolvers.entry(service.id.clone()).or_default(), now, wrong.unwrap_or(Side::Correct));
        }
    }
}

fn push(course: &mut Course, now: Timestamp, side: Side) {
    if course.last().is_none_or(|(_, last)| *last != side) {
        course.push((now, side));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::drill::scenario::Scenario;

    #[test]
    fn the_course_of_the_default_drill_is_seen() {
        let scenario = Scenario::built_in("brevo").unwrap().unwrap();
        let begin = Timestamp::from_secs(1_795_350_000);
        let mut net = scenario.stage.build(begin, scenario.seed);
        let mut record = Record::default();
        for second in 0..=scenario.lasts.as_secs() {
            let now = begin + Duration::from_secs(second);
            net.advance(now);
            record.note(&net, now);
        }
        let sides = |course: &Course| course.iter().map(|(_, side)| *side).collect::<Vec<_>>();
        assert_eq!(record.parents.len(), 13);
        let expected = [Side::Correct, Side::Parked, Side::Correct];
        assert!(record.parents.values().all(|course| sides(course) == expected));
        let turned = record.resolvers.values().filter(|c| sides(c).contains(&Side::Parked)).count();
        assert!(turned > 20, "{turned}");
        assert!(record.resolvers.values().all(|c| c.last().is_some_and(|(_, side)| *side == Side::Correct)));
    }
}
