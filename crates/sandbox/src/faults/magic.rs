//! Magic values: a fault written into a reference or a description, for clients that can set nothing else.
//! `fault:CUT:KIND`, anything after it told apart by another colon; it works on the first call of its subject.

use super::cut::Cut;
use super::fault::Fault;
use super::kind::Kind;
use super::subject::Call;

const MARK: &str = "fault:";

/// The fault that the call's own words ask for; words that name none ask for nothing.
pub(super) fn read(call: &Call<'_>) -> Option<Fault> {
    // Questions about a payment carry its reference too, and are left alone.
    if !matches!(call.subject.operation.as_str(), "create_charge" | "create_payout") {
        return None;
    }
    [&call.subject.reference, &call.subject.description].into_iter().flatten().find_map(|text| parse(text))
}

fn parse(text: &str) -> Option<Fault> {
    let (_, rest) = text.split_once(MARK)?;
    let mut words = rest.split([':', ' ']);
    let fault = Fault::new(Cut::from_word(words.next()?)?, Kind::from_word(words.next()?)?);
    fault.check().is_ok().then_some(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_name_a_fault() {
        let lost = Fault::new(Cut::AfterApplyBeforeReply, Kind::Reset);
        assert_eq!(parse("fault:after_apply_before_reply:reset"), Some(lost.clone()));
        assert_eq!(parse("Order 7 fault:after_apply_before_reply:reset:7"), Some(lost.clone()));
        assert_eq!(parse("fault:after_apply_before_reply:reset and more"), Some(lost));
        for none in ["", "fault:", "fault:mid_reply", "fault:nowhere:reset", "fault:mid_reply:late", "default:a:b"] {
            assert_eq!(parse(none), None, "{none}");
        }
    }
}
