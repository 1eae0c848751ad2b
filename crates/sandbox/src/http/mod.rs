//! Everything that is served, on one page: the pages, the control API, and the v2 API as whatever is left.
//! No behaviour of its own.

mod basic;
mod bodies;
mod disturbed;
mod guard;
mod v2;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;

use crate::App;
use crate::{control, pages};

/// All routes.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let guarded = Router::new()
        .merge(pages::router())
        .nest("/_sandbox", control::router())
        // The guard has read the body whole, within bounds of its own.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(Arc::clone(app), guard::browsers));
    guarded.fallback(v2::serve).with_state(Arc::clone(app))
}
