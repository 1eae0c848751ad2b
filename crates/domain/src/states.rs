//! Prints the transition tables as Markdown: the text of `docs/states.md`, which a test holds against the file.

use crate::{attempt, charge, mandate, payout, refund};
use std::fmt::Write as _;

/// The whole document.
pub fn document() -> String {
    let mut text = String::from(
        "# States\n\nPrinted from the code by `domain::states`; a test fails when this file and the code differ. A dash \
         means that the\nstep is refused. `(unknown)` means that the thing is shown to the merchant as `unknown`.\n",
    );
    table(&mut text, "Mandate", mandate::table().into_iter().map(|(s, c, n)| (s.as_str(), c, n.to_string())));
    let attempts = attempt::table();
    let shown = |next: Option<attempt::State>| next.map_or_else(dash, |n| n.to_string());
    table(&mut text, "Attempt", attempts.into_iter().map(|(s, c, n)| (s.as_str(), c, shown(n))));
    let or_dash = |next: Option<String>| next.unwrap_or_else(dash);
    table(&mut text, "Charge", charge::table().into_iter().map(|(s, c, n)| (s.as_str(), c, or_dash(n))));
    table(&mut text, "Refund", refund::table().into_iter().map(|(s, c, n)| (s.as_str(), c, or_dash(n))));
    table(&mut text, "Payout", payout::table().into_iter().map(|(s, c, n)| (s.as_str(), c, or_dash(n))));
    text
}

fn dash() -> String {
    "-".to_owned()
}

/// One row per state, one column per step.
fn table(text: &mut String, title: &str, cells: impl Iterator<Item = (&'static str, &'static str, String)>) {
    let cells: Vec<_> = cells.collect();
    let mut steps: Vec<&str> = Vec::new();
    let mut states: Vec<&str> = Vec::new();
    for (state, step, _) in &cells {
        if !steps.contains(step) {
            steps.push(step);
        }
        if !states.contains(state) {
            states.push(state);
        }
    }
    let _ = write!(text, "\n## {title}\n\n| state | {} |\n|---|{}\n", steps.join(" | "), "---|".repeat(steps.len()));
    for state in states {
        let row: Vec<&str> = cells.iter().filter(|(s, _, _)| *s == state).map(|(_, _, next)| next.as_str()).collect();
        let _ = writeln!(text, "| `{state}` | {} |", row.join(" | "));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_document_is_what_the_code_prints() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/states.md");
        let printed = super::document();
        if std::env::var_os("TOLLGATE_WRITE_DOCS").is_some() {
            std::fs::write(path, &printed).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), printed, "run with TOLLGATE_WRITE_DOCS=1 to write it");
    }
}
