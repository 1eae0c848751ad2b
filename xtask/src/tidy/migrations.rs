//! Released migrations never change: a database somewhere has run them. A
//! release adds the lines; this keeps them true.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::tree::{Finding, Tree};

/// One line each, `<sha256>  <path below this folder>`, as `sha256sum` prints them.
const LIST: &str = "crates/store/migrations/RELEASED";

/// Compares every listed migration with its hash.
pub(crate) fn unchanged(tree: &Tree) -> Vec<Finding> {
    let Some(list) = tree.file(LIST) else {
        return vec![Finding { path: LIST.to_owned(), line: 0, message: "the list is missing".to_owned() }];
    };
    let mut findings = Vec::new();
    for (number, line) in list.text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut find = |message: String| findings.push(list.finding(number + 1, message));
        let Some((hash, path)) = line.split_once("  ") else {
            find("not `<sha256>  <path>`".to_owned());
            continue;
        };
        match tree.file(&format!("crates/store/migrations/{path}")) {
            None => find(format!("{path} was released and is gone")),
            Some(file) if sha256(&file.text) != hash => find(format!("{path} was released and has changed")),
            Some(_) => {}
        }
    }
    findings
}

fn sha256(text: &str) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::{LIST, Tree, sha256, unchanged};

    const FILE: &str = "crates/store/migrations/sqlite/0001_a.sql";

    #[test]
    fn a_changed_or_lost_migration_is_found() {
        assert_eq!(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let list = format!("# released\n{}  sqlite/0001_a.sql\n", sha256("create"));
        assert!(unchanged(&Tree::of(&[(LIST, &list), (FILE, "create")])).is_empty());
        let changed = unchanged(&Tree::of(&[(LIST, &list), (FILE, "create more")]));
        assert!(changed[0].message.ends_with("has changed"));
        let lost = unchanged(&Tree::of(&[(LIST, &list)]));
        assert!(lost[0].message.ends_with("is gone"));
        assert_eq!(unchanged(&Tree::of(&[(FILE, "create")])).len(), 1);
    }
}
