//! The SQL of nodes: the processes that serve from one database, and whom of them nobody has heard of any more.
//! Rows are told apart by the database's clock alone; see the engine of the gateway.

use crate::{BadRow, FromRow, Query, Row, Write, args, cells};
use domain::Time;

/// A process that serves from the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name among attempts and leases; a new one at each start.
    pub id: String,
    /// Which version of the program it runs.
    pub version: String,
    /// When it started, on its own clock.
    pub started_at: Time,
    /// When it was heard of last.
    pub last_seen: Time,
}

const ALL: &str = "select * from node order by started_at, id";
const BEAT: &str = "insert into node (id, version, started_at, last_seen) values ($1, $2, $3, $4) \
    on conflict (id) do update set last_seen = excluded.last_seen";
const LEAVE: &str = "delete from node where id = $1";
const FORGET: &str = "delete from node where last_seen <= $1";

pub(crate) const STATEMENTS: &[&str] = &[ALL, BEAT, LEAVE, FORGET];

/// Every node that is remembered, those that are lost too.
pub fn all() -> Query<Node> {
    Query::new(ALL, args![])
}

/// The node is alive.
pub fn beat(node: &Node) -> Write {
    let args = args![node.id.as_str(), node.version.as_str(), node.started_at.micros(), node.last_seen.micros()];
    Write::one(BEAT, args)
}

/// The node ends, and leaves nothing behind.
pub fn leave(id: &str) -> Write {
    Write::any(LEAVE, args![id])
}

/// Nodes that nobody has heard of since then are not shown any more.
pub fn forget(since: Time) -> Write {
    Write::any(FORGET, args![since.micros()])
}

impl FromRow for Node {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            id: row.text("id")?,
            version: row.text("version")?,
            started_at: cells::time(row, "started_at")?,
            last_seen: cells::time(row, "last_seen")?,
        })
    }
}
