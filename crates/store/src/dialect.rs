//! The one place where SQL text changes between engines. The text in the nouns is PostgreSQL's;
//! SQLite's is made from it here. Literals, quoted names and comments are never touched.

/// The SQLite form of a statement.
///
/// - `$1` becomes `?1`;
/// - a cast `::bigint` disappears (SQLite's values carry their own type);
/// - `greatest(` and `least(` become the many-argument `max(` and `min(`;
/// - `for update` and `for update skip locked` disappear (SQLite has one writer).
pub(crate) fn sqlite(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(token) = Token::first(rest) {
        rest = &rest[token.len()..];
        match token {
            Token::Placeholder(text) => {
                out.push('?');
                out.push_str(&text[1..]);
            }
            Token::Cast(_) => {}
            Token::Word(word) => match after_word(word, rest) {
                Change::Nothing => out.push_str(word),
                Change::Name(name) => out.push_str(name),
                Change::Drop { more } => rest = &rest[more..],
            },
            Token::Verbatim(text) => out.push_str(text),
        }
    }
    out
}

/// A piece of SQL text, as coarse as the changes need.
enum Token<'a> {
    /// `$` and digits.
    Placeholder(&'a str),
    /// `::` and a type name.
    Cast(&'a str),
    /// A keyword or an unquoted name.
    Word(&'a str),
    /// A literal, a quoted name, a comment or any other character.
    Verbatim(&'a str),
}

impl<'a> Token<'a> {
    fn first(rest: &'a str) -> Option<Self> {
        let first = rest.chars().next()?;
        let token = match first {
            '\'' | '"' => Self::Verbatim(until(rest, 1, first.encode_utf8(&mut [0; 4]))),
            '-' if rest.starts_with("--") => Self::Verbatim(until(rest, 2, "\n")),
            '/' if rest.starts_with("/*") => Self::Verbatim(until(rest, 2, "*/")),
            '$' if starts_with_digit(&rest[1..]) => {
                let digits = run(&rest[1..], |c| c.is_ascii_digit());
                Self::Placeholder(&rest[..=digits])
            }
            ':' if rest.starts_with("::") && run(&rest[2..], is_word) > 0 => {
                Self::Cast(&rest[..2 + run(&rest[2..], is_word)])
            }
            c if c != '$' && is_word(c) => Self::Word(&rest[..run(rest, is_word)]),
            c => Self::Verbatim(&rest[..c.len_utf8()]),
        };
        Some(token)
    }

    fn len(&self) -> usize {
        match self {
            Self::Placeholder(text) | Self::Cast(text) | Self::Word(text) | Self::Verbatim(text) => text.len(),
        }
    }
}

enum Change {
    Nothing,
    Name(&'static str),
    /// The word goes, and as many bytes after it.
    Drop {
        more: usize,
    },
}

fn after_word(word: &str, rest: &str) -> Change {
    if word.eq_ignore_ascii_case("greatest") && rest.trim_start().starts_with('(') {
        return Change::Name("max");
    }
    if word.eq_ignore_ascii_case("least") && rest.trim_start().starts_with('(') {
        return Change::Name("min");
    }
    if word.eq_ignore_ascii_case("for")
        && let Some(update) = next_word(rest, "update")
    {
        let skip_locked = next_word(&rest[update..], "skip")
            .and_then(|skip| next_word(&rest[update + skip..], "locked").map(|locked| skip + locked));
        return Change::Drop { more: update + skip_locked.unwrap_or(0) };
    }
    Change::Nothing
}

/// The bytes up to the end of `wanted`, if that is the next word after white space.
fn next_word(rest: &str, wanted: &str) -> Option<usize> {
    let start = rest.len() - rest.trim_start().len();
    let word = &rest[start..start + run(&rest[start..], is_word)];
    (start > 0 && word.eq_ignore_ascii_case(wanted)).then_some(start + word.len())
}

/// The text up to and with the first `end` after `from`; all of it if there is none.
/// A doubled quote inside a literal needs no care: it reads as two literals side by side.
fn until<'a>(rest: &'a str, from: usize, end: &str) -> &'a str {
    match rest[from..].find(end) {
        Some(at) => &rest[..from + at + end.len()],
        None => rest,
    }
}

fn run(text: &str, part: impl Fn(char) -> bool) -> usize {
    text.find(|c| !part(c)).unwrap_or(text.len())
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

// `$` continues a name in PostgreSQL, so `a$1` is a name and no placeholder.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::sqlite;

    #[test]
    fn the_tokens_that_differ_are_replaced() {
        for (text, wanted) in [
            ("select $1, $12", "select ?1, ?12"),
            ("select sum(minor)::bigint from a", "select sum(minor) from a"),
            ("select $1::text", "select ?1"),
            ("select greatest($1, b), LEAST (a, b)", "select max(?1, b), min (a, b)"),
            ("select greatest from least", "select greatest from least"),
            ("select a from b limit $1 for update skip locked", "select a from b limit ?1 "),
            ("(select a from b FOR\n UPDATE) c", "(select a from b ) c"),
            ("select for_update, for updates", "select for_update, for updates"),
            ("select a$1, \"b$1\", $ 1", "select a$1, \"b$1\", $ 1"),
            ("select 1 -- $1\n, $2 /* $3 */", "select 1 -- $1\n, ?2 /* $3 */"),
            ("select 'it''s $1', $1", "select 'it''s $1', ?1"),
            ("select '$1", "select '$1"),
        ] {
            assert_eq!(sqlite(text), wanted, "from {text}");
        }
    }

    /// Text for the inside of a literal, with everything that might mislead the translation.
    fn inside() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("$1".to_owned()),
            Just("''".to_owned()),
            Just("\"".to_owned()),
            Just("--".to_owned()),
            Just("/*".to_owned()),
            Just("*/".to_owned()),
            Just("::text".to_owned()),
            Just(" for update ".to_owned()),
            Just("greatest(".to_owned()),
            "[^'\0]{0,6}",
        ];
        proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn literals_are_untouched_and_placeholders_around_them_are_not(
            literals in proptest::collection::vec(inside(), 1..5),
        ) {
            let mut text = String::from("select $1");
            let mut wanted = String::from("select ?1");
            for (literal, number) in literals.iter().zip(2_u32..) {
                write!(text, ", '{literal}', ${number}").unwrap();
                write!(wanted, ", '{literal}', ?{number}").unwrap();
            }
            prop_assert_eq!(sqlite(&text), wanted);
        }

        #[test]
        fn sqlite_reads_back_every_literal_and_every_argument(
            literal in inside(), first in any::<i64>(), second in any::<i64>(),
        ) {
            let connection = rusqlite::Connection::open_in_memory().unwrap();
            let text = sqlite(&format!("select $2::bigint, '{literal}', $1"));
            let row = connection
                .query_row(&text, [first, second], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .unwrap();
            prop_assert_eq!(row, (second, literal.replace("''", "'"), first));
        }

        #[test]
        fn any_text_is_translated_without_panic_and_never_grows(text in ".{0,60}") {
            prop_assert!(sqlite(&text).len() <= text.len());
        }

        #[test]
        fn text_without_the_tokens_stays_as_it_is(
            words in proptest::collection::vec("[a-eA-E_]{1,5}|[=<>*(),.;:?]|[0-9]{1,3}", 0..12),
        ) {
            let text = words.join(" ");
            prop_assert_eq!(sqlite(&text), text);
        }
    }
}
