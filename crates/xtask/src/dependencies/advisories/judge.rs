//! What the snapshot says about the locked versions.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::lock::Locked;
use super::range;
use super::snapshot::{Advisory, Exception, Snapshot};

/// Days after which the snapshot is called old.
const OLD_AFTER: i64 = 30;

/// What is wrong, and what is worth knowing.
#[derive(Debug, Default)]
pub(in crate::dependencies) struct Verdict {
    pub(in crate::dependencies) faults: Vec<String>,
    pub(in crate::dependencies) warnings: Vec<String>,
}

/// Judges every locked version. A crate that was never looked up is as wrong as one with an advisory, and so is an
/// exception that is past its day or that nothing needs.
pub(super) fn judge(locked: &[Locked], snapshot: &Snapshot, today: NaiveDate) -> Verdict {
    let mut verdict = Verdict::default();
    let mut met = BTreeSet::new();
    for package in locked {
        let Locked { name, version } = package;
        if !snapshot.looked_up.contains(name) {
            verdict.faults.push(format!(
                "{name} was not looked up in the advisory database: `cargo xtask dependencies --advisories DIR`"
            ));
        }
        for advisory in snapshot.advisories.iter().filter(|advisory| affects(advisory, package)) {
            met.insert(advisory.id.as_str());
            let said = format!("{name} {version}: {}", describe(advisory));
            match exception(snapshot, &advisory.id) {
                None => verdict.faults.push(said),
                Some(exception) if exception.until < today => {
                    verdict.faults.push(format!("{said}; its exception ended on {}", exception.until));
                }
                Some(exception) => {
                    verdict.warnings.push(format!("{said}; let be until {}: {}", exception.until, exception.reason));
                }
            }
        }
    }
    let idle = snapshot.exceptions.iter().filter(|exception| !met.contains(exception.id.as_str()));
    verdict.faults.extend(idle.map(|exception| format!("nothing needs the exception for {}", exception.id)));
    let age = (today - snapshot.read).num_days();
    if age > OLD_AFTER {
        verdict.warnings.push(format!("advisories are those of {}, {age} days ago", snapshot.read));
    }
    verdict
}

fn affects(advisory: &Advisory, Locked { name, version }: &Locked) -> bool {
    advisory.name == *name
        && !range::any_holds(&advisory.patched, version)
        && !range::any_holds(&advisory.unaffected, version)
}

fn exception<'a>(snapshot: &'a Snapshot, id: &str) -> Option<&'a Exception> {
    snapshot.exceptions.iter().find(|exception| exception.id == id)
}

/// `RUSTSEC-2026-0258 (vulnerability, 2026-08-17), mended in >=0.4.16`
fn describe(advisory: &Advisory) -> String {
    let Advisory { id, kind, date, patched, .. } = advisory;
    let patched: Vec<String> = patched.iter().map(ToString::to_string).collect();
    let remedy =
        if patched.is_empty() { "not mended".to_owned() } else { format!("mended in {}", patched.join(" or ")) };
    format!("{id} ({}, {date}), {remedy}", kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::lock;
    use super::*;

    const SNAPSHOT: &str = "read = \"2026-10-09\"\nlooked_up = [\"h2\", \"old\"]\n\
        [[advisory]]\nid = \"RUSTSEC-2026-0258\"\ncrate = \"h2\"\ndate = \"2026-08-17\"\nkind = \"vulnerability\"\n\
        patched = [\">=0.4.16\"]\nunaffected = [\"<0.2.0\"]\n\
        [[advisory]]\nid = \"RUSTSEC-2026-0001\"\ncrate = \"old\"\ndate = \"2026-01-01\"\nkind = \"unmaintained\"\n";

    const EXCEPTION: &str =
        "[[exception]]\nid = \"RUSTSEC-2026-0001\"\nuntil = \"2026-10-20\"\nreason = \"used by the tests only\"\n";

    fn verdict(packages: &[(&str, &str)], snapshot: &str, today: &str) -> anyhow::Result<Verdict> {
        let lock: String = packages
            .iter()
            .map(|(name, version)| {
                format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"registry\"\n")
            })
            .collect();
        Ok(judge(&lock::parse(&lock)?, &Snapshot::parse(snapshot)?, today.parse()?))
    }

    #[test]
    fn locked_version_with_an_advisory_is_refused() -> anyhow::Result<()> {
        let found = verdict(&[("h2", "0.4.15")], SNAPSHOT, "2026-10-10")?;
        assert_eq!(
            found.faults,
            ["h2 0.4.15: RUSTSEC-2026-0258 (vulnerability, 2026-08-17), mended in >=0.4.16"],
            "{found:?}"
        );
        Ok(())
    }

    #[test]
    fn locked_version_that_is_mended_or_was_never_affected_passes() -> anyhow::Result<()> {
        let found = verdict(&[("h2", "0.4.16"), ("h2", "0.1.26")], SNAPSHOT, "2026-10-10")?;
        assert!(found.faults.is_empty() && found.warnings.is_empty(), "{found:?}");
        Ok(())
    }

    #[test]
    fn locked_crate_that_was_not_looked_up_is_refused() -> anyhow::Result<()> {
        let found = verdict(&[("new", "1.0.0")], SNAPSHOT, "2026-10-10")?;
        assert!(found.faults.iter().any(|fault| fault.starts_with("new was not looked up")), "{found:?}");
        Ok(())
    }

    #[test]
    fn exception_holds_to_its_last_day_and_no_longer() -> anyhow::Result<()> {
        let snapshot = format!("{SNAPSHOT}{EXCEPTION}");
        let last = verdict(&[("old", "1.0.0")], &snapshot, "2026-10-20")?;
        assert!(last.faults.is_empty() && last.warnings.len() == 1, "{last:?}");
        let after = verdict(&[("old", "1.0.0")], &snapshot, "2026-10-21")?;
        assert_eq!(after.faults.len(), 1, "{after:?}");
        let idle = verdict(&[("h2", "0.4.16")], &snapshot, "2026-10-20")?;
        assert_eq!(idle.faults, ["nothing needs the exception for RUSTSEC-2026-0001"], "{idle:?}");
        Ok(())
    }

    #[test]
    fn snapshot_that_is_old_is_a_warning() -> anyhow::Result<()> {
        assert!(verdict(&[("h2", "0.4.16")], SNAPSHOT, "2026-11-08")?.warnings.is_empty());
        let found = verdict(&[("h2", "0.4.16")], SNAPSHOT, "2026-11-09")?;
        assert!(found.faults.is_empty() && found.warnings.len() == 1, "{found:?}");
        Ok(())
    }
}
