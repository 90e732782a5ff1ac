//! Signing in by a real provider (OpenID Connect): who is let in, as whom, and who is turned away.

use std::collections::HashMap;
use std::process::Stdio;

use http::StatusCode;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use ostiary_testkit::{TestGateway, clients_dir, skip};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use url::Url;

const PUBLIC: &str = "https://ostiary.example";
const PASSWORD: &str = "a lantern over it";

/// The provider of `tests/clients/oidc-provider.mjs`, a gateway that asks it, and a browser between the two.
struct Place {
    _provider: Child,
    /// Kept open: a program whose output nobody takes any more ends.
    _lines: Lines<BufReader<ChildStdout>>,
    issuer: String,
    gateway: TestGateway,
    http: reqwest::Client,
    _secret: TempDir,
}

/// What a browser keeps of one site.
#[derive(Default)]
struct Jar(HashMap<String, String>);

impl Jar {
    fn keep(&mut self, answer: &reqwest::Response) {
        for value in answer.headers().get_all(SET_COOKIE) {
            let pair = value.to_str().expect("text").split(';').next().expect("a pair");
            let (name, value) = pair.split_once('=').expect("a cookie");
            self.0.insert(name.to_owned(), value.to_owned());
        }
    }

    fn text(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }
}

fn location(answer: &reqwest::Response) -> String {
    answer.headers().get(LOCATION).expect("a location").to_str().expect("text").to_owned()
}

impl Place {
    async fn start() -> Option<Self> {
        let Some(dir) = clients_dir() else {
            skip("the npm packages of tests/clients are not installed");
            return None;
        };
        let secret = TempDir::new().expect("a directory");
        let file = secret.path().join("secret");
        std::fs::write(&file, "hush, said the door\n").expect("written");
        let mut provider = Command::new("node")
            .arg(dir.join("oidc-provider.mjs"))
            .args(["ostiary", "hush, said the door", &format!("{PUBLIC}/api/v1/auth/provider/callback")])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("a provider");
        let mut lines = BufReader::new(provider.stdout.take().expect("its output")).lines();
        let port = lines.next_line().await.expect("a line").expect("a port");
        let issuer = format!("http://127.0.0.1:{port}");
        let gateway = TestGateway::builder()
            .set("public_url", PUBLIC)
            .set("upstream.allow", "127.0.0.0/8")
            .set("oidc.issuer", &issuer)
            .set("oidc.client_id", "ostiary")
            .set("oidc.client_secret_file", &file.display().to_string())
            .set("oidc.name", "Example directory")
            .start()
            .await;
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Some(Self { _provider: provider, _lines: lines, issuer, gateway, http, _secret: secret })
    }

    /// Puts somebody in front of the browser.
    async fn person(&self, sub: &str, email: &str, is_verified: bool) {
        let person = json!({"sub": sub, "email": email, "email_verified": is_verified});
        let answer = self.http.put(format!("{}/person", self.issuer)).json(&person).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    }

    async fn api(&self, method: &str, path: &str, jar: &mut Jar, body: Option<&Value>) -> reqwest::Response {
        let method = method.parse().expect("a method");
        let url = format!("{}/api/v1{path}", self.gateway.base());
        let mut request = self.http.request(method, url).header(COOKIE, jar.text());
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.expect("an answer");
        jar.keep(&answer);
        answer
    }

    async fn sign_up(&self, email: &str) -> Jar {
        let mut jar = Jar::default();
        let body = json!({"email": email, "password": PASSWORD, "account_name": "Acme"});
        let answer = self.api("POST", "/auth/sign-up", &mut jar, Some(&body)).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        jar
    }

    /// Goes to the provider and through it; answers the address at which the browser comes back.
    async fn go(&self, path: &str, jar: &mut Jar) -> String {
        let answer = self.api("POST", path, jar, Some(&json!({"to": "/servers"}))).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let begun: Value = answer.json().await.expect("JSON");
        let mut url = Url::parse(begun["url"].as_str().expect("a URL")).expect("a URL");
        assert!(url.as_str().starts_with(&self.issuer) && url.as_str().contains("code_challenge_method=S256"));
        let mut theirs = Jar::default();
        for _ in 0..10 {
            let request = self.http.get(url.clone()).header(COOKIE, theirs.text());
            let answer = request.send().await.expect("an answer");
            theirs.keep(&answer);
            url = url.join(&location(&answer)).expect("a URL");
            if let Some(rest) = url.as_str().strip_prefix(&format!("{PUBLIC}/api/v1")) {
                return rest.to_owned();
            }
        }
        panic!("the provider does not lead back");
    }

    /// Goes through the provider and back; answers the page it leads to.
    async fn sign_in(&self, path: &str, jar: &mut Jar) -> String {
        let back = self.go(path, jar).await;
        let answer = self.api("GET", &back, jar, None).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        location(&answer)
    }

    async fn me(&self, jar: &mut Jar) -> Value {
        self.api("GET", "/me", jar, None).await.json().await.expect("JSON")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn person_of_a_provider_is_let_in_as_who_they_are() {
    let Some(place) = Place::start().await else { return };
    place.person("7", "new@example.com", true).await;
    let mut jar = Jar::default();
    assert_eq!(place.sign_in("/auth/provider", &mut jar).await, "/servers");
    let me = place.me(&mut jar).await;
    assert_eq!((&me["user"]["email"], &me["user"]["is_email_verified"]), (&json!("new@example.com"), &json!(true)));
    let sessions: Value = place.api("GET", "/sessions", &mut jar, None).await.json().await.expect("JSON");
    assert_eq!(sessions["items"][0]["method"], "provider");
    let events = place.api("GET", "/audit-events", &mut jar, None).await.text().await.expect("text");
    assert!(events.contains("identity_linked") && events.contains(&place.issuer), "{events}");

    // The same person under another address is the same person.
    place.person("7", "renamed@example.com", false).await;
    let mut again = Jar::default();
    assert_eq!(place.sign_in("/auth/provider", &mut again).await, "/servers");
    assert_eq!(place.me(&mut again).await["user"]["id"], me["user"]["id"]);

    // What was taken along is of use once, in the browser that took it, and for one code.
    let mut other = Jar::default();
    let back = place.go("/auth/provider", &mut other).await;
    let answer = place.api("GET", &back, &mut Jar::default(), None).await;
    assert_eq!(location(&answer), "/sign-in?failure=provider_expired");
    let errand = other.0["ostiary_errand"].clone();
    assert_eq!(location(&place.api("GET", &back, &mut other, None).await), "/servers");
    let mut replayed = Jar(HashMap::from([("ostiary_errand".to_owned(), errand)]));
    let answer = place.api("GET", &back, &mut replayed, None).await;
    assert_eq!(location(&answer), "/sign-in?failure=provider_failed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn identity_is_linked_when_both_sides_know_the_address_or_by_whoever_is_signed_in() {
    let Some(place) = Place::start().await else { return };
    let mut ada = place.sign_up("ada@example.com").await;
    // Anybody may sign up with a password and an address that is not theirs.
    place.person("1", "ada@example.com", true).await;
    assert_eq!(place.sign_in("/auth/provider", &mut Jar::default()).await, "/sign-in?failure=sign_in_to_link");
    // Anybody may tell a provider an address that is not theirs.
    place.person("2", "grace@example.com", false).await;
    assert_eq!(place.sign_in("/auth/provider", &mut Jar::default()).await, "/sign-in?failure=email_not_verified");

    place.person("1", "another@example.com", false).await;
    assert_eq!(place.sign_in("/auth/provider/link", &mut ada).await, "/security");
    let mut jar = Jar::default();
    assert_eq!(place.sign_in("/auth/provider", &mut jar).await, "/servers");
    assert_eq!(place.me(&mut jar).await["user"]["email"], "ada@example.com");

    // Another's identity is not to be had, and an errand for somebody else ends nowhere.
    let mut lin = place.sign_up("lin@example.com").await;
    assert_eq!(place.sign_in("/auth/provider/link", &mut lin).await, "/security?failure=linked_to_somebody_else");
    let back = place.go("/auth/provider/link", &mut lin).await;
    lin.0.insert("ostiary_session".to_owned(), ada.0["ostiary_session"].clone());
    let answer = place.api("GET", &back, &mut lin, None).await;
    assert_eq!(location(&answer), "/sign-in?failure=provider_expired");

    let listed: Value = place.api("GET", "/identities", &mut ada, None).await.json().await.expect("JSON");
    let path = format!("/identities/{}/remove", listed["items"][0]["id"].as_str().expect("an id"));
    let wrong = place.api("POST", &path, &mut ada, Some(&json!({"password": "another one entirely"}))).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let removed = place.api("POST", &path, &mut ada, Some(&json!({"password": PASSWORD}))).await;
    assert_eq!(removed.status(), StatusCode::NO_CONTENT);
    assert_eq!(place.sign_in("/auth/provider", &mut Jar::default()).await, "/sign-in?failure=email_not_verified");
}

/// Whoever vouches for the first proof: somebody who wants a second one here is asked for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn person_with_a_second_factor_is_asked_for_it_after_the_provider() {
    let Some(place) = Place::start().await else { return };
    let mut ada = place.sign_up("ada@example.com").await;
    place.person("1", "ada@example.com", true).await;
    assert_eq!(place.sign_in("/auth/provider/link", &mut ada).await, "/security");
    let begun = place.api("POST", "/second-factor/totp", &mut ada, Some(&json!({"password": PASSWORD}))).await;
    let begun: Value = begun.json().await.expect("JSON");
    let secret = ostiary_auth::TotpSecret::from_base32(begun["secret"].as_str().expect("a secret")).expect("a secret");
    let code = json!({"code": secret.code(chrono::Utc::now().timestamp())});
    let confirmed = place.api("POST", "/second-factor/totp/confirm", &mut ada, Some(&code)).await;
    let confirmed: Value = confirmed.json().await.expect("JSON");

    let mut jar = Jar::default();
    let page = place.sign_in("/auth/provider", &mut jar).await;
    assert!(!jar.0.contains_key("ostiary_session"));
    let fragment = page.strip_prefix("/sign-in#").expect("a fragment");
    let values: HashMap<_, _> = url::form_urlencoded::parse(fragment.as_bytes()).into_owned().collect();
    assert_eq!((values["has_app"].as_str(), values["to"].as_str()), ("true", "/servers"));
    let body = json!({"token": values["token"], "code": confirmed["recovery_codes"][0]});
    let answer = place.api("POST", "/auth/second-factor", &mut jar, Some(&body)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let sessions: Value = place.api("GET", "/sessions", &mut jar, None).await.json().await.expect("JSON");
    assert_eq!(sessions["items"][0]["method"], "provider");
}
