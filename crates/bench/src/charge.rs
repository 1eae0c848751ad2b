//! `charge`: `POST /v1/charges` from end to end. Load, gateway and sandbox are three processes; the sandbox answers at
//! once, or later by a fixed time. Beside it the ceilings of the same run: a bare HTTP echo under the same load, and the
//! raw group commit of `store`.

use crate::figure::{Figure, per_second, percentile, ratio};
use crate::load::{self, Aim};
use crate::process::{House, Serving};
use crate::{Failed, Scale, ceiling};
use serde_json::json;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const NAME: &str = "charge";
/// Connections, and charges that they send together.
const CONNECTIONS: [(usize, usize); 4] = [(1, 200), (16, 1_500), (64, 3_000), (256, 3_000)];
/// Payoneer's time, in milliseconds.
const LATENCIES: [u64; 2] = [0, 50];

/// Runs it.
pub(crate) fn run(scale: &Scale) -> Result<Vec<Figure>, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut figures = Vec::new();
    for latency in LATENCIES {
        for (connections, count) in CONNECTIONS.into_iter().filter(|(many, _)| !scale.quick || matches!(many, 1 | 64)) {
            let count = scale.of(if latency == 0 { count } else { count.min(connections * 40) }, connections.min(4));
            figures.extend(at(scale, &runtime, latency, connections, count)?);
        }
    }
    figures.push(overhead(scale, &runtime)?);
    Ok(figures)
}

/// A house under load, with an answer of Payoneer that takes so long.
struct Stage {
    house: House,
    gateway: Serving,
}

impl Stage {
    fn build(scale: &Scale, runtime: &tokio::runtime::Runtime, latency: u64) -> Result<Self, Failed> {
        let house = House::build(&scale.binary)?;
        let gateway = house.serve(&scale.binary)?;
        let this = Self { house, gateway };
        runtime.block_on(async {
            let accounts: serde_json::Value = serde_json::from_str(&this.control("payees/Test123", None).await?)?;
            let account = accounts["account"].as_str().ok_or("the payee has no account")?.to_owned();
            let fund = json!({"amount": "1000000.00", "currency": "USD"});
            this.control(&format!("accounts/{account}/fund"), Some(fund)).await?;
            if latency > 0 {
                let late = json!({"operation": "create_charge", "times": 0,
                    "fault": {"cut": "after_apply_before_reply", "kind": "delay", "delay_ms": latency}});
                this.control("faults", Some(late)).await?;
            }
            // The first charge asks about the payee, too.
            let warm = load::charges(&this.aim("warm"), 1, 5, None).await?;
            match warm.told {
                Some(told) => Err(Failed::from(format!("the first charges were refused: {told}"))),
                None => Ok(()),
            }
        })?;
        Ok(this)
    }

    fn aim(&self, prefix: &str) -> Aim {
        Aim { url: self.gateway.url.clone(), key: self.house.key.clone(), prefix: prefix.to_owned() }
    }

    async fn control(&self, path: &str, body: Option<serde_json::Value>) -> Result<String, Failed> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let url = format!("{}/_sandbox/{path}", self.house.sandbox.url);
        let request = match body {
            Some(body) => http.post(&url).header("content-type", "application/json").body(body.to_string()),
            None => http.get(&url),
        };
        let answer = request.send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        if status.is_success() { Ok(text) } else { Err(format!("{url}: {status} {text}").into()) }
    }
}

fn at(
    scale: &Scale,
    runtime: &tokio::runtime::Runtime,
    latency: u64,
    connections: usize,
    count: usize,
) -> Result<Vec<Figure>, Failed> {
    let (mut rates, mut p50, mut p99, mut refused) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut echoes, mut ceilings) = (Vec::new(), Vec::new());
    let stage = Stage::build(scale, runtime, latency)?;
    let echo = Echo::start()?;
    for run in 0..scale.runs {
        let aim = stage.aim(&format!("run{run}"));
        let came = runtime.block_on(load::charges(&aim, connections, count, None))?;
        rates.push(per_second(came.latencies.len(), came.took));
        p50.push(percentile(&came.latencies, 50));
        p99.push(percentile(&came.latencies, 99));
        refused.push(u64::try_from(came.refused)?);
        let aim = Aim { url: echo.url.clone(), key: String::new(), prefix: String::new() };
        let came = runtime.block_on(load::charges(&aim, connections, count, None))?;
        echoes.push(per_second(came.latencies.len(), came.took));
        let folder = tempfile::tempdir()?;
        let pairs = count.min(scale.of(2_000, 4));
        let raw = per_second(pairs, ceiling::pairs(folder.path(), pairs, connections.min(64))?);
        ceilings.push(raw.min(echoes[run]));
    }
    let name = format!("{connections} connections, Payoneer {latency} ms");
    let figure = Figure::of(NAME, &name, "charges/s", &rates);
    let figure = if latency == 0 {
        let of_ceiling = ratio(&rates, &ceilings);
        let figure = figure.against("the lower of HTTP echo and raw group commit", &rates, &ceilings);
        if connections == 64 { figure.should("0.5 of the lower ceiling", of_ceiling >= 500) } else { figure }
    } else {
        figure
    };
    Ok(vec![
        figure,
        Figure::of(NAME, format!("{name}: p50"), "us", &p50),
        Figure::of(NAME, format!("{name}: p99"), "us", &p99),
        Figure::of(NAME, format!("{name}: turned away"), "requests", &refused),
        Figure::of(NAME, format!("{name}: HTTP echo"), "requests/s", &echoes),
    ])
}

/// The 99th percentile at half load with 50 ms of Payoneer's time, less that time.
fn overhead(scale: &Scale, runtime: &tokio::runtime::Runtime) -> Result<Figure, Failed> {
    let stage = Stage::build(scale, runtime, 50)?;
    let mut over = Vec::new();
    for run in 0..scale.runs {
        let aim = stage.aim(&format!("half{run}"));
        // As many connections as are sent at once, each resting as long as Payoneer takes.
        let load = load::charges(&aim, 16, scale.of(800, 16), Some(Duration::from_millis(50)));
        let came = runtime.block_on(load)?;
        over.push(percentile(&came.latencies, 99).saturating_sub(50_000));
    }
    let figure = Figure::of(NAME, "overhead p99 at half load, Payoneer 50 ms", "us", &over);
    let reached = figure.value < 10_000;
    Ok(figure.should("under 10000 us", reached))
}

/// The bare HTTP server, in a process of its own. It ends when its standard input does.
struct Echo {
    child: Child,
    url: String,
}

impl Echo {
    fn start() -> Result<Self, Failed> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut child = command.arg("echo").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut url = String::new();
        let out = child.stdout.take().ok_or("no output")?;
        BufReader::new(out).read_line(&mut url)?;
        Ok(Self { child, url: url.trim().to_owned() })
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
