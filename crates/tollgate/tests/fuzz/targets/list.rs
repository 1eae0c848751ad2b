//! The query part of a list: what is accepted is what was asked for, and a cursor can be nothing but an id of ours.

use api::Outcome;
use gateway::read_list_query;

/// A query part.
pub(super) fn list_query(data: &[u8]) {
    let query = String::from_utf8_lossy(data);
    let read = read_list_query(&query);
    assert_eq!(read, read_list_query(&query), "the same query means the same");
    let (limit, cursor) = match read {
        Ok(read) => read,
        Err(problem) => {
            assert_eq!(problem.outcome, Outcome::None, "{problem:?}");
            assert!([400, 422].contains(&problem.status), "a query part is the caller's mistake: {problem:?}");
            return;
        }
    };
    assert!((1..=100).contains(&limit), "{limit}");
    if let Some(cursor) = &cursor {
        assert!((1..=64).contains(&cursor.len()), "{cursor:?}");
        assert!(cursor.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')), "{cursor:?}");
    }
    // Where nothing is written in code, by hand: each name once, none unknown, and the values as they stand.
    if query.contains(['%', '+']) {
        return;
    }
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let (mut said_limit, mut said_cursor) = (None, None);
    for (name, value) in pairs {
        let said = match name {
            "limit" => said_limit.replace(value),
            "cursor" => said_cursor.replace(value),
            _ => panic!("{name:?} is no parameter of a list"),
        };
        assert_eq!(said, None, "{name} is given twice");
    }
    assert_eq!(cursor.as_deref(), said_cursor);
    let written = said_limit.map(|text| text.trim_start_matches('+').trim_start_matches('0').to_owned());
    assert_eq!(limit.to_string(), written.unwrap_or_else(|| "20".to_owned()));
}
