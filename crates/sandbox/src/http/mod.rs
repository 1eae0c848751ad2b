//! Everything that is served, on one page: of each world the pages, the control API, and the v2 API as whatever is left;
//! and the worlds beside each other. No behaviour of its own.

mod basic;
mod bodies;
mod disturbed;
mod guard;
mod spaces;
mod v2;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;

use crate::App;
use crate::namespace::Namespaces;
use crate::{control, pages};

/// All worlds: the namespaces below `/ns/`, and the sandbox's own one everywhere else.
pub(crate) fn router(namespaces: &Arc<Namespaces>) -> Router {
    let root = &namespaces.root().app;
    let control = control::namespaces()
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(Arc::clone(root), guard::browsers))
        .with_state(Arc::clone(namespaces));
    control.fallback_service(spaces::Spaces::router(namespaces, world(root)))
}

/// All routes of one world.
pub(crate) fn world(app: &Arc<App>) -> Router {
    let guarded = Router::new()
        .merge(pages::router())
        .nest("/_sandbox", control::router())
        // The guard has read the body whole, within bounds of its own.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(Arc::clone(app), guard::browsers));
    guarded.fallback(v2::serve).with_state(Arc::clone(app))
}
