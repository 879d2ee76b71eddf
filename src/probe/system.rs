//! Which resolvers this machine is configured to use.

use std::net::SocketAddr;

use hickory_resolver::system_conf::read_system_conf;

/// The resolvers this machine is configured to use, in its order, each once. Asks nothing.
///
/// # Errors
/// The configuration cannot be read; the reason, in the system's words.
pub fn system_resolvers() -> Result<Vec<SocketAddr>, String> {
    let (config, _) = read_system_conf().map_err(|e| e.to_string())?;
    let mut addresses = Vec::new();
    for server in config.name_servers() {
        let port = server.connections.first().map_or(53, |c| c.port);
        let address = SocketAddr::new(server.ip, port);
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}
