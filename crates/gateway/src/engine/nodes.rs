//! The processes that share a database: each says that it is alive, and takes over what a lost one left behind.
//! A database that is not shared has one process, which owns everything; see `adopt_orphans`.

use super::{Engine, Error};
use domain::{Span, Time};
use store::Batch;
use store::nodes::{self, Node};

/// After this long without a word a node is lost: twelve missed beats. It is judged by the database's clock alone, so
/// clocks that differ accuse nobody; and who is accused wrongly loses nothing, for a permit that is lost makes an
/// attempt unknown, and an answer that still comes is evidence like any other.
const LOST: Span = Span::from_secs(60);
/// How long a lost node is still shown.
const SHOWN: Span = Span::from_secs(24 * 60 * 60);
/// How far a node's clock may differ from the database's before it is said aloud. Leases are twelve times as long.
const SKEW: Span = Span::from_secs(10);

impl Engine {
    /// Says that this process is alive, and takes over what lost ones left behind; how many attempts that were.
    /// Does nothing where no other process can be.
    pub async fn beat(&self) -> Result<usize, Error> {
        let asked = self.now();
        let Some(now) = self.store.clock().await? else { return Ok(0) };
        self.mind_the_clock(asked, now);
        let mut batch = Batch::new().with(nodes::beat(&self.this_node(now)));
        batch.push(store::jobs::free_lost(now - LOST));
        batch.push(store::webhook_endpoints::free_lost(now - LOST));
        batch.push(nodes::forget(now - SHOWN));
        self.store.commit(batch).await?;
        let lost = self.store.read(store::attempts::lost(now - LOST)).await?;
        self.give_up(&lost).await?;
        Ok(lost.len())
    }

    /// Says good-bye to the others.
    pub(crate) async fn leave(&self) {
        if self.store.is_shared()
            && let Err(error) = self.store.commit(Batch::new().with(nodes::leave(&self.node))).await
        {
            tracing::warn!(%error, "the other nodes will notice by themselves that this one is gone");
        }
    }

    /// Every process that serves from the database, lost ones for a day.
    pub async fn nodes(&self) -> Result<Vec<Node>, Error> {
        if self.store.is_shared() {
            return Ok(self.store.read(nodes::all()).await?);
        }
        Ok(vec![self.this_node(self.now())])
    }

    fn this_node(&self, last_seen: Time) -> Node {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Node { id: self.node.clone(), version, started_at: self.started_at, last_seen }
    }

    /// The answer came some time after the question, so only what is before the one or after the other is wrong.
    fn mind_the_clock(&self, asked: Time, theirs: Time) {
        let answered = self.now();
        if theirs + SKEW < asked || theirs > answered + SKEW {
            let ahead = (asked - theirs).seconds();
            tracing::error!(ahead, "this machine's clock differs from the database's; leases may be taken over early");
        }
    }
}
