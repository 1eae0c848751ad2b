//! `docs/sandbox.md` says what the code does: its table of provenance is the code's.

use std::fmt::Write as _;

use sandbox::faults::{Cut, Kind, OPERATIONS, PROFILES, Scenario};
use sandbox::provenance::TABLE;
use sandbox::world::Event;

fn document() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sandbox.md")).unwrap()
}

#[test]
fn the_provenance_table_is_the_codes() {
    let mut table =
        String::from("| Behaviour | Call | What the sandbox does | Trust | Rests on |\n|---|---|---|---|---|\n");
    for row in TABLE {
        writeln!(table, "| `{}` | {} | {} | {} | {} |", row.key, row.call, row.says, row.fidelity, row.source).unwrap();
    }
    let document = document();
    let (_, rest) = document.split_once("<!-- provenance -->\n").unwrap();
    let (kept, _) = rest.split_once("<!-- /provenance -->").unwrap();
    assert!(kept == table, "put this table into docs/sandbox.md:\n{table}");
}

#[test]
fn the_table_of_scenarios_is_the_codes() {
    let mut table = String::from("| Scenario | What happens | What a correct client does |\n|---|---|---|\n");
    for s in Scenario::all() {
        writeln!(table, "| `{}` | {} | {} |", s.name, s.happens, s.correct).unwrap();
    }
    let document = document();
    let (_, rest) = document.split_once("<!-- scenarios -->\n").unwrap();
    let (kept, _) = rest.split_once("<!-- /scenarios -->").unwrap();
    assert!(kept == table, "put this table into docs/sandbox.md:\n{table}");
}

#[test]
fn every_profile_cut_point_and_kind_is_documented() {
    let document = document();
    for profile in PROFILES {
        assert!(document.contains(&format!("| `{}` | {} |\n", profile.name, profile.says)), "{}", profile.name);
    }
    let words = Cut::ALL.map(Cut::word).into_iter().chain(Kind::ALL.map(Kind::word)).chain(OPERATIONS);
    for word in words {
        assert!(document.contains(&format!("`{word}`")), "{word}");
    }
}

#[test]
fn every_event_is_documented() {
    let document = document();
    for event in Event::ALL {
        assert!(document.contains(&format!("| `{event}` |")), "{event}");
        assert!(document.contains(event.example_query()), "{event}");
    }
}
