//! Looking at the hosted page: which view a GET shows.
//! Nothing is changed here.

use axum::http::StatusCode;
use axum::response::Response;

use super::super::shell::see_other;
use super::answers::Step;
use super::here::Here;
use crate::world::LinkKind;

/// Shows the view that was asked for, or the one that is next for this browser.
pub(super) fn show(here: &Here) -> Response {
    let visit = here.visit();
    if let Some(completion) = &here.link.completed {
        return if visit.finished { here.done_page(completion) } else { here.used_page() };
    }
    if here.registered {
        return here.taken_page();
    }
    let ok = StatusCode::OK;
    match here.ask.step.as_str() {
        "login" => here.log_in_page(ok, &visit.log_in_email, None),
        "consent" => match here.signed_in(&visit) {
            Some(account) => here.consent_page(&account),
            None => see_other(&here.ask.address("login")),
        },
        "declined" => match visit.declined {
            Some((url, seconds)) => here.declined_page(url.as_deref(), seconds),
            None => see_other(&here.ask.address("")),
        },
        wanted => match Step::ALL.into_iter().find(|step| step.name() == wanted) {
            Some(step) if step <= here.reached(&visit) => here.step_page(ok, step, &visit, &[], false),
            Some(_) => see_other(&here.ask.address(here.reached(&visit).name())),
            None => match here.signed_in(&visit) {
                Some(account) => here.consent_page(&account),
                None if here.link.kind == LinkKind::Login => here.log_in_page(ok, &here.link.prefill_email, None),
                None => here.step_page(ok, Step::Start, &visit, &[], false),
            },
        },
    }
}
