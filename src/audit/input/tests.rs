//! Lists as people write them, right and wrong.

use super::*;

fn zones(portfolio: &Portfolio) -> Vec<String> {
    portfolio.entries.iter().map(|entry| entry.zone.without_dot()).collect()
}

fn faults(portfolio: &Portfolio) -> Vec<(usize, &str)> {
    portfolio.faults.iter().map(|fault| (fault.line, fault.reason.as_str())).collect()
}

#[test]
fn one_zone_a_line_with_comments() {
    let text =
        "\u{feff}# ours\nbrevo.com\n\n  Bücher.example  # the shop\r\nxn--bcher-kva.example\na..b\nx.com y.com\n.\n";
    let read = read(text, Format::of("-", text));
    assert_eq!(zones(&read), ["brevo.com", "xn--bcher-kva.example"]);
    assert_eq!(read.duplicates.len(), 1);
    assert_eq!((read.duplicates[0].line, read.duplicates[0].first), (5, 4), "both forms are one name");
    assert_eq!(faults(&read).iter().map(|f| f.0).collect::<Vec<_>>(), [6, 7, 8]);
    assert!(faults(&read)[0].1.contains("empty label"), "{:?}", read.faults);
    assert_eq!(read.entries[0].hosts, ["www.brevo.com".parse().unwrap()]);
}

#[test]
fn a_table_with_headings_in_any_order() {
    let text = "owner,Domain,NS,status,hosts\nann,shop.example,\"ns1.a.example, ns2.a.example\",status.b.example,www|api\n\
                bob,,x,,\nbob,two.example,,,,too many\n";
    let read = read(text, Format::of("list.CSV", ""));
    assert_eq!(zones(&read), ["shop.example"]);
    let entry = &read.entries[0];
    assert_eq!((entry.expect.as_ref().unwrap().len(), entry.line), (2, 2));
    assert_eq!(entry.status, Some("status.b.example".parse().unwrap()));
    assert_eq!(entry.hosts.len(), 2);
    assert_eq!(read.notes, ["columns that mean nothing here: owner"]);
    assert_eq!(faults(&read), [(3, "no zone in this line"), (4, "more fields than the 5 columns there are")]);
}

#[test]
fn a_table_without_headings_and_with_other_signs() {
    let text =
        "# a comment\nshop.example;ns1.a.example ns2.a.example;status.b.example;spare.example\n\nother.example\n";
    let read = read(text, Format::of("-", text));
    assert_eq!(zones(&read), ["shop.example", "other.example"]);
    assert_eq!(read.entries[0].failover, Some("spare.example".parse().unwrap()));
    assert_eq!(read.entries[1].line, 4);
    let tabs = super::read("zone\texpect\nshop.example\tns1.a.example\n", Format::Csv);
    assert_eq!((zones(&tabs).len(), tabs.entries[0].expect.is_some()), (1, true));
}

const PROFILE: &str = r#"
zones = ["plain.example", "bad..example"]

[audit]
expect = ["ns1.a.example", "ns2.b.example"]
hosts = ["www", "api"]
status = "status.vendor.example"
failover = "spare.example"

[[zone]]
name = "shop.example"
product = "app"
expect = ["ns1.c.example"]

[[zone]]
name = "spare.example"
status = ""

[[zone]]
name = "typo.example"
expct = []

[[zone]]
expect = ["ns1.c.example"]

[[zone]]
name = "out.example"
hosts = ["www.other.example."]
"#;

#[test]
fn a_profile_with_what_holds_for_all() {
    let read = read(PROFILE, Format::of("zones.toml", PROFILE));
    assert_eq!(zones(&read), ["plain.example", "shop.example", "spare.example"]);
    let [plain, shop, spare] = read.entries.as_slice() else { panic!("{read:?}") };
    assert_eq!((plain.expect.as_ref().unwrap().len(), plain.hosts.len()), (2, 2));
    assert_eq!(
        (shop.expect.as_ref().unwrap().len(), shop.product.as_ref()),
        (1, Some(&"app.shop.example".parse().unwrap()))
    );
    assert_eq!(shop.failover, Some("spare.example".parse().unwrap()));
    assert_eq!((spare.status.as_ref(), spare.failover.as_ref()), (None, None));
    let said = faults(&read);
    assert_eq!(said.iter().map(|f| f.0).collect::<Vec<_>>(), [2, 19, 23, 26], "{said:?}");
    assert!(
        said[1].1.contains("expct") && said[2].1.contains("name") && said[3].1.contains("does not lie in"),
        "{said:?}"
    );
}

#[test]
fn a_profile_that_is_no_toml_says_its_line() {
    let read = read("[audit]\n[[zone]]\nname = shop.example\n", Format::Toml);
    assert_eq!((read.entries.len(), faults(&read)[0].0), (0, 3));
    let unknown = super::read("[audt]\n", Format::Toml);
    assert!(faults(&unknown)[0].1.contains("audt"));
}

#[test]
fn a_list_of_any_size_is_bounded() {
    let text: String = (0..MOST_ZONES + 5).map(|n| format!("z{n}.example\n")).collect();
    let read = read(&text, Format::Lines);
    assert_eq!((read.entries.len(), read.faults.len()), (MOST_ZONES, 1));
    let long = "x".repeat(LONGEST_LINE + 1);
    assert_eq!(faults(&super::read(&long, Format::Lines)), [(1, "the line is longer than 8192 octets")]);
}

#[test]
fn nothing_hostile_is_repeated() {
    for format in [Format::Toml, Format::Csv, Format::Lines] {
        let read = read("a\u{1b}[2J.com,\u{202e}x\n\"", format);
        assert!(!read.faults.is_empty(), "{format:?}");
        for fault in &read.faults {
            assert!(fault.reason.chars().all(|c| shown::is_plain(c) || c == ' '), "{:?}", fault.reason);
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(text: String) {
        for format in [Format::Toml, Format::Csv, Format::Lines] {
            let _ = read(&text, format);
        }
    }
}
