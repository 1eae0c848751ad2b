//! Settings: shown with the secret masked, changed by merging.
//! What each setting means is said where settings are defined.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Shared;
use super::problem::Problem;
use super::wire::Input;
use crate::world::{Secret, Settings, Style};

/// Settings as JSON; the secret is masked.
fn view(settings: &Settings) -> Result<Value, Problem> {
    let mut value = raw(settings)?;
    if let Some(secret) = value.pointer_mut("/hmac/secret").filter(|s| !s.is_null()) {
        *secret = Value::from(Secret::MASK);
    }
    Ok(value)
}

fn raw(settings: &Settings) -> Result<Value, Problem> {
    serde_json::to_value(settings).map_err(|e| Problem::malformed(e.to_string()))
}

pub(super) async fn show(State(app): Shared) -> Result<Json<Value>, Problem> {
    view(&app.read(|w| w.settings().clone())).map(Json)
}

/// Merges the body into the settings as RFC 7396 says; a masked secret means the one that is set.
pub(super) async fn patch(State(app): Shared, Input(patch): Input<Map<String, Value>>) -> Result<Json<Value>, Problem> {
    let settings = app
        .change(|w| {
            let mut value = raw(w.settings())?;
            let mut patch = Value::Object(patch);
            let hmac = patch.get_mut("hmac").and_then(Value::as_object_mut);
            if let Some(hmac) = hmac.filter(|h| h.get("secret").is_some_and(|s| s == Secret::MASK)) {
                hmac.remove("secret");
            }
            merge(&mut value, patch);
            let settings: Settings =
                serde_json::from_value(value).map_err(|e| Problem::invalid(None, e.to_string()))?;
            w.set_settings(settings.clone())?;
            Ok::<_, Problem>(settings)
        })
        .await?;
    view(&settings).map(Json)
}

fn merge(into: &mut Value, patch: Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (key, value) in patch {
                // A missing optional setting and a null one are the same; a map's entry goes away.
                if value.is_null() && into.get(&key).is_some_and(Value::is_object) {
                    into.remove(&key);
                } else {
                    merge(into.entry(key).or_insert(Value::Null), value);
                }
            }
        }
        (into, patch) => *into = patch,
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fill {
    base_url: String,
    #[serde(default)]
    method: Style,
}

/// Sets one callback template per event of Payoneer's, made of a base address and the guide's examples.
pub(super) async fn fill_callbacks(State(app): Shared, Input(fill): Input<Fill>) -> Result<Json<Value>, Problem> {
    let settings = app
        .change(|w| {
            let callbacks = Settings::example_callbacks(&fill.base_url, fill.method);
            let settings = Settings { callbacks, ..w.settings().clone() };
            w.set_settings(settings.clone()).map(|()| settings)
        })
        .await
        .map_err(|bad| Problem::invalid(Some("base_url"), format!("base_url {}", bad.why)))?;
    view(&settings).map(Json)
}
