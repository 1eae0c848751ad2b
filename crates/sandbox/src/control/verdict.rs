//! The verdict, and the intents that the client under test reports for it.
//! Judging happens in the crate-level `verdict`.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::Shared;
use super::problem::Problem;
use super::wire::{Input, List, Page, Params};
use crate::verdict::{Form, Verdict};
use crate::world::{Intent, NewIntent};

/// In which form the verdict is wanted, and the language that its page begins in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    #[serde(default)]
    format: Form,
    lang: Option<String>,
}

pub(super) async fn show(
    State(app): Shared,
    headers: HeaderMap,
    Params(wish): Params<Wish>,
) -> Result<Response, Problem> {
    let verdict = app.read(Verdict::of);
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let text = verdict.written(wish.format, wish.lang.as_deref().or(accepted)).map_err(|error| {
        tracing::error!(%error, "the verdict could not be written");
        Problem::conflict("the verdict cannot be put into words")
    })?;
    // The page brings its style along and runs nothing.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
    Ok(([(CONTENT_TYPE, wish.format.media_type()), (CONTENT_SECURITY_POLICY, policy)], text).into_response())
}

/// Notes what the client means, or what it says now.
pub(super) async fn note_intent(State(app): Shared, Input(new): Input<NewIntent>) -> Result<Json<Intent>, Problem> {
    Ok(Json(app.change(|w| w.note_intent(new)).await?))
}

pub(super) async fn intents(State(app): Shared, Params(page): Params<Page>) -> Result<Json<List<Intent>>, Problem> {
    app.read(|w| {
        let wanted = w.intents().filter(|i| page.wants(&i.payee_id));
        page.of(wanted, |i| i.intent.clone(), |name| Some(name.to_owned())).map(|list| list.map(Intent::clone))
    })
    .map(Json)
}
