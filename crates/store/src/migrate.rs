//! The numbered migrations and the rules about them: order, a lock by hash, never newer than known.
//! Pure: each engine reads what was applied and runs what `pending` returns.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::OpenError;

/// One step of the schema. Once released, its text never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// Its place: 1, 2, 3, ... without gaps.
    pub number: u32,
    /// Its name, as in the file name.
    pub name: &'static str,
    /// Its statements, in the engine's own SQL; run inside one transaction.
    pub sql: &'static str,
}

/// The migrations of the SQLite engine, built into the program.
pub const SQLITE: &[Migration] =
    &[Migration { number: 1, name: "foundation", sql: include_str!("../migrations/sqlite/0001_foundation.sql") }];

/// The migrations of the PostgreSQL engine, built into the program.
pub const POSTGRES: &[Migration] =
    &[Migration { number: 1, name: "foundation", sql: include_str!("../migrations/postgres/0001_foundation.sql") }];

/// A migration that a database has recorded as applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) sha256: String,
}

impl Migration {
    /// The hash that locks the text. Line ends do not count, since a checkout may change them.
    pub fn sha256(&self) -> String {
        let text = self.sql.replace("\r\n", "\n");
        HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
    }
}

/// The number of the newest migration of a list; 0 for an empty one.
pub(crate) fn newest(list: &[Migration]) -> u32 {
    list.last().map_or(0, |migration| migration.number)
}

/// The migrations still to run, after proving that the list is in order and that it begins with
/// exactly what was applied.
pub(crate) fn pending<'a>(list: &'a [Migration], applied: &[Applied]) -> Result<&'a [Migration], OpenError> {
    in_order(list)?;
    let known = newest(list);
    if let Some(last) = applied.last()
        && last.number > known
    {
        return Err(OpenError::Newer { found: last.number, known });
    }
    for (index, (have, want)) in applied.iter().zip(list).enumerate() {
        if have.number != want.number {
            return Err(OpenError::MigrationList {
                detail: format!("the database recorded number {} at place {}", have.number, index + 1),
            });
        }
        if have.sha256 != want.sha256() {
            return Err(OpenError::MigrationChanged { number: have.number, name: have.name.clone() });
        }
    }
    Ok(&list[applied.len()..])
}

fn in_order(list: &[Migration]) -> Result<(), OpenError> {
    for (place, migration) in (1_u32..).zip(list) {
        if migration.number != place {
            return Err(OpenError::MigrationList {
                detail: format!("{:04}_{} stands at place {place}", migration.number, migration.name),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Migration = Migration { number: 1, name: "first", sql: "create table a (x integer) strict;\n" };
    const SECOND: Migration = Migration { number: 2, name: "second", sql: "create table b (x integer) strict;\n" };

    fn applied(migration: Migration) -> Applied {
        Applied { number: migration.number, name: migration.name.to_owned(), sha256: migration.sha256() }
    }

    #[test]
    fn only_what_was_not_applied_is_pending() {
        let list = [FIRST, SECOND];
        assert_eq!(pending(&list, &[]).unwrap(), &list);
        assert_eq!(pending(&list, &[applied(FIRST)]).unwrap(), &[SECOND]);
        let all = [applied(FIRST), applied(SECOND)];
        assert_eq!(pending(&list, &all).unwrap(), &[]);
    }

    #[test]
    fn a_changed_text_is_refused_and_line_ends_do_not_count() {
        let changed = Migration { sql: "create table a (x text) strict;\n", ..FIRST };
        let list = [changed, SECOND];
        let refused = pending(&list, &[applied(FIRST)]);
        assert!(matches!(refused, Err(OpenError::MigrationChanged { number: 1, .. })));
        let other_ends = Migration { sql: "create table a (x integer) strict;\r\n", ..FIRST };
        assert_eq!(pending(&[other_ends, SECOND], &[applied(FIRST)]).unwrap(), &[SECOND]);
    }

    #[test]
    fn a_newer_database_and_a_list_with_gaps_are_refused() {
        let newer = pending(&[FIRST], &[applied(FIRST), applied(SECOND)]);
        assert!(matches!(newer, Err(OpenError::Newer { found: 2, known: 1 })));
        assert!(matches!(pending(&[SECOND], &[]), Err(OpenError::MigrationList { .. })));
        assert!(matches!(pending(&[FIRST, FIRST], &[]), Err(OpenError::MigrationList { .. })));
        assert!(matches!(pending(&[FIRST, SECOND], &[applied(SECOND)]), Err(OpenError::MigrationList { .. })));
    }
}
