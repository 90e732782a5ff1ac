use ostiary_mcp::canonical::tool_fingerprint;
use ostiary_model::tool::Category;
use serde_json::json;

use super::*;

fn tool(name: &str, description: &str) -> Tool {
    let definition = json!({ "name": name, "description": description });
    let fingerprint = tool_fingerprint(&definition);
    let (category, risk) = crate::ops::classify::classify("sample", &definition);
    let now = DateTime::<Utc>::default();
    Tool {
        server_id: ServerId::generate(),
        name: name.to_owned(),
        definition,
        fingerprint,
        accepted_fingerprint: fingerprint,
        computed_category: category,
        computed_risk: risk,
        overridden: None,
        first_seen_at: now,
        last_seen_at: now,
        gone_at: None,
    }
}

/// What the store makes of it: the present definition with what was accepted before.
fn now_is(known: &Tool, seen: &Tool) -> Tool {
    Tool { accepted_fingerprint: known.accepted_fingerprint, ..seen.clone() }
}

fn gone(tool: &Tool) -> Tool {
    Tool { gone_at: Some(DateTime::<Utc>::default()), ..tool.clone() }
}

fn comparison<'a>(known: &'a [Tool], open: &'a [ToolChange], seen: &'a [Tool]) -> Comparison<'a> {
    Comparison {
        account_id: AccountId::generate(),
        server_id: ServerId::generate(),
        known,
        open,
        seen,
        is_complete: true,
        now: DateTime::<Utc>::default(),
    }
}

fn edits(known: &[Tool], open: &[ToolChange], seen: &[Tool]) -> Edits {
    comparison(known, open, seen).edits()
}

fn only(edits: Edits) -> ToolChange {
    assert_eq!((edits.put.len(), edits.delete.len()), (1, 0), "{edits:?}");
    edits.put.into_iter().next().expect("one")
}

#[test]
fn inventory_that_is_the_same_has_no_changes() {
    let tools = [tool("a", "Get it"), tool("b", "Get it")];
    assert_eq!(edits(&tools, &[], &tools), Edits::default());
}

#[test]
fn tool_changed_leads_from_the_accepted_to_the_present_definition_and_back_to_nothing() {
    let (one, two, three) = (tool("get_a", "Get it"), tool("get_a", "Get and delete it"), tool("get_a", "Other"));
    let change = only(edits(std::slice::from_ref(&one), &[], std::slice::from_ref(&two)));
    assert_eq!(change.kind, ToolChangeKind::Changed);
    assert!(change.is_category_raised(), "{change:?}");
    let again = only(edits(&[now_is(&one, &two)], std::slice::from_ref(&change), std::slice::from_ref(&three)));
    assert_eq!((again.id, &again.before), (change.id, &Some(one.definition.clone())));
    assert_eq!(again.after, Some(three.definition.clone()));
    let back = edits(&[now_is(&one, &three)], std::slice::from_ref(&again), &[one]);
    assert_eq!(back, Edits { put: vec![], delete: vec![change.id] });
}

#[test]
fn tool_that_is_new_is_added_until_it_is_gone_again() {
    let (a, b) = (tool("a", "Get it"), tool("delete_b", "Delete it"));
    let change = only(edits(std::slice::from_ref(&a), &[], &[a.clone(), b.clone()]));
    assert_eq!((change.kind, change.category_after), (ToolChangeKind::Added, Some(Category::Destructive)));
    let again = edits(&[a.clone(), b], std::slice::from_ref(&change), &[a]);
    assert_eq!(again, Edits { put: vec![], delete: vec![change.id] });
}

#[test]
fn tool_that_comes_back_as_another_one_is_changed() {
    let (one, two) = (tool("a", "Get it"), tool("a", "Pay it"));
    let removed = only(edits(std::slice::from_ref(&one), &[], &[]));
    assert_eq!((removed.kind, &removed.after), (ToolChangeKind::Removed, &None));
    let change = only(edits(&[gone(&one)], std::slice::from_ref(&removed), &[two]));
    assert_eq!((change.id, change.kind), (removed.id, ToolChangeKind::Changed));
    assert_eq!(change.before, Some(one.definition.clone()));
    let same = edits(&[gone(&one)], std::slice::from_ref(&removed), &[one]);
    assert_eq!(same, Edits { put: vec![], delete: vec![removed.id] });
}

#[test]
fn same_definition_under_another_name_is_renamed() {
    let (a, b) = (tool("a", "Get the thing"), tool("b", "Get the thing"));
    let change = only(edits(&[a], &[], &[b]));
    assert_eq!((change.kind, change.tool.as_str()), (ToolChangeKind::Renamed, "b"));
    assert_eq!(change.previous_name.as_deref(), Some("a"));
}

#[test]
fn part_of_a_list_removes_nothing() {
    let (a, b) = (tool("a", "Get it"), tool("b", "Get it"));
    let known = [a.clone(), b];
    let seen = [a];
    let part = Comparison { is_complete: false, ..comparison(&known, &[], &seen) };
    assert_eq!(part.edits(), Edits::default());
}

#[test]
fn instructions_that_changed_are_a_change_of_their_own() {
    let change = only(comparison(&[], &[], &[]).instructions(Some("Be kind."), Some("Be quick.")));
    assert_eq!((change.kind, &change.before), (ToolChangeKind::Instructions, &Some(json!("Be kind."))));
    let open = [change];
    let back = comparison(&[], &open, &[]).instructions(Some("Be quick."), Some("Be kind."));
    assert_eq!(back.delete, [open[0].id]);
    assert_eq!(comparison(&[], &[], &[]).instructions(None, None), Edits::default());
}
