//! A world as text and back, checked on the way in.
//! Where the text is kept is somebody else's matter.

use super::links::open_key;
use super::{Account, World, limits, outbox};

/// Why a text is not a world.
#[derive(Debug, thiserror::Error)]
pub enum BadSnapshot {
    /// Not the JSON of a snapshot.
    #[error("not a snapshot: {0}")]
    Shape(#[from] serde_json::Error),
    /// Readable, but it contradicts itself.
    #[error("the snapshot contradicts itself: {0}")]
    Contradiction(String),
}

impl World {
    /// The whole world as JSON, secrets included. The API log is not part of it.
    pub fn snapshot(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// A world from [`World::snapshot`]'s text.
    pub fn from_snapshot(text: &str) -> Result<Self, BadSnapshot> {
        let mut world: Self = serde_json::from_str(text)?;
        world.journal.add_up();
        world.emails = world.accounts.values().map(|a| (a.email.to_lowercase(), a.id.clone())).collect();
        let open = world.links.values().filter(|l| l.completed.is_none());
        world.open_links =
            open.map(|l| (open_key(l.kind, &l.payee_id, l.session_id.as_deref()), l.token.clone())).collect();
        outbox::Outbox::reindex(&mut world.outbox);
        world.contradiction().map_or(Ok(world), |what| Err(BadSnapshot::Contradiction(what)))
    }

    fn contradiction(&self) -> Option<String> {
        let audit = self.journal.audit();
        if let Some(fault) = audit.faults.into_iter().next() {
            return Some(fault);
        }
        if let Err(e) = self.settings.check() {
            return Some(e.to_string());
        }
        let known = |id: &String| self.accounts.contains_key(id);
        let bound = self.payees.values().all(|p| known(&p.account))
            && self.charges.values().all(|c| known(&c.account))
            && self.payouts.values().all(|p| known(&p.account));
        if !bound {
            return Some("a payee, charge or payout names an account that is not there".to_owned());
        }
        let named = |(key, account): (&String, &Account)| *key == account.id;
        if !self.accounts.iter().all(named) || self.emails.len() != self.accounts.len() {
            return Some("accounts are filed under other names than their own".to_owned());
        }
        let fits = self.accounts.len() <= limits::ACCOUNTS
            && self.links.len() <= limits::LINKS
            && self.payees.len() <= limits::PAYEES
            && self.charges.len().max(self.payouts.len()) <= limits::PAYMENTS;
        (!fits).then(|| "it holds more than a sandbox may".to_owned())
    }
}
