//! The pages for when something is not as it should be: no such address, a foreign form, an engine that says no.
//! What went wrong is told to the log; the reader is told what it means for the money.

use super::page::{Link, Page, Tone};
use super::texts::{Scene, Texts};
use super::visit::Visit;
use crate::engine::Error;
use crate::http::Refused;
use api::{Code, Outcome};
use axum::http::StatusCode;

/// An address that names nothing.
pub(super) fn not_found(visit: &Visit, path: &str) -> Page {
    page(visit, path, ("not-found", |texts| &texts.not_found)).with_status(StatusCode::NOT_FOUND)
}

/// A form that some other site sent.
pub(super) fn foreign_form(visit: &Visit, path: &str) -> Page {
    page(visit, path, ("foreign-form", |texts| &texts.foreign_form)).with_status(StatusCode::FORBIDDEN)
}

/// The engine said no, in a way that the page itself cannot show.
pub(super) fn of(error: Error, visit: &Visit, path: &str) -> Page {
    refused(&Refused::from(error), visit, path)
}

/// As [`of`], where the refusal is made already.
pub(super) fn refused(refused: &Refused, visit: &Visit, path: &str) -> Page {
    let problem = &refused.problem;
    if let Some(cause) = &refused.cause {
        let (request_id, code) = (visit.request_id.as_str(), problem.code.as_str());
        tracing::error!(request_id, code, cause, "a page failed");
    }
    let status = refused.status();
    let never = problem.outcome == Outcome::None && status.is_client_error() && problem.code != Code::NotFound;
    let language = visit.language(None);
    let scene: (_, fn(&'static Texts) -> &'static Scene) = match problem.code {
        Code::NotFound => ("not-found", |texts| &texts.not_found),
        _ if never => ("unpayable", |texts| &texts.unpayable),
        _ => ("unavailable", |texts| &texts.unavailable),
    };
    let texts = language.texts();
    let page = page(visit, path, scene).with_note((texts.request)(&visit.request_id)).with_status(status);
    if scene.0 != "unavailable" {
        return page;
    }
    let label = texts.look_again.to_owned();
    page.with_link(Link { id: "look-again", href: visit.here(path), label })
}

fn page(visit: &Visit, path: &str, (name, scene): (&'static str, fn(&'static Texts) -> &'static Scene)) -> Page {
    let language = visit.language(None);
    Page::new((visit, language, path), name, Tone::Bad, scene(language.texts()))
}
