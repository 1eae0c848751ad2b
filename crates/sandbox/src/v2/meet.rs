//! A call that may meet a fault: chosen by its subject, carried out or not, recorded as seen from outside.
//! Pure; what the fault means for the connection is handed back as an [`Act`].

use super::reply::{Bad, Good};
use super::route::Call;
use super::{Answer, Body, Context, Request, admit, apply, exchange, log, seal, subject};
use crate::faults::{self, Act, Carry, Chosen, Cut, End, Kind, Subject};
use crate::provenance as p;
use crate::world::{Answered, Arrival, Exchange, FaultMark, Postponed, World};

/// Who sent a call, as far as faults are chosen by it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sender<'a> {
    /// The header `X-Sandbox-Fault-Key`.
    pub key: Option<&'a str>,
    /// The username of its Basic credentials.
    pub username: Option<&'a str>,
    /// What it has seen of others, where it did not come alone.
    pub arrived: Option<Arrival>,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// The true answer, or what stands in for it when the call was not carried out.
    pub answer: Answer,
    /// What to do with the connection instead of answering; nothing: answer.
    pub act: Option<Act>,
}

type Admitted = Result<(Call, Body), Bad>;

/// Answers one request, or lets it meet a fault.
pub fn meet(world: &mut World, context: Context<'_>, request: &Request<'_>, sender: Sender<'_>) -> Met {
    let admitted = admit(world, request);
    let subject = subject::of(&admitted);
    // A stranger without credentials must not use up what is meant for the client.
    let chosen = if request.authorized && request.is_payoneers() {
        world.choose_fault(&faults::Call { subject: &subject, key: sender.key, username: sender.username })
    } else {
        None
    };
    let Some(chosen) = chosen else {
        let applied = admitted.is_ok();
        let outcome = admitted.and_then(|(call, body)| apply(world, context, &call, &body, sender.arrived));
        return Met { answer: seal(world, request, subject, applied, outcome), act: None };
    };
    let act = chosen.fault.act();
    let answer = if chosen.fault.cut.applies() {
        carry_out(world, context, (request, sender), &subject, &chosen, admitted)
    } else {
        cut_off(world, request, &subject, &chosen, &act)
    };
    mark(world, &chosen, &act);
    Met { answer, act: Some(act) }
}

/// Records a call whose client closed the connection before it was carried out, and which therefore is not.
pub fn abandon(world: &mut World, request: &Request<'_>) {
    if request.is_payoneers() {
        let subject = subject::of(&admit(world, request));
        let answer =
            Answer { status: 0, body: String::new(), allow: None, behaviour: &p::SURVIVES_CLOSE, effect: false };
        let exchange =
            Exchange { answered: Answered::Nothing, ..exchange(world, request, subject, false, &answer, -1) };
        let number = world.record_exchange(exchange);
        log(world, request, &answer, (number, -1, 0));
    }
}

/// Carries the call out, with what the fault does to the payment and its callbacks.
fn carry_out(
    world: &mut World,
    context: Context<'_>,
    (request, sender): (&Request<'_>, Sender<'_>),
    subject: &Subject,
    chosen: &Chosen,
    admitted: Admitted,
) -> Answer {
    let applied = admitted.is_ok();
    let outcome = admitted.and_then(|(call, body)| {
        world.foreshadow(subject, &chosen.fault);
        apply(world, context, &call, &body, sender.arrived)
    });
    if outcome.as_ref().is_ok_and(|good: &Good| good.effect) {
        world.seal_fate(subject, &chosen.fault);
    }
    seal(world, request, subject.clone(), applied, outcome)
}

/// Does not carry the call out, or not yet.
fn cut_off(world: &mut World, request: &Request<'_>, subject: &Subject, chosen: &Chosen, act: &Act) -> Answer {
    let silent = matches!(act.carry, Carry::Nothing(_));
    let made = act.made.as_ref().filter(|_| !silent);
    let status = made.map_or(0, |m| m.status);
    let body = made.map(|m| m.body.clone()).unwrap_or_default();
    let answer = Answer { status, body, allow: None, behaviour: &p::FAULT, effect: false };
    let code = if status == 0 { -1 } else { i64::from(status) };
    let number = world.record_exchange(exchange(world, request, subject.clone(), false, &answer, code));
    log(world, request, &answer, (number, code, 0));
    if chosen.fault.cut == Cut::ApplyAfterTimeout
        && let Some(bytes) = request.body
    {
        world.postpone(Postponed {
            at: world.now().plus_seconds(u64::from(chosen.fault.wait_seconds())),
            exchange: number,
            method: request.method.to_owned(),
            target: request.target.to_owned(),
            body: String::from_utf8_lossy(bytes).into_owned(),
        });
    }
    answer
}

/// Notes in the record what the client met and what it could have read.
fn mark(world: &mut World, chosen: &Chosen, act: &Act) {
    let answered = match act.carry {
        Carry::Nothing(End::Close | End::Reset | End::Hang) => Answered::Nothing,
        Carry::Half(_) => Answered::Broken,
        _ if chosen.fault.kind == Kind::Garbage => Answered::Broken,
        _ => Answered::Whole,
    };
    let Some(number) = world.exchanges().next_back().map(|e| e.number) else { return };
    let (made, fault) = (act.made.as_ref(), &chosen.fault);
    let seconds = made.and_then(|m| m.retry_after_seconds).map(u64::from);
    let mark = FaultMark {
        id: chosen.id.clone(),
        cut: fault.cut.to_string(),
        kind: fault.kind.to_string(),
        retry_after_seconds: seconds,
    };
    world.mark_exchange(number, mark, answered);
    if let (Some(made), Some(exchange)) = (made, world.exchange_mut(number))
        && answered != Answered::Nothing
    {
        (exchange.http_status, exchange.code) = (made.status, i64::from(made.status));
    }
}

/// Carries out the calls that were put off and whose time has come; their clients never hear of it.
pub fn catch_up(world: &mut World, context: Context<'_>) {
    while let Some(late) = world.take_postponed() {
        let body = Some(late.body.as_bytes());
        let request = Request { method: &late.method, target: &late.target, authorized: true, body };
        let admitted = admit(world, &request);
        let applied = admitted.is_ok();
        let effect =
            admitted.and_then(|(call, body)| apply(world, context, &call, &body, None)).is_ok_and(|g| g.effect);
        if let Some(exchange) = world.exchange_mut(late.exchange) {
            (exchange.applied, exchange.effect) = (applied, effect);
        }
    }
}
