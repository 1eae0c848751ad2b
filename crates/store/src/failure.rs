//! How a `Failure` is stored: one JSON text, because nothing is ever searched inside it.
//! Shared by attempts, charges, refunds and payouts; no SQL here.

use crate::{BadRow, Row};
use domain::attempt::Failure;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Stored {
    code: String,
    description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    audit_id: Option<i64>,
}

/// The text to store.
pub(crate) fn text(failure: Option<&Failure>) -> Option<String> {
    let Failure { code, description, hint, audit_id } = failure?.clone();
    serde_json::to_string(&Stored { code, description, hint, audit_id }).ok()
}

/// What the column `failure` holds.
pub(crate) fn read(row: &Row<'_>) -> Result<Option<Failure>, BadRow> {
    let Some(text) = row.opt_text("failure")? else { return Ok(None) };
    let stored: Stored = serde_json::from_str(&text).map_err(|e| BadRow::meaning("failure", e))?;
    let Stored { code, description, hint, audit_id } = stored;
    Ok(Some(Failure { code, description, hint, audit_id }))
}
