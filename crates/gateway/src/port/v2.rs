//! The line to Payoneer in dialect v2 over HTTP. What is said and how answers are read is in `reading`; nothing is
//! decided here.

use super::reading::{self, reference, unlikely};
use super::{Answer, Balance, ChargeSeen, LinkRequest, Payoneer, PayoutSeen, Sent};
use crate::programs::{PayoneerTimeouts, environment};
use domain::attempt::{Attempt, Finding, Kind};
use domain::charge::Charge;
use domain::mandate::Observed;
use domain::payout::Payout;
use domain::program::Program;
use domain::{PayeeId, Reference};
use payoneer::Error;
use payoneer::v2::payees::{self, Language, Prefill};
use payoneer::v2::{CANCEL_BODY, Client};
use secrecy::SecretString;
use store::SendPermit;

/// A program's line.
pub struct V2 {
    client: Client,
}

impl V2 {
    /// A line that opens no connection yet; an error says what is wrong with the program.
    pub fn new(program: &Program, password: SecretString, timeouts: PayoneerTimeouts) -> Result<Self, String> {
        client(program, password, timeouts).map(|client| Self { client })
    }
}

/// A client with a program's credentials that opens no connection yet; an error says what is wrong with the program.
pub(crate) fn client(program: &Program, password: SecretString, timeouts: PayoneerTimeouts) -> Result<Client, String> {
    let environment = environment(&program.environment)?;
    let mut config = payoneer::Config::new(environment, &program.program_id, &program.username, password);
    let PayoneerTimeouts { connect, money, query } = timeouts;
    config.timeouts = payoneer::Timeouts { connect, money, query };
    Client::new(&config).map_err(|e| e.to_string())
}

/// For requests that cannot even be written down for Payoneer: nothing left.
fn unsendable(cause: String) -> Sent {
    Sent { finding: Finding::NeverSent(cause), exchange: None, provider_payout_id: None }
}

impl V2 {
    async fn send_now(&self, attempt: &Attempt, permit: SendPermit) -> Sent {
        let expected = reading::expected(attempt);
        let to = match reference(&attempt.reference) {
            Ok(to) => to,
            Err(cause) => return unsendable(cause),
        };
        let sendable = permit.open();
        reading::sent(match attempt.kind {
            Kind::Charge => self.client.send_charge(sendable.body(), &expected).await,
            Kind::Refund => self.client.send_charge_cancel(&to, &expected).await,
            Kind::Payout => self.client.send_payout(sendable.body(), &expected).await,
            Kind::PayoutCancel => self.client.send_payout_cancel(&to, &expected).await,
        })
    }

    async fn charge_now(&self, of: &Reference) -> Result<ChargeSeen, Error> {
        let Ok(to) = reference(of) else { return Ok(ChargeSeen::NotFound) };
        reading::charge(of, self.client.charge_status(&to).await)
    }

    async fn payout_now(&self, of: &Reference) -> Result<PayoutSeen, Error> {
        let Ok(of) = reference(of) else { return Ok(PayoutSeen::NotFound) };
        reading::payout(self.client.payout_status(&of).await)
    }

    async fn payee_now(&self, payee_id: &PayeeId) -> Result<Observed, Error> {
        let Ok(id) = payoneer::PayeeId::new(payee_id.as_str()) else { return Ok(Observed::NotFound) };
        reading::payee(self.client.payee_status(&id).await)
    }

    async fn link_now(&self, request: &LinkRequest) -> Result<String, Error> {
        let Ok(id) = payoneer::PayeeId::new(request.payee_id.as_str()) else { return Err(unlikely()) };
        let mut link = payees::LinkRequest::new(id);
        link.client_session_id = Some(request.session.clone());
        link.redirect_url = Some(request.redirect_url.clone());
        link.language_id = match request.language.as_deref() {
            Some("zh") => Some(Language::CHINESE_SIMPLIFIED),
            Some("en") => Some(Language::ENGLISH),
            _ => None,
        };
        let contact = payees::Contact {
            first_name: request.contact.first_name.clone().unwrap_or_default(),
            last_name: request.contact.last_name.clone().unwrap_or_default(),
            email: request.contact.email.clone().unwrap_or_default(),
            ..payees::Contact::default()
        };
        if contact != payees::Contact::default() {
            link.payee = Some(Prefill { contact: Some(contact), ..Prefill::default() });
        }
        let answer = if request.existing_account {
            self.client.login_link(&link).await
        } else {
            self.client.registration_link(&link).await
        };
        answer.map(|link| link.url)
    }

    async fn release_now(&self, payee_id: &PayeeId) -> Result<(), Error> {
        let Ok(id) = payoneer::PayeeId::new(payee_id.as_str()) else { return Err(unlikely()) };
        self.client.release_payee(&id).await.map(|_| ())
    }
}

impl Payoneer for V2 {
    fn charge_body(&self, charge: &Charge) -> Result<Vec<u8>, String> {
        reading::charge_body(charge)
    }

    fn payout_body(&self, payout: &Payout) -> Result<Vec<u8>, String> {
        reading::payout_body(payout)
    }

    fn cancel_body(&self) -> Vec<u8> {
        CANCEL_BODY.to_vec()
    }

    fn send<'a>(&'a self, attempt: &'a Attempt, permit: SendPermit) -> Answer<'a, Sent> {
        Box::pin(self.send_now(attempt, permit))
    }

    fn charge<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Result<ChargeSeen, Error>> {
        Box::pin(self.charge_now(reference))
    }

    fn payout<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Result<PayoutSeen, Error>> {
        Box::pin(self.payout_now(reference))
    }

    fn payee<'a>(&'a self, payee_id: &'a PayeeId) -> Answer<'a, Result<Observed, Error>> {
        Box::pin(self.payee_now(payee_id))
    }

    fn link<'a>(&'a self, request: &'a LinkRequest) -> Answer<'a, Result<String, Error>> {
        Box::pin(self.link_now(request))
    }

    fn release<'a>(&'a self, payee_id: &'a PayeeId) -> Answer<'a, Result<(), Error>> {
        Box::pin(self.release_now(payee_id))
    }

    fn balance(&self) -> Answer<'_, Result<Balance, Error>> {
        Box::pin(async { reading::balance(&self.client.balance().await?) })
    }

    fn echo(&self) -> Answer<'_, Result<(), Error>> {
        Box::pin(async { self.client.echo().await.map(|_| ()) })
    }
}
