//! `/v1/payouts`.

use crate::request::Nothing;
use crate::{Client, Error, Made, Page};
use api::{CreatePayout, List, Payout};

impl Client {
    /// Sends money to a payee; the same key is the same payout, however often it is sent.
    pub async fn create_payout(&self, key: &str, payout: &CreatePayout) -> Result<Made<Payout>, Error> {
        self.post_once(&["v1", "payouts"], key, payout).await
    }

    /// One payout.
    pub async fn payout(&self, id: &str) -> Result<Payout, Error> {
        self.get(&["v1", "payouts", id]).await
    }

    /// Payouts that a person must look at, newest first.
    pub async fn parked_payouts(&self, page: &Page) -> Result<List<Payout>, Error> {
        self.list(&["v1", "payouts"], &page.parked()).await
    }

    /// Payouts, newest first.
    pub async fn payouts(&self, page: &Page) -> Result<List<Payout>, Error> {
        self.list(&["v1", "payouts"], &page.params()).await
    }

    /// Takes a payout back, while Payoneer still allows.
    pub async fn cancel_payout(&self, id: &str) -> Result<Payout, Error> {
        self.post(&["v1", "payouts", id, "cancel"], &Nothing {}).await
    }
}
