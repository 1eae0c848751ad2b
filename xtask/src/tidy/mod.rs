//! The house rules, kept by a test. Each rule is a function from the tree of
//! files to findings, and proves on small fixtures that it can fail.
//! What the compiler and clippy already check is not repeated here.

mod arrows;
mod dependencies;
mod documents;
mod evidence;
mod migrations;
mod names;
mod size;
mod source;
mod tree;
mod walls;

use tree::{Finding, Tree};

/// A rule: its name and what it finds.
type Rule = (&'static str, fn(&Tree) -> Vec<Finding>);

const RULES: &[Rule] = &[
    ("files and functions fit on a screen", size::limits),
    ("every file says what lives here", names::module_documents),
    ("no banned names", names::banned),
    ("nothing is left for later", names::leftovers),
    ("SQL lives in the store", walls::sql),
    ("clock and randomness come in from outside", walls::ambient),
    ("crates depend as the design says", arrows::arrows),
    ("every crate inherits the lints", dependencies::lints),
    ("dependencies are few and all used", dependencies::budget),
    ("released migrations never change", migrations::unchanged),
    ("links in documents lead somewhere", documents::links),
    ("both READMEs have the same sections", documents::translations),
    ("commands in documents exist", documents::commands),
    ("every fault has its row and its tests", evidence::faults),
];

/// Checks all rules and prints what they find.
pub(crate) fn run() -> Result<(), String> {
    let tree = Tree::load(&crate::root())?;
    let mut count = 0;
    for (name, rule) in RULES {
        let findings = rule(&tree);
        println!("{} {name}", if findings.is_empty() { "ok  " } else { "FAIL" });
        count += findings.len();
        for finding in findings {
            println!("     {finding}");
        }
    }
    println!("{}", dependencies::summary(&tree));
    if count > 0 { Err(format!("{count} findings")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::{RULES, Tree, dependencies};

    #[test]
    fn the_house_is_tidy() {
        let tree = Tree::load(&crate::root()).unwrap();
        let findings: Vec<String> = RULES
            .iter()
            .flat_map(|(name, rule)| rule(&tree).into_iter().map(move |finding| format!("{finding} ({name})")))
            .collect();
        println!("{}", dependencies::summary(&tree));
        assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
    }
}
