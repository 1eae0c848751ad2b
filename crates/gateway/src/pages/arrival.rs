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
            let to_checkout = is_checkout(&session.return_url, app.engine.public_url());
            if to_checkout && mandate.state != mandate::State::Pending {
                // A checkout says the same, and what it is about, and what can be done.
                return see_other(&session.return_url);
            }
            let language = visit.language(None);
            let page = page(&program, &session, &mandate, (&visit, language, &path));
            let label = if to_checkout {
                language.texts().back_to_payment.to_owned()
            } else {
                (language.texts().back_to)(&program.name)
            };
            let page = page.with_link(Link { id: "back", href: session.return_url, label });
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
    page.in_test_mode(!program.environment.is_live())
}

/// Whether an address is that of a checkout of ours.
fn is_checkout(address: &str, public_url: &str) -> bool {
    address.strip_prefix(public_url).is_some_and(|path| path.starts_with("/checkout/"))
}
