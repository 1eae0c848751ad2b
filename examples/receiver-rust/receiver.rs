//! A receiver of Tollgate's webhooks in Rust, with the `standardwebhooks` library: verifies, remembers what it has seen,
//! answers at once. The work itself belongs behind the answer, where the line is printed.
//!
//! ```sh
//! TOLLGATE_WEBHOOK_SECRET=whsec_... cargo run -p tollgate --example receiver     # listens on 127.0.0.1:3000
//! ```

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use standardwebhooks::Webhook;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// No event is larger.
const BODY_MAX: usize = 1024 * 1024;

struct Receiver {
    webhook: Webhook,
    /// The ids of the events that came already. In a real shop this is a table, in the transaction of the work.
    seen: Mutex<HashSet<String>>,
}

async fn receive(State(receiver): State<Arc<Receiver>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    // Over the exact bytes that came, before anything is read of them.
    if receiver.webhook.verify(&body, &headers).is_err() {
        return StatusCode::BAD_REQUEST;
    }
    let Ok(event) = serde_json::from_slice::<serde_json::Value>(&body) else { return StatusCode::BAD_REQUEST };
    let id = event["id"].as_str().unwrap_or_default().to_owned();
    let Ok(mut seen) = receiver.seen.lock() else { return StatusCode::INTERNAL_SERVER_ERROR };
    // Delivery is at least once: what came before is thanked for again, and nothing more.
    if seen.insert(id) {
        println!("{} {} {}", event["sequence"], event["type"].as_str().unwrap_or("-"), event["subject"]);
    }
    StatusCode::NO_CONTENT
}

/// Receives on this listener until the process ends.
pub async fn serve(listener: TcpListener, secret: &str) -> Result<(), Box<dyn std::error::Error>> {
    let receiver = Receiver { webhook: Webhook::new(secret)?, seen: Mutex::default() };
    let app = Router::new().route("/", post(receive)).layer(DefaultBodyLimit::max(BODY_MAX));
    axum::serve(listener, app.with_state(Arc::new(receiver))).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let secret = std::env::var("TOLLGATE_WEBHOOK_SECRET")?;
    let port = std::env::var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on {}", listener.local_addr()?);
    serve(listener, &secret).await
}
