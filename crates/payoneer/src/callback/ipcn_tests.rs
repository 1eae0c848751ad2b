//! Tests of IPCN templates and of reading queries without one.
//! Signatures are tested beside `hmacauth`.

use proptest::prelude::*;

use super::*;

const APPROVED: &str =
    "https://m.example/cb?APPROVED=true&payeeid={{apuid}}&sessionid={{sessionid}}&Payoneerid={{payoneerid}}";

fn value(name: &str) -> Option<String> {
    match name {
        "apuid" => Some("payee 4&2=é".to_owned()),
        "payoneerid" => Some("5510700".to_owned()),
        "intpaymentid" => Some("ref-1".to_owned()),
        _ => None,
    }
}

fn query_of(url: &str) -> &str {
    url.split_once('?').map_or("", |(_, query)| query)
}

#[test]
fn values_are_encoded_and_unknown_placeholders_left_empty() {
    let template = Template::parse(APPROVED).unwrap();
    let url = template.render(value);
    assert_eq!(url, "https://m.example/cb?APPROVED=true&payeeid=payee+4%262%3D%C3%A9&sessionid=&Payoneerid=5510700");
    assert_eq!(template.to_string(), APPROVED);
    assert_eq!(template.placeholders().collect::<Vec<_>>(), ["apuid", "sessionid", "payoneerid"]);
}

#[test]
fn a_rendered_query_reads_back_by_its_template() {
    let template = Template::parse(APPROVED).unwrap();
    let url = template.render(value);
    let notice = template.read_notice(Event::Approved, query_of(&url)).unwrap();
    assert_eq!(notice.event, Event::Approved);
    assert_eq!(notice.payee_id.as_deref(), Some("payee 4&2=é"));
    assert_eq!(notice.payoneer_id.as_deref(), Some("5510700"));
    assert_eq!(notice.session_id, None);
}

#[test]
fn the_merchants_own_names_are_read_by_template_only() {
    let template = Template::parse("https://m.example/cb?who={{apuid}}&what=pay-{{IntPaymentId}}-x").unwrap();
    let query = "what=pay-ref-1-x&utm=1&who=u1";
    let notice = template.read_notice(Event::BankLoaded, query).unwrap();
    assert_eq!((notice.payee_id.as_deref(), notice.client_reference_id.as_deref()), (Some("u1"), Some("ref-1")));
    assert_eq!(read_query(query).payee_id, None);
}

#[test]
fn a_query_must_hold_every_pair_of_the_template() {
    let template = Template::parse(APPROVED).unwrap();
    for query in [
        "",
        "APPROVED=false&payeeid=1&sessionid=&Payoneerid=2",
        "APPROVED=true&payeeid=1",
        "DECLINE=true&payeeid=1&sessionid=&Payoneerid=2",
    ] {
        assert_eq!(template.read(query), Err(Mismatch), "{query}");
    }
    let affixed = Template::parse("x?a=p-{{apuid}}-s").unwrap();
    assert_eq!(affixed.read("a=p-s"), Err(Mismatch));
    assert_eq!(affixed.read("a=p--s"), Ok(vec![("apuid".to_owned(), String::new())]));
}

#[test]
fn values_that_cannot_be_told_apart_yield_none() {
    let template = Template::parse("x?a={{apuid}}{{payoneerid}}&{{sessionid}}=1&b={{IntPaymentId}}&flag").unwrap();
    assert_eq!(template.read("a=12&b=r&flag"), Ok(vec![("IntPaymentId".to_owned(), "r".to_owned())]));
}

#[test]
fn malformed_templates_are_refused() {
    assert_eq!(Template::parse("x?a={{apuid"), Err(InvalidTemplate::Unclosed));
    assert_eq!(Template::parse("x?a=apuid}}"), Err(InvalidTemplate::Unclosed));
    assert_eq!(Template::parse("x}}?a={{apuid}}"), Err(InvalidTemplate::Unclosed));
    assert_eq!(Template::parse("x?a={{}}"), Err(InvalidTemplate::Name));
    assert_eq!(Template::parse("x?a={{a{{b}}"), Err(InvalidTemplate::Name));
    assert_eq!(Template::parse(&"x".repeat(2049)), Err(InvalidTemplate::Length));
}

#[test]
fn every_example_of_the_guide_reads_back_without_its_template() {
    for event in Event::all().filter(|event| *event != Event::Unrecognised) {
        let template = Template::parse(&format!("https://m.example/cb?{}", event.example_query())).unwrap();
        let url = template.render(|name| Some(format!("v-{name}")));
        let notice = read_query(query_of(&url));
        assert_eq!(notice.event, event, "{url}");
        if event != Event::ProgramFunded {
            assert_eq!(notice.payee_id.as_deref(), Some("v-apuid"), "{url}");
        }
    }
}

#[test]
fn names_and_flags_in_any_case_as_real_handlers_meet_them() {
    let notice = read_query("approved=TRUE&APUID=u1&PayoneerId=7");
    assert_eq!((notice.event, notice.payee_id.as_deref()), (Event::Approved, Some("u1")));
    let notice = read_query("CancelPayment=true&apuid=u1&IntPaymentId=r1&PaymentId=99");
    assert_eq!(notice.event, Event::PaymentCancelled);
    assert_eq!((notice.client_reference_id.as_deref(), notice.payment_id.as_deref()), (Some("r1"), Some("99")));
    let notice = read_query("type=LoadBank&apuid=u1&IntPaymentId=r1&ReasonCode=3&ReasonDescription=no+such%20bank");
    assert_eq!((notice.event, notice.reason_description.as_deref()), (Event::BankLoaded, Some("no such bank")));
    assert_eq!(read_query("status=declined&apuid=u1").event, Event::Declined);
    assert_eq!(read_query("type=approved&apuid=u1").event, Event::Approved);
    assert_eq!(read_query("code=0&client_reference_id=r1").event, Event::ChargeReported);
    assert_eq!(read_query("CHARGE=true&payeeid=u1&PartnerPaymentId=r1").event, Event::ChargeReported);
    assert_eq!(read_query("CHARGE=true&payeeid=u1").event, Event::Unrecognised);
}

#[test]
fn ambiguity_is_not_guessed_away() {
    for query in [
        "",
        "APPROVED=true&DECLINE=true&payeeid=1",
        "APPROVED=false&payeeid=1",
        "a=b",
        "type=unrecognised",
        "&&&=",
        "%ff=%fe",
    ] {
        assert_eq!(read_query(query).event, Event::Unrecognised, "{query}");
    }
}

proptest! {
    #[test]
    fn no_query_panics(query in "\\PC{0,200}") {
        let notice = read_query(&query);
        prop_assert!(notice.pairs.len() <= super::super::notice::MAX_PAIRS);
        let template = Template::parse(APPROVED).unwrap();
        prop_assert!(template.read(&query).map_or(true, |values| values.len() == 3));
    }

    #[test]
    fn any_values_survive_the_round_trip(payee in "\\PC{0,50}", reference in "\\PC{0,50}") {
        let template = Template::parse("https://m.example/cb?CancelPayment=true&payeeid={{apuid}}&PartnerPaymentId={{IntPaymentId}}").unwrap();
        let url = template.render(|name| Some(if name == "apuid" { payee.clone() } else { reference.clone() }));
        let read = template.read(query_of(&url));
        prop_assert_eq!(read, Ok(vec![("apuid".to_owned(), payee), ("IntPaymentId".to_owned(), reference)]));
    }

    #[test]
    fn no_template_panics(text in "(\\PC|\\{\\{|\\}\\}){0,40}") {
        if let Ok(template) = Template::parse(&text) {
            prop_assert_eq!(Template::parse(&template.to_string()), Ok(template));
        }
    }
}
