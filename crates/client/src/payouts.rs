//! `/v1/payouts`.

use crate::request::Nothing;
use crate::{Client, Error, Made, Page};
use api::{CreatePayout, List, Payout, PayoutStatus};

/// Which payouts to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PayoutFilter {
    /// Only with this status.
    pub status: Option<PayoutStatus>,
    /// Only to this payee.
    pub payee_id: Option<String>,
    /// Only the one with this reference.
    pub client_reference_id: Option<String>,
    /// Only the one asked for under this key.
    pub idempotency_key: Option<String>,
}

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

    /// Payouts that the filter lets through, newest first.
    pub async fn find_payouts(&self, filter: &PayoutFilter, page: &Page) -> Result<List<Payout>, Error> {
        let mut params = page.params();
        let filters = [
            ("status", filter.status.map(|status| status.to_string())),
            ("payee_id", filter.payee_id.clone()),
            ("client_reference_id", filter.client_reference_id.clone()),
            ("idempotency_key", filter.idempotency_key.clone()),
        ];
        params.extend(filters.into_iter().filter_map(|(name, value)| Some((name, value?))));
        self.list(&["v1", "payouts"], &params).await
    }

    /// Takes a payout back, while Payoneer still allows.
    pub async fn cancel_payout(&self, id: &str) -> Result<Payout, Error> {
        self.post(&["v1", "payouts", id, "cancel"], &Nothing {}).await
    }
}
