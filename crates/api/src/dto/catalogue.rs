//! The catalogue.

use chrono::{DateTime, Utc};
use ostiary_model::tool::{Category, Risk};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::schema;
use super::tool::{Classification, Finding, RecommendedPolicy};

/// A server of the catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueServer {
    /// Stands in the address of its page.
    #[schema(example = "acme-pay")]
    pub slug: String,
    /// What it is known by: a package, or the URL of its endpoint.
    #[schema(example = "npm:@acme/pay")]
    pub key: String,
    /// What people call it.
    pub name: String,
    /// What it says of itself.
    pub description: Option<String>,
    /// The version that was imported.
    pub version: Option<String>,
    /// Where it answers, if it is hosted.
    pub url: Option<String>,
    /// Where its source is.
    pub repository: Option<String>,
    /// When its tools were read; null when nobody has.
    pub scanned_at: Option<DateTime<Utc>>,
}

/// A server of the catalogue with its tools.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueServerWithTools {
    /// The server.
    pub server: CatalogueServer,
    /// Its tools, by name.
    pub tools: Vec<CatalogueToolSummary>,
    /// What its definitions cost in a model's context, in tokens, roughly.
    pub tokens: i64,
    /// What is wrong with the definitions together.
    pub findings: Vec<Finding>,
    /// Other servers with tools of the same names.
    pub similar: Vec<CatalogueServer>,
    /// A policy for the whole server.
    pub recommended_policy: RecommendedPolicy,
}

/// A tool among those of its server.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueToolSummary {
    /// Its name.
    pub name: String,
    /// What kind of thing it does.
    #[schema(schema_with = schema::category)]
    pub category: Category,
    /// How much harm a wrong call can do.
    #[schema(schema_with = schema::risk)]
    pub risk: Risk,
    /// Codes of what is wrong with its definition.
    pub findings: Vec<String>,
}

/// A tool of the catalogue that was searched for.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueHit {
    /// The server's slug.
    pub server: String,
    /// The server's name.
    pub server_name: String,
    /// Its name.
    pub name: String,
    /// The beginning of its description.
    pub description: String,
    /// What kind of thing it does.
    #[schema(schema_with = schema::category)]
    pub category: Category,
    /// How much harm a wrong call can do.
    #[schema(schema_with = schema::risk)]
    pub risk: Risk,
    /// Codes of what is wrong with its definition.
    pub findings: Vec<String>,
}

/// A tool of the catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueTool {
    /// Its name.
    pub name: String,
    /// The server's slug.
    pub server: String,
    /// What its definition says, and why.
    pub classification: Classification,
    /// What is wrong with its definition.
    pub findings: Vec<Finding>,
    /// The definition as the server gives it.
    #[schema(value_type = Object)]
    pub definition: Value,
    /// What the definition costs in a model's context, in tokens, roughly.
    pub tokens: i64,
    /// A policy to begin with.
    pub recommended_policy: RecommendedPolicy,
}
