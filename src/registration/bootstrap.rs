//! Reads IANA's own bootstrap file, `dns.json` (RFC 9224 §3), into the table of RDAP servers.

use serde_json::Value;

use crate::catalog::RdapTable;

/// Reads `dns.json`. A service of bad form is left out: one registry's mistake must not make the others unreachable.
///
/// # Errors
/// No JSON, or no service in it, in words.
pub fn read_bootstrap(text: &str) -> Result<RdapTable, String> {
    let file: Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let mut table = RdapTable::default();
    for service in file.get("services").and_then(Value::as_array).into_iter().flatten() {
        let strings = |at: usize| -> Vec<String> {
            let list = service.get(at).and_then(Value::as_array).into_iter().flatten();
            list.filter_map(|item| item.as_str().map(str::to_owned)).collect()
        };
        let urls = strings(1);
        for domain in strings(0) {
            // Singly, so that one bad name does not take its neighbours along.
            let _ = table.add(&[domain], &urls, true);
        }
    }
    if table.is_empty() { Err("holds no service of IANA's form".to_owned()) } else { Ok(table) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_iana_is_read() {
        let table = read_bootstrap(include_str!("../../tests/fixtures/rdap-bootstrap-dns.json")).unwrap();
        let urls = |domain: &str| table.find(&domain.parse().unwrap()).map(|(_, server)| server.urls.clone());
        assert_eq!(urls("a.test").unwrap(), ["https://rdap.registry.test/v1/", "http://rdap.registry.test/v1/"]);
        assert_eq!(urls("foo.xn--p1ai"), None);
        assert_eq!(urls("foo.ai").unwrap(), ["https://rdap.identitydigital.services/rdap/"]);
    }

    #[test]
    fn anything_else_is_refused_and_bad_services_are_left_out() {
        for bad in ["", "[]", "{}", r#"{"services":[[["a"]],[1,2],"x",[["a"],["ftp://x"]]]}"#] {
            assert!(read_bootstrap(bad).is_err(), "{bad}");
        }
        let mixed = r#"{"services":[[["a b","good"],["https://x.example/"]],[["good"],["https://y.example/"]]]}"#;
        assert_eq!(read_bootstrap(mixed).unwrap().len(), 1);
    }
}
