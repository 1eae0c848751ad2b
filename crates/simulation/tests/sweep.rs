//! One failure at every call of every ordinary scenario, and proof that the sweep convicts.

use simulation::sweep::{Scenario, Swept, retell, sweep};
use simulation::{Failure, Plant};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Sweeps all that is asked on all cores; the answers in the order of the questions.
fn swept(questions: &[(Scenario, Failure)], plant: Option<Plant>) -> Vec<Swept> {
    let (next, answers) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some((scenario, failure)) = questions.get(at) else { return };
                    let swept = sweep(*scenario, *failure, plant);
                    answers.lock().unwrap_or_else(PoisonError::into_inner).push((at, swept));
                }
            });
        }
    });
    let mut answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
    answers.sort_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, swept)| swept).collect()
}

fn every_question() -> Vec<(Scenario, Failure)> {
    let failures = Failure::all();
    Scenario::ALL.into_iter().flat_map(|scenario| failures.iter().map(move |failure| (scenario, *failure))).collect()
}

#[test]
fn every_single_failure_is_survived() {
    let questions = every_question();
    let answers = swept(&questions, None);
    for ((scenario, failure), Swept { calls, broken }) in questions.iter().zip(&answers) {
        if let Some((nth, broken)) = broken {
            panic!("{}\n{scenario:?}, {failure:?} at call {nth}: {broken}", retell(*scenario, *failure, None, *nth));
        }
        // Each scenario uses the database, and each but the payee's own sends something.
        let database = matches!(failure, Failure::Database(_) | Failure::EndBefore | Failure::EndAfter);
        assert!(!database || *calls > 10, "{scenario:?}, {failure:?}: {calls} calls");
        assert!(!matches!(failure, Failure::Send(_)) || *calls > 0, "{scenario:?}, {failure:?}: nothing was sent");
    }
    for scenario in Scenario::ALL {
        let of = |kind: fn(&Failure) -> bool| {
            let fits = questions.iter().zip(&answers).filter(|((of, failure), _)| *of == scenario && kind(failure));
            fits.map(|(_, swept)| swept.calls).sum::<u32>()
        };
        let ends = of(|failure| matches!(failure, Failure::EndBefore | Failure::EndAfter));
        let (database, sends) = (of(|f| matches!(f, Failure::Database(_))), of(|f| matches!(f, Failure::Send(_))));
        let queries = of(|failure| matches!(failure, Failure::Query(_)));
        println!("{scenario:?}: {database} of the database, {ends} ends, {sends} sends, {queries} queries");
    }
    println!("{} runs with one failure each", answers.iter().map(|swept| swept.calls).sum::<u32>());
}

/// Bugs that need no more than one failure in an ordinary scenario.
#[test]
fn bugs_are_convicted_by_one_failure() {
    let plants = [
        Plant::ResetIsNeverSent,
        Plant::DeadlineIsDeclined,
        Plant::ServerErrorIsDeclined,
        Plant::AnyOkIsSuccess,
        Plant::MismatchIsSuccess,
        Plant::SilentRefundIsDone,
        Plant::SilentPayoutIsTaken,
        Plant::UnknownIsSentAgain,
        Plant::BackToPlanned,
        Plant::CommitErrorIsSentAgain,
        Plant::NotFoundIsDeclined,
        Plant::PayoutNotFoundIsCancelled,
    ];
    let mut missed = Vec::new();
    for plant in plants {
        let found = every_question().into_iter().find_map(|(scenario, failure)| {
            let (nth, broken) = sweep(scenario, failure, Some(plant)).broken?;
            Some(format!("{plant:?}: {scenario:?}, {failure:?} at call {nth}: {broken}"))
        });
        match found {
            Some(found) => println!("{found}"),
            None => missed.push(plant),
        }
    }
    assert_eq!(missed, [], "the sweep is blind to these");
}
