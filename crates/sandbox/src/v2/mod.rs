//! The imitated v2 API as a pure function: a request in, the world changed, an answer out.
//! Every v2 request passes through [`meet`] (where faults may disturb it) or [`answer`] (where none do); no I/O here.

mod body;
mod charges;
mod meet;
mod payees;
mod payouts;
mod reply;
mod reports;
mod route;
mod subject;

use std::borrow::Cow;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::faults::Subject;
use crate::provenance::{self as p, Behaviour};
use crate::world::{Answered, ApiCall, Arrival, Exchange, Refusal, World};

use body::Body;
use reply::{Bad, Good, Node};
use route::{Call, Miss};

pub use meet::{Met, Sender, abandon, catch_up, meet};

/// The largest body that is read, in bytes.
pub const MAX_BODY: usize = 1024 * 1024;

/// What came in.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// HTTP method, upper case.
    pub method: &'a str,
    /// Path and query, as they came.
    pub target: &'a str,
    /// Whether the Basic credentials are the program's.
    pub authorized: bool,
    /// The body; nothing when it was larger than [`MAX_BODY`].
    pub body: Option<&'a [u8]>,
}

impl Request<'_> {
    /// Whether it is for the imitated API and not for some other path.
    fn is_payoneers(&self) -> bool {
        self.target.trim_start_matches('/').starts_with("v2")
    }
}

/// What goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: String,
    /// The methods that the path takes, when the request's is none of them.
    pub allow: Option<String>,
    /// Where the behaviour comes from.
    pub behaviour: &'static Behaviour,
    /// Whether the world changed in more than its log.
    pub effect: bool,
}

/// What the sandbox needs to know beside the world.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The address in front of `/partners/lp.aspx`, without a slash at the end.
    pub public_url: &'a str,
}

/// Answers one request; no fault disturbs it.
pub fn answer(world: &mut World, context: Context<'_>, request: &Request<'_>) -> Answer {
    let admitted = admit(world, request);
    let (subject, applied) = (subject::of(&admitted), admitted.is_ok());
    let outcome = admitted.and_then(|(call, body)| apply(world, context, &call, &body, None));
    seal(world, request, subject, applied, outcome)
}

/// Reading: who is calling, and what for. Nothing has changed when this refuses.
fn admit(world: &World, request: &Request<'_>) -> Result<(Call, Body), Bad> {
    let found = route::find(&world.program().id, request.method, request.target);
    if !request.authorized && found != Err(Miss::Elsewhere) {
        let hint = "Use HTTP Basic authentication with the program's username and API password";
        return Err(Bad::transport(&p::UNAUTHORIZED, 401, "Unauthorized").hint(hint));
    }
    let call = match found {
        Ok(call) => call,
        Err(Miss::Path | Miss::Elsewhere) => return Err(Bad::transport(&p::PATH_UNKNOWN, 404, "Not Found")),
        Err(Miss::Program) => return Err(Bad::transport(&p::PROGRAM_UNKNOWN, 404, "Program was not found")),
        Err(Miss::Method(allowed)) => {
            let bad = Bad::transport(&p::METHOD_WRONG, 405, "Method Not Allowed");
            return Err(Bad { allow: Some(allowed.join(", ")), ..bad });
        }
    };
    let Some(bytes) = request.body else {
        return Err(Bad::transport(&p::BODY_TOO_LARGE, 413, "Request Entity Too Large"));
    };
    let body = if call.reads_body() { Body::parse(bytes)? } else { Body::default() };
    Ok((call, body))
}

/// Applying a call, or refusing to where the sandbox is strict and nothing certain is known of the answer.
fn apply(
    world: &mut World,
    context: Context<'_>,
    call: &Call,
    body: &Body,
    arrived: Option<Arrival>,
) -> Result<Good, Bad> {
    // What is refused must not have happened, and only the answer tells on what it rests.
    let before = (world.settings().strict && call.changes()).then(|| world.clone());
    let outcome = carry_out(world, context, call, body, arrived);
    let behaviour = outcome.as_ref().map_or_else(|bad| bad.behaviour, |good| good.behaviour);
    if !world.settings().strict || behaviour.fidelity.is_known() {
        return outcome;
    }
    if let Some(before) = before {
        *world = before;
    }
    Err(guess(behaviour))
}

/// What a strict sandbox says instead of an answer that rests on a guess.
fn guess(behaviour: &'static Behaviour) -> Bad {
    let Behaviour { key, says, fidelity, source, .. } = behaviour;
    let hint = format!("{key} is {fidelity}, not known: {says} It rests on: {source}");
    Bad::transport(&p::STRICT, 501, "The sandbox is strict and does not guess").hint(hint)
}

/// Carrying out: the one place where a call takes effect.
fn carry_out(
    world: &mut World,
    context: Context<'_>,
    call: &Call,
    body: &Body,
    arrived: Option<Arrival>,
) -> Result<Good, Bad> {
    match call {
        Call::Echo => Ok(Good::new(&p::ECHO)),
        Call::ApiVersion => Ok(Good::new(&p::API_VERSION).with("version", Node::text("4.18"))),
        Call::Balance => Ok(payouts::balance(world)),
        Call::MakeLink(kind) => payees::make_link(world, context, *kind, body),
        Call::PayeeStatus(id) => payees::status(world, id),
        Call::PayeeDetails(id) => payees::details(world, id),
        Call::ReleasePayee(id) => payees::release(world, id),
        Call::CreateCharge => charges::create(world, body, arrived),
        Call::ChargeStatus(reference) => charges::status(world, reference),
        Call::CancelCharge(reference) => charges::cancel(world, reference),
        Call::CreatePayout => payouts::create(world, body),
        Call::PayoutStatus(reference) => payouts::status(world, reference),
        Call::CancelPayout(reference) => payouts::cancel(world, reference),
        Call::PayeeReport(query) => reports::payee_details(world, query),
        Call::PayeesReport(query) => reports::payees_status(world, query),
    }
}

/// Replying: the envelope, the HTTP status and the log.
fn seal(
    world: &mut World,
    request: &Request<'_>,
    subject: Subject,
    applied: bool,
    outcome: Result<Good, Bad>,
) -> Answer {
    let strict = world.settings().strict && request.is_payoneers();
    let outcome = match outcome {
        // What was never applied rests on a guess, too.
        Err(bad) if strict && bad.behaviour != &p::STRICT && !bad.behaviour.fidelity.is_known() => {
            Err(guess(bad.behaviour))
        }
        outcome => outcome,
    };
    let audit_id = world.next_audit_id();
    let (status, code, behaviour, effect, allow, body) = match outcome {
        Ok(good) => {
            let mut fields = vec![
                ("audit_id", Node::Whole(audit_id)),
                ("code", Node::Whole(0)),
                ("description", Node::text("Success")),
            ];
            fields.extend(good.fields);
            (200, 0, good.behaviour, good.effect, None, Node::Fields(fields).to_string())
        }
        Err(bad) => {
            let as_200 = bad.business && !bad.empty && world.settings().errors_as_200;
            let status = if as_200 { 200 } else { bad.status };
            let (code, behaviour, allow) = (bad.code, bad.behaviour, bad.allow.clone());
            (status, code, behaviour, false, allow, bad.envelope(audit_id).to_string())
        }
    };
    let answer = Answer { status, body, allow, behaviour, effect };
    if request.is_payoneers() {
        let number = world.record_exchange(exchange(world, request, subject, applied, &answer, code));
        log(world, request, &answer, (number, code, audit_id));
    }
    answer
}

/// What the record says of a call that nothing disturbed.
fn exchange(
    world: &World,
    request: &Request<'_>,
    subject: Subject,
    applied: bool,
    answer: &Answer,
    code: i64,
) -> Exchange {
    let Subject { operation, reference, payee_id, amount, currency, description: _ } = subject;
    Exchange {
        number: 0,
        at: world.now(),
        operation,
        reference,
        payee_id,
        amount,
        currency,
        body_sha256: HEXLOWER.encode(&Sha256::digest(request.body.unwrap_or_default())),
        code,
        http_status: answer.status,
        effect: answer.effect,
        applied,
        fault: None,
        answered: Answered::Whole,
    }
}

fn log(world: &mut World, request: &Request<'_>, answer: &Answer, (exchange, code, audit_id): (u64, i64, i64)) {
    let text: Cow<'_, str> = request.body.map_or(Cow::Borrowed("(too large)"), String::from_utf8_lossy);
    world.log_call(ApiCall {
        number: 0,
        exchange,
        at: world.now(),
        method: request.method.to_owned(),
        path: request.target.to_owned(),
        request: text.into_owned(),
        status: answer.status,
        code,
        audit_id,
        reply: answer.body.clone(),
        behaviour: answer.behaviour.key,
    });
}

/// What the world refuses everywhere in the same way.
fn refused(refusal: &Refusal) -> Bad {
    match refusal {
        Refusal::Full(_) => Bad::transport(&p::FULL, 503, "The sandbox is full").hint(refusal.to_string()),
        Refusal::Invalid { .. }
        | Refusal::NotFound(_)
        | Refusal::Conflict { .. }
        | Refusal::WrongPassword
        | Refusal::Short
        | Refusal::NotAuthorised
        | Refusal::Inactive
        | Refusal::Pending
        | Refusal::Duplicate
        | Refusal::Currency => Bad::field(refusal.to_string()),
    }
}
