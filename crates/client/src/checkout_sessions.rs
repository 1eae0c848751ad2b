//! `/v1/checkout_sessions`.

use crate::request::Nothing;
use crate::{Client, Error};
use api::{CheckoutSession, CreateCheckoutSession};

impl Client {
    /// Opens a hosted checkout.
    pub async fn create_checkout_session(&self, session: &CreateCheckoutSession) -> Result<CheckoutSession, Error> {
        self.post(&["v1", "checkout_sessions"], session).await
    }

    /// One checkout session.
    pub async fn checkout_session(&self, id: &str) -> Result<CheckoutSession, Error> {
        self.get(&["v1", "checkout_sessions", id]).await
    }

    /// Closes a checkout that nobody has paid.
    pub async fn expire_checkout_session(&self, id: &str) -> Result<CheckoutSession, Error> {
        self.post(&["v1", "checkout_sessions", id, "expire"], &Nothing {}).await
    }
}
