//! Where Payoneer sends the browser back to, and where it goes from here: only ever to the address that was registered
//! for this very session. Coming back proves nothing; the mandate says what came of the trip.

use super::language::Language;
use super::page::{Link, Page, Tone, see_other};
use super::trouble;
use super::visit::{Token, Visit};
use crate::app::App;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::authorization::AuthorizationSession;
use domain::mandate::{self, Mandate};
use domain::program::Program;
use std::sync::Arc;

/// `GET /return/{token}`
pub(crate) async fn show(State(app): State<Arc<App>>, token: Token, visit: Visit) -> Response {
    let path = token.path("return");
    let Some(token) = token.text() else { return trouble::not_found(&visit, &path).into_response() };
    match app.engine.authorization_by_token(token).await {
        Ok(Some((_, session, mandate))) if mandate.state == mandate::State::Active => see_other(&session.return_url),
        Ok(Some((program, session, mandate))) => {
            let language = visit.language(None);
            let page = page(&program, &session, &mandate, (&visit, language, &path));
            page.remembering(&visit, app.engine.public_url()).into_response()
        }
        Ok(None) => trouble::not_found(&visit, &path).into_response(),
        Err(error) => trouble::of(error, &visit, &path).into_response(),
    }
}

fn page(program: &Program, session: &AuthorizationSession, mandate: &Mandate, at: (&Visit, Language, &str)) -> Page {
    let (visit, language, path) = at;
    let texts = language.texts();
    let page = match mandate.state {
        mandate::State::Pending | mandate::State::Active => {
            let label = texts.back_to_payoneer.to_owned();
            let link = Link { id: "back-to-payoneer", href: session.url.clone(), label };
            Page::new(at, "returning", Tone::Wait, &texts.returning).looking_again(visit, path).with_link(link)
        }
        mandate::State::InReview => Page::new(at, "in-review", Tone::Wait, &texts.in_review).looking_again(visit, path),
        mandate::State::Declined => Page::new(at, "declined", Tone::Bad, &texts.declined),
        mandate::State::Suspended => Page::new(at, "suspended", Tone::Bad, &texts.suspended),
        mandate::State::Revoked | mandate::State::Expired => {
            Page::new(at, "not-authorized", Tone::Bad, &texts.not_authorized)
        }
    };
    let label = (texts.back_to)(&program.name);
    let back = Link { id: "back", href: session.return_url.clone(), label };
    page.with_link(back).in_test_mode(!program.environment.is_live())
}
