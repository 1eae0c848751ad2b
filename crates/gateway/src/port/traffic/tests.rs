//! What the state machine promises, in examples and over every order of events that chance comes up with.

use super::*;
use proptest::prelude::*;

const START: Time = Time::from_micros(1_000_000_000_000);

fn at(seconds: i64) -> Time {
    START + Span::from_secs(seconds)
}

fn broken(way: Way) -> Traffic {
    let mut traffic = Traffic::new(Limits::default());
    for _ in 0..Limits::default().strikes {
        assert_eq!(traffic.admit(at(0)), Ok(Entry::Free));
        traffic.heard(way, Sign::Ill, at(0));
    }
    traffic
}

#[test]
fn strikes_in_a_row_break_the_circuit_and_nothing_less() {
    let mut traffic = Traffic::new(Limits::default());
    for _ in 0..20 {
        for _ in 1..Limits::default().strikes {
            traffic.heard(Way::Money, Sign::Ill, at(0));
        }
        traffic.heard(Way::Money, Sign::Well, at(0));
    }
    assert_eq!(traffic.admit(at(0)), Ok(Entry::Free));
    let turned = broken(Way::Money).admit(at(3)).unwrap_err();
    assert_eq!(turned, Turned { why: Why::Down, retry_after: Span::from_secs(7) });
    assert_eq!(broken(Way::Money).may_ask(at(0)), Ok(()), "queries are never held back by the circuit");
}

#[test]
fn one_request_tries_a_broken_circuit_and_mends_it() {
    let mut traffic = broken(Way::Money);
    assert_eq!(traffic.admit(at(10)), Ok(Entry::Trial(1)));
    assert_eq!(traffic.admit(at(10)).unwrap_err().why, Why::Down, "one at a time");
    traffic.heard(Way::Money, Sign::Well, at(11));
    assert_eq!(traffic.admit(at(11)), Ok(Entry::Free));
}

#[test]
fn a_failed_trial_doubles_the_rest_up_to_its_limit() {
    let mut traffic = broken(Way::Money);
    let mut now = at(10);
    for expected in [20, 40, 80, 160, 300, 300] {
        assert!(matches!(traffic.admit(now), Ok(Entry::Trial(_))));
        traffic.heard(Way::Money, Sign::Ill, now);
        assert_eq!(traffic.admit(now).unwrap_err().retry_after, Span::from_secs(expected));
        now = now + Span::from_secs(expected);
    }
}

#[test]
fn an_abandoned_trial_leaves_its_place_to_the_next() {
    let mut traffic = broken(Way::Query);
    assert_eq!(traffic.admit(at(10)), Ok(Entry::Trial(1)));
    traffic.abandon(1, at(10));
    assert_eq!(traffic.admit(at(10)), Ok(Entry::Trial(2)));
    traffic.abandon(1, at(10));
    assert!(traffic.admit(at(10)).is_err(), "an old trial cannot end a newer one");
}

#[test]
fn answered_queries_mend_what_queries_broke_and_no_more() {
    let mut by_queries = broken(Way::Query);
    by_queries.heard(Way::Query, Sign::Well, at(1));
    assert_eq!(by_queries.admit(at(1)), Ok(Entry::Free));
    let mut by_money = broken(Way::Money);
    by_money.heard(Way::Query, Sign::Well, at(1));
    assert_eq!(by_money.admit(at(1)).unwrap_err().why, Why::Down);
}

#[test]
fn a_pause_holds_everybody_and_queries_come_back_first() {
    let mut traffic = Traffic::new(Limits::default());
    traffic.heard(Way::Money, Sign::TooMany(Some(Span::from_secs(30))), at(0));
    traffic.heard(Way::Query, Sign::TooMany(Some(Span::from_secs(5))), at(1));
    assert_eq!(traffic.may_ask(at(29)).unwrap_err().retry_after, Span::from_secs(1), "the longer pause counts");
    assert_eq!(traffic.may_ask(at(30)), Ok(()));
    let turned = traffic.admit(at(30)).unwrap_err();
    assert_eq!((turned.why, turned.retry_after), (Why::Paused, Span::from_secs(1)));
    assert_eq!(traffic.admit(at(31)), Ok(Entry::Free));
}

#[test]
fn a_pause_is_between_a_second_and_an_hour() {
    for (said, expected) in [(Some(0), 1), (Some(-5), 1), (Some(86_400), 3_600), (None, 5)] {
        let mut traffic = Traffic::new(Limits::default());
        traffic.heard(Way::Query, Sign::TooMany(said.map(Span::from_secs)), at(0));
        assert_eq!(traffic.may_ask(at(0)).unwrap_err().retry_after, Span::from_secs(expected), "{said:?}");
    }
}

#[derive(Debug, Clone)]
enum Step {
    Admit,
    Heard(Way, Sign),
    Abandon,
    Pass(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let way = prop_oneof![Just(Way::Money), Just(Way::Query)];
    let sign = prop_oneof![
        4 => Just(Sign::Ill),
        2 => Just(Sign::Well),
        1 => proptest::option::of(-10..10_000_i64).prop_map(|s| Sign::TooMany(s.map(Span::from_secs))),
    ];
    prop_oneof![
        4 => Just(Step::Admit),
        6 => (way, sign).prop_map(|(way, sign)| Step::Heard(way, sign)),
        1 => Just(Step::Abandon),
        // Back, too: a clock may be set.
        3 => (-100..400_i64).prop_map(Step::Pass),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_there_is_one_trial_a_bounded_wait_and_a_way_back(
        steps in proptest::collection::vec(step(), 0..200),
    ) {
        let limits = Limits::default();
        let mut traffic = Traffic::new(limits);
        let (mut now, mut trial) = (START, None);
        for step in steps {
            match step {
                Step::Admit => match traffic.admit(now) {
                    Ok(Entry::Trial(number)) => {
                        prop_assert!(trial.is_none(), "two trials at once");
                        trial = Some(number);
                    }
                    Ok(Entry::Free) => {}
                    Err(turned) => {
                        prop_assert!(turned.retry_after > Span::ZERO);
                        let most = limits.pause_max.micros() + limits.lead.micros();
                        prop_assert!(turned.retry_after.micros() <= most);
                    }
                },
                Step::Heard(way, sign) => {
                    traffic.heard(way, sign, now);
                    if !matches!(traffic.circuit, Circuit::OnTrial { .. }) {
                        trial = None;
                    }
                }
                Step::Abandon => {
                    if let Some(number) = trial.take() {
                        traffic.abandon(number, now);
                    }
                }
                Step::Pass(seconds) => now = now + Span::from_secs(seconds),
            }
            // The circuit alone never holds a query back.
            if traffic.paused_until.is_none_or(|until| until <= now) {
                prop_assert_eq!(traffic.may_ask(now), Ok(()));
            }
        }
        // When all has passed, the next request goes, and an answer makes all well.
        if let Some(number) = trial {
            traffic.abandon(number, now);
        }
        let later = START + Span::from_secs(400 * 200 + 10_000);
        prop_assert!(traffic.admit(later).is_ok());
        traffic.heard(Way::Money, Sign::Well, later);
        prop_assert_eq!(traffic.admit(later), Ok(Entry::Free));
    }
}
