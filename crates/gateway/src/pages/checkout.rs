//! The checkout: authorise where needed, confirm, pay once. What is shown follows from what the engine knows.

use super::language::Language;
use super::page::{Button, Link, Page, Payment, Tone, see_other};
use super::texts::Texts;
use super::trouble;
use super::visit::{Token, Visit};
use crate::app::App;
use crate::engine::{CheckoutView, Error};
use crate::http::{Refused, to_the_end};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::attempt::Failure;
use domain::{charge, checkout, mandate};
use payoneer::Code;
use std::sync::Arc;
use url::Url;

/// The first part of the page's address.
const PLACE: &str = "checkout";
/// Seconds for which a receipt is shown before the browser goes on.
const RECEIPT_SECONDS: u32 = 2;

/// What a checkout page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Scene {
    /// The payee must allow the merchant first; `true` when an earlier permission ended.
    Authorize(bool),
    /// Payoneer has not decided about the payee.
    InReview,
    /// Payoneer said no to the payee.
    Declined,
    /// Payoneer has blocked the payee.
    Suspended,
    /// Ready to be paid.
    Confirm,
    /// Nobody knows yet whether it was paid.
    Processing,
    /// It was paid.
    Paid,
    /// It was paid and given back.
    Refunded,
    /// It can no longer be paid.
    Expired,
    /// Payoneer refused the last charge.
    Failed(Option<Failure>),
    /// The last charge never left.
    NotSent,
    /// The last charge was withdrawn.
    Canceled,
}

/// `GET /checkout/{token}`
pub(crate) async fn show(State(app): State<Arc<App>>, token: Token, visit: Visit) -> Response {
    let path = token.path(PLACE);
    match look(&app, &token, &visit, &path).await {
        Ok(view) => present(&app, &view, &visit, &path),
        Err(page) => *page,
    }
}

/// `POST /checkout/{token}/authorize`: to Payoneer's page.
///
/// The answer is a page that goes there by itself, not a redirect: browsers hold a redirect after a form against the
/// form's `form-action`, which names only ourselves, and Payoneer may redirect further to places we do not know.
pub(crate) async fn authorize(State(app): State<Arc<App>>, token: Token, visit: Visit) -> Response {
    let path = token.path(PLACE);
    let view = match visited(&app, &token, &visit, &path).await {
        Ok(view) => view,
        Err(page) => return *page,
    };
    if !matches!(scene(&view), Scene::Authorize(_) | Scene::Declined) {
        return see_other(&visit.after_form(&path));
    }
    let language = visit.language(view.session.language.as_deref());
    match app.engine.authorize_checkout(&view, language.as_str()).await {
        Ok(session) if is_web_address(&session.url) => {
            let (at, texts) = ((&visit, language, path.as_str()), language.texts());
            let page = Page::new(at, "leaving", Tone::Wait, &texts.leaving).going_to(&session.url, 0);
            page.in_test_mode(!view.program.environment.is_live()).into_response()
        }
        Ok(_) => {
            trouble::refused(&Refused::internal("Payoneer's link is no web address"), &visit, &path).into_response()
        }
        Err(error) => trouble::of(error, &visit, &path).into_response(),
    }
}

/// `POST /checkout/{token}/pay`: pays once, however often it is sent.
pub(crate) async fn pay(State(app): State<Arc<App>>, token: Token, visit: Visit) -> Response {
    let path = token.path(PLACE);
    let view = match visited(&app, &token, &visit, &path).await {
        Ok(view) => view,
        Err(page) => return *page,
    };
    let paid = to_the_end(&app, |engine| async move {
        match engine.pay_checkout(&view).await {
            Ok(_) => Ok(()),
            // The page itself shows what these mean.
            Err(Error::Unreachable { .. } | Error::PayeeNotAuthorized { .. } | Error::Refusal { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    });
    match paid.await {
        Ok(()) => see_other(&visit.after_form(&path)),
        Err(refused) => trouble::refused(&refused, &visit, &path).into_response(),
    }
}

/// The checkout that a form is about, if the form is ours.
async fn visited(app: &Arc<App>, token: &Token, visit: &Visit, path: &str) -> Result<CheckoutView, Box<Response>> {
    if !visit.is_ours {
        return Err(Box::new(trouble::foreign_form(visit, path).into_response()));
    }
    look(app, token, visit, path).await
}

/// The checkout at this address, or the page that says why there is none to show.
async fn look(app: &Arc<App>, token: &Token, visit: &Visit, path: &str) -> Result<CheckoutView, Box<Response>> {
    let found = match token.text() {
        Some(token) => app.engine.checkout_by_token(token).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(view)) => Ok(view),
        Ok(None) => Err(Box::new(trouble::not_found(visit, path).into_response())),
        Err(error) => Err(Box::new(trouble::of(error, visit, path).into_response())),
    }
}

fn is_web_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// What is shown follows from what is known; money first.
fn scene(view: &CheckoutView) -> Scene {
    if let Some(charge) = &view.charge {
        match charge.state {
            charge::State::Succeeded => return Scene::Paid,
            charge::State::RefundPending | charge::State::Refunded => return Scene::Refunded,
            charge::State::Processing | charge::State::RequiresAction => return Scene::Processing,
            charge::State::Created | charge::State::Failed | charge::State::Canceled => {}
        }
    }
    match view.session.state {
        checkout::State::Complete => return Scene::Paid,
        checkout::State::Expired => return Scene::Expired,
        checkout::State::Open => {}
    }
    match view.mandate.as_ref().map(|mandate| mandate.state) {
        None | Some(mandate::State::Pending) => Scene::Authorize(false),
        Some(mandate::State::Revoked | mandate::State::Expired) => Scene::Authorize(true),
        Some(mandate::State::InReview) => Scene::InReview,
        Some(mandate::State::Declined) => Scene::Declined,
        Some(mandate::State::Suspended) => Scene::Suspended,
        Some(mandate::State::Active) => match &view.charge {
            Some(charge) if charge.state == charge::State::Failed => Scene::Failed(charge.failure.clone()),
            Some(charge) if charge.state == charge::State::Created => Scene::NotSent,
            Some(charge) if charge.state == charge::State::Canceled => Scene::Canceled,
            _ => Scene::Confirm,
        },
    }
}

fn present(app: &App, view: &CheckoutView, visit: &Visit, path: &str) -> Response {
    let scene = scene(view);
    if scene == Scene::Paid && !visit.after_form {
        return see_other(&view.session.success_url);
    }
    let language = visit.language(view.session.language.as_deref());
    page(&scene, view, (visit, language, path)).remembering(visit, app.engine.public_url()).into_response()
}

fn page(scene: &Scene, view: &CheckoutView, at: (&Visit, Language, &str)) -> Page {
    let (visit, language, path) = at;
    let texts = language.texts();
    let (session, money) = (&view.session, view.session.money.to_string());
    let authorize = |label: &str| Button {
        id: "authorize",
        action: visit.here(&format!("{path}/authorize")),
        label: label.to_owned(),
    };
    let pay = |label: String| Button { id: "pay", action: visit.here(&format!("{path}/pay")), label };
    let consent = (texts.consent)(&view.program.name);
    let page = match scene {
        Scene::Authorize(again) => {
            let said = if *again { &texts.authorize_again } else { &texts.authorize };
            Page::new(at, "authorize", Tone::Ask, said).with_button(authorize(texts.authorize_button))
        }
        Scene::Declined => {
            Page::new(at, "declined", Tone::Bad, &texts.declined).with_button(authorize(texts.authorize_button))
        }
        Scene::InReview => Page::new(at, "in-review", Tone::Wait, &texts.in_review).looking_again(visit, path),
        Scene::Suspended => Page::new(at, "suspended", Tone::Bad, &texts.suspended),
        Scene::Confirm => Page::new(at, "confirm", Tone::Ask, &texts.confirm)
            .with_button(pay((texts.pay)(&money)))
            .with_consent(consent),
        Scene::Processing => Page::new(at, "processing", Tone::Wait, &texts.processing).looking_again(visit, path),
        Scene::Paid => Page::new(at, "paid", Tone::Good, &texts.paid).going_to(&session.success_url, RECEIPT_SECONDS),
        Scene::Refunded => Page::new(at, "refunded", Tone::Good, &texts.refunded),
        Scene::Expired => Page::new(at, "expired", Tone::Bad, &texts.expired),
        Scene::Failed(failure) => {
            let failed = Page::new(at, "failed", Tone::Bad, &texts.failed);
            let failed = failed.with_button(pay((texts.try_again)(&money))).with_consent(consent);
            match failure {
                Some(failure) => explain(failed, failure, texts),
                None => failed,
            }
        }
        Scene::NotSent => {
            let not_sent = Page::new(at, "not-sent", Tone::Bad, &texts.not_sent);
            not_sent.with_button(pay((texts.try_again)(&money))).with_consent(consent)
        }
        Scene::Canceled => {
            let canceled = Page::new(at, "canceled", Tone::Bad, &texts.canceled);
            canceled.with_button(pay((texts.pay)(&money))).with_consent(consent)
        }
    };
    way_back(page, scene, view, texts).with_payment(payment(view)).in_test_mode(!view.program.environment.is_live())
}

/// The link to the merchant, unless going away now would only confuse.
fn way_back(page: Page, scene: &Scene, view: &CheckoutView, texts: &Texts) -> Page {
    let href = match (scene, &view.session.cancel_url) {
        (Scene::Paid | Scene::Processing, _) | (_, None) => return page,
        (_, Some(url)) => url.clone(),
    };
    page.with_link(Link { id: "back", href, label: (texts.back_to)(&view.program.name) })
}

/// Why Payoneer refused, in plain words.
fn explain(page: Page, failure: &Failure, texts: &Texts) -> Page {
    let code = failure.code.parse::<i64>().ok().map(Code::from);
    let reason = match code {
        Some(Code::InsufficientBalance) => texts.reason_balance,
        Some(Code::CurrencyInvalid | Code::CurrencyUnavailable | Code::AmountRefused) => texts.reason_currency,
        Some(Code::PayeeInactive) => texts.reason_account,
        Some(Code::PayeeNotFound | Code::PayeeNotAuthorized) => texts.reason_authorization,
        _ => texts.reason_other,
    };
    let page = page.with_paragraph(reason);
    match failure.audit_id {
        Some(number) => page.with_note((texts.audit)(number)),
        None => page,
    }
}

fn payment(view: &CheckoutView) -> Payment {
    Payment {
        merchant: view.program.name.clone(),
        money: view.session.money,
        description: view.session.description.to_string(),
        reference: view.session.client_reference_id.as_ref().map(ToString::to_string),
    }
}
