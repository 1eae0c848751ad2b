//! The two report calls: a payee with its payouts, and all payees of a span of days.
//! Reads only.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::payees;
use super::reply::{Bad, Good, Node};
use super::route::Query;
use crate::provenance as p;
use crate::world::{Amount, Kind, Payee, Payout, PayoutStatus, World};

pub(super) fn payee_details(world: &World, query: &Query) -> Result<Good, Bad> {
    let id = query.get("payee_id").ok_or_else(|| Bad::field("payee_id is required"))?;
    let payee = payees::find(world, id)?;
    let payouts = world.payouts().filter(|payout| payout.payee_id == payee.id).collect();
    Ok(Good { fields: report(world, payee, "iACH", payouts), ..Good::new(&p::REPORT) })
}

pub(super) fn payees_status(world: &World, query: &Query) -> Result<Good, Bad> {
    let (start, end) = (date(query, "start_date")?, date(query, "end_date")?);
    let span = start.until(end).map_or(-1, |span| span.get_days());
    if !(0..=31).contains(&span) {
        let hint = "end_date must be at most 31 days after start_date";
        return Err(Bad::field(hint).under(&p::REPORT_SPAN));
    }
    let mut payouts: BTreeMap<&str, Vec<&Payout>> = BTreeMap::new();
    for payout in world.payouts() {
        payouts.entry(&payout.payee_id).or_default().push(payout);
    }
    let (start, end) = (start.to_string(), end.to_string());
    let chosen =
        world.payees().filter(|payee| (start.clone()..=end.clone()).contains(&payee.registered_at.eastern_date()));
    let rows = chosen.map(|payee| {
        let own = payouts.remove(payee.id.as_str()).unwrap_or_default();
        Node::Fields(report(world, payee, "BANK", own))
    });
    Ok(Good::new(&p::REPORT).with("payees", Node::Rows(rows.collect())))
}

fn date(query: &Query, key: &str) -> Result<Date, Bad> {
    let date = query.get(key).and_then(|text| text.parse::<Date>().ok());
    date.ok_or_else(|| Bad::field(format!("{key} must be a date, YYYY-MM-DD")).under(&p::REPORT_SPAN))
}

fn report(world: &World, payee: &Payee, method: &str, mut payouts: Vec<&Payout>) -> Vec<(&'static str, Node)> {
    payouts.sort_by_key(|payout| (payout.created_at, &payout.payout_id));
    let mut rows = Vec::new();
    let mut total = Amount::ZERO;
    for payout in payouts {
        let status = match payout.status {
            PayoutStatus::Pending => "Pending",
            PayoutStatus::Funded => "Funded",
            PayoutStatus::Cancelled => "Cancelled",
        };
        rows.push(row(payout, &payout.created_at.eastern_naive(), &payout.description, status));
        total = total.plus(payout.amount);
        if let Some(at) = payout.cancelled_at {
            let text = format!("Payment {} refunded", payout.client_reference_id);
            rows.push(row(payout, &at.eastern_naive(), &text, "Refund"));
            total = total.plus(payout.amount);
        }
    }
    let profile = world.account(&payee.account).map(|a| &a.profile);
    let company = match profile {
        Some(profile) if profile.kind == Kind::Company => vec![("name", Node::text(&profile.company_name))],
        _ => Vec::new(),
    };
    vec![
        ("payee_id", Node::text(&payee.id)),
        ("status", Node::text(payee.status.report_word())),
        ("registration_date", Node::Text(payee.registered_at.eastern_date())),
        ("payout_method", Node::text(method)),
        ("company", Node::Fields(company)),
        ("total_amount", Node::Money(total)),
        ("payouts", Node::Rows(rows)),
    ]
}

fn row(payout: &Payout, date: &str, description: &str, status: &str) -> Node {
    Node::Fields(vec![
        ("client_reference_id", Node::text(&payout.client_reference_id)),
        ("date", Node::text(date)),
        ("amount", Node::Money(payout.amount)),
        ("currency", Node::text(payout.currency.as_str())),
        ("description", Node::text(description)),
        ("status", Node::text(status)),
    ])
}
