//! Steps of a task: one line each with its time, and a table of all at the end.

use std::time::{Duration, Instant};

use anyhow::bail;

use crate::tally::Tally;

/// The steps of a task that were run, and how they ended.
pub(crate) struct Steps {
    started: Instant,
    done: Vec<Done>,
}

struct Done {
    name: &'static str,
    took: Duration,
    tally: Tally,
    failed: bool,
}

impl Steps {
    /// No step yet; the clock starts.
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), done: Vec::new() }
    }

    /// Runs one step. One that fails is reported and remembered; the steps after it run all the same, so that one run
    /// shows everything that is wrong. Answers whether it passed.
    pub(crate) fn run(&mut self, name: &'static str, step: impl FnOnce() -> anyhow::Result<Tally>) -> bool {
        eprintln!("==> {name}");
        let began = Instant::now();
        let (tally, failed) = match step() {
            Ok(tally) => (tally, tally.failed > 0),
            Err(error) => {
                eprintln!("error: {error:#}");
                (Tally::default(), true)
            }
        };
        let took = began.elapsed();
        eprintln!("{} {name} ({})", if failed { "FAILED" } else { "    ok" }, seconds(took));
        self.done.push(Done { name, took, tally, failed });
        !failed
    }

    /// Prints the table and the closing line `N passed, N failed`.
    ///
    /// A step that counts no tests of its own counts as nothing when it passes and as one failure when it fails.
    ///
    /// # Errors
    /// When any step failed.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        println!("\n{:<28} {:>7} {:>7} {:>7} {:>9}", "step", "passed", "failed", "skipped", "time");
        let mut total = Tally::default();
        for step in &self.done {
            let mut tally = step.tally;
            if step.failed && tally.failed == 0 {
                tally.failed = 1;
            }
            total = total + tally;
            println!(
                "{:<28} {:>7} {:>7} {:>7} {:>9}{}",
                step.name,
                tally.passed,
                tally.failed,
                tally.skipped,
                seconds(step.took),
                if step.failed { "  FAILED" } else { "" }
            );
        }
        println!("{:<28} {:>7} {:>7} {:>7} {:>9}", "all", total.passed, total.failed, total.skipped, {
            seconds(self.started.elapsed())
        });
        println!("\n{} passed, {} failed", total.passed, total.failed);
        if total.failed > 0 {
            let names: Vec<_> = self.done.iter().filter(|step| step.failed).map(|step| step.name).collect();
            bail!("failed: {}", names.join(", "));
        }
        Ok(())
    }
}

fn seconds(took: Duration) -> String {
    let seconds = took.as_secs();
    if seconds >= 60 {
        format!("{} m {:02} s", seconds / 60, seconds % 60)
    } else {
        format!("{:.1} s", took.as_secs_f64())
    }
}
