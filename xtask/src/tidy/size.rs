//! Files and functions that fit into a head: 500 lines and 80 lines. What is
//! longer stands in a list here, with its reason.

use super::tree::{Finding, Tree, is_kind};

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 80;

/// Longer files: path and reason.
const LONG_FILES: &[(&str, &str)] = &[
    ("crates/store/migrations/postgres/0001_foundation.sql", "one text is one step; it cannot be split once released"),
    ("crates/store/migrations/sqlite/0001_foundation.sql", "one text is one step; it cannot be split once released"),
];

/// Longer functions: path, name and reason.
const LONG_FUNCTIONS: &[(&str, &str, &str)] = &[];

/// Both limits, and no entry in the lists that is not needed.
pub(crate) fn limits(tree: &Tree) -> Vec<Finding> {
    check(tree, LONG_FILES, LONG_FUNCTIONS)
}

fn check(tree: &Tree, long_files: &[(&str, &str)], long_functions: &[(&str, &str, &str)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut used_files = vec![false; long_files.len()];
    let mut used_functions = vec![false; long_functions.len()];
    for file in &tree.files {
        let lines = file.text.lines().count();
        if is_kind(&file.path, "rs|html|css|js|sql|sh") && lines > FILE_LINES {
            match long_files.iter().position(|(path, _)| *path == file.path) {
                Some(known) => used_files[known] = true,
                None => findings.push(file.finding(0, format!("{lines} lines; at most {FILE_LINES}"))),
            }
        }
    }
    for (file, source) in tree.sources() {
        for function in source.functions() {
            if function.length <= FUNCTION_LINES {
                continue;
            }
            let known = |entry: &(&str, &str, &str)| entry.0 == file.path && entry.1 == function.name;
            match long_functions.iter().position(known) {
                Some(known) => used_functions[known] = true,
                None => findings.push(file.finding(
                    function.line,
                    format!("fn {} has {} lines; at most {FUNCTION_LINES}", function.name, function.length),
                )),
            }
        }
    }
    let files = long_files.iter().zip(used_files).filter(|(_, used)| !used).map(|(entry, _)| entry.0.to_owned());
    let functions = long_functions.iter().zip(used_functions).filter(|(_, used)| !used);
    let functions = functions.map(|(entry, _)| format!("fn {} in {}", entry.1, entry.0));
    findings.extend(files.chain(functions).map(|what| Finding {
        path: "xtask/src/tidy/size.rs".to_owned(),
        line: 0,
        message: format!("{what} need not be listed any more"),
    }));
    findings
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[test]
    fn long_files_are_found_unless_listed() {
        let (fits, long) = ("//\n".repeat(500), "//\n".repeat(501));
        let tree = Tree::of(&[("a.rs", &fits), ("b.rs", &long), ("c.html", &long), ("d.md", &long)]);
        let found: Vec<_> = check(&tree, &[("c.html", "why")], &[]).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["b.rs"]);
    }

    #[test]
    fn long_functions_are_found_unless_listed() {
        let text = |inner: usize| format!("fn f() {{\n{}}}\n", "    g();\n".repeat(inner));
        let tree = Tree::of(&[("a.rs", &text(78)), ("b.rs", &text(79))]);
        let found = check(&tree, &[], &[]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].to_string(), "b.rs:1: fn f has 81 lines; at most 80");
        assert!(check(&tree, &[], &[("b.rs", "f", "why")]).is_empty());
    }

    #[test]
    fn a_list_entry_that_is_not_needed_is_found() {
        let found = check(&Tree::of(&[("a.rs", "fn f() {}")]), &[("a.rs", "why")], &[("a.rs", "f", "why")]);
        assert_eq!(found.len(), 2);
    }
}
