//! Words: what every file must say first, names that say nothing, notes for
//! later that nobody reads.

use super::source::line_of;
use super::tree::{Finding, Tree, is_kind};

const BANNED: &[&str] = &["manager", "helper", "util", "utility", "common", "misc"];

/// Every Rust file begins with what lives here.
pub(crate) fn module_documents(tree: &Tree) -> Vec<Finding> {
    let bare = tree.sources().filter(|(file, _)| {
        let first = file.text.lines().next().unwrap_or_default();
        first.strip_prefix("//!").is_none_or(|text| text.trim().len() < 10)
    });
    bare.map(|(file, _)| file.finding(1, "begin with `//!` and what lives here")).collect()
}

/// No file and no definition has a name that says nothing.
pub(crate) fn banned(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        for part in file.path.split('/') {
            let stem = part.split('.').next().unwrap_or_default();
            if let Some(word) = banned_word(stem) {
                findings.push(file.finding(0, format!("`{word}` in a file name says nothing")));
            }
        }
    }
    for (file, source) in tree.sources() {
        for (line, name) in source.definitions() {
            if let Some(word) = banned_word(&name) {
                findings.push(file.finding(line, format!("`{word}` in the name `{name}` says nothing")));
            }
        }
    }
    findings
}

fn banned_word(name: &str) -> Option<&'static str> {
    let mut spaced = String::new();
    for character in name.chars() {
        if character.is_uppercase() {
            spaced.push(' ');
        }
        spaced.extend(character.to_lowercase());
    }
    let words = spaced.split(|character: char| !character.is_alphanumeric());
    let singular = words.map(|word| word.strip_suffix('s').unwrap_or(word));
    let mut found = singular.filter_map(|word| BANNED.iter().find(|banned| **banned == word));
    found.next().copied()
}

/// No notes for later: an issue says it better, or it is done now.
pub(crate) fn leftovers(tree: &Tree) -> Vec<Finding> {
    // Put together here, so that this file does not find itself.
    let words = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["HA", "CK"].concat()];
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| !is_kind(&file.path, "lock")) {
        for word in &words {
            for (at, _) in file.text.match_indices(word.as_str()) {
                let is_part = |at: Option<usize>| {
                    at.and_then(|at| file.text.as_bytes().get(at)).is_some_and(u8::is_ascii_alphanumeric)
                };
                if !is_part(at.checked_sub(1)) && !is_part(Some(at + word.len())) {
                    findings.push(file.finding(line_of(&file.text, at), format!("a {word}: do it or file it")));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Tree, banned, leftovers, module_documents};

    #[test]
    fn a_file_without_a_word_about_itself_is_found() {
        let tree = Tree::of(&[
            ("a.rs", "//! What lives here.\n"),
            ("b.rs", "fn f() {}\n"),
            ("c.rs", "//!\n"),
            ("d.md", "text"),
        ]);
        let found: Vec<_> = module_documents(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["b.rs", "c.rs"]);
    }

    #[test]
    fn banned_names_are_found_in_paths_and_definitions() {
        let tree = Tree::of(&[
            ("src/utils.rs", ""),
            ("src/http_helper/a.rs", ""),
            ("src/b.rs", "struct KeyManager;\nfn commonest() {}\nfn help() {}\nmod misc {}\n"),
            ("src/utilities_are_not.rs", ""),
        ]);
        let found: Vec<String> = banned(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "src/utils.rs: `util` in a file name says nothing",
                "src/http_helper/a.rs: `helper` in a file name says nothing",
                "src/b.rs:1: `manager` in the name `KeyManager` says nothing",
                "src/b.rs:4: `misc` in the name `misc` says nothing",
            ]
        );
    }

    #[test]
    fn notes_for_later_are_found() {
        let note = ["// TO", "DO: later\nlet mas", "TO", "DOn = 1;\n"].concat();
        let found = leftovers(&Tree::of(&[("a.rs", &note)]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 1);
    }
}
