//! The demo's merchant back end: a user of the published client, as any
//! merchant's would be. Nothing here knows that the gateway runs in the same
//! process.

use client::api::{Charge, Code, Payee, Payout};
use client::{ChargeFilter, Client, Error, Page};
use secrecy::SecretString;

/// The merchant's hand on the gateway.
#[derive(Debug, Clone)]
pub(super) struct Merchant {
    /// The calls.
    pub(super) gateway: Client,
    /// Its key, which the demo hands to whoever tries the API by hand.
    pub(super) key: SecretString,
}

impl Merchant {
    pub(super) fn new(gateway_url: &str, key: SecretString) -> Result<Self, Error> {
        Ok(Self { gateway: Client::new(gateway_url, key.clone())?, key })
    }

    /// The payee, if the gateway knows one by this id.
    pub(super) async fn payee(&self, payee_id: &str) -> Result<Option<Payee>, Error> {
        match self.gateway.payee(payee_id).await {
            Ok(payee) => Ok(Some(payee)),
            Err(error) if error.problem().is_some_and(|problem| problem.code == Code::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Every charge, page after page.
    pub(super) async fn charges(&self) -> Result<Vec<Charge>, Error> {
        let (mut rows, mut page) = (Vec::new(), first_page());
        loop {
            let list = self.gateway.charges(&ChargeFilter::default(), &page).await?;
            rows.extend(list.data);
            page.cursor = list.next_cursor;
            if page.cursor.is_none() {
                return Ok(rows);
            }
        }
    }

    /// Every payout, page after page.
    pub(super) async fn payouts(&self) -> Result<Vec<Payout>, Error> {
        let (mut rows, mut page) = (Vec::new(), first_page());
        loop {
            let list = self.gateway.payouts(&page).await?;
            rows.extend(list.data);
            page.cursor = list.next_cursor;
            if page.cursor.is_none() {
                return Ok(rows);
            }
        }
    }
}

pub(super) fn first_page() -> Page {
    Page { limit: Some(100), cursor: None }
}
