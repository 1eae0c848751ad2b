//! The two schemas are one: the same tables, columns, keys, indexes and refusals on SQLite and on PostgreSQL.
//! That every statement runs on both is proven in `src/drill.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must stop")]

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use store::{BadRow, Batch, CopyError, Fault, FromRow, HeadFile, OpenError, Options, Query, Row, Store, Write, args};

/// What each engine keeps for itself: its own record of how far it has come, and of what has settled.
const OF_ONE: [&str; 3] = ["head.", "migrations.", "event.commit_id "];

/// One line for everything a schema consists of.
type Facts = BTreeSet<String>;

const SQLITE: [&str; 5] = [
    "select m.name || '.' || c.name || ' ' || case lower(c.type) when 'integer' then 'bigint' when 'blob' then 'bytea' \
        else lower(c.type) end || case when c.\"notnull\" or c.pk > 0 then ' not null' else '' end \
        from sqlite_schema m, pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite%'",
    "select m.name || '. index ' || case i.origin when 'c' then i.name else '' end || iif(i.\"unique\", ' unique', '') \
        || iif(i.partial, ' partial', '') || ' (' || (select group_concat(coalesce(x.name, '-'), ', ') from \
        pragma_index_info(i.name) x) || ')' from sqlite_schema m, pragma_index_list(m.name) i where m.type = 'table'",
    "select m.name || '. refers by ' || f.\"from\" || ' to ' || f.\"table\" from sqlite_schema m, \
        pragma_foreign_key_list(m.name) f where m.type = 'table'",
    "select tbl_name || '. trigger ' || name from sqlite_schema where type = 'trigger'",
    "select name || '. view' from sqlite_schema where type = 'view'",
];

const POSTGRES: [&str; 5] = [
    "select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, null) \
        || case when a.attnotnull then ' not null' else '' end from pg_attribute a join pg_class c on c.oid = a.attrelid \
        where c.relkind = 'r' and a.attnum > 0 and c.relnamespace = 'public'::regnamespace",
    "select c.relname || '. index ' || case when exists (select 1 from pg_constraint k where k.conindid = i.oid) \
        then '' else i.relname end || case when x.indisunique then ' unique' else '' end \
        || case when x.indpred is not null then ' partial' else '' end || ' (' || (select string_agg(coalesce(a.attname, \
        '-'), ', ' order by k.place) from unnest(x.indkey::int2[]) with ordinality k (n, place) left join pg_attribute a \
        on a.attrelid = c.oid and a.attnum = k.n) || ')' from pg_index x join pg_class i on i.oid = x.indexrelid \
        join pg_class c on c.oid = x.indrelid where c.relnamespace = 'public'::regnamespace",
    "select c.relname || '. refers by ' || a.attname || ' to ' || t.relname from pg_constraint f \
        join pg_class c on c.oid = f.conrelid join pg_class t on t.oid = f.confrelid join pg_attribute a \
        on a.attrelid = c.oid and a.attnum = f.conkey[1] where f.contype = 'f'",
    "select c.relname || '. trigger ' || t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid \
        where not t.tgisinternal",
    "select relname || '. view' from pg_class where relkind = 'v' and relnamespace = 'public'::regnamespace",
];

fn open_sqlite(file: &Path) -> Store {
    Store::open(&Options { head_file: HeadFile::Off, ..Options::sqlite(file) }).unwrap()
}

fn open_postgres(url: &str) -> Store {
    Store::open(&Options { head_file: HeadFile::Off, ..Options::postgres(url.parse().unwrap()) }).unwrap()
}

fn shared(facts: impl IntoIterator<Item = String>) -> Facts {
    // A primary key of whole numbers is the row's own number in SQLite, without an index.
    let own =
        |fact: &String| !OF_ONE.iter().any(|one| fact.starts_with(one)) && !fact.ends_with("index  unique (sequence)");
    facts.into_iter().filter(own).collect()
}

#[test]
fn both_engines_have_the_same_schema() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("test.db");
    drop(open_sqlite(&file));
    let cluster = cluster::shared();
    let database = cluster.database();
    drop(open_postgres(&cluster.url(&database)));

    let sqlite = rusqlite::Connection::open(&file).unwrap();
    let mut here = Vec::new();
    for sql in SQLITE {
        let mut statement = sqlite.prepare(sql).unwrap();
        here.extend(statement.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap));
    }
    let there =
        POSTGRES.iter().flat_map(|sql| cluster.psql(&database, sql).lines().map(str::to_owned).collect::<Vec<_>>());
    let (here, there) = (shared(here), shared(there));
    assert!(here.len() > 250, "{}", here.len());
    let differing: Vec<_> = here.symmetric_difference(&there).collect();
    assert!(differing.is_empty(), "only in one of them: {differing:#?}");
}

/// The rules that stand in the text alone: checks, and what partial indexes hold.
#[test]
fn both_texts_have_the_same_checks_and_partial_indexes() {
    let same = [
        (" collate \"C\"", ""),
        (") strict, without rowid", ")"),
        (") strict", ")"),
        ("bigint generated by default as identity", "integer"),
        (" autoincrement", ""),
        ("bigint", "integer"),
        ("bytea", "blob"),
        (", commit_id xid8 not null default pg_current_xact_id()", ""),
    ];
    let [sqlite, postgres] = [store::SQLITE, store::POSTGRES].map(|list| {
        let lines = list.iter().flat_map(|migration| migration.sql.lines());
        let words = lines.flat_map(|line| line.split("--").next().unwrap_or_default().split_whitespace());
        let text = words.collect::<Vec<_>>().join(" ");
        let text = same.iter().fold(text, |text, (from, to)| text.replace(from, to));
        let rules = text.split("; ").filter(|statement| {
            let kinds = ["create table", "create index", "create unique index", "insert into"];
            kinds.iter().any(|kind| statement.starts_with(kind)) && !statement.starts_with("create table head")
        });
        rules.map(str::to_owned).collect::<Facts>()
    });
    assert!(sqlite.len() > 40, "{}", sqlite.len());
    let differing: Vec<_> = sqlite.symmetric_difference(&postgres).collect();
    assert!(differing.is_empty(), "only in one of them: {differing:#?}");
}

const PROGRAM: &str = "insert into program (id, name, program_id, environment, dialect, username, sealed, \
    callback_token, version, created_at, updated_at) values ('p', 'n', '1', 'sandbox', 'v2', 'u', $1, 't', 1, 0, 0)";
const CHARGE: &str = "insert into charge (id, program, payee_id, amount_minor, currency, description, reference, \
    idempotency_key, state, unknown, version, created_at, updated_at) \
    values ('ch', 'p', 'a', 5, 'USD', 'd', 'Ref', 'key', 'processing', 0, 1, 0, 0)";
const PAYOUT: &str = "insert into payout (id, program, payee_id, amount_minor, currency, description, reference, \
    idempotency_key, state, unknown, looks, version, created_at, updated_at) \
    values ('po', 'p', 'a', 5, 'USD', 'd', 'Ref', 'key', 'processing', 0, 0, 1, 0, 0)";
const ATTEMPT: &str = "insert into attempt (id, program, subject, kind, number, reference, body, state, epoch, owner, \
    deadline, sent_at, settled_at, looks, resends) \
    values ($1, 'p', 'ch', 'charge', $2, 'Ref', $3, $4, 1, 'o', 0, 0, $5, 0, 0)";
const KEY: &str = "insert into idempotency (program, key, operation, fingerprint, subject, created_at) \
    values ('p', 'key', 'charge', $1, 'ch', 0)";
const EVENT: &str = "insert into event (id, program, kind, subject, version, data, created_at) \
    values ('e', 'p', 'k', 's', 1, '{}', 0)";
const JOURNAL: &str = "insert into journal (id, program, subject, debit, credit, amount_minor, currency, created_at) \
    values ('j', 'p', 'ch', 'a', 'b', 5, 'USD', 0)";
const QUARANTINE: &str = "insert into quarantine (cause, head_sequence, left_by, left_reason, left_at) \
    values ('lower', 1, 'Ada', 'why', 1)";

/// What nobody may do, and what the database says to it.
const FORBIDDEN: &[(&str, &str)] = &[
    ("update attempt set state = 'planned' where id = 'live'", "illegal attempt transition"),
    ("update attempt set state = 'sending' where id = 'live'", "illegal attempt transition"),
    ("update attempt set looks = 1 where id = 'over'", "a settled attempt never changes"),
    ("update attempt set reference = 'other' where id = 'live'", "what was sent never changes"),
    ("delete from attempt where id = 'live'", "attempts are kept"),
    ("update charge set amount_minor = 6", "what was asked for never changes"),
    ("update charge set payee_id = 'b'", "what was asked for never changes"),
    ("delete from charge", "charges are kept"),
    ("update payout set currency = 'EUR'", "what was asked for never changes"),
    ("delete from payout", "payouts are kept"),
    ("delete from idempotency", "idempotency keys are kept"),
    ("update event set data = '[]'", "events never change"),
    ("update journal set amount_minor = 6", "the journal never changes"),
    ("delete from journal", "the journal is kept"),
    ("update quarantine set left_by = 'Bob'", "a quarantine is left once"),
    ("delete from quarantine", "quarantines are kept"),
];

/// A row in each table that is guarded.
fn one_of_each() -> Batch {
    let bytes = || vec![0_u8];
    let mut batch = Batch::new().with(Write::one(PROGRAM, args![bytes()]));
    batch.push(Write::one(CHARGE, args![])).push(Write::one(PAYOUT, args![]));
    batch.push(Write::one(ATTEMPT, args!["over", 1, bytes(), "declined", 1]));
    batch.push(Write::one(ATTEMPT, args!["live", 2, bytes(), "sending", None::<i64>]));
    batch.push(Write::one(KEY, args![bytes()])).push(Write::one(EVENT, args![]));
    batch.push(Write::one(JOURNAL, args![])).push(Write::one(QUARANTINE, args![]));
    batch
}

struct Number(i64);

impl FromRow for Number {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        row.int("n").map(Self)
    }
}

#[tokio::test]
async fn everything_moves_from_a_file_to_a_server_once() {
    const BUSY: Duration = Duration::from_millis(100);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("test.db");
    let (cluster, running) = (cluster::shared(), Options { exclusive: true, ..Options::sqlite(&file) });
    let database = cluster.database();
    let address = cluster.url(&database).parse().unwrap();
    let store = Store::open(&running).unwrap();
    store.commit(one_of_each()).await.unwrap();
    let refused = store::copy_store(&file, HeadFile::Beside, &address, BUSY).unwrap_err();
    assert!(matches!(refused, CopyError::Open(OpenError::InUse { .. })), "{refused}");
    store.close().await;
    drop(store);

    let copied = store::copy_store(&file, HeadFile::Beside, &address, BUSY).unwrap();
    let rows = |name: &str| copied.iter().find(|table| table.table == name).unwrap().rows;
    assert_eq!((rows("attempt"), rows("event"), rows("refund")), (2, 1, 0));
    let there = cluster.psql(&database, "select count(*) from pg_tables where schemaname = 'public'");
    let of_one = 4;
    assert_eq!(there.trim(), (copied.len() + of_one).to_string(), "every table moves but those of one engine alone");
    assert_eq!(cluster.psql(&database, "select encode(body, 'hex') from attempt").trim(), "00\n00");

    let moved = open_postgres(&cluster.url(&database));
    let later = EVENT.replace("'e'", "'e2'");
    moved.commit(Batch::new().with(Write::one(later.leak(), args![]))).await.unwrap();
    let numbers = Query::<Number>::new("select sequence as n from event order by sequence", args![]);
    let numbers: Vec<_> = moved.read(numbers).await.unwrap().into_iter().map(|number| number.0).collect();
    assert_eq!(numbers, [1, 2], "numbers go on after those that were moved");
    let refused = store::copy_store(&file, HeadFile::Beside, &address, BUSY).unwrap_err();
    assert!(matches!(refused, CopyError::NotEmpty { .. }), "{refused}");
    let again = Store::open(&running).unwrap();
    assert_eq!(again.read(Query::<Number>::new("select count(*) as n from charge", args![])).await.unwrap()[0].0, 1);
}

#[tokio::test]
async fn both_engines_refuse_the_same_with_the_same_words() {
    let folder = tempfile::tempdir().unwrap();
    for store in [open_sqlite(&folder.path().join("test.db")), open_postgres(&cluster::shared().fresh())] {
        store.commit(one_of_each()).await.unwrap();
        for (sql, words) in FORBIDDEN {
            let outcome = store.commit(Batch::new().with(Write::any(sql, args![]))).await;
            assert_eq!(outcome, Err(Fault::Refused((*words).to_owned())), "{sql}");
        }
        let second = Write::one(ATTEMPT, args!["twin", 3, vec![0_u8], "sending", None::<i64>]);
        let fault = store.commit(Batch::new().with(second)).await.unwrap_err();
        assert!(fault.is_duplicate_of("attempt_live"), "{fault}");
        let same = CHARGE.replace("'ch'", "'c2'").replace("'key'", "'k2'").replace("'Ref'", "'rEF'");
        let fault = store.commit(Batch::new().with(Write::one(same.leak(), args![]))).await.unwrap_err();
        assert!(fault.is_duplicate_of("charge_reference"), "{fault}");
    }
}
