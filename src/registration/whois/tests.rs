//! Answers in the habits of several registries, with made-up names.

use super::*;

fn zone(text: &str) -> Name {
    text.parse().unwrap()
}

fn found(text: &str, domain: &str) -> Registration {
    match read_whois(text, &zone(domain)) {
        WhoisAnswer::Found(read) => *read,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_form_of_gtlds() {
    let read = found(
        "   Domain Name: UNPARK-DEMO.EXAMPLE\r\n   Registrar WHOIS Server: whois.registrar.example\r\n\
         \x20  Registrar URL: http://www.registrar.example\r\n   Updated Date: 2026-10-06T06:31:12Z\r\n\
         \x20  Creation Date: 2019-10-03T14:22:05Z\r\n   Registry Expiry Date: 2027-10-03T14:22:05Z\r\n\
         \x20  Registrar Registration Expiration Date: 2026-10-03T14:22:05Z\r\n   Registrar: Example Registrar, Inc.\r\n\
         \x20  Registrar IANA ID: 9995\r\n   Registrar Abuse Contact Email: abuse@registrar.example\r\n\
         \x20  Registrar Abuse Contact Phone: +1.5555550100\r\n\
         \x20  Domain Status: clientTransferProhibited https://icann.org/epp#clientTransferProhibited\r\n\
         \x20  Domain Status: autoRenewPeriod https://icann.org/epp#autoRenewPeriod\r\n\
         \x20  Name Server: NS1.DNS-HOST.EXAMPLE\r\n   Name Server: NS2.DNS-HOST.EXAMPLE\r\n\
         \x20  DNSSEC: signedDelegation\r\n   DNSSEC DS Data: 31415 13 2 9F2C6B1E\r\n\
         >>> Last update of whois database: 2026-10-08T07:00:00Z <<<\r\n\
         NOTICE: The expiration date displayed in this record is the date the registrar's sponsorship expires.\r\n",
        "unpark-demo.example",
    );
    assert_eq!(read.registrar.name.as_deref(), Some("Example Registrar, Inc."));
    assert_eq!(read.registrar.iana_id.as_deref(), Some("9995"));
    assert_eq!(read.registrar.abuse.email.as_deref(), Some("abuse@registrar.example"));
    assert_eq!(read.statuses, [Status::ClientTransferProhibited, Status::AutoRenewPeriod]);
    assert_eq!(read.dates.expires.unwrap().to_string(), "2027-10-03");
    assert_eq!(read.dates.registrar_expires.unwrap().to_string(), "2026-10-03");
    assert_eq!(read.name_servers.unwrap().to_string(), "ns1.dns-host.example, ns2.dns-host.example");
    assert_eq!((read.signed, read.ds.len(), read.ds[0].key_tag), (Some(true), 1, 31_415));
}

#[test]
fn headings_with_lines_below_them() {
    let read = found(
        "% The WHOIS service offered by the registry\nDomain: unpark-demo.eu\nScript: LATIN\n\nRegistrant:\n        NOT \
         DISCLOSED!\n\nTechnical:\n        Organisation: Somebody else\n        Email: else@example.eu\n\nRegistrar:\n        \
         Name: Example Registrar\n        Website: https://registrar.example\n\nName servers:\n        ns1.dns-host.eu\n        \
         ns2.unpark-demo.eu (192.0.2.53)\n        ns3.unpark-demo.eu 2001:db8::53\n\nKeys:\n        flags:KSK\n",
        "unpark-demo.eu",
    );
    assert_eq!(read.registrar.name.as_deref(), Some("Example Registrar"));
    assert_eq!(read.registrar.url.as_deref(), Some("https://registrar.example"));
    assert_eq!(read.registrar.abuse.email, None);
    assert_eq!(read.name_servers.unwrap().to_string(), "ns1.dns-host.eu, ns2.unpark-demo.eu, ns3.unpark-demo.eu");
    assert_eq!((read.dates.expires, read.signed), (None, None), "not published is not known");
}

#[test]
fn other_habits() {
    let ru = found(
        "domain:        UNPARK-DEMO.RU\nnserver:       ns1.dns-host.ru.\nnserver:       ns2.unpark-demo.ru. 192.0.2.53\n\
         state:         REGISTERED, NOT DELEGATED, VERIFIED\nregistrar:     EXAMPLE-RU\ncreated:       2019-10-03T14:22:05Z\n\
         paid-till:     2026-10-03T21:00:00Z\nfree-date:     2026-11-04\n",
        "unpark-demo.ru",
    );
    assert!(ru.has(&Status::Inactive));
    assert_eq!(ru.dates.expires.unwrap().to_string(), "2026-10-03");
    assert_eq!(ru.name_servers.unwrap().len(), 2);

    let jp = found(
        "[ JPRS database provides information ]\n\nDomain Information:\n[Domain Name]                   UNPARK-DEMO.JP\n\n\
         [Name Server]                   ns1.dns-host.jp\n[Name Server]                   ns2.dns-host.jp\n[Created on]  \
         2019/10/03\n[Expires on]                    2026/10/31\n[Status]                        Active\n\
         [Last Updated]                  2026/10/06 01:05:02 (JST)\n",
        "unpark-demo.jp",
    );
    assert_eq!(jp.statuses, [Status::Active]);
    assert_eq!(jp.dates.expires.unwrap().to_string(), "2026-10-31");
    assert_eq!(jp.name_servers.unwrap().len(), 2);

    let fi = found(
        "domain.............: unpark-demo.fi\nstatus.............: Registered\ncreated............: 3.10.2019 14:22:05\n\
         expires............: 3.10.2027 14:22:05\n\nNameservers\n\nnserver............: ns1.dns-host.fi [OK]\n\
         dnssec.............: unsigned delegation\n\nRegistrar\n\nregistrar..........: Example Oy\n",
        "unpark-demo.fi",
    );
    assert_eq!((fi.signed, fi.registrar.name.as_deref()), (Some(false), Some("Example Oy")));
    assert_eq!(fi.dates.expires.unwrap().to_string(), "2027-10-03");
    assert_eq!(fi.statuses, [Status::Other("Registered".into())]);

    let it = found(
        "Domain:             unpark-demo.it\nStatus:             ok / autoRenewPeriod\nCreated:            2019-10-03 \
         14:22:05\nExpire Date:        2026-10-03\n\nRegistrar\n  Organization:     Example Srl\n\nNameservers\n  \
         ns1.dns-host.it\n",
        "unpark-demo.it",
    );
    assert_eq!(it.statuses, [Status::Active, Status::AutoRenewPeriod]);
    assert_eq!(it.registrar.name.as_deref(), Some("Example Srl"));
    assert_eq!(it.name_servers.unwrap().to_string(), "ns1.dns-host.it");
}

#[test]
fn what_cannot_be_parsed_is_kept_as_text() {
    let read = found("domain: x.example\nexpires: 03/10/27\u{1b}[2J\nstatus: DELEGADO\nregistrar: R\n", "x.example");
    assert_eq!(read.dates.expires.unwrap().written, "03/10/27\\u{1b}[2J");
    assert_eq!(read.statuses, [Status::Other("DELEGADO".into())]);
}

#[test]
fn no_registration_a_limit_and_nothing_known_are_told_apart() {
    let x = zone("x.example");
    for text in [
        "No match for \"X.EXAMPLE\".\r\n>>> Last update <<<\r\nThe registrar of record ...",
        "% nothing found\n",
        "Domain: x.example\nStatus: AVAILABLE\n",
        "domain \"x.example\" not found.\n",
        "No match!!\n",
    ] {
        assert_eq!(read_whois(text, &x), WhoisAnswer::NotFound, "{text}");
    }
    for text in ["% Quota exceeded\n", "Too many requests, please try again later. Not found\n"] {
        assert_eq!(read_whois(text, &x), WhoisAnswer::Limited, "{text}");
    }
    for text in ["", "hello\n", "\u{0}\u{1}", "domain: EXAMPLE\ncreated: 1985-01-01\nwhois: whois.nic.example\n"] {
        assert!(matches!(read_whois(text, &x), WhoisAnswer::Unreadable { .. }), "{text}");
    }
}

#[test]
fn referrals_name_a_host() {
    let iana = "% IANA WHOIS server\nrefer:        whois.eu\n\ndomain:       EU\nwhois:        whois.other.eu\n";
    assert_eq!(read_referral(iana), Some(Referral { host: "whois.eu".into(), port: None }));
    assert_eq!(read_referral("whois: 127.0.0.1:4343\n"), Some(Referral { host: "127.0.0.1".into(), port: Some(4343) }));
    for none in ["refer:\n", "refer: a b\n", "whois: x:99999\n", "Registrar WHOIS Server: whois.x\n", "refer: .\n"] {
        assert_eq!(read_referral(none), None, "{none}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(
        text: String,
        like in "((domain|nserver|status|expires|Name servers|registrar|\\[Status\\]|refer)[:.]{0,3} ?[a-z0-9:./ \n\t\u{1b}-]{0,30}\n){0,12}",
    ) {
        for text in [text, like] {
            let _ = (read_whois(&text, &zone("x.example")), read_referral(&text));
        }
    }
}
