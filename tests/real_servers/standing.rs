//! The world checked by the tests' own client: what the scenarios rely on, without the program under test.

use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;

use crate::ask::{Side, ask, fresh_name, rcode, side, text};
use crate::resolvers::Resolver;
use crate::wait::until;
use crate::world::World;
use crate::zones::{self, ZONE};

/// How long a resolver may need to find the restored servers once its cache is empty.
const PATIENCE: Duration = Duration::from_secs(20);

/// What each parent server says about the zone, in order: the side its delegation points to.
fn parent_sides() -> [Side; 2] {
    zones::PARENTS.map(|parent| side(ask(parent, ZONE, RecordType::NS, false).as_ref()))
}

fn parent_rcodes() -> [Option<ResponseCode>; 2] {
    zones::PARENTS.map(|parent| rcode(ask(parent, ZONE, RecordType::NS, false).as_ref()))
}

/// Each authoritative server answers as meant, and each state of the parent servers is what it is called.
pub fn check_authorities(world: &mut World) {
    let root = ask(zones::ROOT, ZONE, RecordType::NS, false).expect("the root answers");
    assert!(!root.metadata.authoritative && text(&root).contains("a.nic.infra."), "{root}");

    assert_eq!(parent_sides(), [Side::Parked; 2]);
    let referral = ask(zones::PARENTS[0], ZONE, RecordType::NS, false).expect("the parent answers");
    assert!(!referral.metadata.authoritative && referral.answers.is_empty(), "a referral: {referral}");
    assert!(referral.authorities.iter().all(|record| record.ttl == 3600), "the delegation's TTL: {referral}");
    for (servers, meant) in [(zones::PARKING, Side::Parked), (zones::CORRECT, Side::Correct)] {
        for server in servers {
            for (name, rtype) in [
                (ZONE.to_owned(), RecordType::NS),
                (ZONE.to_owned(), RecordType::A),
                (fresh_name(ZONE), RecordType::TXT),
            ] {
                let answer = ask(server, &name, rtype, false).expect("the authoritative server answers");
                assert!(answer.metadata.authoritative, "{server} {name} {rtype}: {answer}");
                assert_eq!(side(Some(&answer)), meant, "{server} {name} {rtype}: {answer}");
            }
        }
    }
    let wildcard = ask(zones::PARKING[0], &fresh_name(ZONE), RecordType::A, false);
    assert_eq!(rcode(wildcard.as_ref()), Some(ResponseCode::NoError), "every name exists in the parked zone");
    let missing = ask(zones::CORRECT[0], &fresh_name(ZONE), RecordType::A, false);
    assert_eq!(rcode(missing.as_ref()), Some(ResponseCode::NXDomain), "and only some in the correct one");

    world.restore_on(0);
    assert_eq!(parent_sides(), [Side::Correct, Side::Parked], "the second parent server lags");
    world.hold();
    assert_eq!(parent_rcodes(), [Some(ResponseCode::NXDomain); 2]);
    world.leave_ds();
    for parent in zones::PARENTS {
        let answer = ask(parent, ZONE, RecordType::DS, false).expect("the parent answers");
        assert!(answer.metadata.authoritative && text(&answer).contains(" DS 12345 "), "{answer}");
    }
    world.restore();
    assert_eq!(parent_sides(), [Side::Correct; 2]);
    let no_ds = ask(zones::PARENTS[0], ZONE, RecordType::DS, false).expect("the parent answers");
    assert!(no_ds.answers.is_empty(), "the DS is gone: {no_ds}");
    world.refuse(1);
    let [one, two] = zones::CORRECT.map(|server| rcode(ask(server, ZONE, RecordType::SOA, false).as_ref()));
    assert_eq!((one, two), (Some(ResponseCode::NoError), Some(ResponseCode::Refused)));
    world.park();
    assert_eq!(parent_sides(), [Side::Parked; 2]);
}

/// Primed while parked, each resolver stays parked after the restoration, until its cache is emptied.
pub fn check_resolvers(world: &mut World, resolvers: &[Resolver]) {
    for resolver in resolvers {
        resolver.prime(ZONE, Side::Parked);
    }
    world.restore();
    for resolver in resolvers {
        let kind = resolver.kind();
        assert_eq!(resolver.uses(ZONE), Side::Parked, "{kind:?} keeps the delegation it has cached");
        let address = resolver.ask(ZONE, RecordType::A);
        assert_eq!(side(address.as_ref()), Side::Parked, "{kind:?} keeps the address it has cached");
    }
    for (index, resolver) in resolvers.iter().enumerate() {
        resolver.empty_cache();
        until(&format!("{:?} finds the restored servers", resolver.kind()), PATIENCE, || {
            (resolver.uses(ZONE) == Side::Correct).then_some(())
        });
        let address = resolver.ask(ZONE, RecordType::A);
        assert_eq!(side(address.as_ref()), Side::Correct, "{:?} gives the right address", resolver.kind());
        for other in &resolvers[index + 1..] {
            assert_eq!(other.uses(ZONE), Side::Parked, "{:?} has a cache of its own", other.kind());
        }
    }
}
