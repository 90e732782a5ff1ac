//! An account with its owner, and the usual steps through the REST API.

use serde_json::{Value, json};

use crate::{Caller, McpSession};

/// An account, seen by its owner.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// The owner.
    pub owner: Caller,
    /// The account's slug.
    pub slug: String,
    base: String,
}

/// A grant, with its token.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Its id.
    pub id: String,
    /// The token, shown once.
    pub token: String,
    /// The gateway URL of its first server.
    pub url: String,
}

impl Grant {
    /// Opens an MCP session with it.
    pub async fn connect(&self) -> McpSession {
        McpSession::open(&self.url, &self.token).await
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

impl Tenant {
    /// Signs up.
    pub async fn sign_up(base: &str, name: &str) -> Self {
        let mut owner = Caller::anonymous(base);
        let me = owner.sign_up(&format!("{name}@example.com"), name).await;
        Self { owner, slug: text(&me["account"]["slug"]), base: base.to_owned() }
    }

    /// The same account, at another address: after a restart.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { owner: self.owner.at(base), slug: self.slug.clone(), base: base.to_owned() }
    }

    /// The gateway's address.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Registers a server; answers its id.
    pub async fn server(&self, slug: &str, url: &str) -> String {
        let answer = self.owner.post("/servers", &json!({"slug": slug, "name": slug, "url": url})).await;
        text(&answer.expect(201)["id"])
    }

    /// Writes a policy for a server; answers its id.
    pub async fn policy(&self, server: &str, name: &str, document: &Value) -> String {
        let body = json!({"server_id": server, "name": name, "document": document});
        text(&self.owner.post("/policies", &body).await.expect(201)["id"])
    }

    /// Replaces a policy's document, whatever its version.
    pub async fn edit_policy(&self, policy: &str, document: &Value) {
        let path = format!("/policies/{policy}");
        let current = self.owner.get(&path).await;
        let etag = current.headers.get("etag").and_then(|etag| etag.to_str().ok()).expect("an ETag").to_owned();
        let body = json!({"document": document}).to_string();
        self.owner.send(reqwest::Method::PUT, &path, Some(body), &[("If-Match", &etag)]).await.expect(200);
    }

    /// Mints a grant for a server with a policy.
    pub async fn grant(&self, label: &str, server: &str, policy: &str) -> Grant {
        let body = json!({"label": label, "bindings": [{"server_id": server, "policy_id": policy}]});
        let minted = self.owner.post("/grants", &body).await.expect(201);
        Grant {
            id: text(&minted["grant"]["id"]),
            token: text(&minted["token"]),
            url: text(&minted["grant"]["bindings"][0]["gateway_url"]),
        }
    }

    /// Revokes a grant.
    ///
    /// # Panics
    ///
    /// When it is refused.
    pub async fn revoke(&self, grant: &Grant) {
        let answer = self.owner.delete(&format!("/grants/{}", grant.id)).await;
        assert_eq!(answer.status, 204, "{answer:?}");
    }

    /// All decisions, newest first.
    pub async fn decisions(&self) -> Vec<Value> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.owner.get(&format!("/decisions?limit=200{cursor}")).await.expect(200);
            all.extend(page["items"].as_array().cloned().unwrap_or_default());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }
}
