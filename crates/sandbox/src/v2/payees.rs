//! Calls about payees: links to the hosted page, status, details, release.
//! The page itself lives elsewhere.

use super::body::Body;
use super::reply::{Bad, Good, Node};
use super::{Context, refused};
use crate::provenance as p;
use crate::world::{Kind, LinkKind, NewLink, Payee, Profile, Refusal, World};

/// The error for a payee that is not registered; look-ups and payouts give it different HTTP statuses.
pub(super) fn unknown(status: u16) -> Bad {
    Bad::business(&p::PAYEE_UNKNOWN, status, 10005, "Payee was not found")
        .hint("Please ensure that the payee has registered with Payoneer")
}

pub(super) fn find<'a>(world: &'a World, id: &str) -> Result<&'a Payee, Bad> {
    world.payee(id).ok_or_else(|| unknown(404))
}

pub(super) fn make_link(world: &mut World, context: Context<'_>, kind: LinkKind, body: &Body) -> Result<Good, Bad> {
    let payee_id = body.text("payee_id")?.ok_or_else(|| Bad::field("payee_id is required"))?;
    let view = if body.flag("already_have_an_account") { LinkKind::Login } else { kind };
    let payee = body.nested("payee");
    let new = NewLink {
        session_id: body.text("client_session_id")?,
        redirect_url: body.text("redirect_url")?,
        redirect_seconds: body.small_number("redirect_time", 999),
        language_id: language(body),
        prefill: prefill(&payee),
        prefill_email: payee.nested("contact").suggestion("email", 100),
        ..NewLink::plain(view, &payee_id)
    };
    let (link, again) = world.make_link(new).map_err(|e| refused(&e))?;
    let behaviour = if again { &p::LINK_AGAIN } else { &p::LINK };
    let field = match kind {
        LinkKind::Registration => "registration_link",
        LinkKind::Login => "login_link",
    };
    let url = format!("{}/partners/lp.aspx?token={}", context.public_url, link.token);
    Ok(Good::new(behaviour).with(field, Node::Text(url)).effect())
}

/// Payoneer's number of the language: unknown numbers and words mean English; nothing when nothing is said.
fn language(body: &Body) -> Option<u8> {
    let said = body.suggestion("language_id", 10);
    if said.is_empty() {
        return None;
    }
    let number = said.trim().parse::<u8>().ok();
    Some(number.filter(|n| matches!(n, 1 | 3..=21 | 23)).unwrap_or(1))
}

fn prefill(payee: &Body) -> Profile {
    let (contact, address, company) = (payee.nested("contact"), payee.nested("address"), payee.nested("company"));
    let is_company = payee.suggestion("type", 10).eq_ignore_ascii_case("company");
    Profile {
        kind: if is_company { Kind::Company } else { Kind::Individual },
        first_name: contact.suggestion("first_name", 26),
        last_name: contact.suggestion("last_name", 26),
        date_of_birth: contact.suggestion("date_of_birth", 10),
        mobile: contact.suggestion("mobile", 20),
        phone: contact.suggestion("phone", 20),
        country: address.suggestion("country", 2),
        state: address.suggestion("state", 50),
        address_line_1: address.suggestion("address_line_1", 60),
        address_line_2: address.suggestion("address_line_2", 60),
        city: address.suggestion("city", 40),
        zip_code: address.suggestion("zip_code", 10),
        company_name: company.suggestion("name", 50),
    }
}

pub(super) fn status(world: &World, id: &str) -> Result<Good, Bad> {
    let payee = find(world, id)?;
    Ok(Good::new(&p::PAYEE_STATUS).with("status", Node::text(payee.status.word())))
}

pub(super) fn details(world: &World, id: &str) -> Result<Good, Bad> {
    let payee = find(world, id)?;
    let account = world.account(&payee.account).ok_or_else(|| unknown(404))?;
    let profile = &account.profile;
    let kind = match profile.kind {
        Kind::Individual => "INDIVIDUAL",
        Kind::Company => "COMPANY",
    };
    let contact = vec![
        ("first_name", Node::text(&profile.first_name)),
        ("last_name", Node::text(&profile.last_name)),
        ("email", Node::text(&account.email)),
        ("mobile", Node::text(&profile.mobile)),
        ("phone", Node::text(&profile.phone)),
    ];
    let address = vec![
        ("country", Node::text(&profile.country)),
        ("state", Node::text(&profile.state)),
        ("zip_code", Node::text(&profile.zip_code)),
        ("address_line_1", Node::text(&profile.address_line_1)),
        ("address_line_2", Node::text(&profile.address_line_2)),
        ("city", Node::text(&profile.city)),
    ];
    let currency = Node::text(world.program().currency.as_str());
    let good = Good::new(&p::PAYEE_DETAILS)
        .with("type", Node::text(kind))
        .with("status", Node::text(payee.status.word()))
        .with("registration_date", Node::Text(payee.registered_at.eastern_date()))
        .with("contact", Node::Fields(contact))
        .with("address", Node::Fields(address));
    let good = match profile.kind {
        Kind::Individual => good,
        Kind::Company => good.with("company", Node::Fields(vec![("name", Node::text(&profile.company_name))])),
    };
    let method = vec![("type", Node::text("BANK")), ("currency", currency)];
    Ok(good.with("payout_method", Node::Fields(method)))
}

pub(super) fn release(world: &mut World, id: &str) -> Result<Good, Bad> {
    world.release_payee(id).map_err(|refusal| match refusal {
        Refusal::NotFound(_) => unknown(404),
        other => refused(&other),
    })?;
    Ok(Good::new(&p::PAYEE_RELEASE).effect())
}
