//! The catalogue, as it goes over the wire.

use ostiary_model::catalogue::{CatalogueHit, CatalogueServer, CatalogueTool};
use ostiary_policy::InputSchema;
use ostiary_risk::{Definition, Finding, Surroundings, inspect_server, recommended_policy};
use ostiary_storage::{Reads, StorageError};
use serde_json::Value;

use crate::dto::catalogue::{
    CatalogueHit as HitDto, CatalogueServer as ServerDto, CatalogueServerWithTools, CatalogueTool as ToolDto,
    CatalogueToolSummary,
};
use crate::dto::tool::RecommendedPolicy;
use crate::ops::classify::{classify, explain, risk_category};
use crate::ops::finding::finding;

/// A tool as an import keeps it: its definition with what is said about it. None without a name that a page can have.
#[must_use]
pub fn imported(server: &str, definition: Value) -> Option<CatalogueTool> {
    let seen = Definition::from_json(server, &definition);
    let name = seen.name;
    if name.is_empty() || name.len() > NAME_MAX || name.chars().any(char::is_control) {
        return None;
    }
    let (category, risk) = classify(server, &definition);
    let mut findings: Vec<String> =
        inspect(server, &definition).into_iter().map(|finding| finding.code.as_str().to_owned()).collect();
    findings.dedup();
    Some(CatalogueTool {
        name: name.to_owned(),
        category,
        risk,
        findings,
        tokens: i64::try_from(ostiary_risk::tokens(&seen)).unwrap_or(i64::MAX),
        definition,
    })
}

/// Longest name of a tool, in bytes.
const NAME_MAX: usize = 256;

/// What is wrong with a definition by itself: which other servers' tools stand beside it, nobody knows here.
#[must_use]
pub fn inspect(server: &str, definition: &Value) -> Vec<Finding> {
    let schema = definition.get("inputSchema").map(Value::to_string).map(InputSchema::new);
    let surroundings = Surroundings {
        has_invalid_schema: schema.is_some_and(|schema| !schema.is_usable()),
        ..Surroundings::default()
    };
    ostiary_risk::inspect(&Definition::from_json(server, definition), &surroundings)
}

/// A server.
#[must_use]
pub fn server(server: CatalogueServer) -> ServerDto {
    ServerDto {
        slug: server.slug,
        key: server.key,
        name: server.name,
        description: server.description,
        version: server.version,
        url: server.url,
        repository: server.repository,
        scanned_at: server.scanned_at,
    }
}

/// Names of tools by which similar servers are looked for.
const NAMES_MAX: usize = 12;
/// Similar servers that are shown.
const SIMILAR_MAX: u32 = 6;

/// Other servers with tools of the same names. The longest names count: they say most.
///
/// # Errors
///
/// As the store.
pub async fn similar(
    store: &dyn Reads,
    slug: &str,
    tools: &[CatalogueTool],
) -> Result<Vec<CatalogueServer>, StorageError> {
    let mut names: Vec<String> = tools.iter().map(|tool| tool.name.clone()).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.truncate(NAMES_MAX);
    store.list_similar_catalogue_servers(slug, &names, SIMILAR_MAX).await
}

/// A tool that was searched for.
#[must_use]
pub fn hit(hit: CatalogueHit) -> HitDto {
    HitDto {
        server: hit.server_slug,
        server_name: hit.server_name,
        name: hit.name,
        description: hit.description,
        category: hit.category,
        risk: hit.risk,
        findings: hit.findings,
    }
}

/// A server with its tools.
#[must_use]
pub fn with_tools(
    found: CatalogueServer,
    tools: &[CatalogueTool],
    similar: Vec<CatalogueServer>,
) -> CatalogueServerWithTools {
    let tokens = tools.iter().map(|tool| tool.tokens).sum();
    let document = recommended_policy(tools.iter().map(|tool| (tool.name.as_str(), risk_category(tool.category))));
    let summary = |tool: &CatalogueTool| CatalogueToolSummary {
        name: tool.name.clone(),
        category: tool.category,
        risk: tool.risk,
        findings: tool.findings.clone(),
    };
    CatalogueServerWithTools {
        server: server(found),
        tools: tools.iter().map(summary).collect(),
        findings: inspect_server(None, usize::try_from(tokens).unwrap_or_default()).into_iter().map(finding).collect(),
        similar: similar.into_iter().map(self::server).collect(),
        tokens,
        recommended_policy: RecommendedPolicy { document },
    }
}

/// A tool.
#[must_use]
pub fn tool(server: &CatalogueServer, tool: CatalogueTool) -> ToolDto {
    let findings = inspect(&server.name, &tool.definition);
    let document = recommended_policy([(tool.name.as_str(), risk_category(tool.category))]);
    ToolDto {
        server: server.slug.clone(),
        classification: explain(&server.name, &tool.definition),
        findings: findings.into_iter().map(finding).collect(),
        tokens: tool.tokens,
        recommended_policy: RecommendedPolicy { document },
        name: tool.name,
        definition: tool.definition,
    }
}
