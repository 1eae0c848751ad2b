//! The table of faults stays true: every fault of the model has its row, and every test that a row names exists.
//! Whether the test shows what the row says is for people to judge.

use std::collections::BTreeSet;

use super::tree::{File, Finding, Tree};

/// The document with the table.
const DOCUMENT: &str = "docs/faults.md";
/// How many faults the model has: F1 to F48.
const FAULTS: usize = 48;

/// A row of the table.
struct Row<'a> {
    line: usize,
    number: usize,
    tests: &'a str,
}

fn rows(file: &File) -> impl Iterator<Item = Row<'_>> {
    file.text.lines().enumerate().filter_map(|(line, text)| {
        let mut cells = text.strip_prefix("| F")?.trim_end_matches('|').split('|');
        let number = cells.next()?.trim().parse().ok()?;
        Some(Row { line: line + 1, number, tests: cells.next_back()?.trim() })
    })
}

/// Every row names tests that exist, or says with a dash that there is none; every number has one row.
pub(crate) fn faults(tree: &Tree) -> Vec<Finding> {
    let Some(file) = tree.file(DOCUMENT) else { return Vec::new() };
    let tests: BTreeSet<&str> = tree.files.iter().flat_map(|file| functions(&file.text)).collect();
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    for Row { line, number, tests: named } in rows(file) {
        if !seen.insert(number) {
            findings.push(file.finding(line, format!("F{number} has two rows")));
        }
        let names: Vec<&str> = named.split('`').skip(1).step_by(2).collect();
        if names.is_empty() && named != "-" {
            findings.push(file.finding(line, format!("F{number} names no test and has no dash")));
        }
        let absent = names.into_iter().filter(|name| !tests.contains(name));
        findings.extend(absent.map(|name| file.finding(line, format!("there is no test `{name}`"))));
    }
    let missing = (1..=FAULTS).filter(|number| !seen.contains(number));
    findings.extend(missing.map(|number| file.finding(0, format!("F{number} has no row"))));
    findings
}

/// The names of functions that stand right under a test attribute.
fn functions(text: &str) -> impl Iterator<Item = &str> {
    let mut under_test = false;
    text.lines().filter_map(move |line| {
        let line = line.trim();
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            under_test = true;
            return None;
        }
        if !under_test || line.starts_with("#[") || line.starts_with("//") {
            return None;
        }
        under_test = false;
        let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
        rest.split_once('(').map(|(name, _)| name)
    })
}

#[cfg(test)]
mod tests {
    use super::{DOCUMENT, FAULTS, faults};
    use crate::tidy::tree::{File, Tree};

    fn found(table: &str) -> Vec<String> {
        let code = "#[test]\nfn it_holds() {}\n#[tokio::test]\n#[ignore]\nasync fn it_waits() {}\nfn no_test() {}\n";
        let files = vec![File::new(DOCUMENT, table), File::new("crates/a/src/lib.rs", code)];
        faults(&Tree { files, ..Tree::default() }).into_iter().map(|finding| finding.message).collect()
    }

    fn table(first: &str) -> String {
        let more = (2..=FAULTS).map(|number| format!("| F{number} | fault | answer | - |\n"));
        std::iter::once(format!("| F1 | fault | answer | {first} |\n")).chain(more).collect()
    }

    #[test]
    fn what_exists_may_be_named() {
        assert!(found(&table("`it_holds`, `it_waits`")).is_empty());
    }

    #[test]
    fn what_does_not_exist_or_is_no_test_may_not() {
        assert_eq!(found(&table("`it_held`, `no_test`")), ["there is no test `it_held`", "there is no test `no_test`"]);
        assert_eq!(found(&table("we think so")), ["F1 names no test and has no dash"]);
    }

    #[test]
    fn every_fault_has_one_row() {
        let without = table("-").replace("| F7 |", "| F8 |");
        assert_eq!(found(&without), ["F8 has two rows", "F7 has no row"]);
    }
}
