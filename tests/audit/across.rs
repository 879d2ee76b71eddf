//! What only shows across zones, and how all of it looks.

use unpark::audit::{Aspect, Condition, Row, Sharing, failing};
use unpark::dns::Name;
use unpark::view::lines::{self, Look};
use unpark::view::{json, portfolio};

use crate::sample::{audit, name};

fn codes(zone: &str) -> Vec<&'static str> {
    let audit = audit();
    let row = audit.rows.iter().find(|row| row.entry.zone == name(zone)).unwrap();
    row.issues.iter().map(|issue| issue.code).collect()
}

#[test]
fn each_zone_gets_what_is_wrong_with_it_and_nothing_else() {
    assert_eq!(
        codes("shop.com"),
        ["DEPENDS_ON_TROUBLED", "STATUS_PAGE_SHARES", "FAILOVER_NOT_READY", "FAILOVER_SHARES"]
    );
    assert_eq!(codes("mail-service.com"), ["EXPIRY_NEAR"]);
    assert_eq!(codes("bücher.de"), ["DS_WITHOUT_KEY"]);
    assert_eq!(codes("old-campaign.com"), ["DELEGATION_PARKED", "EXPIRED", "NO_TRANSFER_LOCK"]);
    assert_eq!(codes("alpha-dns.com"), ["ONE_ADDRESS_BLOCK", "NO_TRANSFER_LOCK"]);
    assert_eq!(codes("unreached.org"), Vec::<&str>::new());
    assert_eq!(codes("fine.com"), Vec::<&str>::new());
}

#[test]
fn the_order_is_that_of_risk() {
    let audit = audit();
    let order: Vec<String> = audit.rows.iter().map(Row::zone_in_words).collect();
    assert_eq!(
        order,
        [
            "old-campaign.com",
            "bücher.de (xn--bcher-kva.de)",
            "mail-service.com",
            "alpha-dns.com",
            "shop.com",
            "unreached.org",
            "fine.com"
        ]
    );
    assert_eq!(
        audit.headline(),
        "Of 7 zones, 2 are in critical trouble, 3 need attention, 1 could not be told; nothing wrong was found with the other one."
    );
}

#[test]
fn what_hangs_on_what_and_what_nobody_watches() {
    let audit = audit();
    let said: Vec<String> = audit
        .dependencies
        .iter()
        .map(|d| format!("{} {} {}", d.domain.without_dot(), d.listed, d.dependents_in_words()))
        .collect();
    assert_eq!(
        said,
        [
            "mail-service.com true 1 zone (MX)",
            "alpha-dns.com true 4 zones (NS)",
            "beta-dns.net false 4 zones (NS)",
            "pendingrenewaldeletion.com false 1 zone (NS)",
            "cdn-host.net false 1 zone (CNAME)",
        ]
    );
    assert!(audit.dependencies[0].trouble.as_ref().unwrap().contains("expires on 2026-12-01"));
}

#[test]
fn a_status_page_is_held_against_its_product() {
    let audit = audit();
    let of = |zone: &str| audit.status_pages.iter().find(|page| page.zone == name(zone)).unwrap();
    let shared: Vec<Aspect> =
        of("shop.com").aspects.iter().filter(|(_, s)| matches!(s, Sharing::Shared(_))).map(|(a, _)| *a).collect();
    assert_eq!(shared, [Aspect::Domain, Aspect::Registrar, Aspect::DnsProvider, Aspect::AliasTarget]);
    assert!(of("mail-service.com").aspects.iter().all(|(_, sharing)| *sharing == Sharing::Apart));
}

#[test]
fn a_failover_domain_is_ready_or_not() {
    let audit = audit();
    let of = |zone: &str| audit.failovers.iter().find(|f| f.comparison.zone == name(zone)).unwrap();
    assert_eq!(of("shop.com").obstacles, ["The registration expires on 2026-11-25 (2 days from now)."]);
    assert_eq!((of("mail-service.com").obstacles.len(), of("mail-service.com").unknown.len()), (0, 0));
}

#[test]
fn conditions_name_the_zones_that_meet_them() {
    let audit = audit();
    let met = |condition: &str| -> Vec<String> {
        let met = failing(&audit, &[condition.parse::<Condition>().unwrap()]);
        met.iter().flat_map(|met| &met.zones).map(Name::without_dot).collect()
    };
    assert_eq!(met("expiry<30d"), ["old-campaign.com", "mail-service.com"]);
    assert_eq!(met("expiry<5d"), ["old-campaign.com"]);
    assert_eq!(met("delegation"), ["old-campaign.com"]);
    assert_eq!(met("dnssec"), ["xn--bcher-kva.de"]);
    assert_eq!(met("status"), ["shop.com"]);
    assert_eq!(met("failover"), ["shop.com"]);
    assert_eq!(met("unreachable"), ["unreached.org"]);
    assert_eq!(met("gap"), ["beta-dns.net", "pendingrenewaldeletion.com", "cdn-host.net"]);
    assert_eq!(met("REDEMPTION"), Vec::<String>::new());
}

#[test]
fn the_table_at_every_width() {
    let audit = audit();
    let failing = failing(&audit, &["critical".parse().unwrap(), "expiry<30d".parse().unwrap()]);
    for width in [40, 80, 120] {
        let text = lines::audit_text(&audit, &failing, Look::plain(width));
        insta::assert_snapshot!(format!("audit_{width}"), text);
        assert!(text.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= width), "{text}");
    }
    let verbose = lines::audit_text(&audit, &failing, Look { verbose: true, ..Look::plain(120) });
    insta::assert_snapshot!("audit_verbose", verbose);
    let quiet = lines::audit_text(&audit, &failing, Look { quiet: true, ..Look::plain(120) });
    insta::assert_snapshot!("audit_quiet", quiet);
}

#[test]
fn the_page_the_table_and_the_document() {
    let audit = audit();
    insta::assert_snapshot!("audit_page", portfolio::audit_page(&audit, "portfolio.toml"));
    insta::assert_snapshot!("audit_csv", portfolio::audit_csv(&audit));
    insta::assert_snapshot!(
        "audit_json",
        json::audit(&audit, "portfolio.toml", &[], audit.now, json::Work::default(), 1)
    );
}
