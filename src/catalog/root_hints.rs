//! The root servers, in the form of IANA's `named.cache` (a master file, RFC 1035 §5.1, of NS, A and AAAA only).
//!
//! Ours beyond that form: an address may carry a port, `127.0.0.1#5300`, for private roots and drills. Not
//! read: control entries (`$ORIGIN`, `$INCLUDE`) and entries over several lines; hints need neither.

use std::net::{IpAddr, SocketAddr};

use super::address::{DNS_PORT, check_address};
use super::document::check_length;
use super::{CatalogError, Place};
use crate::dns::{Name, shown};

/// IANA's file as shipped with the program.
const EMBEDDED: &str = include_str!("root.hints");
/// Most servers that are read.
const MOST_SERVERS: usize = 256;
/// Most addresses that are read, of all servers together.
const MOST_ADDRESSES: usize = 512;

/// The servers a walk down the tree begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootHints {
    /// The servers, in the file's order; at least one has an address.
    pub servers: Vec<RootServer>,
}

/// One name server of the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootServer {
    /// Its name.
    pub name: Name,
    /// Its addresses with their ports, in the file's order; none where the file gives none.
    pub addresses: Vec<SocketAddr>,
}

/// What one line says.
enum Entry {
    /// The root has this server.
    Server(Name),
    /// This server has this address.
    Address(Name, SocketAddr),
}

impl RootHints {
    /// IANA's hints as shipped with the program.
    #[must_use]
    pub fn embedded() -> Self {
        Self::parse(EMBEDDED, "root.hints").expect("the shipped hints are read by every run of the tests")
    }

    /// Reads hints. `file_name` is what errors call the text.
    ///
    /// # Errors
    /// The first fault with its line: an entry of another form or type, an address of a server that the root does
    /// not have; or, without a line, that there is no address at all.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, CatalogError> {
        check_length(text, file_name)?;
        let mut hints = Self { servers: Vec::new() };
        let mut addresses: Vec<(usize, Name, SocketAddr)> = Vec::new();
        let mut owner = None;
        for (index, line) in text.lines().enumerate() {
            let place = Place::Line(index + 1);
            let fail = |reason: String| CatalogError::new(file_name, place.clone(), reason);
            match read_line(line, &mut owner).map_err(fail)? {
                None => {}
                Some(Entry::Server(name)) => hints.add_server(name).map_err(fail)?,
                Some(Entry::Address(name, address)) => {
                    addresses.push((index + 1, name, address));
                    if addresses.len() > MOST_ADDRESSES {
                        return Err(fail(format!("over {MOST_ADDRESSES} addresses")));
                    }
                }
            }
        }
        // Addresses may stand before the NS entry they belong to, so they are dealt out at the end.
        for (line, name, address) in addresses {
            let server = hints.servers.iter_mut().find(|server| server.name == name).ok_or_else(|| {
                CatalogError::new(file_name, Place::Line(line), format!("{name} is no server of the root in this file"))
            })?;
            if !server.addresses.contains(&address) {
                server.addresses.push(address);
            }
        }
        if hints.addresses().next().is_none() {
            return Err(CatalogError::new(file_name, Place::Whole, "holds no address of a root server"));
        }
        Ok(hints)
    }

    /// All addresses, server by server.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.servers.iter().flat_map(|server| server.addresses.iter().copied())
    }

    /// Notes a server of the root, once.
    fn add_server(&mut self, name: Name) -> Result<(), String> {
        if self.servers.iter().any(|server| server.name == name) {
            return Ok(());
        }
        if self.servers.len() == MOST_SERVERS {
            return Err(format!("over {MOST_SERVERS} servers"));
        }
        self.servers.push(RootServer { name, addresses: Vec::new() });
        Ok(())
    }
}

/// Reads `[owner] [TTL] [IN] type rdata`; none for a line without an entry. `last_owner` is that of the line
/// before, which a line that begins with blank space repeats (RFC 1035 §5.1).
fn read_line(line: &str, last_owner: &mut Option<Name>) -> Result<Option<Entry>, String> {
    let content = line.split(';').next().unwrap_or_default();
    let repeats = content.starts_with([' ', '\t']);
    let mut words = content.split_ascii_whitespace().peekable();
    if words.peek().is_none() {
        return Ok(None);
    }
    if content.starts_with('$') {
        return Err("control entries ($…) are not read".to_owned());
    }
    if !repeats {
        let word = words.next().unwrap_or_default();
        *last_owner = Some(read_name(word)?);
    }
    let owner = last_owner.clone().ok_or("the first entry has no owner name")?;
    // RFC 1035 allows TTL and class in either order, each once.
    let (mut ttl, mut class) = (false, false);
    while let Some(word) = words.peek() {
        if !ttl && word.bytes().all(|b| b.is_ascii_digit()) {
            word.parse::<u32>().ok().filter(|t| i32::try_from(*t).is_ok()).ok_or("the TTL is over 2147483647")?;
            ttl = true;
        } else if !class && word.eq_ignore_ascii_case("IN") {
            class = true;
        } else {
            break;
        }
        words.next();
    }
    let word = words.next().ok_or("the entry has no type")?;
    let kind = word.to_ascii_uppercase();
    if !["NS", "A", "AAAA"].contains(&kind.as_str()) {
        return Err(format!("\"{}\" is not NS, A or AAAA", shown::text(word)));
    }
    let rdata = words.next().ok_or("the entry has no rdata")?;
    if let Some(extra) = words.next() {
        return Err(format!("\"{}\" follows the rdata", shown::text(extra)));
    }
    Ok(Some(match kind.as_str() {
        "A" => Entry::Address(owner, read_hint_address(rdata, IpAddr::is_ipv4)?),
        "AAAA" => Entry::Address(owner, read_hint_address(rdata, IpAddr::is_ipv6)?),
        _ if owner.is_root() => Entry::Server(read_name(rdata)?),
        _ => return Err(format!("{owner} is not the root, so its NS is no hint")),
    }))
}

/// Reads a name; absolute whether or not the final dot is there, since the origin is the root.
fn read_name(word: &str) -> Result<Name, String> {
    word.parse().map_err(|why| format!("\"{}\": {why}", shown::text(word)))
}

/// Reads `ADDRESS` or `ADDRESS#PORT` of the family that the type asks for.
fn read_hint_address(word: &str, of_family: fn(&IpAddr) -> bool) -> Result<SocketAddr, String> {
    let wrong = || format!("\"{}\" is no address of the entry's type", shown::text(word));
    let (ip, port) = match word.split_once('#') {
        None => (word, DNS_PORT),
        Some((ip, port)) => {
            let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
            let number = port.parse().ok().filter(|_| digits);
            (ip, number.ok_or_else(|| format!("\"{}\" is no port", shown::text(port)))?)
        }
    };
    let ip: IpAddr = ip.parse().ok().filter(of_family).ok_or_else(wrong)?;
    let address = SocketAddr::new(ip, port);
    check_address(address).map_err(|why| why.to_string())?;
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<RootHints, String> {
        RootHints::parse(text, "own.hints").map_err(|error| error.to_string())
    }

    fn addresses(hints: &RootHints) -> Vec<String> {
        hints.addresses().map(|address| address.to_string()).collect()
    }

    #[test]
    fn a_private_root_with_ports_is_read() {
        let hints = parse(
            "; a drill\n. 60 IN NS Root.Drill.\nroot.drill 60 IN A 127.0.0.1#5300 ; loopback\n\
             root.drill. IN 60 aaaa ::1#5300\n",
        )
        .unwrap();
        assert_eq!(hints.servers.len(), 1);
        assert_eq!(hints.servers[0].name.to_string(), "root.drill.");
        assert_eq!(addresses(&hints), ["127.0.0.1:5300", "[::1]:5300"]);
    }

    #[test]
    fn order_repeated_owners_and_doubled_entries_do_not_matter() {
        let hints =
            parse("a.x. A 192.0.2.1\r\n\tAAAA 2001:db8::1\r\n. NS a.x.\r\n\tNS b.x.\r\na.x. 5 A 192.0.2.1").unwrap();
        assert_eq!(addresses(&hints), ["192.0.2.1:53", "[2001:db8::1]:53"]);
        assert_eq!(hints.servers[1].addresses, []);
    }

    #[test]
    fn every_fault_is_named_with_file_line_and_reason() {
        for (line, reason) in [
            ("$TTL 5", "control entries"),
            (". NS", "no rdata"),
            (". 5", "no type"),
            (". 5 5 NS a.x.", "\"5\" is not NS, A or AAAA"),
            (". 99999999999 NS a.x.", "TTL"),
            (". MX a.x.", "\"MX\" is not NS, A or AAAA"),
            (". CH NS a.x.", "\"CH\" is not NS"),
            ("com. NS a.x.", "com. is not the root"),
            (". NS a..x.", "empty label"),
            (". NS a.x. b.x.", "\"b.x.\" follows the rdata"),
            ("a.x. A 2001:db8::1", "no address of the entry's type"),
            ("a.x. AAAA 192.0.2.1", "no address of the entry's type"),
            ("a.x. A 192.0.2.1#", "\"\" is no port"),
            ("a.x. A 192.0.2.1#+5", "\"+5\" is no port"),
            ("a.x. A 192.0.2.1#70000", "\"70000\" is no port"),
            ("a.x. A 192.0.2.1#0", "port 0"),
            ("a.x. A 0.0.0.0", "unspecified"),
            ("a.x. AAAA ff02::1", "multicast"),
            ("b.x. A 192.0.2.1", "b.x. is no server of the root in this file"),
            ("a.x. \u{1b}[m 192.0.2.1", "\"\\u{1b}[m\" is not NS"),
        ] {
            let said = parse(&format!(". NS a.x.\n{line}\n")).unwrap_err();
            assert!(said.starts_with("own.hints, line 2: "), "{line}: {said}");
            assert!(said.contains(reason), "{line}: {said}");
        }
        assert_eq!(parse("  NS a.x.").unwrap_err(), "own.hints, line 1: the first entry has no owner name");
        for text in ["", "; nothing\n", ". NS a.x.\n"] {
            assert_eq!(parse(text).unwrap_err(), "own.hints: holds no address of a root server");
        }
    }

    #[test]
    fn sizes_are_bounded() {
        let servers: String = (0..=MOST_SERVERS).map(|n| format!(". NS s{n}.x.\n")).collect();
        assert!(parse(&servers).unwrap_err().contains("over 256 servers"));
        let many: String = (0..=MOST_ADDRESSES).map(|n| format!("a.x. A 10.0.{}.{}\n", n / 250, n % 250)).collect();
        assert!(parse(&format!(". NS a.x.\n{many}")).unwrap_err().contains("over 512 addresses"));
    }
}
