//! When to look again. Clocks decide only that, never what became of money.
//! The schedules are those of the reliability model; jitter is added by whoever puts the job.

use crate::{Span, Time};

/// How long after a bare "success" a charge is confirmed by a status query.
pub const CONFIRM_AFTER: Span = Span::from_secs(10);

/// The age, in seconds, at which an unknown attempt is looked at; then daily. Also the wait before another look at
/// something settled on thin evidence, by the number of looks so far.
const LOOKS: &[i64] = &[2, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400];

/// An attempt unknown for this long is a person's business as well.
pub const ATTENTION_AFTER: Span = Span::from_secs(86_400);

/// After this long nobody looks by schedule any more; a wake still does.
pub const LOOKS_END: Span = Span::from_secs(30 * 86_400);

/// Whoever asks for a look - a callback, a merchant, an operator - gets at most one in this time for one attempt.
pub const LOOK_GAP: Span = Span::from_secs(10);

/// How many looks of the schedule are closer together than [`LOOK_GAP`].
pub const CLOSE_LOOKS: i64 = 3;

/// Seconds between two looks at a payee who is on Payoneer's page, by the number of looks so far; then every 10 minutes.
const VERIFICATIONS: &[i64] = &[3, 3, 5, 5, 10, 10, 15, 15, 30, 30, 60, 60, 120, 300];

/// Seconds until a job that could not run is tried again, by the number of runs so far; then every 5 minutes.
const RETRIES: &[i64] = &[1, 2, 5, 10, 30, 60, 120];

fn step(table: &[i64], index: i64, last: i64) -> Span {
    Span::from_secs(usize::try_from(index).ok().and_then(|i| table.get(i)).copied().unwrap_or(last))
}

/// Until the next look at something settled, after that many looks.
pub fn look(looks: i64) -> Span {
    step(LOOKS, looks, 86_400)
}

/// When to look again at something unknown since that instant; `None` once the schedule is over.
///
/// The schedule goes by age, so that looks which somebody asked for in between make it neither denser nor rarer. An
/// instant so near that jitter has already brought the look forward to it is left out.
pub fn next_look(since: Time, now: Time) -> Option<Time> {
    let age = (now - since).seconds().max(0);
    if age < ATTENTION_AFTER.seconds() {
        let mut before = 0;
        for at in LOOKS {
            if at - age > (at - before) / 4 {
                return Some(since + Span::from_secs(*at));
            }
            before = *at;
        }
        // The look that makes it a person's business is never left out.
        return Some(since + ATTENTION_AFTER);
    }
    let day = (age + 86_400 / 4) / 86_400 + 1;
    let at = Span::from_secs(day * 86_400);
    (at.seconds() <= LOOKS_END.seconds()).then(|| since + at)
}

/// When a look may happen that somebody asked for.
pub fn wake(last: Option<Time>, now: Time) -> Time {
    last.map_or(now, |at| (at + LOOK_GAP).clamp(now, now + LOOK_GAP))
}

/// Until the next look at a payee on Payoneer's page, after that many looks.
pub fn verification(looks: i64) -> Span {
    step(VERIFICATIONS, looks, 600)
}

/// Until a job that could not run is tried again, after that many runs.
pub fn retry(runs: i64) -> Span {
    step(RETRIES, runs, 300)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_unknown_is_looked_at_from_two_seconds_to_thirty_days() {
        let since = Time::from_micros(7);
        let mut ages = Vec::new();
        let mut now = since;
        while let Some(next) = next_look(since, now) {
            ages.push((next - since).seconds());
            assert!(next > now);
            now = next;
        }
        assert_eq!(ages[..14], *LOOKS);
        assert_eq!(ages.len(), LOOKS.len() + 29);
        assert_eq!(ages.last(), Some(&LOOKS_END.seconds()));
        assert_eq!(ages[14], 2 * 86_400);
    }

    #[test]
    fn jitter_neither_doubles_a_look_nor_skips_the_one_at_a_day() {
        let since = Time::from_micros(0);
        let after = |age: i64| next_look(since, since + Span::from_secs(age)).map(|at| (at - since).seconds());
        assert_eq!((after(0), after(2), after(13)), (Some(2), Some(5), Some(30)));
        assert_eq!(after(86_399), Some(86_400));
        assert_eq!(after(86_400 * 9 - 86_400 / 5), Some(86_400 * 10));
        assert_eq!((after(86_400 * 30 - 86_400 / 5), after(86_400 * 31)), (None, None));
        assert_eq!(after(-5), Some(2));
    }

    #[test]
    fn who_asks_for_a_look_waits_for_the_gap() {
        let at = |secs: i64| Time::from_micros(secs * 1_000_000);
        assert_eq!(wake(None, at(100)), at(100));
        assert_eq!(wake(Some(at(95)), at(100)), at(105));
        assert_eq!(wake(Some(at(10)), at(100)), at(100));
        // A clock that went back must not silence anybody.
        assert_eq!(wake(Some(at(500)), at(100)), at(110));
    }

    #[test]
    fn looks_grow_rarer_and_never_stop() {
        let mut last = Span::ZERO;
        for n in 0..40 {
            assert!(look(n) >= last, "{n}");
            last = look(n);
        }
        assert_eq!((look(0), look(1_000)), (Span::from_secs(2), Span::from_secs(86_400)));
        assert_eq!((verification(0), verification(99)), (Span::from_secs(3), Span::from_secs(600)));
        assert_eq!((retry(0), retry(99)), (Span::from_secs(1), Span::from_secs(300)));
        assert_eq!(look(-1), Span::from_secs(86_400));
    }
}
