//! The callback inbox: stored durable before it is acknowledged, interpreted later, never believed.
//! No business decision is made at the door.

use super::{Engine, Error, Page};
use data_encoding::HEXLOWER;
use domain::callback::{Callback, State};
use domain::job::{self, Job};
use domain::program::Program;
use domain::{CallbackId, ProgramId};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// What became of a callback at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is durable.
    Stored,
    /// No program listens at this address.
    NoSuchAddress,
}

/// A callback as it arrives at the door.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The event that the address names, if it does.
    pub event: Option<&'a str>,
    /// The query part.
    pub query: &'a str,
    /// The body, as far as it is kept.
    pub body: &'a [u8],
}

impl Engine {
    /// Makes a callback durable. The same one again is counted and looked at again.
    pub async fn receive_callback(&self, program: &str, token: &str, arrival: Arrival<'_>) -> Result<Received, Error> {
        let Some(id) = ProgramId::parse(program) else { return Ok(Received::NoSuchAddress) };
        let Some(line) = self.programs.get(&id).await? else { return Ok(Received::NoSuchAddress) };
        if !bool::from(line.program.callback_token.as_bytes().ct_eq(token.as_bytes())) {
            return Ok(Received::NoSuchAddress);
        }
        let now = self.now();
        let callback = Callback {
            id: CallbackId::new(now, self.source.randomness()),
            program: id.clone(),
            digest: digest(&arrival),
            method: arrival.method.to_owned(),
            event: arrival.event.map(str::to_owned),
            query: arrival.query.to_owned(),
            body: arrival.body.to_vec(),
            times: 1,
            state: State::Received,
            interpretation: None,
            received_at: now,
            last_received_at: now,
        };
        let mut changes = self.changes(&id, now);
        changes.write(store::callbacks::receive(&callback));
        changes.job(&Job::at(job::Kind::Digest, &digest_subject(&callback), now));
        store::crash_point::reach("callback.before_commit");
        self.store.commit(changes.finish()).await?;
        store::crash_point::reach("callback.after_commit");
        self.metrics.callback();
        self.ring();
        Ok(Received::Stored)
    }

    /// Callbacks, newest first.
    pub async fn callbacks(&self, program: &Program, page: &Page) -> Result<Vec<Callback>, Error> {
        Ok(self.store.read(store::callbacks::page(&program.id, page)).await?)
    }

    /// One callback.
    pub async fn callback(&self, program: &Program, id: &CallbackId) -> Result<Callback, Error> {
        let callback = self.store.read_one(store::callbacks::by_id(&program.id, id)).await?;
        callback.ok_or(Error::NotFound { noun: "callback" })
    }

    /// Has a callback interpreted once more.
    pub async fn reprocess_callback(&self, program: &Program, id: &CallbackId) -> Result<Callback, Error> {
        let callback = self.callback(program, id).await?;
        let now = self.now();
        let mut changes = self.changes(&program.id, now);
        changes.job(&Job::at(job::Kind::Digest, &digest_subject(&callback), now));
        self.store.commit(changes.finish()).await?;
        self.ring();
        Ok(callback)
    }
}

/// SHA-256 over everything that makes a callback the same one; each part with its length, so that none runs into the next.
fn digest(arrival: &Arrival<'_>) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in [arrival.method.as_bytes(), arrival.event.unwrap_or_default().as_bytes(), arrival.query.as_bytes()] {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.update(arrival.body);
    hash.finalize().to_vec()
}

/// How a `digest` job names a callback: by what it is, because its id is only known once it is stored.
fn digest_subject(callback: &Callback) -> String {
    format!("{}/{}", callback.program, HEXLOWER.encode(&callback.digest))
}

/// Reads what [`digest_subject`] wrote.
pub(super) fn parse_digest_subject(subject: &str) -> Option<(ProgramId, Vec<u8>)> {
    let (program, digest) = subject.split_once('/')?;
    Some((ProgramId::parse(program)?, HEXLOWER.decode(digest.as_bytes()).ok()?))
}
