//! What the crates depend on: few, each named once for the whole workspace,
//! each used; and every crate under the workspace's lints.

use std::collections::BTreeSet;

use super::tree::{File, Finding, Tree};

/// Direct external dependencies of all crates together, tests included.
const DIRECT: usize = 60;

/// The workspace's own crates, as their dependents call them.
const OWN: &[&str] = &["api", "client", "cluster", "domain", "gateway", "payoneer", "sandbox", "store"];

/// Dependencies that no line of code names, and why.
const UNNAMED: &[(&str, &str)] = &[];

/// The fuzz targets' own workspace, which no build of the product sees.
const APART: &str = "fuzz/Cargo.toml";

/// The manifests of the workspace's crates.
fn manifests(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.files.iter().filter(|file| file.path.ends_with("/Cargo.toml") && file.path != APART)
}

/// `[lints] workspace = true` everywhere, and the lints that matter in the workspace.
pub(crate) fn lints(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in manifests(tree) {
        if !file.text.contains("[lints]\nworkspace = true\n") {
            findings.push(file.finding(0, "does not inherit the workspace's lints"));
        }
    }
    let Some(top) = tree.file("Cargo.toml") else {
        return findings;
    };
    for lint in ["unsafe_code = \"forbid\"", "missing_docs = ", "unwrap_used = ", "expect_used = ", "pedantic = "] {
        if !top.text.lines().any(|line| line.starts_with(lint)) {
            findings.push(top.finding(0, format!("the lint `{lint}` is gone")));
        }
    }
    findings
}

/// The number of dependencies, versions in one place, nothing unused.
pub(crate) fn budget(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let used = direct(tree);
    let Some(top) = tree.file("Cargo.toml") else {
        return findings;
    };
    if used.len() > DIRECT {
        findings.push(top.finding(0, format!("{} direct dependencies; at most {DIRECT}", used.len())));
    }
    for (line, name, _) in entries(&top.text, |section| section == "workspace.dependencies") {
        if !used.contains(&name) && !OWN.contains(&name.as_str()) {
            findings.push(top.finding(line, format!("no crate uses `{name}`")));
        }
    }
    for file in manifests(tree) {
        let folder = file.path.trim_end_matches("Cargo.toml");
        for (line, name, value) in entries(&file.text, |section| section.ends_with("dependencies")) {
            if !value.contains("workspace = true") {
                findings.push(file.finding(line, format!("`{name}`: name the version in the top Cargo.toml")));
            }
            let word = name.replace('-', "_");
            let named = UNNAMED.iter().any(|(known, _)| *known == name)
                || tree.sources().any(|(file, source)| {
                    file.path.starts_with(folder) && names_crate(&source.code, word.trim_matches('"'))
                });
            if !named {
                findings.push(file.finding(line, format!("`{name}` is not used")));
            }
        }
    }
    findings
}

fn names_crate(code: &str, name: &str) -> bool {
    // `md-5` is the one package here whose library has another name.
    let name = if name == "md_5" { "md5" } else { name };
    code.match_indices(name).any(|(at, _)| {
        let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let before = at.checked_sub(1).and_then(|before| code.as_bytes().get(before));
        !is_word(before) && !is_word(code.as_bytes().get(at + name.len()))
    })
}

/// Names of the external crates that the workspace's crates name themselves.
fn direct(tree: &Tree) -> BTreeSet<String> {
    let names = manifests(tree).flat_map(|file| entries(&file.text, |section| section.ends_with("dependencies")));
    names.map(|(_, name, _)| name).filter(|name| !OWN.contains(&name.as_str())).collect()
}

/// Lines `name = value` or `name.workspace = true` of the wanted sections.
fn entries(text: &str, wanted: impl Fn(&str) -> bool) -> Vec<(usize, String, String)> {
    let mut entries = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        if let Some(section) = line.strip_prefix('[') {
            inside = wanted(section.trim_end_matches(']'));
        } else if let Some((key, value)) = line.split_once('=')
            && inside
            && !line.starts_with('#')
        {
            let name = key.trim().split('.').next().unwrap_or_default();
            entries.push((
                number + 1,
                name.to_owned(),
                format!("{}={value}", key.trim()).replace(".workspace=", " workspace ="),
            ));
        }
    }
    entries
}

/// One line about the weight of the tree.
pub(crate) fn summary(tree: &Tree) -> String {
    let locked = tree.file("Cargo.lock").map_or(0, |file| file.text.matches("[[package]]").count());
    let external = direct(tree).len();
    format!("{external} direct dependencies, {locked} packages in Cargo.lock")
}

#[cfg(test)]
mod tests {
    use super::{Tree, budget, lints, summary};

    const TOP: &str = "[workspace.dependencies]\nserde = \"1\"\nurl = { version = \"2\" }\n\n[workspace.lints.rust]\nunsafe_code = \"forbid\"\nmissing_docs = \"warn\"\n\n[workspace.lints.clippy]\npedantic = \"warn\"\nunwrap_used = \"warn\"\nexpect_used = \"warn\"\n";

    #[test]
    fn what_is_right_is_not_found() {
        let member = "[package]\nname = \"a\"\n\n[lints]\nworkspace = true\n\n[dependencies]\nserde.workspace = true\nurl = { workspace = true, features = [\"serde\"] }\n";
        let tree = Tree::of(&[
            ("Cargo.toml", TOP),
            ("crates/a/Cargo.toml", member),
            ("crates/a/src/lib.rs", "use serde::Serialize;\nfn f(url: url::Url) {}\n"),
            ("Cargo.lock", "[[package]]\n[[package]]\n"),
        ]);
        assert_eq!(budget(&tree), []);
        assert_eq!(lints(&tree), []);
        assert_eq!(summary(&tree), "2 direct dependencies, 2 packages in Cargo.lock");
    }

    #[test]
    fn own_versions_and_unused_dependencies_are_found() {
        let member = "[dependencies]\nserde = \"1\"\n[dev-dependencies]\nrand.workspace = true\n";
        let tree = Tree::of(&[
            ("Cargo.toml", TOP),
            ("crates/a/Cargo.toml", member),
            ("crates/a/src/lib.rs", "// rand\nuse serde as s;\n"),
        ]);
        let found: Vec<String> = budget(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "Cargo.toml:3: no crate uses `url`",
                "crates/a/Cargo.toml:2: `serde`: name the version in the top Cargo.toml",
                "crates/a/Cargo.toml:4: `rand` is not used",
            ]
        );
    }

    #[test]
    fn too_many_dependencies_are_found() {
        let lines = |line: fn(usize) -> String| (0..61).map(line).collect::<String>();
        let member = format!("[dependencies]\n{}", lines(|number| format!("d{number}.workspace = true\n")));
        let code = lines(|number| format!("use d{number};\n"));
        let tree = Tree::of(&[("Cargo.toml", ""), ("crates/a/Cargo.toml", &member), ("crates/a/src/lib.rs", &code)]);
        assert_eq!(budget(&tree)[0].message, "61 direct dependencies; at most 60");
    }

    #[test]
    fn lost_lints_are_found() {
        let tree = Tree::of(&[
            ("Cargo.toml", &TOP.replace("unwrap_used", "other")),
            ("crates/a/Cargo.toml", "[package]\nname = \"a\"\n"),
        ]);
        assert_eq!(lints(&tree).len(), 2);
    }
}
