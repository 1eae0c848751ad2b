//! A call that met a fault: the reply that it gets instead, late, in part or not at all.
//! What goes wrong was decided by the faults; the bytes go through the connection's line.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;

use crate::App;
use crate::deliver;
use crate::faults::{Act, Carry, End, Made};
use crate::line::{Line, Play};
use crate::provenance as p;

/// Does with the connection what the fault wants; `answer` is the true one.
pub(super) async fn carry_out(app: &Arc<App>, line: Line, act: Act, answer: Response) -> Response {
    let reply = act.made.map_or(answer, respond);
    if act.callbacks_first {
        deliver::drain(app).await;
    }
    match act.carry {
        Carry::Whole => reply,
        Carry::AfterMillis(millis) => {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(u64::from(millis))) => {}
                () = line.gone() => {}
            }
            reply
        }
        Carry::AfterSeconds(seconds) => {
            let at = app.read(|w| w.now().plus_seconds(u64::from(seconds)));
            tokio::select! {
                () = app.until(at) => {}
                () = line.gone() => {}
            }
            reply
        }
        Carry::Drip(millis) => {
            let (mut bytes, body) = raw(reply).await;
            bytes.extend_from_slice(&body);
            let pace = Some(Duration::from_millis(u64::from(millis)));
            line.play(Play { bytes, pace, end: End::Close }).await
        }
        Carry::Half(end) => {
            let (mut bytes, body) = raw(reply).await;
            bytes.extend_from_slice(body.get(..body.len() / 2).unwrap_or_default());
            line.play(Play { bytes, pace: None, end }).await
        }
        Carry::Nothing(end) => line.play(Play { bytes: Vec::new(), pace: None, end }).await,
    }
}

fn respond(made: Made) -> Response {
    let status = StatusCode::from_u16(made.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, made.body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(made.content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = made.retry_after_seconds {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    let fidelity = format!("{}; {}", p::FAULT.fidelity, p::FAULT.key);
    if let Ok(fidelity) = HeaderValue::from_str(&fidelity) {
        headers.insert(HeaderName::from_static("x-sandbox-fidelity"), fidelity);
    }
    response
}

/// A response as the bytes of HTTP/1.1: its head, and its body.
async fn raw(response: Response<Body>) -> (Vec<u8>, Vec<u8>) {
    let (parts, body) = response.into_parts();
    // The body is one text in memory; reading it cannot fail.
    let body = body.collect().await.map(|b| b.to_bytes().to_vec()).unwrap_or_default();
    let mut head = format!("HTTP/1.1 {}\r\n", parts.status).into_bytes();
    for (name, value) in parts.headers.iter().filter(|(name, _)| *name != header::CONTENT_LENGTH) {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()).as_bytes());
    (head, body)
}
