//! One thing that was looked at.

use serde::Serialize;

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// As it should be.
    Good,
    /// It works; somebody should know.
    Doubtful,
    /// It keeps the installation from serving as it should.
    Bad,
}

/// What was looked at, what was seen, what to do.
#[derive(Debug, Serialize)]
pub(super) struct Check {
    pub(super) subject: &'static str,
    pub(super) verdict: Verdict,
    found: String,
    advice: Option<String>,
}

impl Check {
    pub(super) fn good(subject: &'static str, found: impl Into<String>) -> Self {
        Self { subject, verdict: Verdict::Good, found: found.into(), advice: None }
    }

    pub(super) fn doubtful(subject: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { subject, verdict: Verdict::Doubtful, found: found.into(), advice: Some(advice.into()) }
    }

    pub(super) fn bad(subject: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { subject, verdict: Verdict::Bad, found: found.into(), advice: Some(advice.into()) }
    }

    /// For people: one line, and one more with what to do.
    pub(super) fn print(&self) {
        let sign = match self.verdict {
            Verdict::Good => "ok  ",
            Verdict::Doubtful => "note",
            Verdict::Bad => "BAD ",
        };
        println!("{sign} {}: {}", self.subject, self.found.replace('\n', "\n     "));
        if let Some(advice) = &self.advice {
            println!("     -> {advice}");
        }
    }
}
