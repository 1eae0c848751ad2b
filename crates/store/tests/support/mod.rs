//! What the store's tests share: a small schema of their own, its statements, and ways to open it.
//! Nothing of the real nouns, so that these tests prove the doors and nothing else.
#![allow(dead_code, clippy::unwrap_used, reason = "test code; each test binary uses its own part")]

use std::path::{Path, PathBuf};

use store::{BadRow, Batch, Expect, FromRow, HeadFile, Migration, Options, Query, Row, Store, Write, args};

/// A schema with every kind of refusal in it.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    name: "items",
    sql: "
        create table item (
            id      text primary key,
            owner   text,
            tag     text,
            n       integer not null check (n >= 0),
            body    blob,
            version integer not null default 1
        ) strict;
        create unique index item_owner on item (owner);
        create unique index item_tag on item (lower(tag));
        create trigger item_kept before delete on item
        begin
            select raise(abort, 'items are kept');
        end;
        create trigger item_bomb before insert on item when new.n = 666
        begin
            select raise(rollback, 'the whole transaction goes');
        end;
        create table part (
            item   text not null references item (id),
            number integer not null,
            unique (item, number)
        ) strict;
        -- The real schema must not have such a reference: it fails at COMMIT, which is what some tests need.
        create table late (item text not null references item (id) deferrable initially deferred) strict;
    ",
}];

/// The same schema for PostgreSQL.
pub(crate) const ON_POSTGRES: &[Migration] = &[Migration {
    number: 1,
    name: "items",
    sql: r#"
        create table item (
            id      text collate "C" primary key,
            owner   text collate "C",
            tag     text collate "C",
            n       bigint not null check (n >= 0),
            body    bytea,
            version bigint not null default 1
        );
        create unique index item_owner on item (owner);
        create unique index item_tag on item (lower(tag));
        create function refuse() returns trigger language plpgsql as $$
            begin raise exception '%', tg_argv[0]; end $$;
        create trigger item_kept before delete on item for each row execute function refuse('items are kept');
        create trigger item_bomb before insert on item for each row when (new.n = 666)
            execute function refuse('the whole transaction goes');
        create table part (
            item   text collate "C" not null references item (id),
            number bigint not null,
            unique (item, number)
        );
        create table late (item text collate "C" not null references item (id) deferrable initially deferred);
    "#,
}];

/// A row of `item`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) owner: Option<String>,
    pub(crate) n: i64,
    pub(crate) body: Option<Vec<u8>>,
}

impl FromRow for Item {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self { id: row.text("id")?, owner: row.opt_text("owner")?, n: row.int("n")?, body: row.opt_blob("body")? })
    }
}

/// One number in a column `n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number(pub(crate) i64);

impl FromRow for Number {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        row.int("n").map(Self)
    }
}

/// Options for a file in this folder, with the test's schema.
pub(crate) fn options(folder: &Path) -> Options {
    Options { migrations: MIGRATIONS, head_file: HeadFile::Off, ..Options::sqlite(file(folder)) }
}

pub(crate) fn file(folder: &Path) -> PathBuf {
    folder.join("test.db")
}

/// A store in each of the modes: threads, inline on a file, in memory, on PostgreSQL.
pub(crate) fn in_every_mode(folder: &Path) -> [Store; 4] {
    let inline = Options { inline: true, head_file: HeadFile::Off, ..Options::sqlite(folder.join("inline.db")) };
    let [threads, inline, memory] = [options(folder), inline, Options::memory()]
        .map(|options| Store::open(&Options { migrations: MIGRATIONS, ..options }).unwrap());
    [threads, inline, memory, on_postgres()]
}

/// Where PostgreSQL stands among [`in_every_mode`].
pub(crate) const POSTGRES: usize = 3;

/// A store on both engines as a server runs them.
pub(crate) fn on_each_engine(folder: &Path) -> [Store; 2] {
    [Store::open(&options(folder)).unwrap(), on_postgres()]
}

pub(crate) fn on_postgres() -> Store {
    Store::open(&postgres_options(&cluster::shared().fresh())).unwrap()
}

pub(crate) fn postgres_options(url: &str) -> Options {
    Options { migrations: ON_POSTGRES, head_file: HeadFile::Off, ..Options::postgres(url.parse().unwrap()) }
}

pub(crate) fn add(id: impl Into<String>, n: i64) -> Write {
    Write::one("insert into item (id, n) values ($1, $2)", args![id.into(), n])
}

pub(crate) fn add_owned(id: &str, owner: &str) -> Write {
    Write::one("insert into item (id, owner, n) values ($1, $2, 0)", args![id, owner])
}

pub(crate) fn add_body(id: &str, body: Vec<u8>) -> Write {
    Write::one("insert into item (id, n, body) values ($1, 0, $2)", args![id, body])
}

/// Raises `n`, if the version is still this one.
pub(crate) fn raise(id: &str, version: i64) -> Write {
    Write::one("update item set n = n + 1, version = version + 1 where id = $1 and version = $2", args![id, version])
}

/// Fails only at COMMIT.
pub(crate) fn late(item: &str) -> Write {
    Write::new("insert into late (item) values ($1)", args![item], Expect::One)
}

pub(crate) fn batch(writes: impl IntoIterator<Item = Write>) -> Batch {
    writes.into_iter().collect()
}

pub(crate) fn all() -> Query<Item> {
    Query::new("select id, owner, n, body from item order by id", args![])
}

pub(crate) fn by_id(id: &str) -> Query<Item> {
    Query::new("select id, owner, n, body from item where id = $1", args![id])
}

pub(crate) async fn ids(store: &Store) -> Vec<String> {
    store.read(all()).await.unwrap().into_iter().map(|item| item.id).collect()
}

/// Gives every other task of a single-threaded runtime its turn: it runs some sixty between two turns of this one.
pub(crate) async fn let_all_others_run() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}
