//! The OpenAPI 3.1 document of the API, made of what stands beside each handler and of the types in `api`.
//! `docs/openapi.json` is its committed copy; a test holds it, the router and this against each other.

mod route;
mod schemas;

pub(super) use route::{Route, get, limit, other, page, post, range, switch, text, whole_number, word};

use super::version::VERSIONS;
use super::{
    api_keys, audit, authorization_sessions, balance, callbacks, charges, checkout_sessions, deliveries, events,
    health, nodes, payees, payouts, program, refunds, settlements, webhook_endpoints,
};
use api::Code;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use schemas::Schemas;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

const ABOUT: &str = "\
Take money through Payoneer, safely. One gateway serves one or several programs; an API key opens one of them.

**The same request twice is one charge.** Every request that can move money carries an `Idempotency-Key`; repeat it \
with the same key and the same body whenever you are in doubt, and never with a new key.

**Three outcomes.** `done`: money moved. `none`: certainly not. `unknown`: nobody can say yet, and the gateway is \
finding out; the resource says when it knows.

**Refusals** are problem documents (RFC 9457) with a `code` for programs, an `outcome`, and in `retry` whether and how \
to try again.

**Versions.** `Tollgate-Version` names the day of the API that a caller was written against. Under one version fields, \
routes and parameters may be added and new codes of problems and types of events may appear, so ignore what you do not \
know; nothing is taken away and no word changes its meaning. A version that the gateway does not know is refused \
with 400. Without the header the newest version answers.";

/// Every operation, in the order in which the document is read.
fn operations() -> Vec<Route> {
    [
        authorization_sessions::describe(),
        payees::describe(),
        charges::describe(),
        refunds::describe(),
        payouts::describe(),
        balance::describe(),
        program::describe(),
        checkout_sessions::describe(),
        events::describe(),
        audit::describe(),
        settlements::describe(),
        api_keys::describe(),
        webhook_endpoints::describe(),
        deliveries::describe(),
        callbacks::describe(),
        nodes::describe(),
        health::describe(),
        describe(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// In these ways a request that sends something to Payoneer can be refused, whatever it sends.
pub(super) const SENDS: &[Code] = &[
    Code::PayoneerError,
    Code::PayoneerUnreachable,
    Code::PayoneerDown,
    Code::PayoneerBusy,
    Code::Quarantined,
    Code::Draining,
];

/// What the document says of itself.
fn describe() -> Vec<Route> {
    vec![
        get("/openapi.json", "This document").states("OpenAPI 3.1."),
        get("/docs", "This document for people").gives("text/html", "A page that needs no script and no network."),
    ]
}

/// What each first part of a path is about.
const TAGS: &[(&str, &str)] = &[
    ("authorization_sessions", "Trips of a payee to Payoneer's hosted page, on which it authorises charges."),
    ("payees", "The merchant's users as Payoneer knows them, and the standing permission to charge each."),
    ("charges", "Money taken from a payee's Payoneer balance."),
    ("refunds", "Money given back: always the whole of a charge."),
    ("payouts", "Money sent to a payee."),
    ("balance", "What the program has at Payoneer."),
    ("program", "The account with Payoneer that the API key opens."),
    ("checkout_sessions", "Hosted pages on which a payee authorises, confirms and pays."),
    ("events", "Every fact, in the order in which it was committed."),
    ("webhook_endpoints", "Where events are sent to, signed after the Standard Webhooks specification."),
    ("deliveries", "Each event on its way to each endpoint, with every request that was made for it."),
    ("audit", "Every administrative change, by whom and why."),
    ("api_keys", "The keys that open the program."),
    ("callbacks", "What Payoneer sent, as it came."),
    ("nodes", "The processes that serve from this database: one, or several on PostgreSQL."),
    ("healthz", "Whether the process lives."),
    ("readyz", "Whether it should be sent requests."),
    ("openapi", "This document."),
    ("docs", "This document for people."),
];

/// The document as JSON with sorted names.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| format!("{:#}\n", document()));

/// The OpenAPI document as the gateway serves it: JSON, sorted and indented.
pub fn openapi() -> &'static str {
    &DOCUMENT
}

/// `GET /openapi.json`
pub(super) async fn serve() -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], openapi()).into_response()
}

/// The whole document.
pub(crate) fn document() -> Value {
    let operations = operations();
    let mut schemas = Schemas::default();
    // Twice: the form of an id in a path is known when its resource is.
    for operation in &operations {
        operation.render(&mut schemas);
    }
    let mut paths = Map::new();
    for operation in &operations {
        let (method, path) = operation.address();
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[method] = operation.render(&mut schemas);
    }
    let tags: Vec<_> =
        TAGS.iter().map(|(name, description)| json!({ "name": name, "description": description })).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tollgate",
            "version": VERSIONS.last(),
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "The gateway that serves this document." }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "parameters": parameters(),
            "headers": headers(),
            "securitySchemes": { "api_key": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "tg_...",
                "description": "An API key, made by `tollgate key create`. Its scopes are `read`, `charge`, `payout` \
                    and `admin`; `admin` may do everything. The roles beside an operation are the scope it needs.",
            } },
        },
    })
}

fn parameters() -> Value {
    json!({
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": true,
            "description": "Fresh for every new request, the same for every repeat of it; kept for ever.",
            "schema": { "type": "string", "pattern": "^[!-~]{1,255}$", "maxLength": 255 },
            "example": "order-4711",
        },
        "IfNoneMatch": {
            "name": "If-None-Match",
            "in": "header",
            "required": false,
            "description": "The `ETag` of an earlier answer: nothing is sent again if it still holds.",
            "schema": { "type": "string" },
        },
        "Version": {
            "name": "Tollgate-Version",
            "in": "header",
            "required": false,
            "description": "The version of the API that the caller was written against.",
            "schema": { "type": "string", "enum": VERSIONS },
        },
    })
}

fn headers() -> Value {
    let text = |description: &str| json!({ "description": description, "schema": { "type": "string" } });
    json!({
        "X-Request-Id": text("Finds this request in the gateway's log. A harmless one from the caller is kept."),
        "Tollgate-Version": text("The version that answered."),
        "Location": text("Where the resource is."),
        "ETag": text("Names this state of the resource, for `If-None-Match`."),
        "Idempotent-Replayed": text("`true`: an earlier request with the same key made the resource."),
        "RateLimit-Policy": text("How much this key may ask; absent while nothing is limited."),
        "RateLimit": text("How much is left of it now; absent while nothing is limited."),
        "Retry-After": { "description": "Seconds to wait.", "schema": { "type": "integer", "minimum": 0 } },
    })
}

#[cfg(test)]
mod tests;
