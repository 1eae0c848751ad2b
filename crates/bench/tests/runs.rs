//! Each benchmark runs to its end with numbers so small that nothing is learnt from them. Nothing is timed here.
#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use std::path::Path;
use std::process::Command;

/// `tollgate` beside the benchmarks; built here where nobody has built it yet.
fn build_tollgate() {
    let bench = Path::new(env!("CARGO_BIN_EXE_bench"));
    if bench.with_file_name("tollgate").exists() {
        return;
    }
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let built = Command::new(cargo).args(["build", "--locked", "--package", "tollgate"]).status().expect("cargo runs");
    assert!(built.success());
}

#[test]
fn every_benchmark_runs_and_reports() {
    build_tollgate();
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report.json");
    let output = Command::new(env!("CARGO_BIN_EXE_bench")).args(["--quick", "--json"]).arg(&report).output();
    let output = output.expect("it runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(report).expect("a report")).expect("JSON");
    assert_eq!((&report["quick"], &report["runs"]), (&serde_json::json!(true), &serde_json::json!(1)));
    assert!(report["machine"]["cores"].as_u64().expect("a number") > 0);
    let figures = report["figures"].as_array().expect("figures");
    for benchmark in ["store", "charge", "start", "growth"] {
        let of = figures.iter().filter(|figure| figure["benchmark"] == benchmark);
        let measured = of.clone().filter(|figure| figure["value"].as_u64().is_some_and(|value| value > 0));
        assert!(of.count() >= 5 && measured.count() >= 4, "{benchmark}: {out}");
        assert!(out.contains(&format!("\n{benchmark}\n")), "{out}");
    }
    for figure in figures {
        for ratio in figure["ratios"].as_array().into_iter().flatten() {
            assert!(ratio["thousandths"].as_u64().expect("a number") > 0, "{figure}");
        }
    }
    assert!(out.contains("0.8 of the raw group commit"), "the targets are named: {out}");
}

#[test]
fn a_word_nobody_knows_is_wrong_usage() {
    for words in [&["fly"][..], &["--runs", "0"], &["--runs"], &["--json"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_bench")).args(words).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("--quick"));
    }
}
