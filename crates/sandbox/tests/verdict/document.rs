//! `docs/verdict.md` shows the kinds of the code.

use std::fmt::Write as _;

use sandbox::verdict::Kind;

#[test]
fn the_table_of_kinds_is_the_codes() {
    let mut table = String::from("| Kind | Level | What it means |\n|---|---|---|\n");
    for kind in Kind::ALL {
        writeln!(table, "| `{kind}` | {} | {} |", kind.level().word(), kind.english()).unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/verdict.md");
    let document = std::fs::read_to_string(path).unwrap();
    let (_, rest) = document.split_once("<!-- kinds -->\n").unwrap();
    let (kept, _) = rest.split_once("<!-- /kinds -->").unwrap();
    assert!(kept == table, "put this table into docs/verdict.md:\n{table}");
}
