//! Taking what was posted on the hosted page: each step, the log-in and the decision, and where the browser goes next.
//! The world decides what they come to.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use secrecy::{ExposeSecret as _, SecretString};

use super::super::lang::Lang;
use super::super::shell::see_other;
use super::answers::{Answers, Step};
use super::ask::set_cookie;
use super::here::Here;
use super::person;
use super::rules::{self, Passwords, Problem, Problems};
use super::visit::Visit;
use crate::source;
use crate::world::{Refusal, Review};

/// Takes a posted form.
pub(super) async fn take(here: &Here) -> Response {
    let mut visit = here.visit();
    if let Some(completion) = &here.link.completed {
        return if visit.finished { here.done_page(completion) } else { here.used_page() };
    }
    if here.registered {
        return here.taken_page();
    }
    let known = here.ask.browser.is_some();
    let wanted = here.ask.field("step");
    let mut response = match wanted {
        "login" => log_in(here, &mut visit).await,
        "consent" => decide(here, &mut visit).await,
        _ => match Step::ALL.into_iter().find(|step| step.name() == wanted) {
            Some(step) => take_step(here, &mut visit, step).await,
            None => see_other(&here.ask.address("")),
        },
    };
    let browser = match &here.ask.browser {
        Some(browser) => browser.clone(),
        None => match source::unguessable(2) {
            Some(browser) => browser,
            None => return here.full_page(),
        },
    };
    here.visits.put(&browser, &here.link.token, visit);
    if !known {
        let secure = here.app.public_url().starts_with("https:");
        if let Ok(cookie) = HeaderValue::from_str(&set_cookie(&browser, secure)) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// The language button that sent the form, if one did.
fn language_wish(here: &Here) -> Option<Lang> {
    Lang::from_id(here.ask.field("langid"))
}

async fn take_step(here: &Here, visit: &mut Visit, step: Step) -> Response {
    let reached = here.reached(visit);
    visit.answers.take(step, here.ask.form());
    if let Some(lang) = language_wish(here) {
        return see_other(&here.ask.address_in(step.name(), Some(lang)));
    }
    if here.ask.field("go") == "back" {
        return see_other(&here.ask.address(step.before().unwrap_or(step).name()));
    }
    if step > reached {
        return here.step_page(StatusCode::CONFLICT, reached, visit, &[], true);
    }
    let problems = judge(here, visit, step);
    if !problems.is_empty() {
        return here.step_page(StatusCode::UNPROCESSABLE_ENTITY, step, visit, &problems, false);
    }
    match step.after() {
        Some(next) => see_other(&here.ask.address(next.name())),
        None => sign_up(here, visit).await,
    }
}

/// What is wrong with a step. A password that passes is kept, so that it is not asked for again.
fn judge(here: &Here, visit: &mut Visit, step: Step) -> Problems {
    let (one, two) = (here.ask.field("password"), here.ask.field("password_again"));
    let keep = visit.password.is_some() && one.is_empty() && two.is_empty();
    let passwords = (step == Step::Security && !keep).then_some(Passwords { one, two });
    let mut problems = rules::check(step, &visit.answers, passwords, here.today);
    if step == Step::Start && !problems.iter().any(|(field, _)| *field == "email") {
        let taken = here.app.read(|w| w.account_by_email(visit.answers.get("email")).is_some());
        if taken {
            problems.push(("email", Problem::EmailTaken));
        }
    }
    if passwords.is_some() && !problems.iter().any(|(field, _)| field.starts_with("password")) {
        visit.password = Some(SecretString::from(one.to_owned()));
    }
    problems
}

async fn sign_up(here: &Here, visit: &mut Visit) -> Response {
    let Some(password) = visit.password.clone() else {
        return see_other(&here.ask.address(Step::Security.name()));
    };
    let email = visit.answers.get("email").to_owned();
    let profile = person::profile(&visit.answers, here.today);
    let token = here.link.token.clone();
    let opened = here.app.change(move |w| w.sign_up(&token, &email, password.expose_secret(), profile)).await;
    match opened {
        Ok(ticket) => {
            *visit = Visit { ticket: Some(ticket), ..Visit::default() };
            see_other(&here.ask.address("consent"))
        }
        Err(Refusal::Conflict { field: "email", .. }) => {
            let problems = [("email", Problem::EmailTaken)];
            here.step_page(StatusCode::CONFLICT, Step::Start, visit, &problems, false)
        }
        Err(Refusal::Conflict { .. }) => here.used_page(),
        Err(Refusal::Invalid { field, why }) => {
            // The form's rules are stricter than the world's; if they ever are not, say so where it belongs.
            tracing::warn!(field, why, "the world refuses what the form allowed");
            let step = Step::ALL.into_iter().find(|step| step.fields().contains(&field)).unwrap_or(Step::Start);
            here.step_page(StatusCode::UNPROCESSABLE_ENTITY, step, visit, &[(field, Problem::NotLatin)], false)
        }
        Err(_) => here.full_page(),
    }
}

async fn log_in(here: &Here, visit: &mut Visit) -> Response {
    let mut typed = Answers::default();
    typed.set("email", here.ask.field("login_email"));
    let email = typed.get("email").to_owned();
    visit.log_in_email.clone_from(&email);
    if let Some(lang) = language_wish(here) {
        return see_other(&here.ask.address_in("login", Some(lang)));
    }
    let t = &here.t().log_in;
    let now = here.app.read(crate::world::World::now);
    if let Some(minutes) = here.visits.pause(&here.link.token, &email, now) {
        let mut response = here.log_in_page(StatusCode::TOO_MANY_REQUESTS, &email, Some((t.too_often)(minutes)));
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(minutes.saturating_mul(60)));
        return response;
    }
    let password = SecretString::from(here.ask.field("login_password").to_owned());
    let (token, address) = (here.link.token.clone(), email.clone());
    let result = here.app.change(move |w| w.log_in(&token, &address, password.expose_secret())).await;
    match result {
        Ok(ticket) => {
            here.visits.succeeded(&here.link.token, &email);
            visit.ticket = Some(ticket);
            see_other(&here.ask.address("consent"))
        }
        Err(Refusal::WrongPassword) => {
            here.visits.failed(&here.link.token, &email, now);
            here.log_in_page(StatusCode::UNPROCESSABLE_ENTITY, &email, Some(t.wrong.to_owned()))
        }
        Err(_) => here.used_page(),
    }
}

async fn decide(here: &Here, visit: &mut Visit) -> Response {
    let Some(ticket) = visit.ticket.clone().filter(|_| here.signed_in(visit).is_some()) else {
        return see_other(&here.ask.address("login"));
    };
    let token = here.link.token.clone();
    match here.ask.field("decision") {
        "approve" => {
            let review = match here.ask.field("review") {
                "approve" => Some(Review::Approve),
                "pending" => Some(Review::Pending),
                "decline" => Some(Review::Decline),
                _ => None,
            };
            match here.app.change(move |w| w.consent(&token, &ticket, review)).await {
                Ok(_) => {
                    *visit = Visit { finished: true, ..Visit::default() };
                    see_other(&here.ask.address("done"))
                }
                Err(Refusal::Conflict { field: "payee_id", .. }) => here.taken_page(),
                Err(Refusal::Full(_)) => here.full_page(),
                Err(_) => here.used_page(),
            }
        }
        "decline" => match here.app.change(move |w| w.decline_consent(&token, &ticket)).await {
            Ok(way) => {
                *visit = Visit { declined: Some(way), answers: visit.answers.clone(), ..Visit::default() };
                see_other(&here.ask.address("declined"))
            }
            Err(_) => here.used_page(),
        },
        _ => see_other(&here.ask.address("consent")),
    }
}
