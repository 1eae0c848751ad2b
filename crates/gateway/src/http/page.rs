//! Pages of lists: `limit` and `cursor` in, `next_cursor` out.
//! A cursor is the id of the last item seen, so that page 1 and page 10 000 cost the same.

use super::problem::Refused;
use super::query::Params;
use crate::engine::Page;
use api::Problem;
use axum::Json;
use domain::Time;

/// How many items a page has when nothing else is said.
const LIMIT: i64 = 20;
/// How many items a page may have.
const LIMIT_MAX: i64 = 100;

/// What a caller wants to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    limit: i64,
    /// Only ids before this one.
    cursor: Option<String>,
    /// Only this id and those after it.
    since: Option<String>,
}

impl Wanted {
    /// Takes `limit` and `cursor`.
    pub(super) fn take(params: &mut Params) -> Result<Self, Refused> {
        let limit = limit(params)?;
        let cursor = params.read("cursor", "the `next_cursor` of the page before", id)?;
        Ok(Self { limit, cursor, since: None })
    }

    /// As [`Self::take`], with `created_from` and `created_before` as well. Ids sort by the time of creation, so a range
    /// of time is a range of ids, which begin with `prefix`.
    pub(super) fn within(params: &mut Params, prefix: &str) -> Result<Self, Refused> {
        let wanted = Self::take(params)?;
        let form = "an instant such as `2026-01-31T09:30:00Z`";
        let mut bound = |name| {
            let time = params.read(name, form, |text| Time::parse(text).filter(|time| time.micros() >= 0))?;
            Ok::<_, Refused>(time.map(|time| format!("{prefix}{}", domain::id::sortable(time, [0; 10]))))
        };
        let (since, before) = (bound("created_from")?, bound("created_before")?);
        let cursor = [wanted.cursor, before].into_iter().flatten().min();
        Ok(Self { cursor, since, ..wanted })
    }

    /// What the engine is asked for: one item more than is shown, to know whether there is a next page.
    pub(super) fn page(&self) -> Page {
        Page { before: self.cursor.clone(), limit: self.limit + 1 }
    }

    /// The answer: as many items as are shown, and the cursor if there are more.
    pub(super) fn list<T, U>(
        &self,
        items: &[T],
        name: impl Fn(&T) -> String,
        view: impl Fn(&T) -> U,
    ) -> Json<api::List<U>> {
        let fits = |item: &&T| self.since.as_ref().is_none_or(|since| name(item) >= *since);
        let old = items.iter().take_while(fits).count();
        list(&items[..old], self.limit, name, view)
    }
}

/// Reads the query part of a list as its handler does, without a server: how many items are wanted, and after which, or
/// why it is refused. For whoever tests the reading with many queries.
pub fn read_list_query(query: &str) -> Result<(i64, Option<String>), Box<Problem>> {
    let read = || {
        let mut params = Params::parse(query)?;
        let wanted = Wanted::take(&mut params)?;
        params.finish()?;
        Ok((wanted.limit, wanted.cursor))
    };
    read().map_err(|refused: Refused| refused.problem)
}

/// Takes `limit`.
pub(super) fn limit(params: &mut Params) -> Result<i64, Refused> {
    let fits = |text: &str| text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
    Ok(params.read("limit", "a whole number from 1 to 100", fits)?.unwrap_or(LIMIT))
}

/// As [`Wanted::list`], for lists that have their own way of going on.
pub(super) fn list<T, U>(
    items: &[T],
    limit: i64,
    name: impl Fn(&T) -> String,
    view: impl Fn(&T) -> U,
) -> Json<api::List<U>> {
    let shown = usize::try_from(limit).unwrap_or(0).min(items.len());
    let next = (items.len() > shown).then(|| items[..shown].last().map(&name)).flatten();
    Json(api::List::new(items[..shown].iter().map(view).collect(), next))
}

/// Reads what has the form of an id of ours: a prefix and lower-case letters and digits.
pub(super) fn id(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    ((1..=64).contains(&text.len()) && text.bytes().all(plain)).then(|| text.to_owned())
}

/// Reads the place of an event.
pub(super) fn sequence(text: &str) -> Option<i64> {
    text.parse().ok().filter(|sequence| *sequence >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_than_shown_tells_whether_there_is_a_next_page() {
        let wanted = Wanted { limit: 2, cursor: None, since: None };
        assert_eq!(wanted.page().limit, 3);
        let page = |items: &[u8]| wanted.list(items, ToString::to_string, |n| *n).0;
        assert_eq!(page(&[9, 8, 7]), api::List::new(vec![9, 8], Some("8".to_owned())));
        assert_eq!(page(&[9, 8]), api::List::new(vec![9, 8], None));
        assert_eq!(page(&[]), api::List::new(vec![], None));
    }

    #[test]
    fn a_range_of_time_is_a_range_of_ids() {
        let mut params =
            Params::parse("created_from=1970-01-01T00:00:01Z&created_before=1970-01-01T00:00:02Z").unwrap();
        let wanted = Wanted::within(&mut params, "ch_").unwrap();
        let id = |millis: i64| domain::ChargeId::new(Time::from_micros(millis * 1_000), [7; 10]).to_string();
        let before = wanted.page().before.unwrap();
        assert!(id(1_999) < before && before <= id(2_000));
        let shown = wanted.list(&[id(1_500), id(1_000), id(999)], Clone::clone, Clone::clone).0;
        assert_eq!((shown.data, shown.next_cursor), (vec![id(1_500), id(1_000)], None));
        let mut params = Params::parse("created_from=yesterday").unwrap();
        assert_eq!(Wanted::within(&mut params, "ch_").unwrap_err().problem.field.as_deref(), Some("?created_from"));
        let cursor = id(1_200);
        let mut params = Params::parse(&format!("cursor={cursor}&created_before=1970-01-01T00:00:02Z")).unwrap();
        assert_eq!(Wanted::within(&mut params, "ch_").unwrap().page().before, Some(cursor), "the earlier of both");
    }

    #[test]
    fn a_cursor_is_nothing_but_an_id() {
        assert!(id("ch_01hq3zr8").is_some());
        for bad in ["", "ch_'; drop table", "CH", "ch%", &"a".repeat(65)] {
            assert!(id(bad).is_none(), "{bad}");
        }
    }
}
