//! Answers of a made-up registry and registrar, for the tests of this module.

use super::{Registration, read_rdap};

/// The answer of that name, as it came.
pub(super) fn body(name: &str) -> &'static str {
    match name {
        "healthy" => include_str!("../../tests/fixtures/rdap-healthy.json"),
        "autorenew-but-healthy" => include_str!("../../tests/fixtures/rdap-autorenew-but-healthy.json"),
        "renewed-restored" => include_str!("../../tests/fixtures/rdap-renewed-restored.json"),
        "expired-autorenew-parked" => include_str!("../../tests/fixtures/rdap-expired-autorenew-parked.json"),
        "expired-parked-status-active" => include_str!("../../tests/fixtures/rdap-expired-parked-status-active.json"),
        "registrar-expired" => include_str!("../../tests/fixtures/rdap-registrar-expired.json"),
        "clienthold" => include_str!("../../tests/fixtures/rdap-clienthold.json"),
        "redemption" => include_str!("../../tests/fixtures/rdap-redemption.json"),
        "pending-delete" => include_str!("../../tests/fixtures/rdap-pending-delete.json"),
        other => panic!("there is no answer '{other}'"),
    }
}

/// The answer of that name, read.
pub(super) fn fixture(name: &str) -> Registration {
    read_rdap(body(name)).unwrap()
}
