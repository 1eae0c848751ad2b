//! Walls inside the code: SQL is written in the store alone, and nothing but
//! the wired places asks the machine for time or randomness.

use super::source::line_of;
use super::tree::{Finding, Tree};

/// Where the clock and the dice may be: the wired sources, the binary, the
/// project's own commands. Tests may too.
const WIRED: &[&str] = &[
    "crates/bench/",
    "crates/gateway/src/source.rs",
    "crates/sandbox/src/source.rs",
    "crates/simulation/src/main.rs",
    "crates/tollgate/",
    "xtask/",
];

const AMBIENT: &[&str] =
    &["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now", "Utc::now", "getrandom::", "rand::"];

/// SQL in a string outside of the store.
pub(crate) fn sql(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in tree.sources() {
        // A ceiling is measured without the store.
        if matches!(file.crate_name(), Some("store" | "xtask" | "bench")) {
            continue;
        }
        for (line, text) in &source.strings {
            if is_sql(text) {
                findings.push(file.finding(*line, "SQL outside of crates/store"));
            }
        }
    }
    findings
}

fn is_sql(text: &str) -> bool {
    let text = text.trim_start().to_lowercase();
    let text: Vec<&str> = text.split_whitespace().collect();
    let has = |word: &str| text.contains(&word);
    match text.as_slice() {
        ["insert", "or" | "into", ..] | ["delete", "from", ..] | ["pragma", ..] | ["begin", "immediate", ..] => true,
        ["select", ..] => has("from"),
        ["update", _, "set", ..] => true,
        ["create" | "drop" | "alter", kind, ..] => {
            matches!(*kind, "table" | "index" | "unique" | "trigger" | "view")
        }
        ["with", _, "as", next, ..] => next.starts_with('('),
        _ => false,
    }
}

/// Time or randomness asked of the machine where it should come in from outside.
pub(crate) fn ambient(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in tree.sources() {
        if WIRED.iter().any(|wired| file.path.starts_with(wired)) || tree.is_test_file(file) {
            continue;
        }
        let test_lines = source.test_lines();
        for call in AMBIENT {
            for (at, _) in source.code.match_indices(call) {
                let inside = at.checked_sub(1).and_then(|before| source.code.as_bytes().get(before));
                if inside.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
                    continue;
                }
                let line = line_of(&source.code, at);
                if !test_lines.iter().any(|lines| lines.contains(&line)) {
                    findings.push(file.finding(line, format!("`{call}` here; let it come in from outside")));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Tree, ambient, sql};

    #[test]
    fn sql_is_found_outside_of_the_store() {
        let text = "const A: &str = \"select id\\n from charge\";\n// \"delete from x\"\nfn f() { g(\"update charge set x = 1\", r#\"\n  create unique index i on t(a)\"#); }\n";
        let tree = Tree::of(&[
            ("crates/gateway/src/a.rs", text),
            ("crates/store/src/a.rs", text),
            (
                "crates/api/src/a.rs",
                "let a = (\"update the key\", \"select one of them\", \"with care\", \"create a link\");",
            ),
        ]);
        let found: Vec<String> =
            sql(&tree).iter().map(|finding| format!("{}:{}", finding.path, finding.line)).collect();
        // The `\n` of the source text is two characters there, as in any file.
        assert_eq!(found, ["crates/gateway/src/a.rs:1", "crates/gateway/src/a.rs:3", "crates/gateway/src/a.rs:3"]);
    }

    #[test]
    fn ambient_time_and_randomness_are_found() {
        let text = "fn f() { Instant::now(); }\nfn g() { jiff::Timestamp::now(); }\n#[cfg(test)]\nmod tests {\n    fn h() { std::time::SystemTime::now(); }\n}\n// getrandom::fill\n";
        let tree = Tree::of(&[
            ("crates/domain/src/a.rs", text),
            ("crates/gateway/src/source.rs", text),
            ("crates/domain/tests/a.rs", text),
            ("crates/domain/src/lib.rs", "#[cfg(test)]\nmod cases;\nfn f() { brand::new(); }\n"),
            ("crates/domain/src/cases.rs", text),
        ]);
        let found: Vec<String> =
            ambient(&tree).iter().map(|finding| format!("{}:{}", finding.path, finding.line)).collect();
        assert_eq!(found, ["crates/domain/src/a.rs:1", "crates/domain/src/a.rs:2"]);
    }
}
