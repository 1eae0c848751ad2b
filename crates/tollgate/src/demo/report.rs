//! What the demo shows: one line per step for people, one object per step for
//! programs.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::Stage;
use crate::print;

/// The list of steps as they happen.
pub(super) struct Report {
    json: bool,
    number: u32,
    began: Instant,
}

/// One step, as an object.
#[derive(Debug, Serialize)]
struct Line<'a> {
    step: u32,
    name: &'a str,
    ok: bool,
    detail: &'a str,
    elapsed_ms: u128,
}

impl Report {
    pub(super) fn new(json: bool) -> Self {
        Self { json, number: 0, began: Instant::now() }
    }

    /// What is running, before the first step.
    pub(super) fn opening(&mut self, stage: &Stage) -> anyhow::Result<()> {
        if !self.json {
            print::line(
                "Tollgate demo: a whole payment through an imitation of Payoneer, on this machine, offline.\n",
            )?;
            print::facts(&[
                ("Gateway", stage.gateway_url().to_owned()),
                ("Sandbox", stage.sandbox_url().to_owned()),
                ("Payee", stage.payee_id().to_owned()),
            ])?;
            print::line("")?;
        }
        self.began = Instant::now();
        Ok(())
    }

    /// One step is over.
    pub(super) fn step(&mut self, name: &str, result: &anyhow::Result<String>) -> anyhow::Result<()> {
        self.number += 1;
        let elapsed = self.began.elapsed();
        self.began = Instant::now();
        let (ok, detail) = match result {
            Ok(detail) => (true, detail.clone()),
            Err(error) => (false, format!("{error:#}")),
        };
        if self.json {
            let line = Line { step: self.number, name, ok, detail: &detail, elapsed_ms: elapsed.as_millis() };
            return print::json_line(&line);
        }
        let mark = if ok { "ok  " } else { "FAIL" };
        print::line(format_args!("{mark} {:2}  {name:<15} {detail}  ({})", self.number, shown(elapsed)))?;
        Ok(())
    }

    /// Where to click next.
    pub(super) fn next(&mut self, stage: &Stage) -> anyhow::Result<()> {
        if self.json {
            return print::json_line(&stage.places());
        }
        let places = stage.places();
        print::line("\nEverything above is still running. Where to click next:\n")?;
        print::facts(&[
            ("Pay by hand", places.shop.clone()),
            ("A checkout page", places.checkout.clone()),
            ("Payoneer's back office", places.back_office.clone()),
            ("API", places.api.clone()),
            ("API key", places.api_key.clone()),
        ])?;
        let try_it = format!("curl -H 'Authorization: Bearer {}' {}charges", places.api_key, places.api);
        print::line(format_args!("\n    {try_it}\n\nCtrl-C stops it."))?;
        Ok(())
    }
}

fn shown(elapsed: Duration) -> String {
    match elapsed.as_millis() {
        milliseconds @ 0..10_000 => format!("{milliseconds} ms"),
        milliseconds => format!("{} s", milliseconds / 1000),
    }
}
