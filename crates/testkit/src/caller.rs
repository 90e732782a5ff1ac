//! Callers of the REST API: anonymous, by session cookie, by API key.

use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, SET_COOKIE};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

/// The password of everybody who signs up.
pub const PASSWORD: &str = "a long enough passphrase";

/// Somebody who calls the REST API of one gateway.
#[derive(Clone, Debug)]
pub struct Caller {
    http: Client,
    base: String,
    identity: Identity,
}

#[derive(Clone, Debug)]
enum Identity {
    Nobody,
    Cookie(String),
    Key(String),
}

/// What a call was answered with.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; null when it is empty or no JSON.
    pub body: Value,
}

impl Answer {
    /// The body, of an answer with this status.
    ///
    /// # Panics
    ///
    /// When the status is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{:#}", self.body);
        self.body
    }

    /// The codes of a problem: its own, and those of its single failures with their pointers.
    #[must_use]
    pub fn problem(&self) -> (String, Vec<(String, String)>) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        (text(&self.body["code"]), errors.iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect())
    }
}

impl Caller {
    /// Nobody in particular.
    #[must_use]
    pub fn anonymous(base: &str) -> Self {
        Self { http: Client::new(), base: base.trim_end_matches('/').to_owned(), identity: Identity::Nobody }
    }

    /// The same gateway, called with an API key.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Self {
        Self { identity: Identity::Key(key.to_owned()), ..self.clone() }
    }

    /// The same gateway, called by nobody in particular.
    #[must_use]
    pub fn without_identity(&self) -> Self {
        Self { identity: Identity::Nobody, ..self.clone() }
    }

    /// The same caller, of a gateway at another address.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned(), ..self.clone() }
    }

    /// Signs up with an address of its own, and stays signed in.
    pub async fn sign_up(&mut self, email: &str, account: &str) -> Value {
        let body = serde_json::json!({"email": email, "password": PASSWORD, "account_name": account});
        let answer = self.post("/auth/sign-up", &body).await;
        self.take_cookie(&answer);
        answer.expect(201)
    }

    /// Takes the session of an answer that set one.
    pub fn take_cookie(&mut self, answer: &Answer) {
        let cookie = answer.headers.get(SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
        if let Some(cookie) = cookie.and_then(|cookie| cookie.split(';').next()) {
            self.identity = Identity::Cookie(cookie.to_owned());
        }
    }

    /// GET, below `/api/v1`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, &[]).await
    }

    /// POST.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body.to_string()), &[]).await
    }

    /// PUT.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some(body.to_string()), &[]).await
    }

    /// PATCH.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, Some(body.to_string()), &[]).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None, &[]).await
    }

    /// Any request; a body is sent as JSON, whatever it holds.
    ///
    /// # Panics
    ///
    /// When the gateway does not answer.
    pub async fn send(&self, method: Method, path: &str, body: Option<String>, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.http.request(method, format!("{}/api/v1{path}", self.base));
        request = match &self.identity {
            Identity::Nobody => request,
            // A browser says where the request comes from; without that it would be taken for a foreign page's.
            Identity::Cookie(cookie) => request.header(COOKIE, cookie).header("Sec-Fetch-Site", "same-origin"),
            Identity::Key(key) => request.bearer_auth(key),
        };
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let response = request.send().await.expect("the gateway answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.expect("the gateway's answer is whole");
        Answer { status, headers, body: serde_json::from_slice(&body).unwrap_or(Value::Null) }
    }
}
