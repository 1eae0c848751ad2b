//! The arrows between the crates: the table here equals the real dependency
//! graph, in both directions, so that neither can drift.

use super::tree::{Finding, Tree};

/// Package, and the workspace packages it depends on.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("store", &["domain"]),
    ("payoneer", &[]),
    ("tollgate-api", &[]),
    ("tollgate-client", &["tollgate-api"]),
    ("gateway", &["domain", "payoneer", "store", "tollgate-api"]),
    ("sandbox", &["payoneer"]),
    ("simulation", &["domain", "gateway", "payoneer", "sandbox", "store"]),
    ("cluster", &[]),
    ("bench", &["domain", "sandbox", "store"]),
    ("xtask", &[]),
];

/// May depend on everything: it wires.
const WIRING: &str = "tollgate";

/// What tests may use in addition.
const IN_TESTS: &[(&str, &[&str])] = &[
    ("gateway", &["cluster", "sandbox"]),
    ("store", &["cluster"]),
    ("tollgate-client", &["domain", "gateway", "sandbox"]),
];

/// External crates that one room alone may know.
const ROOMS: &[(&str, &[&str])] = &[
    ("rusqlite", &["bench", "store"]),
    ("tokio-postgres", &["store"]),
    ("clap", &["tollgate"]),
    ("askama", &["gateway", "sandbox"]),
    ("axum", &["bench", "gateway", "sandbox", "tollgate"]),
];

/// Compares the graph with the table.
pub(crate) fn arrows(tree: &Tree) -> Vec<Finding> {
    let packages = tree.metadata["packages"].as_array().cloned().unwrap_or_default();
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut findings = Vec::new();
    for package in &packages {
        let name = package["name"].as_str().unwrap_or_default();
        let mut find = |message: String| {
            findings.push(Finding { path: name.to_owned(), line: 0, message });
        };
        let (mut normal, mut in_tests) = (Vec::new(), Vec::new());
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let to = dependency["name"].as_str().unwrap_or_default();
            let for_tests = dependency["kind"] == "dev";
            if names.contains(&to) {
                if for_tests { &mut in_tests } else { &mut normal }.push(to);
            }
            let room = ROOMS.iter().find(|(external, _)| *external == to);
            if !for_tests && room.is_some_and(|(_, rooms)| !rooms.contains(&name)) {
                find(format!("must not know `{to}`"));
            }
        }
        if name == WIRING {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| *known == name) else {
            find("a crate without a place in the table of arrows".to_owned());
            continue;
        };
        for to in normal.iter().filter(|to| !allowed.contains(to)) {
            find(format!("must not depend on `{to}`"));
        }
        for to in allowed.iter().filter(|to| !normal.contains(to)) {
            find(format!("does not depend on `{to}` as the table says"));
        }
        let also = IN_TESTS.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, also)| also);
        for to in in_tests.iter().filter(|to| !allowed.contains(to) && !also.contains(to)) {
            find(format!("its tests must not depend on `{to}`"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Tree, arrows};

    fn found(store: &Value) -> Vec<String> {
        let packages = json!({ "packages": [
            { "name": "domain", "dependencies": [] },
            { "name": "sandbox", "dependencies": [{ "name": "payoneer", "kind": null }] },
            { "name": "payoneer", "dependencies": [] },
            { "name": "store", "dependencies": store },
        ] });
        let tree = Tree { metadata: packages, ..Tree::default() };
        arrows(&tree).into_iter().map(|finding| format!("{}: {}", finding.path, finding.message)).collect()
    }

    #[test]
    fn the_table_is_kept() {
        let right = json!([{ "name": "domain", "kind": null }, { "name": "serde", "kind": null }]);
        assert!(found(&right).is_empty());
    }

    #[test]
    fn a_wrong_arrow_and_a_missing_one_are_found() {
        let wrong = json!([{ "name": "payoneer", "kind": null }, { "name": "sandbox", "kind": "dev" }]);
        assert_eq!(
            found(&wrong),
            [
                "store: must not depend on `payoneer`",
                "store: does not depend on `domain` as the table says",
                "store: its tests must not depend on `sandbox`",
            ]
        );
    }

    #[test]
    fn an_external_crate_in_the_wrong_room_is_found() {
        let wrong = json!([{ "name": "domain", "kind": null }, { "name": "axum", "kind": null }]);
        assert_eq!(found(&wrong), ["store: must not know `axum`"]);
    }
}
