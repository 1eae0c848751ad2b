//! `/v1/events`: every fact in the order in which it was committed, to catch up with at any time.

use super::caller::ReadCaller;
use super::document::{self, Route};
use super::one::One;
use super::page;
use super::problem::Refused;
use super::query::{Params, Segment, only_true};
use crate::app::App;
use crate::engine::After;
use crate::view;
use api::{Code, Event, List};
use axum::Json;
use axum::extract::State;
use domain::EventId;
use domain::api_key::Scope;
use domain::event::EventType;
use serde_json::json;
use std::sync::Arc;
use store::events::{Filter, StoredEvent};

/// `GET /v1/events`: oldest first, after the event named by `after` or `after_sequence`; with `newest`, the newest first.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: ReadCaller,
    mut params: Params,
) -> Result<Json<List<Event>>, Refused> {
    let limit = page::limit(&mut params)?;
    let after = params.read("after", "the id of an event", EventId::parse)?;
    let sequence = params.read("after_sequence", "the sequence of an event", page::sequence)?;
    let kind = params.read("type", "the type of an event, such as `charge.succeeded`", EventType::parse)?;
    let subject = params.read("subject", "an id", page::id)?;
    let newest = params.read("newest", "`true`, or not given", only_true)?;
    params.finish()?;
    let filter = match (kind, subject) {
        (None, None) => Filter::All,
        (Some(kind), None) => Filter::Kind(kind),
        (None, Some(subject)) => Filter::Subject(subject),
        (Some(_), Some(_)) => return Err(Refused::field("?subject", "cannot be combined with `type`")),
    };
    let after = match (after, sequence) {
        (None, None) => After::Start,
        (Some(id), None) => After::Event(id),
        (None, Some(sequence)) => After::Sequence(sequence),
        (Some(_), Some(_)) => return Err(Refused::field("?after_sequence", "cannot be combined with `after`")),
    };
    let name = |stored: &StoredEvent| stored.event.id.to_string();
    if newest.is_some() {
        if !matches!((&filter, &after), (Filter::All, After::Start)) {
            return Err(Refused::field("?newest", "cannot be combined with other filters"));
        }
        // There is no page after this one: the order of events is from the oldest to the newest.
        return Ok(page::list(&app.engine.newest_events(&caller.program, limit).await?, limit, name, view::event));
    }
    let events = app.engine.events(&caller.program, &after, &filter, limit + 1).await?;
    Ok(page::list(&events, limit, name, view::event))
}

/// `GET /v1/events/{id}`
pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: ReadCaller,
    Segment(id): Segment,
) -> Result<One<Event>, Refused> {
    let id = EventId::parse(&id).ok_or_else(|| Refused::not_found("event"))?;
    let stored = app.engine.event(&caller.program, &id).await?;
    Ok(One(view::event(&stored)))
}

/// What the document says of these routes.
pub(super) fn describe() -> Vec<Route> {
    let types: Vec<_> = EventType::ALL.iter().map(ToString::to_string).collect();
    let id = json!({ "pattern": format!("^{}[0-9a-z]{{26}}$", EventId::PREFIX) });
    let filters = [
        document::limit(),
        document::text("after", "The id of an event: those after it, oldest first.", id),
        document::whole_number("after_sequence", "Those after the event with this sequence, instead of `after`.", 0),
        document::switch("newest", "The newest first, one page of them, with no other filter."),
        document::text("type", "Only events of this type.", json!({ "enum": types })),
        document::text("subject", "Only events of the thing with this id.", json!({ "pattern": "^[a-z0-9_]{1,64}$" })),
    ];
    vec![
        document::get("/v1/events", "List events")
            .about("Oldest first. `type` and `subject` cannot be combined.")
            .needs(Scope::Read)
            .query(filters)
            .lists::<Event>("A page of events.")
            .refuses(&[Code::NotFound]),
        document::get("/v1/events/{id}", "Look at an event").needs(Scope::Read).shows::<Event>("The event."),
    ]
}
