//! A made-up index: servers as the public registry has them, and the definitions of their tools. The same from the same
//! seed, and made one at a time, so that it takes no room.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use super::Size;

const VERBS: [&str; 24] = [
    "get", "list", "search", "create", "update", "delete", "send", "run", "fetch", "add", "remove", "read", "write",
    "query", "export", "import", "cancel", "pay", "refund", "start", "stop", "analyze", "sync", "publish",
];
const NOUNS: [&str; 40] = [
    "invoice",
    "order",
    "user",
    "file",
    "page",
    "issue",
    "ticket",
    "message",
    "event",
    "record",
    "customer",
    "payment",
    "repository",
    "branch",
    "document",
    "image",
    "report",
    "session",
    "task",
    "project",
    "comment",
    "product",
    "table",
    "database",
    "node",
    "cluster",
    "alert",
    "metric",
    "log",
    "contact",
    "calendar",
    "deal",
    "campaign",
    "webhook",
    "template",
    "token",
    "secret",
    "bucket",
    "queue",
    "workflow",
];
const SYLLABLES: [&str; 20] = [
    "ka", "lo", "mi", "ne", "ru", "sa", "te", "vo", "zu", "bra", "chi", "den", "fos", "gli", "hul", "jer", "pon",
    "qui", "tar", "wex",
];
/// Words of descriptions; the first are the most frequent, as in any language.
const WORDS: u32 = 20_000;

/// The index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Index {
    size: Size,
}

impl Index {
    pub(super) const fn new(size: Size) -> Self {
        Self { size }
    }

    pub(super) const fn servers(&self) -> u32 {
        self.size.servers
    }

    fn dice(&self, server: u32) -> StdRng {
        StdRng::seed_from_u64(self.size.seed ^ (u64::from(server) << 20))
    }

    /// An element of a page of the registry.
    pub(super) fn server(&self, number: u32) -> Value {
        let mut dice = self.dice(number);
        let name = format!("{}{number}", word(dice.random_range(0..WORDS)));
        let description = sentence(&mut dice, 12);
        json!({
            "server": {
                "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
                "name": format!("io.example.{name}/mcp-{name}"),
                "description": format!("MCP server for {name}: {description}"),
                "version": format!("1.{}.{}", number % 10, number % 7),
                "repository": {"url": format!("https://code.example/{name}/all"), "source": "github", "subfolder": "mcp"},
                "packages": [{
                    "registryType": "npm", "identifier": package(number), "version": format!("1.{}.{}", number % 10, number % 7),
                    "transport": {"type": "stdio"}
                }]
            },
            "_meta": {"io.modelcontextprotocol.registry/official": {
                "status": "active", "publishedAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "isLatest": true
            }}
        })
    }

    /// Tools of a server: some have hundreds, a tenth has none.
    fn tools(&self, number: u32) -> u32 {
        let mean = self.size.tools / self.size.servers.max(1);
        match number % 100 {
            0..10 => 0,
            // What the largest and those without have together evens out to the mean.
            10 => mean * 30,
            _ => (mean * 70).div_ceil(89),
        }
    }

    /// Writes the definitions of all tools, a line each; answers how many, and of how many bytes.
    pub(super) fn write_definitions(&self, path: &Path) -> anyhow::Result<(u64, u64)> {
        let mut out = BufWriter::new(File::create(path)?);
        let (mut tools, mut bytes) = (0, 0);
        for number in 0..self.size.servers {
            let mut dice = StdRng::seed_from_u64(self.dice(number).random());
            for tool in 0..self.tools(number) {
                let mut line = serde_json::to_vec(&definition(&mut dice, number, tool))?;
                line.push(b'\n');
                out.write_all(&line)?;
                tools += 1;
                bytes += line.len() as u64;
            }
        }
        out.flush()?;
        Ok((tools, bytes))
    }
}

fn package(number: u32) -> String {
    format!("@example/mcp-{number}")
}

fn definition(dice: &mut StdRng, server: u32, number: u32) -> Value {
    let verb = VERBS.get(dice.random_range(0..VERBS.len())).copied().unwrap_or_default();
    let noun = NOUNS.get(dice.random_range(0..NOUNS.len())).copied().unwrap_or_default();
    let mut properties = serde_json::Map::new();
    for _ in 0..dice.random_range(1..6) {
        let kind = if dice.random_bool(0.7) { "string" } else { "number" };
        properties.insert(frequent(dice), json!({"type": kind, "description": sentence(dice, 6)}));
    }
    let text = sentence(dice, 18);
    json!({
        "package": package(server), "server": format!("mcp-{server}"), "version": format!("1.{}.{}", server % 10, server % 7),
        "tool": format!("{verb}_{noun}_{number}"),
        "description": format!("{verb} {noun}: {text}"),
        "inputSchema": {"type": "object", "properties": properties}
    })
}

fn sentence(dice: &mut StdRng, words: usize) -> String {
    (0..words).map(|_| frequent(dice)).collect::<Vec<_>>().join(" ")
}

/// A word, the first ones far more often than the last.
fn frequent(dice: &mut StdRng) -> String {
    let share: f64 = dice.random::<f64>().powi(4);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of the number of words")]
    word((share * f64::from(WORDS)) as u32)
}

/// The word of a number, made of syllables.
pub(super) fn word(number: u32) -> String {
    let (mut rest, mut word) = (number + 20, String::new());
    while rest > 0 {
        word.push_str(SYLLABLES.get((rest % 20) as usize).copied().unwrap_or_default());
        rest /= 20;
    }
    word
}
