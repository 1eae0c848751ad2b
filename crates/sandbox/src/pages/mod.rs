//! What people see in a browser: the hosted page, the merchant's back office and the start page.
//! Handlers read and change the world through its own methods; no rule of Payoneer's lives here.

mod assets;
mod format;
mod hosted;
mod lang;
mod office;
mod reader;
mod shell;
mod start;
mod texts;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;

use crate::App;

/// The largest form that is read, in bytes.
const LARGEST_FORM: usize = 64 * 1024;

/// Every page, and the files they need.
pub fn router() -> Router<Arc<App>> {
    let own = office::router().merge(start::router()).layer(axum::middleware::from_fn(reader::remember));
    let pages = hosted::router()
        .merge(own)
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(axum::middleware::map_response(async |response| shell::guarded(response)));
    pages.merge(assets::router())
}
