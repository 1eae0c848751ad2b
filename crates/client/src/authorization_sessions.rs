//! `/v1/authorization_sessions`.

use crate::request::Nothing;
use crate::{Client, Error};
use api::{AuthorizationSession, CreateAuthorizationSession};

impl Client {
    /// Gets a link to Payoneer's page for a payee.
    pub async fn create_authorization_session(
        &self,
        session: &CreateAuthorizationSession,
    ) -> Result<AuthorizationSession, Error> {
        self.post(&["v1", "authorization_sessions"], session).await
    }

    /// One authorization session.
    pub async fn authorization_session(&self, id: &str) -> Result<AuthorizationSession, Error> {
        self.get(&["v1", "authorization_sessions", id]).await
    }

    /// Calls an authorization session off.
    pub async fn cancel_authorization_session(&self, id: &str) -> Result<AuthorizationSession, Error> {
        self.post(&["v1", "authorization_sessions", id, "cancel"], &Nothing {}).await
    }
}
