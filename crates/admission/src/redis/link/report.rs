//! What servers say of themselves, and whether they will do.

/// The oldest version that is tested: scripts may refuse with an error of their own since then.
const OLDEST: (u32, u32) = (7, 0);

/// A Redis that would lose what it is given, or does not know the commands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnfitError {
    /// It is too old.
    #[error("Redis {found} is too old: {}.{} or newer is needed", OLDEST.0, OLDEST.1)]
    TooOld {
        /// Its version.
        found: String,
    },
    /// It may remove keys when its memory is full.
    #[error(
        "Redis removes keys when its memory is full (maxmemory-policy {policy}): counters and records of calls would be \
         lost; set maxmemory-policy to noeviction"
    )]
    Evicts {
        /// How it chooses them.
        policy: String,
    },
}

/// What a Redis will do with, but should not have to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    /// A restart loses what was written since the last snapshot.
    NotOnDisk,
    /// It goes on alone when its replicas are gone.
    NoLeastReplicas,
}

impl Concern {
    /// The same in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotOnDisk => {
                "Redis keeps no append-only file (appendonly no): a restart loses counters, and records of calls that \
                 were not moved to the database yet"
            }
            Self::NoLeastReplicas => {
                "Redis has replicas and does without them (min-replicas-to-write 0): what a server takes alone is lost \
                 when another becomes the first"
            }
        }
    }
}

/// What one server says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Report {
    version: String,
    policy: String,
    max_memory: u64,
    is_on_disk: bool,
    replicas: u32,
    has_least_replicas: bool,
}

impl Report {
    /// Reads the text that `INFO` answers. What it does not say counts as in order.
    pub(super) fn parse(info: &str) -> Self {
        let mut report = Self { is_on_disk: true, ..Self::default() };
        for (name, value) in info.lines().filter_map(|line| line.trim_end().split_once(':')) {
            match name {
                "redis_version" => value.clone_into(&mut report.version),
                "maxmemory" => report.max_memory = value.parse().unwrap_or(0),
                "maxmemory_policy" => value.clone_into(&mut report.policy),
                "aof_enabled" => report.is_on_disk = value != "0",
                "connected_slaves" => report.replicas = value.parse().unwrap_or(0),
                // Said only where a least number is set.
                "min_slaves_good_slaves" => report.has_least_replicas = true,
                _ => {}
            }
        }
        report
    }

    /// Whether the text that `INFO replication` answers is of a server that takes writes.
    pub(super) fn is_master(info: &str) -> bool {
        info.lines().any(|line| line.trim_end() == "role:master")
    }

    /// What is to be worried about.
    ///
    /// # Errors
    ///
    /// Why it will not do.
    pub(super) fn check(&self) -> Result<Vec<Concern>, UnfitError> {
        let mut numbers = self.version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        // Some services do not tell their version.
        if !self.version.is_empty() && version < OLDEST {
            return Err(UnfitError::TooOld { found: self.version.clone() });
        }
        if self.max_memory > 0 && !matches!(self.policy.as_str(), "" | "noeviction") {
            return Err(UnfitError::Evicts { policy: self.policy.clone() });
        }
        let mut concerns = Vec::new();
        if !self.is_on_disk {
            concerns.push(Concern::NotOnDisk);
        }
        if self.replicas > 0 && !self.has_least_replicas {
            concerns.push(Concern::NoLeastReplicas);
        }
        Ok(concerns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# Server\r\nredis_version:7.0.15\r\n# Memory\r\nmaxmemory:100\r\nmaxmemory_policy:noeviction\r\n\
                        # Persistence\r\naof_enabled:1\r\n# Replication\r\nrole:master\r\nconnected_slaves:1\r\n\
                        min_slaves_good_slaves:1\r\n";

    fn check(from: &str, to: &str) -> Result<Vec<Concern>, UnfitError> {
        assert!(GOOD.contains(from), "{from}");
        Report::parse(&GOOD.replace(from, to)).check()
    }

    #[test]
    fn server_as_it_should_be_is_no_concern() {
        assert_eq!(check("", ""), Ok(Vec::new()));
        assert!(Report::is_master(GOOD));
        assert!(!Report::is_master(&GOOD.replace("role:master", "role:slave")));
    }

    #[test]
    fn server_that_is_too_old_or_evicts_is_unfit() {
        let too_old = |found: &str| Err(UnfitError::TooOld { found: found.to_owned() });
        assert_eq!(check("7.0.15", "6.2.9"), too_old("6.2.9"));
        assert_eq!(check("7.0.15", "10.1.0"), Ok(Vec::new()));
        assert_eq!(check("noeviction", "volatile-lru"), Err(UnfitError::Evicts { policy: "volatile-lru".to_owned() }));
    }

    #[test]
    fn server_without_a_bound_of_memory_evicts_nothing() {
        assert_eq!(
            check("maxmemory:100\r\nmaxmemory_policy:noeviction", "maxmemory:0\r\nmaxmemory_policy:x"),
            Ok(vec![])
        );
    }

    #[test]
    fn server_that_may_lose_writes_is_a_concern() {
        assert_eq!(check("aof_enabled:1", "aof_enabled:0"), Ok(vec![Concern::NotOnDisk]));
        assert_eq!(check("min_slaves_good_slaves:1\r\n", ""), Ok(vec![Concern::NoLeastReplicas]));
    }
}
