//! Addresses of a Redis.

use crate::redis::link::LinkError;

/// Where a sentinel listens when its address does not say.
const SENTINEL_PORT: u16 = 26_379;

/// Where Redis is. Not printed: there may be a password in it.
pub(super) enum Address {
    /// One server, or whichever is the first of several behind one address.
    Single(String),
    /// Some servers of a cluster.
    Cluster(Vec<String>),
    /// Sentinels, which know where the first of several servers is.
    Sentinel(SentinelAddress),
}

/// Sentinels, and what they are asked for.
#[derive(Clone)]
pub(super) struct SentinelAddress {
    /// The address of each sentinel.
    pub(super) sentinels: Vec<String>,
    /// What the sentinels call the servers.
    pub(super) service: String,
    /// `redis` or `rediss`.
    scheme: &'static str,
    /// User and password of the servers with a sign behind them, or nothing.
    user: String,
    /// The database, or nothing.
    database: String,
}

impl SentinelAddress {
    /// The address of a server that a sentinel named.
    pub(super) fn server(&self, host: &str, port: u16) -> String {
        let Self { scheme, user, database, .. } = self;
        // An address of version 6 stands in brackets in a URL, and without them in a sentinel's answer.
        if host.contains(':') {
            format!("{scheme}://{user}[{host}]:{port}/{database}")
        } else {
            format!("{scheme}://{user}{host}:{port}/{database}")
        }
    }
}

impl Address {
    pub(super) fn parse(address: &str) -> Result<Self, LinkError> {
        let Some((scheme, rest)) = address.split_once("://") else {
            return Err(LinkError::Address("it has no scheme"));
        };
        match scheme {
            "redis" | "rediss" => Ok(Self::Single(address.to_owned())),
            "redis-cluster" => cluster("redis", rest),
            "rediss-cluster" => cluster("rediss", rest),
            "redis-sentinel" => sentinel("redis", rest),
            "rediss-sentinel" => sentinel("rediss", rest),
            _ => Err(LinkError::Address(
                "its scheme is none of redis, rediss, redis-cluster, rediss-cluster, redis-sentinel, rediss-sentinel",
            )),
        }
    }

    /// Whether the servers are talked to over TLS.
    pub(super) fn is_tls(&self) -> bool {
        match self {
            Self::Single(url) => url.starts_with("rediss:"),
            Self::Cluster(urls) => urls.iter().all(|url| url.starts_with("rediss:")),
            Self::Sentinel(address) => address.scheme == "rediss",
        }
    }
}

fn cluster(scheme: &str, rest: &str) -> Result<Address, LinkError> {
    let (user, hosts) = split_user(rest.trim_end_matches('/'));
    let hosts = split_hosts(hosts)?;
    Ok(Address::Cluster(hosts.iter().map(|host| format!("{scheme}://{user}{host}")).collect()))
}

fn sentinel(scheme: &'static str, rest: &str) -> Result<Address, LinkError> {
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (user, rest) = split_user(rest);
    let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (service, database) = path.trim_end_matches('/').split_once('/').unwrap_or((path.trim_end_matches('/'), ""));
    if service.is_empty() {
        return Err(LinkError::Address("the name that the sentinels know the servers by is missing behind the hosts"));
    }
    let own_user = sentinel_user(query)?;
    let with_port = |host: &&str| {
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        if has_port {
            format!("{scheme}://{own_user}{host}")
        } else {
            format!("{scheme}://{own_user}{host}:{SENTINEL_PORT}")
        }
    };
    Ok(Address::Sentinel(SentinelAddress {
        sentinels: split_hosts(hosts)?.iter().map(with_port).collect(),
        service: service.to_owned(),
        scheme,
        user: user.to_owned(),
        database: database.to_owned(),
    }))
}

/// Whom the sentinels take us for: they have users of their own.
fn sentinel_user(query: &str) -> Result<String, LinkError> {
    let (mut user, mut password) = ("", "");
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sentinel_user", value)) => user = value,
            Some(("sentinel_password", value)) => password = value,
            _ => return Err(LinkError::Address("behind the `?` may stand sentinel_user and sentinel_password only")),
        }
    }
    Ok(if user.is_empty() && password.is_empty() { String::new() } else { format!("{user}:{password}@") })
}

/// Splits off user and password, with the sign behind them.
fn split_user(rest: &str) -> (&str, &str) {
    // The last one: a password may have such a sign in it.
    rest.rfind('@').map_or(("", rest), |at| rest.split_at(at + 1))
}

fn split_hosts(hosts: &str) -> Result<Vec<&str>, LinkError> {
    let hosts: Vec<&str> = hosts.split(',').collect();
    if hosts.iter().any(|host| host.is_empty()) { Err(LinkError::Address("a host is missing")) } else { Ok(hosts) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str) -> Vec<String> {
        match Address::parse(address) {
            Ok(Address::Single(url)) => vec![url],
            Ok(Address::Cluster(urls)) => urls,
            Ok(Address::Sentinel(found)) => {
                let mut all = found.sentinels.clone();
                all.extend([found.service.clone(), found.server("h", 1), found.server("::1", 1)]);
                all
            }
            Err(error) => vec![error.to_string()],
        }
    }

    #[test]
    fn address_of_one_server_is_kept() {
        assert_eq!(read("rediss://u:p@host:1/2"), ["rediss://u:p@host:1/2"]);
    }

    #[test]
    fn address_of_a_cluster_names_each_server_with_its_user() {
        assert_eq!(read("redis-cluster://a:1,b"), ["redis://a:1", "redis://b"]);
        assert_eq!(read("rediss-cluster://u:p@a:1,b:2/"), ["rediss://u:p@a:1", "rediss://u:p@b:2"]);
    }

    #[test]
    fn address_of_sentinels_names_each_and_leads_to_the_server_they_name() {
        assert_eq!(
            read("redis-sentinel://a:1,b/main"),
            ["redis://a:1", "redis://b:26379", "main", "redis://h:1/", "redis://[::1]:1/"]
        );
        assert_eq!(
            read("rediss-sentinel://u:p@a,[::1]/main/2?sentinel_user=s&sentinel_password=q"),
            [
                "rediss://s:q@a:26379",
                "rediss://s:q@[::1]:26379",
                "main",
                "rediss://u:p@h:1/2",
                "rediss://u:p@[::1]:1/2"
            ]
        );
    }

    #[test]
    fn address_that_is_none_is_refused_without_being_told() {
        for address in [
            "host:1",
            "http://secret@host",
            "redis-cluster://secret@a,,b",
            "redis-cluster://",
            "redis-sentinel://secret@a,b",
            "redis-sentinel://secret@a,b/",
            "redis-sentinel://a/main?password=secret",
        ] {
            let error = read(address);
            assert!(error[0].starts_with("the address of Redis cannot be read") && !error[0].contains("secret"));
        }
    }

    #[test]
    fn address_says_whether_it_is_tls() {
        for (address, is_tls) in [
            ("redis://a", false),
            ("rediss://a", true),
            ("redis-cluster://a", false),
            ("rediss-cluster://a,b", true),
            ("redis-sentinel://a/main", false),
            ("rediss-sentinel://a/main", true),
        ] {
            assert_eq!(Address::parse(address).map(|address| address.is_tls()).ok(), Some(is_tls), "{address}");
        }
    }
}
