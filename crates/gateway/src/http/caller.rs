//! Who is asking, and what they may do. The permission is a type in the handler's signature, so that a handler
//! without one cannot be written by mistake: nothing else hands out the program.

use super::answer::AskedBy;
use super::guesses::{Entrance, Peer};
use super::problem::Refused;
use crate::app::App;
use crate::engine::Operator;
use api::{Code, Problem};
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use domain::api_key::{ApiKey, Scope};
use domain::audit::Actor;
use domain::program::Program;
use std::marker::PhantomData;
use std::sync::Arc;

/// The longest API key looked at.
const KEY_MAX: usize = 256;
/// When somebody who guessed too often may come again, in seconds.
const RETRY_AFTER: u32 = 10;

/// A caller whose key has the permission `P`, and the one program that the key opens.
pub(super) struct Caller<P> {
    /// The program. Everything a handler does is within it.
    pub(super) program: Program,
    /// The key. Its hash is all that is known of the secret.
    pub(super) key: ApiKey,
    permission: PhantomData<P>,
}

/// May see everything of the program.
pub(super) type ReadCaller = Caller<Read>;
/// May authorise payees, charge, refund and open checkouts.
pub(super) type ChargeCaller = Caller<Charge>;
/// May pay out.
pub(super) type PayoutCaller = Caller<Payout>;
/// May administer.
pub(super) type AdminCaller = Caller<Admin>;

impl AdminCaller {
    /// The caller as somebody who answers for what they do.
    pub(super) fn operator(&self) -> Operator {
        Operator { actor: Actor::key(&self.key), origin: self.key.origin.clone() }
    }
}

/// A permission as a type.
pub(super) trait Permission {
    /// The scope that a key needs for it.
    const SCOPE: Scope;
}

macro_rules! permissions {
    ($($name:ident)+) => {$(
        pub(super) enum $name {}

        impl Permission for $name {
            const SCOPE: Scope = Scope::$name;
        }
    )+};
}

permissions! { Read Charge Payout Admin }

impl<P: Permission + Send> FromRequestParts<Arc<App>> for Caller<P> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let text = bearer(parts)?;
        let (peer, now) = (parts.extensions.get::<Peer>().copied(), app.engine.now());
        let entrance = app.guesses.entrance(peer, now);
        if matches!(entrance, Entrance::Shut) {
            return Err(too_many_failures());
        }
        let Some((program, key)) = app.engine.authenticate(text).await? else {
            app.guesses.failed(peer, now);
            return Err(match entrance {
                Entrance::Open => unauthorized("the API key is not known, or was revoked, or has expired"),
                Entrance::Narrow(_) | Entrance::Shut => too_many_failures(),
            });
        };
        drop(entrance);
        if let Some(asked_by) = parts.extensions.get::<AskedBy>() {
            asked_by.note(&key.id, &program.id);
        }
        let standing = app.rates.take(&key.id, app.engine.now());
        if let Some(standing) = standing {
            parts.extensions.get::<AskedBy>().inspect(|asked_by| asked_by.note_rate(standing));
            if let Some(seconds) = standing.retry_after() {
                let refused = Problem::new(Code::RateLimited, "this API key asks more often than it may").into();
                return Err(Refused { retry_after: Some(seconds), ..refused });
            }
        }
        if !key.may(P::SCOPE) {
            let detail = format!("this needs an API key with the scope `{}`", P::SCOPE);
            return Err(Problem::new(Code::Forbidden, detail).into());
        }
        Ok(Self { program, key, permission: PhantomData })
    }
}

/// The key of the one `Authorization: Bearer` header.
fn bearer(parts: &Parts) -> Result<&str, Refused> {
    let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or_else(|| unauthorized("send Authorization: Bearer and an API key"))?;
    if values.next().is_some() {
        return Err(unauthorized("Authorization is given twice"));
    }
    let (scheme, key) = value.to_str().ok().and_then(|text| text.split_once(' ')).unwrap_or_default();
    let key = key.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || key.is_empty() || key.len() > KEY_MAX {
        return Err(unauthorized("send Authorization: Bearer and an API key"));
    }
    Ok(key)
}

fn too_many_failures() -> Refused {
    let detail = "too many API keys that are not good came from this network; a good one is taken all the same";
    Refused { retry_after: Some(RETRY_AFTER), ..Problem::new(Code::RateLimited, detail).into() }
}

fn unauthorized(detail: &str) -> Refused {
    Problem::new(Code::Unauthorized, detail).into()
}
