//! The permit to send: the one value without which no request that can move money may leave.
//! It is made here, after the durable commit of its intent, and nowhere else.

use std::fmt;

use crate::store::Purpose;
use crate::{Batch, Fault, Store, Value};

/// What is about to be sent: which attempt, under which epoch, with which bytes.
///
/// The batch committed with it must write the attempt's row.
pub struct Intent {
    /// The id of the attempt; must appear among the arguments of the batch.
    pub attempt: String,
    /// The epoch of the attempt that this commit establishes.
    pub epoch: i64,
    /// The exact bytes of the request body.
    pub body: Vec<u8>,
    /// Whether Payoneer was asked about the reference just now. Without that nothing is sent from a database that has
    /// been in quarantine, since it may have forgotten an earlier attempt.
    pub asked: bool,
}

/// The right to send one attempt once.
///
/// The proper use compiles:
/// ```
/// fn send(permit: store::SendPermit) -> Vec<u8> {
///     permit.open().into_body()
/// }
/// ```
/// It cannot be copied:
/// ```compile_fail,E0599
/// fn twice(permit: store::SendPermit) -> (store::SendPermit, store::SendPermit) {
///     (permit.clone(), permit)
/// }
/// ```
/// It cannot be made by anyone but the commit of an intent:
/// ```compile_fail,E0451
/// fn forge(intent: store::Intent) -> store::SendPermit {
///     store::SendPermit { intent }
/// }
/// ```
/// It cannot be used twice:
/// ```compile_fail,E0382
/// fn send_twice(permit: store::SendPermit) -> (Vec<u8>, Vec<u8>) {
///     (permit.open().into_body(), permit.open().into_body())
/// }
/// ```
/// Nor can what it opened to be copied:
/// ```compile_fail,E0599
/// fn body_twice(permit: store::SendPermit) -> (store::Sendable, store::Sendable) {
///     let sendable = permit.open();
///     (sendable.clone(), sendable)
/// }
/// ```
///
/// It exists only after its intent is durable, cannot be copied, and is used up by
/// [`SendPermit::open`]. Dropping it unopened is allowed: then nothing is sent, and the attempt is
/// resolved by asking.
#[must_use = "a permit that is not opened sends nothing; its attempt then stays to be resolved"]
pub struct SendPermit {
    intent: Intent,
}

/// An opened permit: the content of the one request that may now leave.
#[must_use = "opening a permit uses it up; send the content now"]
pub struct Sendable {
    intent: Intent,
}

impl SendPermit {
    /// The id of the attempt, for logs.
    pub fn attempt(&self) -> &str {
        &self.intent.attempt
    }

    /// Uses the permit up and hands out what to send. Call it immediately before sending.
    pub fn open(self) -> Sendable {
        Sendable { intent: self.intent }
    }
}

impl Sendable {
    /// The id of the attempt.
    pub fn attempt(&self) -> &str {
        &self.intent.attempt
    }

    /// The epoch under which the outcome must be recorded.
    pub fn epoch(&self) -> i64 {
        self.intent.epoch
    }

    /// The exact bytes to send.
    pub fn body(&self) -> &[u8] {
        &self.intent.body
    }

    /// The exact bytes to send, without a copy.
    pub fn into_body(self) -> Vec<u8> {
        self.intent.body
    }
}

impl Store {
    /// Commits a batch that writes the intent to send, and hands out the permit to do so.
    ///
    /// The permit exists only when the commit is durable. After [`Fault::Unknown`] the row may be
    /// there, but there is no permit: nothing may be sent, and the attempt is resolved by asking.
    /// A batch that does not name the attempt in any of its arguments is [`Fault::Refused`]. A database in quarantine
    /// gives out no permit: [`Fault::Quarantined`]; one that was restored gives none to who has not asked Payoneer
    /// about the reference: [`Fault::Down`].
    pub async fn commit_intent(&self, batch: Batch, intent: Intent) -> Result<SendPermit, Fault> {
        if !names(&batch, &intent.attempt) {
            return Err(Fault::Refused("the batch of an intent does not write its attempt".to_owned()));
        }
        self.commit_for(batch, Purpose::Send { asked: intent.asked }).await?;
        Ok(SendPermit { intent })
    }
}

fn names(batch: &Batch, attempt: &str) -> bool {
    let mut args = batch.writes.iter().flat_map(|write| &write.args);
    args.any(|arg| matches!(arg, Value::Text(text) if text == attempt))
}

// The body carries a person's data, so it is never printed.
impl fmt::Debug for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intent").field("attempt", &self.attempt).field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

impl fmt::Debug for SendPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SendPermit").field(&self.intent).finish()
    }
}

impl fmt::Debug for Sendable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sendable").field(&self.intent).finish()
    }
}
