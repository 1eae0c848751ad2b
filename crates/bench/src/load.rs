//! Load over HTTP: so many connections, each sending its next request when the last one is answered. Counts and times
//! answers; what they mean is the benchmark's business.

use crate::Failed;
use crate::figure::micros;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A charge of the sandbox's first payee.
const CHARGE: &str = r#"{"payee_id":"Test123","amount":"0.01","currency":"USD","description":"A cent of the bench"}"#;

/// What came of a load.
#[derive(Debug, Default)]
pub(crate) struct Came {
    /// How long all of it took.
    pub(crate) took: Duration,
    /// How long each answered request took, in microseconds.
    pub(crate) latencies: Vec<u64>,
    /// How many were answered with another status than 200 or 201.
    pub(crate) refused: usize,
    /// What one of them was told.
    pub(crate) told: Option<String>,
}

/// Where to.
#[derive(Debug, Clone)]
pub(crate) struct Aim {
    /// The server.
    pub(crate) url: String,
    /// The API key.
    pub(crate) key: String,
    /// What makes idempotency keys of this load unlike those of any other.
    pub(crate) prefix: String,
}

/// Sends `count` charges over `connections` connections; with a `pause`, each connection rests so long between two.
pub(crate) async fn charges(
    aim: &Aim,
    connections: usize,
    count: usize,
    pause: Option<Duration>,
) -> Result<Came, Failed> {
    let sent = Arc::new(AtomicUsize::new(0));
    // One client for each, so that each has one connection.
    let client = || reqwest::Client::builder().no_proxy().pool_max_idle_per_host(1).build();
    let clients = (0..connections).map(|_| client()).collect::<Result<Vec<_>, _>>()?;
    let began = Instant::now();
    let mut tasks = Vec::new();
    for http in clients {
        let (sent, aim) = (Arc::clone(&sent), aim.clone());
        tasks.push(tokio::spawn(async move {
            let mut came = Came::default();
            loop {
                let number = sent.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return Ok::<_, Failed>(came);
                }
                let request = http.post(format!("{}/v1/charges", aim.url)).bearer_auth(&aim.key);
                let request = request.header("idempotency-key", format!("{}-{number}", aim.prefix));
                let asked = Instant::now();
                let answer = request.header("content-type", "application/json").body(CHARGE).send().await?;
                let status = answer.status().as_u16();
                let body = answer.bytes().await?;
                if matches!(status, 200 | 201) {
                    came.latencies.push(micros(asked.elapsed()));
                } else {
                    came.refused += 1;
                    came.told.get_or_insert_with(|| format!("{status} {}", String::from_utf8_lossy(&body)));
                }
                if let Some(pause) = pause {
                    tokio::time::sleep(pause).await;
                }
            }
        }));
    }
    let mut all = Came::default();
    for task in tasks {
        let came = task.await??;
        all.latencies.extend(came.latencies);
        all.refused += came.refused;
        all.told = all.told.or(came.told);
    }
    all.took = began.elapsed();
    Ok(all)
}
