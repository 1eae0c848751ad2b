//! A line whose calls are measured: how long each took, what came of it and with which of Payoneer's codes.
//! It stands directly before the line that speaks, so that waiting for a place is not counted as Payoneer's time.

use super::{Answer, Balance, ChargeSeen, LinkRequest, Payoneer, PayoutSeen, Sent};
use crate::metrics::Metrics;
use crate::source::Source;
use crate::trace;
use domain::attempt::{Attempt, Finding, Kind};
use domain::charge::Charge;
use domain::mandate::Observed;
use domain::payout::Payout;
use domain::{PayeeId, Reference};
use payoneer::{Code, Error};
use std::sync::Arc;
use store::SendPermit;
use tracing::Instrument as _;

/// The line.
pub(crate) struct Measured {
    line: Arc<dyn Payoneer>,
    metrics: Arc<Metrics>,
    source: Arc<dyn Source>,
}

impl Measured {
    /// That line, measured.
    pub(crate) fn new(line: Arc<dyn Payoneer>, metrics: Arc<Metrics>, source: Arc<dyn Source>) -> Self {
        Self { line, metrics, source }
    }

    async fn ask<T>(&self, call: &'static str, question: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let asked_at = self.source.now();
        let span = trace::call(call);
        let answer = question.instrument(span.clone()).await;
        let (outcome, code) = of_query(&answer);
        trace::came_of(&span, outcome);
        self.metrics.call(call, outcome, code, self.source.now() - asked_at);
        answer
    }
}

/// What came of a query, in a word, and Payoneer's code where it spoke.
fn of_query<T>(answer: &Result<T, Error>) -> (&'static str, Option<Code>) {
    match answer {
        Ok(_) => ("answered", Some(Code::Success)),
        Err(Error::Refused(problem)) => ("refused", Some(problem.code)),
        Err(Error::Transport { .. }) => ("no_answer", None),
        Err(_) => ("not_understood", None),
    }
}

/// What came of a request that can move money, in a word, and Payoneer's code where it is proof of that.
fn of_sent(sent: &Sent) -> (&'static str, Option<Code>) {
    match &sent.finding {
        Finding::Succeeded(_) => ("done", Some(Code::Success)),
        Finding::Declined(_, failure) => ("declined", failure.code.parse::<i64>().ok().map(Code::from)),
        Finding::NeverSent(_) => ("never_sent", None),
        Finding::Unknown(_) => ("unknown", None),
    }
}

const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Charge => "send_charge",
        Kind::Refund => "send_refund",
        Kind::Payout => "send_payout",
        Kind::PayoutCancel => "send_payout_cancel",
    }
}

impl Payoneer for Measured {
    fn charge_body(&self, charge: &Charge) -> Result<Vec<u8>, String> {
        self.line.charge_body(charge)
    }

    fn payout_body(&self, payout: &Payout) -> Result<Vec<u8>, String> {
        self.line.payout_body(payout)
    }

    fn cancel_body(&self) -> Vec<u8> {
        self.line.cancel_body()
    }

    fn send<'a>(&'a self, attempt: &'a Attempt, permit: SendPermit) -> Answer<'a, Sent> {
        Box::pin(async move {
            let sent_at = self.source.now();
            let span = trace::call(name(attempt.kind));
            let sent = self.line.send(attempt, permit).instrument(span.clone()).await;
            let (outcome, code) = of_sent(&sent);
            trace::came_of(&span, outcome);
            self.metrics.call(name(attempt.kind), outcome, code, self.source.now() - sent_at);
            sent
        })
    }

    fn charge<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Result<ChargeSeen, Error>> {
        Box::pin(self.ask("charge_status", self.line.charge(reference)))
    }

    fn payout<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Result<PayoutSeen, Error>> {
        Box::pin(self.ask("payout_status", self.line.payout(reference)))
    }

    fn payee<'a>(&'a self, payee_id: &'a PayeeId) -> Answer<'a, Result<Observed, Error>> {
        Box::pin(self.ask("payee_status", self.line.payee(payee_id)))
    }

    fn link<'a>(&'a self, request: &'a LinkRequest) -> Answer<'a, Result<String, Error>> {
        Box::pin(self.ask("link", self.line.link(request)))
    }

    fn release<'a>(&'a self, payee_id: &'a PayeeId) -> Answer<'a, Result<(), Error>> {
        Box::pin(self.ask("release", self.line.release(payee_id)))
    }

    fn balance(&self) -> Answer<'_, Result<Balance, Error>> {
        Box::pin(self.ask("balance", self.line.balance()))
    }

    fn echo(&self) -> Answer<'_, Result<(), Error>> {
        Box::pin(self.ask("echo", self.line.echo()))
    }
}
