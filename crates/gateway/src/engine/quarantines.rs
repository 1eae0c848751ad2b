//! What an operator needs before a database that went back in time may go on: what Payoneer shows of everything that
//! is still open here. Only asks; decides and writes nothing.

use super::{Engine, Error, Page};
use crate::port::{ChargeSeen, PayoutSeen};
use crate::programs::Connected;
use domain::charge;
use domain::payout;
use store::charges::{Filter, Status};

/// Rows read at once.
const PAGE: i64 = 200;
/// The most pages of one kind looked at in one program: who has 20,000 open rows needs Payoneer's own report.
const PAGES_MAX: usize = 100;

/// What Payoneer shows of one reference, beside what is stored here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// `charge` or `payout`.
    pub object: &'static str,
    /// Its id here.
    pub id: String,
    /// The reference that Payoneer was asked about.
    pub reference: String,
    /// The status here.
    pub ours: String,
    /// What Payoneer shows, or why it could not be asked.
    pub payoneer: Result<String, String>,
}

impl Engine {
    /// Asks Payoneer about every charge and payout that is not settled here. Answers them in the order of programs,
    /// charges before payouts.
    pub async fn reconcile(&self) -> Result<Vec<Compared>, Error> {
        let mut compared = Vec::new();
        for stored in self.store.read(store::programs::all()).await? {
            let line = self.line(&stored.program.id).await?;
            self.reconcile_charges(&line, &mut compared).await?;
            self.reconcile_payouts(&line, &mut compared).await?;
        }
        Ok(compared)
    }

    async fn reconcile_charges(&self, line: &Connected, compared: &mut Vec<Compared>) -> Result<(), Error> {
        use charge::State;
        let open = [State::Created, State::Processing, State::RequiresAction, State::RefundPending];
        for status in open.map(Status::State).into_iter().chain([Status::Unknown]) {
            let filter = Filter { payee_id: None, status: Some(status) };
            let mut page = Page { before: None, limit: PAGE };
            for _ in 0..PAGES_MAX {
                let charges = self.store.read(store::charges::page(&line.program.id, &filter, &page)).await?;
                let Some(last) = charges.last() else { break };
                page.before = Some(last.id.to_string());
                for charge in charges {
                    let seen = line.payoneer.charge(&charge.reference).await.map(|seen| match seen {
                        ChargeSeen::Other(word) => word,
                        seen => format!("{seen:?}"),
                    });
                    compared.push(Compared {
                        object: "charge",
                        id: charge.id.to_string(),
                        reference: charge.reference.to_string(),
                        ours: charge.status().to_owned(),
                        payoneer: seen.map_err(|error| error.to_string()),
                    });
                }
            }
        }
        Ok(())
    }

    async fn reconcile_payouts(&self, line: &Connected, compared: &mut Vec<Compared>) -> Result<(), Error> {
        use payout::State;
        let mut page = Page { before: None, limit: PAGE };
        for _ in 0..PAGES_MAX {
            let payouts = self.store.read(store::payouts::page(&line.program.id, &page)).await?;
            let Some(last) = payouts.last() else { break };
            page.before = Some(last.id.to_string());
            let open =
                |payout: &payout::Payout| matches!(payout.state, State::Created | State::Processing | State::Pending);
            for payout in payouts.into_iter().filter(open) {
                let seen = line.payoneer.payout(&payout.reference).await.map(|seen| match seen {
                    PayoutSeen::Found { stage, .. } => format!("{stage:?}"),
                    PayoutSeen::NotFound => "NotFound".to_owned(),
                });
                compared.push(Compared {
                    object: "payout",
                    id: payout.id.to_string(),
                    reference: payout.reference.to_string(),
                    ours: payout.state.to_string(),
                    payoneer: seen.map_err(|error| error.to_string()),
                });
            }
        }
        Ok(())
    }
}
