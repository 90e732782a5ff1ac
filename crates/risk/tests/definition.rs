//! Whole definitions: schema, annotations, signals, and the two tools whose answers the product promises.

use ostiary_risk::{Category, Definition, Risk, Signal, classify, recommended_policy};
use serde_json::{Value, json};

fn category(tool: &Value) -> Category {
    classify(&Definition::from_json("sample", tool)).category
}

#[test]
fn create_widget_token_is_a_write_with_thirty_a_minute() {
    let tool = json!({ "name": "create_widget_token", "description": "Create a short-lived access token for the Belvo Connect Widget" });
    let seen = classify(&Definition::from_json("mcp-afip", &tool));
    assert_eq!((seen.category, seen.risk), (Category::Write, Risk::Medium));
    assert_eq!(
        recommended_policy([("create_widget_token", seen.category)]),
        json!({ "version": "1", "default": "deny", "tools": { "create_widget_token": { "limits": [
            { "counter": "create_widget_token_rate", "window": "minute", "max": 30, "scope": "grant" }
        ] } } })
    );
}

#[test]
fn create_session_of_a_checkout_is_execute_with_ten_a_minute() {
    let tool = json!({ "name": "create_session", "description":
        "Create a Checkout session (used by Drop-in and Web Components to load methods + handle the full flow client-side)." });
    let seen = classify(&Definition::from_json("mcp-afip", &tool));
    assert_eq!((seen.category, seen.risk), (Category::Execute, Risk::High));
    assert_eq!(
        recommended_policy([("create_session", seen.category)]),
        json!({ "version": "1", "default": "deny", "tools": { "create_session": {
            "validate_arguments": true,
            "limits": [{ "counter": "create_session_rate", "window": "minute", "max": 10, "scope": "grant" }]
        } } })
    );
}

#[test]
fn annotations_raise_and_never_lower() {
    for (name, annotations, expected) in [
        ("get_user", json!({ "readOnlyHint": false }), Category::Write),
        ("get_user", json!({ "destructiveHint": true }), Category::Destructive),
        ("get_user", json!({ "readOnlyHint": true, "destructiveHint": true }), Category::Read),
        ("update_user", json!({ "destructiveHint": true }), Category::Destructive),
        ("delete_user", json!({ "readOnlyHint": true }), Category::Destructive),
        ("delete_user", json!({ "destructiveHint": false }), Category::Destructive),
        ("pay", json!({ "destructiveHint": true }), Category::Financial),
        ("get_user", json!("odd"), Category::Read),
    ] {
        assert_eq!(category(&json!({ "name": name, "annotations": annotations })), expected, "{name} {annotations}");
    }
}

#[test]
fn schema_actions_and_code_parameters_raise() {
    for (tool, expected) in [
        (
            json!({ "name": "records", "inputSchema": { "properties": { "action": { "enum": ["get", "delete"] } } } }),
            Category::Destructive,
        ),
        (
            json!({ "name": "records", "inputSchema": { "properties": { "action": { "enum": ["get", "list"] } } } }),
            Category::Other,
        ),
        (json!({ "name": "evaluator", "inputSchema": { "properties": { "code": {} } } }), Category::Execute),
        (json!({ "name": "search_code", "inputSchema": { "properties": { "code": {} } } }), Category::Read),
        (
            json!({ "name": "ask", "description": "Ask the database", "inputSchema": { "properties": { "sql": {} } } }),
            Category::Read,
        ),
    ] {
        assert_eq!(category(&tool), expected, "{tool}");
    }
}

#[test]
fn signals_say_more_and_never_change_the_category() {
    let tool = json!({ "name": "list_users", "inputSchema": { "properties": {
        "script": {}, "callback_url": {}, "file_path": {}, "api_key": {}, "a": {}, "b": {}, "c": {}, "d": {}, "e": {}, "f": {}, "g": {}
    } } });
    let seen = classify(&Definition::from_json("sample", &tool));
    assert_eq!(seen.category, Category::Read);
    assert_eq!(
        seen.signals,
        [Signal::FreeFormCode, Signal::TakesUrl, Signal::TakesPath, Signal::Credentials, Signal::ManyParameters]
    );
    let bulk = classify(&Definition { name: "bulk_send_email", ..Definition::default() });
    assert_eq!(bulk.signals, [Signal::BulkOperation, Signal::MovesDataOutward]);
    let admin = classify(&Definition { name: "update_user_role", ..Definition::default() });
    assert_eq!(admin.signals, [Signal::Administrative]);
}

#[test]
fn answer_on_the_wire_names_where_and_words() {
    let seen = classify(&Definition { name: "create_refund", ..Definition::default() });
    assert_eq!(
        serde_json::to_value(seen).expect("an answer serialises"),
        json!({
            "category": "financial", "risk": "critical", "confidence": 0.8,
            "evidence": [{ "where": "name", "words": "create refund", "category": "financial" }],
            "signals": []
        })
    );
}

#[test]
fn hostile_definitions_are_classified_all_the_same() {
    let long = "delete ".repeat(50_000);
    for text in [long.as_str(), "\u{202e}\u{200b}", "((((((((", "a.b.c.d", "''''", "İıſß ŉ"] {
        let seen =
            classify(&Definition { name: text, title: Some(text), description: Some(text), ..Definition::default() });
        assert!((0.0..=1.0).contains(&seen.confidence));
        assert!(seen.evidence.iter().all(|evidence| evidence.words.len() < 200), "{:?}", seen.evidence);
    }
    assert_eq!(category(&json!(["not", "an", "object"])), Category::Other);
}
