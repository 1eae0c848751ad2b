//! What a call is about, for the record of exchanges and for the choice of faults.
//! Reads what it can and judges nothing.

use super::body::Body;
use super::reply::Bad;
use super::route::Call;
use crate::faults::Subject;

/// The subject of a call that could be read; of one that could not only that there was a call.
pub(super) fn of(admitted: &Result<(Call, Body), Bad>) -> Subject {
    let Ok((call, body)) = admitted else { return named("other") };
    let payee = |operation: &str, id: &str| Subject { payee_id: Some(id.to_owned()), ..named(operation) };
    let referred =
        |operation: &str, reference: &str| Subject { reference: Some(reference.to_owned()), ..named(operation) };
    match call {
        Call::Echo | Call::ApiVersion | Call::Balance => named("other"),
        Call::MakeLink(_) => read(named("make_link"), body),
        Call::PayeeStatus(id) => payee("payee_status", id),
        Call::PayeeDetails(id) => payee("payee_details", id),
        Call::ReleasePayee(id) => payee("release_payee", id),
        Call::CreateCharge => read(named("create_charge"), body),
        Call::ChargeStatus(reference) => referred("charge_status", reference),
        Call::CancelCharge(reference) => referred("cancel_charge", reference),
        Call::CreatePayout => read(named("create_payout"), body),
        Call::PayoutStatus(reference) => referred("payout_status", reference),
        Call::CancelPayout(reference) => referred("cancel_payout", reference),
        Call::PayeeReport(_) | Call::PayeesReport(_) => named("report"),
    }
}

fn named(operation: &str) -> Subject {
    Subject { operation: operation.to_owned(), ..Subject::default() }
}

fn read(subject: Subject, body: &Body) -> Subject {
    let text = |key| body.text(key).ok().flatten();
    Subject {
        reference: text("client_reference_id"),
        payee_id: text("payee_id"),
        amount: text("amount"),
        currency: text("currency"),
        description: text("description"),
        ..subject
    }
}
