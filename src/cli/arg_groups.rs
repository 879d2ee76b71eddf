//! Groups of arguments that several commands take, each said once.

use std::path::PathBuf;

use clap::Args;

use crate::probe::Families;

/// Which resolvers are asked.
#[derive(Debug, Clone, Default, Args)]
pub struct ResolverArgs {
    /// Ask the resolvers of this file instead of the built-in list (with --add: as well)
    #[arg(long, value_name = "FILE", env = "UNPARK_RESOLVERS", hide_env_values = true)]
    pub resolvers: Option<PathBuf>,
    /// Ask this resolver and no other (with --add: as well); repeatable
    #[arg(
        long = "resolver",
        value_name = "ADDR[:PORT]",
        env = "UNPARK_RESOLVER",
        hide_env_values = true,
        value_delimiter = ','
    )]
    pub resolver: Vec<String>,
    /// Add the given resolvers to the built-in list instead of replacing it
    #[arg(long)]
    pub add: bool,
    /// Leave out the resolvers this machine is configured to use
    #[arg(long)]
    pub no_system_resolvers: bool,
}

/// Over which address families is asked.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct FamilyArgs {
    /// Ask over IPv4 only
    #[arg(short = '4', conflicts_with = "ipv6_only")]
    pub ipv4_only: bool,
    /// Ask over IPv6 only
    #[arg(short = '6')]
    pub ipv6_only: bool,
}

impl FamilyArgs {
    /// What is asked over: without either flag, what this machine has.
    pub fn families(self) -> Families {
        match (self.ipv4_only, self.ipv6_only) {
            (true, _) => Families { ipv4: true, ipv6: false },
            (_, true) => Families { ipv4: false, ipv6: true },
            _ => Families::of_this_machine(),
        }
    }
}

/// Where registries are asked.
#[derive(Debug, Clone, Default, Args)]
pub struct RegistryArgs {
    /// RDAP servers by top-level domain, instead of the built-in table: a file of its form, or IANA's dns.json
    #[arg(long, value_name = "FILE", env = "UNPARK_RDAP_TABLE", hide_env_values = true)]
    pub rdap_table: Option<PathBuf>,
    /// Ask this WHOIS server where there is no RDAP, instead of the one IANA names
    #[arg(long, value_name = "HOST:PORT", env = "UNPARK_WHOIS_SERVER", hide_env_values = true)]
    pub whois_server: Option<String>,
}
