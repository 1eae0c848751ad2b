//! Documents that stay true: links lead somewhere, both READMEs say the same
//! in two languages, the commands named exist. What the binary's own commands
//! take is checked where the binary is.

use super::tree::{File, Finding, Tree, is_kind};

/// Pairs of the same document in two languages.
const TRANSLATIONS: &[(&str, &str)] = &[("README.md", "README.zh-CN.md")];

/// Every relative link names a file that is there, and a heading if it names one.
pub(crate) fn links(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in documents(tree) {
        for (line, text) in prose(&file.text) {
            for target in link_targets(text) {
                if let Err(message) = resolve(tree, file, target) {
                    findings.push(file.finding(line, message));
                }
            }
        }
    }
    findings
}

fn documents(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.files.iter().filter(|file| is_kind(&file.path, "md"))
}

fn resolve(tree: &Tree, from: &File, target: &str) -> Result<(), String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return Ok(());
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = if path.is_empty() { from.path.clone() } else { beside(&from.path, path) };
    let folder = format!("{}/", path.trim_end_matches('/'));
    if !tree.paths.contains(&path) && !tree.paths.iter().any(|known| known.starts_with(&folder)) {
        return Err(format!("the link to `{target}` leads nowhere"));
    }
    let headings = |file: &File| headings(&file.text).into_iter().any(|(_, _, title)| slug(title) == anchor);
    if !anchor.is_empty() && is_kind(&path, "md") && !tree.file(&path).is_some_and(headings) {
        return Err(format!("`{path}` has no heading `#{anchor}`"));
    }
    Ok(())
}

/// The path that `relative` means in the document `from`.
fn beside(from: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn link_targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
}

/// The name of a heading in a link.
fn slug(title: &str) -> String {
    let kept = title.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Lines outside of code blocks.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
            return None;
        }
        (!in_code).then_some((number + 1, line))
    })
}

/// Line, level and title of every heading.
fn headings(text: &str) -> Vec<(usize, usize, &str)> {
    let headings = prose(text).filter_map(|(line, text)| {
        let title = text.trim_start_matches('#');
        let level = text.len() - title.len();
        (level > 0 && title.starts_with(' ')).then_some((line, level, title.trim()))
    });
    headings.collect()
}

/// Lines inside of code blocks.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
            return None;
        }
        in_code.then_some((number + 1, line))
    })
}

/// A translation has the same headings in the same order and the same commands.
pub(crate) fn translations(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (original, translation) in TRANSLATIONS {
        let (Some(one), Some(other)) = (tree.file(original), tree.file(translation)) else {
            findings.push(Finding {
                path: (*translation).to_owned(),
                line: 0,
                message: "one of the two languages is missing".to_owned(),
            });
            continue;
        };
        let levels = |file: &File| headings(&file.text).iter().map(|(_, level, _)| *level).collect::<Vec<_>>();
        if levels(one) != levels(other) {
            findings.push(other.finding(0, format!("has other sections than {original}")));
        }
        let commands = |file: &File| -> Vec<String> {
            let lines = code_lines(&file.text).map(|(_, line)| line.split(" #").next().unwrap_or_default());
            lines.map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
        };
        let (mine, theirs) = (commands(one), commands(other));
        if let Some(first) = mine.iter().zip(&theirs).find(|(mine, theirs)| mine != theirs) {
            findings.push(other.finding(0, format!("says `{}` where {original} says `{}`", first.1, first.0)));
        } else if mine.len() != theirs.len() {
            findings.push(other.finding(0, format!("has other code blocks than {original}")));
        }
    }
    findings
}

/// Every `cargo xtask NAME` in a document exists.
pub(crate) fn commands(tree: &Tree) -> Vec<Finding> {
    let known = tree.file("xtask/src/main.rs").map(|file| file.text.as_str()).unwrap_or_default();
    let mut findings = Vec::new();
    for file in documents(tree) {
        for (number, line) in file.text.lines().enumerate() {
            for rest in line.split("cargo xtask ").skip(1) {
                let name = rest.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default();
                if !known.contains(&format!("Some(\"{name}\")")) {
                    findings.push(file.finding(number + 1, format!("there is no `cargo xtask {name}`")));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Tree, commands, links, slug, translations};

    #[test]
    fn links_to_nowhere_are_found() {
        let text = "# Top\n[a](docs/b.md) [b](docs/b.md#two-words) [c](docs) [d](#top) [e](https://x.example)\n```\n[f](none)\n```\n[g](c.md)\n[h](docs/b.md#three)\n";
        let tree = Tree::of(&[("README.md", text), ("docs/b.md", "## Two words\n[back](../README.md#top)\n")]);
        let found: Vec<String> = links(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            ["README.md:6: the link to `c.md` leads nowhere", "README.md:7: `docs/b.md` has no heading `#three`"]
        );
    }

    #[test]
    fn headings_are_named_in_links_as_renderers_name_them() {
        assert_eq!(slug("What it's for, `exactly`"), "what-its-for-exactly");
        assert_eq!(slug("配置 TOML"), "配置-toml");
    }

    #[test]
    fn a_translation_that_lags_is_found() {
        let english = "# A\n## B\n```sh\ncargo run # go\n```\n";
        let pair = |other: &str| translations(&Tree::of(&[("README.md", english), ("README.zh-CN.md", other)])).len();
        assert_eq!(pair("# 一\n## 二\n```sh\ncargo run # 跑\n```\n"), 0);
        assert_eq!(pair("# 一\n```sh\ncargo run\n```\n"), 1);
        assert_eq!(pair("# 一\n## 二\n```sh\ncargo build\n```\n"), 1);
        assert_eq!(pair("# 一\n## 二\n"), 1);
        assert_eq!(translations(&Tree::of(&[("README.md", english)])).len(), 1);
    }

    #[test]
    fn a_command_that_is_not_there_is_found() {
        let tree = Tree::of(&[
            ("xtask/src/main.rs", "(Some(\"test\"), None) => test::run(),"),
            ("README.md", "Run `cargo xtask test`.\n\n    cargo xtask deploy\n"),
        ]);
        let found: Vec<String> = commands(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["README.md:3: there is no `cargo xtask deploy`"]);
    }
}
