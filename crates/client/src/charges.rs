//! `/v1/charges`.

use crate::request::Nothing;
use crate::{Client, Error, Made, Page};
use api::{Charge, ChargeStatus, CreateCharge, CreateRefund, List, Refund};

/// Which charges to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChargeFilter {
    /// Only with this status.
    pub status: Option<ChargeStatus>,
    /// Only those that a person must look at.
    pub needs_attention: bool,
    /// Only of this payee.
    pub payee_id: Option<String>,
    /// Only the one with this reference.
    pub client_reference_id: Option<String>,
    /// Only the one asked for under this key.
    pub idempotency_key: Option<String>,
}

impl Client {
    /// Takes money from a payee; the same key is the same charge, however often it is sent.
    pub async fn create_charge(&self, key: &str, charge: &CreateCharge) -> Result<Made<Charge>, Error> {
        self.post_once(&["v1", "charges"], key, charge).await
    }

    /// One charge, with its trips to Payoneer.
    pub async fn charge(&self, id: &str) -> Result<Charge, Error> {
        self.get(&["v1", "charges", id]).await
    }

    /// Charges, newest first.
    pub async fn charges(&self, filter: &ChargeFilter, page: &Page) -> Result<List<Charge>, Error> {
        let mut params = page.params();
        let filters = [
            ("status", filter.status.map(|status| status.to_string())),
            ("needs_attention", filter.needs_attention.then(|| "true".to_owned())),
            ("payee_id", filter.payee_id.clone()),
            ("client_reference_id", filter.client_reference_id.clone()),
            ("idempotency_key", filter.idempotency_key.clone()),
        ];
        params.extend(filters.into_iter().filter_map(|(name, value)| Some((name, value?))));
        self.list(&["v1", "charges"], &params).await
    }

    /// Has Payoneer asked about a charge soon; answered with the charge as it is before that.
    pub async fn refresh_charge(&self, id: &str) -> Result<Charge, Error> {
        self.post(&["v1", "charges", id, "refresh"], &Nothing {}).await
    }

    /// Withdraws a charge of which certainly nothing was sent.
    pub async fn cancel_charge(&self, id: &str) -> Result<Charge, Error> {
        self.post(&["v1", "charges", id, "cancel"], &Nothing {}).await
    }

    /// Gives the whole of a charge back.
    pub async fn refund_charge(&self, key: &str, id: &str) -> Result<Made<Refund>, Error> {
        self.post_once(&["v1", "charges", id, "refund"], key, &CreateRefund {}).await
    }
}
