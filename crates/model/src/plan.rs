//! Plans: named sets of limits that accounts are held to.
//!
//! Which plans there are is configured; an account keeps the name of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use crate::PlanName;

/// The plan that is always there.
const STANDARD: &str = "standard";

static STANDARD_PLAN: LazyLock<Arc<Plan>> = LazyLock::new(|| Arc::new(Plan::unlimited(PlanName::standard())));

/// What an account may have and do. Nothing where a number is missing: then only what the installation says holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanLimits {
    /// Servers.
    pub servers: Option<u32>,
    /// Grants that are not revoked; one that has expired can come back, and counts.
    pub grants: Option<u32>,
    /// Members, with invitations that are open. At least 1.
    pub members: Option<u32>,
    /// Calls that were let through in a month of UTC.
    pub calls_a_month: Option<u64>,
    /// Calls that are under way at one moment, over all processes.
    pub calls_at_once: Option<u32>,
    /// Days for which decisions are kept, if the installation does not keep them for less.
    pub retention_days: Option<u32>,
}

impl PlanLimits {
    /// Whether calls are counted for the plan.
    #[must_use]
    pub const fn counts_calls(&self) -> bool {
        self.calls_a_month.is_some() || self.calls_at_once.is_some()
    }
}

/// One plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What it is called.
    pub name: PlanName,
    /// What it allows.
    pub limits: PlanLimits,
    /// Whether owners may choose it themselves.
    pub is_self_service: bool,
}

impl Plan {
    /// A plan without limits of its own.
    #[must_use]
    pub const fn unlimited(name: PlanName) -> Self {
        let limits = PlanLimits {
            servers: None,
            grants: None,
            members: None,
            calls_a_month: None,
            calls_at_once: None,
            retention_days: None,
        };
        Self { name, limits, is_self_service: false }
    }
}

impl PlanName {
    /// The name of the plan that is always there.
    #[must_use]
    pub fn standard() -> Self {
        Self::known(STANDARD)
    }
}

/// There is no plan of the name that was to be the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no plan of this name")]
pub struct NoSuchPlan;

/// All plans there are.
#[derive(Clone, Debug)]
pub struct Plans {
    all: BTreeMap<PlanName, Arc<Plan>>,
    default: Arc<Plan>,
}

impl Plans {
    /// These plans, and `standard` without limits if it is not among them. `default` is the one of new accounts, and of
    /// those whose plan there is no longer.
    ///
    /// # Errors
    ///
    /// When the default is none of them.
    pub fn new(plans: impl IntoIterator<Item = Plan>, default: &PlanName) -> Result<Self, NoSuchPlan> {
        let mut all = BTreeMap::from([(STANDARD_PLAN.name.clone(), Arc::clone(&STANDARD_PLAN))]);
        all.extend(plans.into_iter().map(|plan| (plan.name.clone(), Arc::new(plan))));
        let default = Arc::clone(all.get(default).ok_or(NoSuchPlan)?);
        Ok(Self { all, default })
    }

    /// The plan of new accounts.
    #[must_use]
    pub const fn default_plan(&self) -> &Arc<Plan> {
        &self.default
    }

    /// The plan with the name.
    #[must_use]
    pub fn get(&self, name: &PlanName) -> Option<&Arc<Plan>> {
        self.all.get(name)
    }

    /// The plan that an account with this name is held to: the default one where there is none of the name.
    #[must_use]
    pub fn of(&self, name: &PlanName) -> &Arc<Plan> {
        self.get(name).unwrap_or(&self.default)
    }

    /// All of them, by their names.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Plan>> {
        self.all.values()
    }
}

impl Default for Plans {
    /// `standard` alone.
    fn default() -> Self {
        let standard = Arc::clone(&STANDARD_PLAN);
        Self { all: BTreeMap::from([(standard.name.clone(), Arc::clone(&standard))]), default: standard }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> PlanName {
        PlanName::parse(text).expect("a name")
    }

    #[test]
    fn plan_of_an_unknown_name_is_the_default() {
        let team = Plan { is_self_service: true, ..Plan::unlimited(name("team")) };
        let plans = Plans::new([team], &name("team")).expect("plans");
        assert_eq!(plans.of(&name("gone")).name, name("team"));
        assert_eq!(plans.of(&PlanName::standard()).name, PlanName::standard(), "always there");
        assert!(plans.get(&name("gone")).is_none());
    }

    #[test]
    fn plans_without_their_default_are_none() {
        assert_eq!(Plans::new([], &name("team")).err(), Some(NoSuchPlan));
        assert_eq!(Plans::default().default_plan().limits, PlanLimits::default());
    }

    #[test]
    fn standard_may_be_configured() {
        let limits = PlanLimits { servers: Some(3), ..PlanLimits::default() };
        let plans = Plans::new([Plan { limits, ..Plan::unlimited(PlanName::standard()) }], &PlanName::standard());
        assert_eq!(plans.expect("plans").default_plan().limits.servers, Some(3));
    }
}
