//! Three sets of a hundred tools, named as public servers name them, with texts of ours, labelled before the rules had
//! seen them.
//!
//! The rules were improved on the first two. They were measured once on the third and never tuned to it: what it demands
//! is what to expect of tools that nobody has seen. Each line is a category, a server, a tool, its description and, for
//! some, more members of the definition as JSON.

use ostiary_risk::{Category, Definition, Surroundings, classify, inspect};
use serde_json::{Map, Value, json};

const FIRST: &str = include_str!("labelled/first.txt");
const SECOND: &str = include_str!("labelled/second.txt");
/// Not to be tuned to: a rule made for one of these lines takes away what the set is for.
const THIRD: &str = include_str!("labelled/third.txt");

struct Row {
    category: Category,
    server: &'static str,
    tool: Value,
}

fn rows(set: &'static str) -> Vec<Row> {
    let row = |line: &'static str| {
        let mut parts = line.splitn(5, " | ");
        let mut part = || parts.next().unwrap_or_default();
        let (category, server, name, description) = (part(), part(), part(), part());
        let category = Category::ALL.into_iter().find(|known| known.as_str() == category).expect(line);
        let mut tool: Map<String, Value> =
            serde_json::from_str(Some(part()).filter(|s| !s.is_empty()).unwrap_or("{}")).expect(line);
        tool.insert("name".to_owned(), json!(name));
        tool.insert("description".to_owned(), json!(description));
        Row { category, server, tool: Value::Object(tool) }
    };
    set.lines().map(row).collect()
}

/// Demands so many right categories and risks of a hundred, and that nothing that destroys or pays is called harmless.
fn check(set: &'static str, categories: usize, risks: usize) {
    let rows = rows(set);
    assert_eq!(rows.len(), 100);
    let (mut right, mut right_risk, mut wrong, mut harmless) = (0, 0, Vec::new(), Vec::new());
    for Row { category, server, tool } in &rows {
        let seen = classify(&Definition::from_json(server, tool));
        right += usize::from(seen.category == *category);
        right_risk += usize::from(seen.risk == category.risk());
        let told = format!("{server} {}: {} instead of {}", tool["name"], seen.category.as_str(), category.as_str());
        if *category >= Category::Destructive && seen.category <= Category::Read {
            harmless.push(told.clone());
        }
        if seen.category != *category {
            wrong.push(told);
        }
    }
    assert!(harmless.is_empty(), "dangerous tools called harmless:\n{}", harmless.join("\n"));
    assert!(right >= categories, "{right} categories of {categories} are right; wrong:\n{}", wrong.join("\n"));
    assert!(right_risk >= risks, "{right_risk} risks of {risks} are right; wrong:\n{}", wrong.join("\n"));
}

#[test]
fn labelled_first_set_is_known() {
    check(FIRST, 98, 99);
}

#[test]
fn labelled_second_set_is_known() {
    check(SECOND, 99, 99);
}

#[test]
fn labelled_third_set_unseen_reaches_the_goal() {
    check(THIRD, 90, 92);
}

#[test]
fn labelled_tools_have_no_findings() {
    for Row { server, tool, .. } in [FIRST, SECOND, THIRD].into_iter().flat_map(rows) {
        let found = inspect(&Definition::from_json(server, &tool), &Surroundings::default());
        assert!(found.is_empty(), "{server} {}: {found:?}", tool["name"]);
    }
}

/// Texts that open with a noun of doing have no verb, and are no information for that.
#[test]
fn labelled_noun_of_doing_is_never_reading() {
    for (name, description, category) in [
        ("gdpr_erasure", "Erasure of all personal data of a person", Category::Destructive),
        ("account_closure", "Closure of an account for good", Category::Destructive),
        ("baja_usuario", "Baja de un usuario y todos sus datos", Category::Destructive),
        ("exclusao_cadastro", "Exclusão do cadastro de um cliente", Category::Destructive),
        ("pago_servicios", "Pago de servicios con saldo", Category::Financial),
        ("pagamento_fatura", "Pagamento de uma fatura", Category::Financial),
        ("wallet_sweep", "Sweeps all funds into cold storage", Category::Financial),
        ("code_execution", "Execution of Python code", Category::Execute),
        ("user_creation", "Creation of a user", Category::Write),
    ] {
        let definition = Definition { name, description: Some(description), ..Definition::default() };
        assert_eq!(classify(&definition).category, category, "{name}");
    }
}
