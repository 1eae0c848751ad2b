//! The one page that names every route. What a route needs of its caller stands in the handler's signature.

use super::{
    answer, api_keys, audit, authorization_sessions, balance, callbacks, charges, checkout_sessions, deliveries,
    document, events, health, inbox, nodes, payees, payouts, program, refunds, settlements, webhook_endpoints,
};
use crate::app::App;
use crate::pages;
use axum::Router;
use axum::middleware;
use axum::routing::{any, delete, get, patch, post};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;

macro_rules! routes {
    ($($method:ident $path:literal => $handler:path;)+) => {
        /// Every route: its method (`any` for all of them) and its path.
        pub const ROUTES: &[(&str, &str)] = &[$((stringify!($method), $path)),+];

        fn table() -> Router<Arc<App>> {
            Router::new()$(.route($path, $method($handler)))+
        }
    };
}

routes! {
    get  "/healthz" => health::alive;
    get  "/readyz" => health::ready;
    get  "/openapi.json" => document::serve;
    get  "/docs" => pages::docs::show;

    post "/v1/authorization_sessions" => authorization_sessions::create;
    get  "/v1/authorization_sessions/{id}" => authorization_sessions::get;
    post "/v1/authorization_sessions/{id}/cancel" => authorization_sessions::cancel;

    get  "/v1/payees" => payees::list;
    get  "/v1/payees/{payee_id}" => payees::get;
    post "/v1/payees/{payee_id}/refresh" => payees::refresh;
    post "/v1/payees/{payee_id}/revoke" => payees::revoke;

    post "/v1/charges" => charges::create;
    get  "/v1/charges" => charges::list;
    get  "/v1/charges/{id}" => charges::get;
    post "/v1/charges/{id}/cancel" => charges::cancel;
    post "/v1/charges/{id}/refund" => charges::refund;
    post "/v1/charges/{id}/refresh" => charges::refresh;
    post "/v1/charges/{id}/settle" => settlements::settle_charge;
    post "/v1/charges/{id}/settle/withdraw" => settlements::withdraw_charge;

    get  "/v1/refunds" => refunds::list;
    get  "/v1/refunds/{id}" => refunds::get;
    post "/v1/refunds/{id}/settle" => settlements::settle_refund;
    post "/v1/refunds/{id}/settle/withdraw" => settlements::withdraw_refund;

    post "/v1/payouts" => payouts::create;
    get  "/v1/payouts" => payouts::list;
    get  "/v1/payouts/{id}" => payouts::get;
    post "/v1/payouts/{id}/cancel" => payouts::cancel;
    post "/v1/payouts/{id}/settle" => settlements::settle_payout;
    post "/v1/payouts/{id}/settle/withdraw" => settlements::withdraw_payout;

    get  "/v1/balance" => balance::get;
    get  "/v1/program" => program::get;

    post "/v1/checkout_sessions" => checkout_sessions::create;
    get  "/v1/checkout_sessions/{id}" => checkout_sessions::get;
    post "/v1/checkout_sessions/{id}/expire" => checkout_sessions::expire;

    get  "/v1/events" => events::list;
    get  "/v1/events/{id}" => events::get;

    get  "/v1/audit" => audit::list;
    get  "/v1/nodes" => nodes::list;

    post "/v1/webhook_endpoints" => webhook_endpoints::create;
    get  "/v1/webhook_endpoints" => webhook_endpoints::list;
    get  "/v1/webhook_endpoints/{id}" => webhook_endpoints::get;
    patch "/v1/webhook_endpoints/{id}" => webhook_endpoints::update;
    delete "/v1/webhook_endpoints/{id}" => webhook_endpoints::delete;
    post "/v1/webhook_endpoints/{id}/enable" => webhook_endpoints::enable;
    post "/v1/webhook_endpoints/{id}/disable" => webhook_endpoints::disable;
    post "/v1/webhook_endpoints/{id}/rotate_secret" => webhook_endpoints::rotate_secret;
    post "/v1/webhook_endpoints/{id}/test" => webhook_endpoints::test;
    post "/v1/webhook_endpoints/{id}/replay" => webhook_endpoints::replay;

    get  "/v1/deliveries" => deliveries::list;
    get  "/v1/deliveries/{id}" => deliveries::get;
    post "/v1/deliveries/{id}/resend" => deliveries::resend;

    post "/v1/api_keys" => api_keys::create;
    get  "/v1/api_keys" => api_keys::list;
    get  "/v1/api_keys/{id}" => api_keys::get;
    post "/v1/api_keys/{id}/revoke" => api_keys::revoke;

    get  "/v1/callbacks" => callbacks::list;
    get  "/v1/callbacks/{id}" => callbacks::get;
    post "/v1/callbacks/{id}/reprocess" => callbacks::reprocess;

    any  "/callbacks/payoneer/{program}/{token}" => inbox::receive;
    any  "/callbacks/payoneer/{program}/{token}/{event}" => inbox::receive;

    get  "/checkout/{token}" => pages::checkout::show;
    post "/checkout/{token}/authorize" => pages::checkout::authorize;
    post "/checkout/{token}/pay" => pages::checkout::pay;
    get  "/return/{token}" => pages::arrival::show;
    get  "/assets/{file}" => pages::assets::serve;
}

/// Every route, with what happens around each of them.
pub(crate) fn router(app: Arc<App>) -> Router {
    table()
        .fallback(answer::not_found)
        .method_not_allowed_fallback(answer::method_not_allowed)
        .layer(CatchPanicLayer::custom(answer::panicked))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), answer::finish))
        .with_state(app)
}
