//! Searches of every kind, some at once, and how long they take.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::task::JoinSet;

use super::Size;
use super::index::word;
use crate::Figures;

/// Clients that search at once.
const CLIENTS: usize = 4;

/// A kind of search: its name, and the query of one of it.
type Kind = (&'static str, fn(&mut StdRng) -> String);

const KINDS: [Kind; 9] = [
    ("a rare word", |dice| format!("q={}", word(dice.random_range(15_000..20_000)))),
    ("a word of some", |dice| format!("q={}", word(dice.random_range(100..2_000)))),
    ("a frequent word", |_| "q=invoice".to_owned()),
    ("a very frequent word", |_| "q=create".to_owned()),
    ("the beginning of a word", |dice| format!("q={}", word(dice.random_range(0..400)).get(..3).unwrap_or_default())),
    ("two words", |dice| format!("q=create+{}", word(dice.random_range(0..2_000)))),
    ("two frequent words", |_| "q=refund+invoice".to_owned()),
    ("a word and a category", |_| "q=invoice&category=destructive".to_owned()),
    ("a category", |_| "category=financial".to_owned()),
];

/// Asks for the page of the search, as a browser does, and writes down the middle and the slowest of a hundred.
pub(super) async fn run(base: &str, size: Size, database: &str, figures: &mut Figures) -> anyhow::Result<()> {
    let client = reqwest::Client::new();
    for (name, query) in KINDS {
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            let (client, base) = (client.clone(), base.to_owned());
            let searches = size.searches / CLIENTS;
            clients.spawn(async move {
                let mut dice = StdRng::seed_from_u64(number as u64);
                let mut took = Vec::with_capacity(searches);
                for _ in 0..searches {
                    let url = format!("{base}/catalogue?{}", query(&mut dice));
                    let began = Instant::now();
                    let answer = client.get(url).send().await?.error_for_status()?;
                    answer.bytes().await?;
                    took.push(began.elapsed());
                }
                anyhow::Ok(took)
            });
        }
        let mut took: Vec<Duration> = Vec::new();
        while let Some(client) = clients.join_next().await {
            took.extend(client??);
        }
        took.sort();
        let at = |share: usize| took.get((took.len() * share / 100).min(took.len().saturating_sub(1))).copied();
        let (middle, slow) = (at(50).unwrap_or_default(), at(99).unwrap_or_default());
        figures.add(format!("{database}, search for {name}"), format!("p50 {middle:.1?}, p99 {slow:.1?}"));
        if let Some((_, slowest)) = size.bounds {
            figures.check(slow <= slowest, || format!("{database}: a search for {name} takes {slow:?}"));
        }
    }
    Ok(())
}
