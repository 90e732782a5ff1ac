//! Addresses of a Redis.

use crate::redis::link::LinkError;

/// Where Redis is. Not printed: there may be a password in it.
pub(super) enum Address {
    /// One server, or whichever is the first of several behind one address.
    Single(String),
    /// Some servers of a cluster.
    Cluster(Vec<String>),
}

impl Address {
    pub(super) fn parse(address: &str) -> Result<Self, LinkError> {
        let Some((scheme, rest)) = address.split_once("://") else {
            return Err(LinkError::Address("it has no scheme"));
        };
        let scheme = match scheme {
            "redis" | "rediss" => return Ok(Self::Single(address.to_owned())),
            "redis-cluster" => "redis",
            "rediss-cluster" => "rediss",
            _ => return Err(LinkError::Address("its scheme is none of redis, rediss, redis-cluster, rediss-cluster")),
        };
        let rest = rest.trim_end_matches('/');
        // The last one: a password may have such a sign in it.
        let (user, hosts) = rest.rsplit_once('@').map_or(("", rest), |(user, hosts)| (user, hosts));
        if hosts.split(',').any(str::is_empty) {
            return Err(LinkError::Address("a host is missing"));
        }
        let at = if user.is_empty() { "" } else { "@" };
        Ok(Self::Cluster(hosts.split(',').map(|host| format!("{scheme}://{user}{at}{host}")).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str) -> Vec<String> {
        match Address::parse(address) {
            Ok(Address::Single(url)) => vec![url],
            Ok(Address::Cluster(urls)) => urls,
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
    fn address_that_is_none_is_refused_without_being_told() {
        for address in ["host:1", "http://secret@host", "redis-cluster://secret@a,,b", "redis-cluster://"] {
            let error = read(address);
            assert!(error[0].starts_with("the address of Redis cannot be read") && !error[0].contains("secret"));
        }
    }
}
