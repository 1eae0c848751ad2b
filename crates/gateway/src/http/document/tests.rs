//! The document against the router and against its committed copy.

use super::*;
use crate::http::ROUTES;
use std::collections::BTreeSet;

/// Pages for payees and the door for Payoneer: no merchant's software calls these.
const NO_API: [&str; 4] = ["/checkout/", "/return/", "/assets/", "/callbacks/"];

/// Every (method, path) of the document.
fn described() -> BTreeSet<(String, String)> {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let of = |(path, item): (&String, &Value)| {
        let methods = item.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        methods.into_iter().map(|method| (method, path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

#[test]
fn the_document_and_the_router_name_the_same_routes() {
    let routes: BTreeSet<_> = ROUTES
        .iter()
        .filter(|(_, path)| !NO_API.iter().any(|prefix| path.starts_with(prefix)))
        .map(|(method, path)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    let described = described();
    let undescribed: Vec<_> = routes.difference(&described).collect();
    assert!(undescribed.is_empty(), "say in a `describe` of http/ what these do: {undescribed:?}");
    let imagined: Vec<_> = described.difference(&routes).collect();
    assert!(imagined.is_empty(), "the router has no such routes: {imagined:?}");
    assert_eq!(operations().len(), described.len(), "an operation is described twice");
}

/// With `TOLLGATE_WRITE_DOCUMENTS=1` the copy is written instead of compared.
#[test]
fn the_committed_copy_is_what_the_code_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    if std::env::var_os("TOLLGATE_WRITE_DOCUMENTS").is_some() {
        std::fs::write(path, openapi()).unwrap();
        return;
    }
    let copy = std::fs::read_to_string(path).unwrap();
    assert!(copy == openapi(), "run this test with TOLLGATE_WRITE_DOCUMENTS=1 and look at the difference");
}

#[test]
fn every_operation_is_described_whole() {
    let document = document();
    let mut ids = BTreeSet::new();
    let tags: BTreeSet<_> = TAGS.iter().map(|(name, _)| *name).collect();
    let mut used = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{name}: the id is taken");
            let tag = operation["tags"][0].as_str().unwrap().to_owned();
            assert!(tags.contains(tag.as_str()), "{name}: say in TAGS what {tag} is");
            used.insert(tag);
            let summary = operation["summary"].as_str().unwrap();
            assert!(summary.len() > 8 && !summary.ends_with('.'), "{name}: {summary}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2')), "{name} never succeeds");
            let is_open = operation["security"] == json!([]);
            assert_eq!(is_open, !path.starts_with("/v1/"), "{name}: who may call it?");
            assert_eq!(!is_open, responses.contains_key("401") && responses.contains_key("403"), "{name}");
            assert!(!path.contains('{') || responses.contains_key("404"), "{name}");
            if let Some(body) = operation["requestBody"]["content"]["application/json"].as_object() {
                assert!(!body["examples"].as_object().unwrap().is_empty(), "{name}: a body without an example");
            }
        }
    }
    assert_eq!(used.len(), tags.len(), "a tag that nothing has");
}

#[test]
fn what_is_referred_to_is_there() {
    let document = document();
    let mut missing = Vec::new();
    let mut stack = vec![&document];
    while let Some(value) = stack.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(reference)) = fields.get("$ref")
                    && document.pointer(reference.trim_start_matches('#')).is_none()
                {
                    missing.push(reference.clone());
                }
                stack.extend(fields.values());
            }
            Value::Array(items) => stack.extend(items),
            _ => {}
        }
    }
    assert_eq!(missing, [""; 0]);
}

#[test]
fn no_two_bodies_have_the_same_name() {
    let document = document();
    let names = document["components"]["schemas"].as_object().unwrap().keys();
    let twice: Vec<_> = names.filter(|name| name.ends_with(schemas::TWICE)).collect();
    assert!(twice.is_empty(), "give one of each `#[schema(as = ...)]`: {twice:?}");
}

#[test]
fn a_schema_says_what_the_comments_promise() {
    let document = document();
    let charge = &document["components"]["schemas"]["Charge"];
    assert_eq!(charge["properties"]["object"]["const"], "charge");
    assert_eq!(charge["properties"]["id"]["pattern"], "^ch_[0-9a-z]{26}$");
    assert_eq!(charge["properties"]["amount"]["$ref"], "#/components/schemas/Amount");
    assert!(charge["required"].as_array().unwrap().contains(&json!("failure")));
    let asked = &document["components"]["schemas"]["CreateCharge"];
    assert_eq!(asked["additionalProperties"], false);
    assert!(!asked["required"].as_array().unwrap().contains(&json!("metadata")));
    assert_eq!(document["components"]["schemas"]["Problem"]["properties"]["code"]["$ref"], "#/components/schemas/Code");
    assert!(document["components"]["schemas"]["Code"].get("enum").is_none(), "codes are added without a new version");
    let parameter = &document["paths"]["/v1/charges/{id}"]["get"]["parameters"][0];
    assert_eq!(parameter["schema"]["pattern"], "^ch_[0-9a-z]{26}$");
}
