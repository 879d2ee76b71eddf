//! Walks through small worlds, in virtual time.

use std::sync::Mutex;
use std::time::Duration;

use super::super::simulated::{Fate, Simulated, World};
use super::*;
use crate::observation::{Outcome, Purpose, Role};

const BOTH: Families = Families { ipv4: true, ipv6: true };
const ROOTS: [&str; 2] = ["198.51.100.1:53", "198.51.100.2:53"];
const COM: [&str; 2] = ["192.0.2.10:53", "192.0.2.11:53"];
const ORG: [&str; 1] = ["192.0.2.20:53"];
const UK: [&str; 2] = ["192.0.2.30:53", "192.0.2.31:53"];

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// A root with com (two servers, one of them with IPv6), org and uk.
fn world() -> World {
    World::default()
        .zone(
            &ROOTS,
            ".",
            &[
                "com. NS a.gtld.com.",
                "com. NS b.gtld.com.",
                "a.gtld.com. A 192.0.2.10",
                "a.gtld.com. AAAA 2001:db8::10",
                "b.gtld.com. A 192.0.2.11",
                "org. NS a.nic.org.",
                "a.nic.org. A 192.0.2.20",
                "uk. NS ns1.nic.uk.",
                "uk. NS ns2.nic.uk.",
                "ns1.nic.uk. A 192.0.2.30",
                "ns2.nic.uk. A 192.0.2.31",
            ],
        )
        .zone(
            &COM,
            "com.",
            &[
                "example.com. NS ns1.example.com.",
                "example.com. NS ns.dns.org.",
                "ns1.example.com. A 192.0.2.101",
                "loop.com. NS ns.loop.org.",
            ],
        )
        .zone(
            &ORG,
            "org.",
            &[
                "dns.org. NS ns.dns.org.",
                "ns.dns.org. A 192.0.2.102",
                "example.org. NS ns.example.org.",
                "ns.example.org. A 192.0.2.103",
                "loop.org. NS ns.loop.com.",
            ],
        )
        .zone(&["192.0.2.102:53"], "dns.org.", &["dns.org. NS ns.dns.org.", "ns.dns.org. A 192.0.2.102"])
}

fn walker(network: &Arc<Simulated>, families: Families) -> Walker {
    let start = ROOTS.map(|root| ServerAddress { name: name("a.root."), address: address(root) });
    Walker::new(Arc::new(network.prober()), start.to_vec(), families)
}

/// The parent found, its addresses sorted as text, and the unresolved names.
fn summary(found: Result<ZoneCut, WalkError>) -> (String, Vec<String>, Vec<(String, String)>) {
    let cut = found.unwrap();
    let mut addresses: Vec<String> = cut.servers.iter().map(|s| s.address.to_string()).collect();
    addresses.sort();
    let unresolved = cut.unresolved.into_iter().map(|(name, why)| (name.to_string(), why)).collect();
    (cut.parent.to_string(), addresses, unresolved)
}

async fn find(network: &Arc<Simulated>, zone: &str) -> Result<ZoneCut, WalkError> {
    walker(network, BOTH).find_zone_cut(&name(zone), &|_| ()).await
}

fn found(parent: &str, addresses: &[&str]) -> (String, Vec<String>, Vec<(String, String)>) {
    (parent.to_owned(), addresses.iter().map(|a| (*a).to_owned()).collect(), vec![])
}

#[tokio::test(start_paused = true)]
async fn every_address_of_every_parent_server_is_found() {
    let network = world().build();
    let heard = Mutex::new(Vec::new());
    let cut = walker(&network, BOTH).find_zone_cut(&name("example.com."), &|o| heard.lock().unwrap().push(o)).await;
    assert_eq!(summary(cut), found("com.", &["192.0.2.10:53", "192.0.2.11:53", "[2001:db8::10]:53"]));
    let asked = [(address(ROOTS[0]), "com. NS".to_owned()), (address(ROOTS[1]), "com. NS".to_owned())];
    assert_eq!(network.questions(), asked, "the zone's own delegation is the caller's to ask");
    let heard = heard.into_inner().unwrap();
    assert_eq!(heard.len(), 2);
    assert!(heard.iter().all(|o| o.query.target.role == Role::Walk && o.query.purpose == Purpose::Walk && !o.query.rd));
}

#[tokio::test(start_paused = true)]
async fn families_that_are_not_asked_are_left_out_and_said() {
    let only_v4 = Families { ipv4: true, ipv6: false };
    let network = world().build();
    let cut = walker(&network, only_v4).find_zone_cut(&name("example.com."), &|_| ()).await;
    assert_eq!(summary(cut), found("com.", &["192.0.2.10:53", "192.0.2.11:53"]));
    let only_v6 = Families { ipv4: false, ipv6: true };
    let loopback = ServerAddress { name: name("a.root."), address: address("127.0.0.1:53") };
    let network = world().zone(&["127.0.0.1:53"], ".", &["com. NS b.gtld.com.", "b.gtld.com. A 192.0.2.11"]).build();
    let walker = Walker::new(Arc::new(network.prober()), vec![loopback], only_v6);
    let cut = walker.find_zone_cut(&name("example.com."), &|_| ()).await.unwrap();
    assert_eq!(cut.servers, []);
    assert!(cut.unresolved[0].1.contains("only IPv4"), "{:?}", cut.unresolved);
}

#[tokio::test(start_paused = true)]
async fn the_parent_of_a_zone_below_a_two_level_registry_is_found() {
    // The same servers for uk and co.uk: the cut shows as an authoritative answer, its addresses are known from above.
    let network = world()
        .zone(&UK, "uk.", &["co.uk. NS ns1.nic.uk.", "co.uk. NS ns2.nic.uk."])
        .zone(&UK, "co.uk.", &["co.uk. NS ns1.nic.uk.", "co.uk. NS ns2.nic.uk.", "example.co.uk. NS ns.elsewhere.org."])
        .build();
    assert_eq!(summary(find(&network, "example.co.uk.").await), found("co.uk.", &["192.0.2.30:53", "192.0.2.31:53"]));
    // Servers of its own for ac.uk, reached by referral; a label without a cut in between.
    let network = world()
        .zone(&UK, "uk.", &["ac.uk. NS ns.ac.uk.", "ns.ac.uk. A 192.0.2.40"])
        .zone(&["192.0.2.40:53"], "ac.uk.", &["ac.uk. NS ns.ac.uk.", "example.dept.ac.uk. NS ns.x."])
        .build();
    assert_eq!(summary(find(&network, "example.dept.ac.uk.").await), found("ac.uk.", &["192.0.2.40:53"]));
}

#[tokio::test(start_paused = true)]
async fn a_zone_cut_further_up_is_not_mistaken_for_the_parent() {
    let zone = ["example.org. NS ns.example.org.", "ns.example.org. A 192.0.2.103", "a.b.example.org. NS ns.x."];
    let network = world().zone(&["192.0.2.103:53"], "example.org.", &zone).build();
    assert_eq!(summary(find(&network, "a.b.example.org.").await), found("example.org.", &["192.0.2.103:53"]));
}

#[tokio::test(start_paused = true)]
async fn a_held_zone_has_a_parent_all_the_same() {
    let network = world().build();
    assert_eq!(summary(find(&network, "held.org.").await), found("org.", &["192.0.2.20:53"]));
    assert_eq!(summary(find(&network, "sub.held.org.").await), found("org.", &["192.0.2.20:53"]));
}

#[tokio::test(start_paused = true)]
async fn the_root_is_the_parent_of_a_tld_and_has_none_itself() {
    let network = world().build();
    assert_eq!(summary(find(&network, "com.").await), found(".", &["198.51.100.1:53", "198.51.100.2:53"]));
    assert_eq!(find(&network, ".").await, Err(WalkError::RootHasNoParent));
}

#[tokio::test(start_paused = true)]
async fn servers_without_glue_are_resolved_by_walks_of_their_own() {
    let network = world().zone(&["192.0.2.101:53"], "example.com.", &["example.com. NS ns1.example.com."]).build();
    let heard = Mutex::new(Vec::new());
    let walker = walker(&network, BOTH);
    let cut = walker.find_zone_cut(&name("sub.example.com."), &|o| heard.lock().unwrap().push(o.query.purpose)).await;
    assert_eq!(summary(cut), found("example.com.", &["192.0.2.101:53", "192.0.2.102:53"]));
    assert!(heard.lock().unwrap().contains(&Purpose::HostAddress));

    let packets = network.questions().len();
    walker.find_zone_cut(&name("sub.example.com."), &|_| ()).await.unwrap();
    assert_eq!(network.questions().len(), packets, "all remembered");
    walker.forget();
    walker.find_zone_cut(&name("sub.example.com."), &|_| ()).await.unwrap();
    assert_eq!(network.questions().len(), 2 * packets);
}

#[tokio::test(start_paused = true)]
async fn glue_for_hosts_outside_the_tellers_zone_is_not_believed() {
    let lying = ["example.com. NS ns.dns.org.", "ns.dns.org. A 203.0.113.66"];
    let network = World::default()
        .zone(
            &ROOTS,
            ".",
            &["com. NS a.gtld.com.", "a.gtld.com. A 192.0.2.12", "org. NS a.nic.org.", "a.nic.org. A 192.0.2.20"],
        )
        .zone(&["192.0.2.12:53"], "com.", &lying)
        .zone(&ORG, "org.", &["dns.org. NS ns.dns.org.", "ns.dns.org. A 192.0.2.102"])
        .zone(&["192.0.2.102:53"], "dns.org.", &["ns.dns.org. A 192.0.2.102"])
        .zone(&["192.0.2.102:53"], "example.com.", &[])
        .build();
    assert_eq!(summary(find(&network, "sub.example.com.").await), found("example.com.", &["192.0.2.102:53"]));
}

#[tokio::test(start_paused = true)]
async fn names_that_need_each_other_end_in_a_reason() {
    let network = world().build();
    // The parent is found, and that nobody can ask it is said.
    let (parent, addresses, unresolved) = summary(find(&network, "sub.loop.com.").await);
    assert_eq!((parent.as_str(), addresses.len()), ("loop.com.", 0));
    assert_eq!(unresolved[0].0, "ns.loop.org.");
    assert!(unresolved[0].1.ends_with("the address of ns.loop.org. depends on itself"), "{unresolved:?}");
    // Below it nothing can be found.
    let error = find(&network, "x.sub.loop.com.").await.unwrap_err();
    let WalkError::NoServerAddress { zone, reason } = error else { panic!("{error}") };
    assert_eq!((zone, reason.as_str()), (name("loop.com."), "the address of ns.loop.org. depends on itself"));
}

#[tokio::test(start_paused = true)]
async fn many_names_that_all_need_each_other_are_left_in_time() {
    // Forty servers without glue, each in a zone that the same forty serve: every path through them is another one.
    let servers: Vec<String> = (0..40).map(|at| format!("ns{at}.knot.org.")).collect();
    let lines: Vec<String> = servers.iter().map(|server| format!("knot.com. NS {server}")).collect();
    let knot: Vec<String> = (0..40).map(|at| format!("knot.org. NS ns{at}.knot.com.")).collect();
    let (lines, knot): (Vec<&str>, Vec<&str>) =
        (lines.iter().map(String::as_str).collect(), knot.iter().map(String::as_str).collect());
    let network = world().zone(&COM, "com.", &lines).zone(&ORG, "org.", &knot).build();
    let (parent, addresses, unresolved) = summary(find(&network, "sub.knot.com.").await);
    assert_eq!((parent.as_str(), addresses.len(), unresolved.len()), ("knot.com.", 0, 40));
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_never_holds_the_walk_back() {
    let mut world = world();
    world.silent = vec![address(ROOTS[0])];
    let network = world.build();
    let started = tokio::time::Instant::now();
    let cut = find(&network, "example.com.").await;
    assert_eq!(cut.unwrap().servers.len(), 3);
    assert!(started.elapsed() < Duration::from_millis(300), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn slow_servers_are_heard_while_the_walk_goes_on() {
    // All but the root answer slowly, so that the walk is still under way when the silent root server is given up.
    let network = {
        let mut inner = world().zone(&["192.0.2.103:53"], "example.org.", &["b.example.org. NS ns.x."]);
        inner.silent = vec![address(ROOTS[0])];
        let world = inner.build();
        Simulated::new(move |to, transport, message| match world.fate(to, transport, message) {
            Fate::Answered(_, answer) if !ROOTS.contains(&to.to_string().as_str()) => {
                Fate::Answered(Duration::from_millis(2_000), answer)
            }
            other => other,
        })
    };
    let heard = Mutex::new(Vec::new());
    let walker = walker(&network, BOTH);
    let zone = name("x.y.example.org.");
    walker.find_zone_cut(&zone, &|o| heard.lock().unwrap().push((o.query.target.address, o.outcome))).await.unwrap();
    assert!(heard.lock().unwrap().contains(&(address(ROOTS[0]), Outcome::NoResponse)));
}

#[tokio::test(start_paused = true)]
async fn an_unusual_port_is_inherited() {
    let start = vec![ServerAddress { name: name("a.root."), address: address("127.0.0.1:5300") }];
    let network = World::default()
        .zone(&["127.0.0.1:5300"], ".", &["test. NS ns.test.", "ns.test. A 127.0.0.2"])
        .zone(&["127.0.0.2:5300"], "test.", &["sub.test. NS ns.other.test.", "ns.other.test. A 127.0.0.3"])
        .zone(&["127.0.0.3:5300"], "sub.test.", &[])
        .build();
    let walker = Walker::new(Arc::new(network.prober()), start, Families { ipv4: false, ipv6: false });
    let cut = walker.find_zone_cut(&name("a.sub.test."), &|_| ()).await;
    assert_eq!(summary(cut), found("sub.test.", &["127.0.0.3:5300"]));
}

#[tokio::test(start_paused = true)]
async fn failures_say_whose_fault_they_are() {
    let mut unplugged = world();
    unplugged.unplugged = true;
    assert!(matches!(find(&unplugged.build(), "example.com.").await, Err(WalkError::NotSent(_))));

    let mut silent = world();
    silent.silent = ROOTS.map(address).to_vec();
    let nobody = Err(WalkError::NobodyAnswered { zone: Name::root() });
    assert_eq!(find(&silent.build(), "example.com.").await, nobody);

    let mut refusing = world();
    refusing.refusing = ORG.map(address).to_vec();
    let useless = Err(WalkError::NoUsableAnswer { zone: name("org.") });
    assert_eq!(find(&refusing.build(), "a.example.org.").await, useless);
}

#[tokio::test(start_paused = true)]
async fn referrals_upward_and_sideways_lead_nowhere() {
    for records in [["com. NS up.com."], ["other.com. NS side.com."], [". NS a.root."]] {
        // The only server of com refers to com itself, to a sister, to the root; each as a plain referral.
        let owner = records[0].split(' ').next().unwrap().to_owned();
        let world = world().build();
        let network = Simulated::new(move |to, transport, message| {
            if ROOTS.contains(&to.to_string().as_str()) {
                return world.fate(to, transport, message);
            }
            Fate::Answered(Duration::from_millis(1), super::super::simulated::referral(message, &owner))
        });
        let useless = Err(WalkError::NoUsableAnswer { zone: name("com.") });
        assert_eq!(find(&network, "sub.example.com.").await, useless, "{records:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_world_that_refers_on_and_on_is_left_in_time() {
    // Every server refers one label further down, to servers without an address under yet another endless name.
    let network = Simulated::new(|_, _, message| {
        Fate::Answered(Duration::from_millis(1), super::super::simulated::endless(message))
    });
    let end = find(&network, "a.b.c.d.example.com.").await;
    assert!(matches!(end, Err(WalkError::BudgetExceeded | WalkError::NoServerAddress { .. })), "{end:?}");
    assert!(network.questions().len() <= 3_000);
}

#[tokio::test(start_paused = true)]
async fn host_addresses_come_in_both_families_and_through_aliases() {
    let zone = [
        "www.dns.org. A 192.0.2.200",
        "www.dns.org. AAAA 2001:db8::200",
        "alias.dns.org. CNAME www.dns.org.",
        "away.dns.org. CNAME ns.example.org.",
        "circle.dns.org. CNAME circle.dns.org.",
        "empty.dns.org. CNAME six.dns.org.",
        "six.dns.org. AAAA 2001:db8::6",
    ];
    let network = world().zone(&["192.0.2.102:53"], "dns.org.", &zone).zone(
        &["192.0.2.103:53"],
        "example.org.",
        &["ns.example.org. A 192.0.2.103"],
    );
    // The later of two zones with one apex answers.
    let network = network.build();
    let walker = walker(&network, BOTH);
    let of = async |host: &str| walker.host_addresses(&name(host), &|_| ()).await;
    let both = Ok(vec![address("192.0.2.200:53"), address("[2001:db8::200]:53")]);
    assert_eq!(of("www.dns.org.").await, both);
    assert_eq!(of("alias.dns.org.").await, both);
    assert_eq!(of("away.dns.org.").await, Ok(vec![address("192.0.2.103:53")]));
    assert_eq!(of("six.dns.org.").await, Ok(vec![address("[2001:db8::6]:53")]));
    assert_eq!(of("empty.dns.org.").await, Ok(vec![address("[2001:db8::6]:53")]));
    assert_eq!(of("nothing.dns.org.").await, Ok(vec![]));
    assert!(of("circle.dns.org.").await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_walk_can_be_spawned() {
    let walker = Arc::new(walker(&world().build(), BOTH));
    let walking = tokio::spawn(async move {
        let heard = Mutex::new(0);
        let found = walker.find_zone_cut(&name("example.com."), &|_| *heard.lock().unwrap() += 1).await;
        let hosts = walker.host_addresses(&name("ns.dns.org."), &|_| *heard.lock().unwrap() += 1).await;
        (found.is_ok(), hosts, heard.into_inner().unwrap())
    });
    // Two root servers for the cut; for the host the same two, org, and dns.org twice (A, AAAA).
    assert_eq!(walking.await.unwrap(), (true, Ok(vec![address("192.0.2.102:53")]), 7));
}
