//! The line to Payoneer in dialect v2: the gateway's words on one side, the crate `payoneer` on the other.
//! What a reply proves is that crate's judgement; here it is only put into the domain's words.

use super::{Answer, Balance, ChargeSeen, LinkRequest, Payoneer, PayoutSeen, PayoutStage, Sent};
use crate::programs::{PayoneerTimeouts, environment};
use domain::attempt::{Attempt, DUPLICATE_REFERENCE, Evidence, Failure, Finding, Kind, MISMATCH};
use domain::charge::Charge;
use domain::mandate::Observed;
use domain::payout::Payout;
use domain::program::Program;
use domain::{Currency, Money, PayeeId, Reference};
use payoneer::proof::{Doubt, Expected, Proof};
use payoneer::v2::charges::{ChargeStatus, CreateCharge};
use payoneer::v2::payees::{self, Language, PayeeStatus, Prefill};
use payoneer::v2::payouts::{CreatePayout, PayoutStatus};
use payoneer::v2::{CANCEL_BODY, Client};
use payoneer::{Amount, Code, Error};
use secrecy::SecretString;
use serde::Deserialize;
use store::SendPermit;

/// A program's line.
pub struct V2 {
    client: Client,
    currency_of_balance: Option<Currency>,
}

impl V2 {
    /// A line that opens no connection yet; an error says what is wrong with the program.
    pub fn new(program: &Program, password: SecretString, timeouts: PayoneerTimeouts) -> Result<Self, String> {
        let environment = environment(&program.environment)?;
        let mut config = payoneer::Config::new(environment, &program.program_id, &program.username, password);
        let PayoneerTimeouts { connect, money, query } = timeouts;
        config.timeouts = payoneer::Timeouts { connect, money, query };
        let client = Client::new(&config).map_err(|e| e.to_string())?;
        // A program has one currency; where a reply names none it is taken to be US dollars, as in every public sample.
        Ok(Self { client, currency_of_balance: Currency::parse("USD").ok() })
    }
}

fn text<E: std::fmt::Display>(error: E) -> String {
    error.to_string()
}

fn amount(money: Money) -> Result<Amount, String> {
    Amount::from_hundredths(money.hundredths().map_err(text)?).map_err(text)
}

fn reference(reference: &Reference) -> Result<payoneer::Reference, String> {
    payoneer::Reference::new(reference.as_str()).map_err(text)
}

/// What our own stored body says; what comes back is held against it.
#[derive(Deserialize)]
struct Body {
    payee_id: Option<String>,
    amount: Option<Amount>,
    currency: Option<String>,
}

fn expected(attempt: &Attempt) -> Expected {
    let mut expected = Expected::reference(attempt.reference.as_str());
    if let Ok(Body { payee_id, amount, currency }) = serde_json::from_slice(&attempt.body) {
        expected.payee_id = payee_id;
        expected.amount = amount;
        expected.currency = currency;
    }
    expected
}

fn failure(problem: &payoneer::Problem) -> Failure {
    Failure {
        code: problem.code.to_string(),
        description: problem.description.clone(),
        hint: problem.hint.clone(),
        audit_id: problem.audit_id,
    }
}

/// The domain's word for a doubt: ours first, so that code can tell, then a sentence for people.
fn doubt(doubt: &Doubt) -> String {
    let word = match doubt {
        Doubt::DuplicateReference(_) => DUPLICATE_REFERENCE,
        Doubt::Mismatch(_) => MISMATCH,
        other => other.name(),
    };
    format!("{word}: {doubt}")
}

fn sent(answer: payoneer::proof::Answer) -> Sent {
    let mut provider_payout_id = None;
    let finding = match answer.proof {
        Proof::Done(receipt) => {
            provider_payout_id = receipt.payout_id;
            Finding::Succeeded(Evidence::Reply)
        }
        Proof::Declined(problem) => Finding::Declined(Evidence::Reply, failure(&problem)),
        Proof::NeverSent(cause) => Finding::NeverSent(cause.to_string()),
        Proof::Unknown(why) => Finding::Unknown(doubt(&why)),
    };
    Sent { finding, exchange: serde_json::to_string(&answer.exchange).ok(), provider_payout_id }
}

/// For requests that cannot even be written down for Payoneer: nothing left.
fn unsendable(cause: String) -> Sent {
    Sent { finding: Finding::NeverSent(cause), exchange: None, provider_payout_id: None }
}

fn is_not_found(error: &Error, code: Code) -> bool {
    matches!(error, Error::Refused(problem) if problem.code == code)
}

impl V2 {
    async fn send_now(&self, attempt: &Attempt, permit: SendPermit) -> Sent {
        let expected = expected(attempt);
        let to = match reference(&attempt.reference) {
            Ok(to) => to,
            Err(cause) => return unsendable(cause),
        };
        let sendable = permit.open();
        sent(match attempt.kind {
            Kind::Charge => self.client.send_charge(sendable.body(), &expected).await,
            Kind::Refund => self.client.send_charge_cancel(&to, &expected).await,
            Kind::Payout => self.client.send_payout(sendable.body(), &expected).await,
            Kind::PayoutCancel => self.client.send_payout_cancel(&to, &expected).await,
        })
    }

    async fn charge_now(&self, of: &Reference) -> Result<ChargeSeen, Error> {
        let Ok(of) = reference(of) else { return Ok(ChargeSeen::NotFound) };
        match self.client.charge_status(&of).await {
            Ok(report) => Ok(match report.status {
                _ if report.repeated.contradiction(&Expected::reference(of.as_str())).is_some() => {
                    ChargeSeen::Other(format!("{} of another reference", report.raw))
                }
                ChargeStatus::Transferred => ChargeSeen::Transferred,
                ChargeStatus::Refunded => ChargeSeen::Refunded,
                ChargeStatus::Cancelled => ChargeSeen::Cancelled,
                ChargeStatus::Pending | ChargeStatus::Other(_) => ChargeSeen::Other(report.raw),
            }),
            // Which code says "no such charge" is not public; payouts use this one.
            Err(error) if is_not_found(&error, Code::PayoutNotFound) => Ok(ChargeSeen::NotFound),
            Err(error) => Err(error),
        }
    }

    async fn payout_now(&self, of: &Reference) -> Result<PayoutSeen, Error> {
        let Ok(of) = reference(of) else { return Ok(PayoutSeen::NotFound) };
        match self.client.payout_status(&of).await {
            Ok(report) => {
                let currency = report.repeated.currency.as_deref().and_then(|code| Currency::parse(code).ok());
                let money = report.repeated.amount.zip(currency);
                Ok(PayoutSeen::Found {
                    stage: match report.status {
                        PayoutStatus::Funded => PayoutStage::Paid,
                        PayoutStatus::Cancelled => PayoutStage::Cancelled,
                        PayoutStatus::Pending | PayoutStatus::Other(_) => PayoutStage::Waiting(report.raw),
                    },
                    provider_payout_id: report.payout_id,
                    payee_id: report.repeated.payee_id,
                    money: money.and_then(|(a, c)| Money::from_hundredths(a.hundredths(), c).ok()),
                })
            }
            Err(error) if is_not_found(&error, Code::PayoutNotFound) => Ok(PayoutSeen::NotFound),
            Err(error) => Err(error),
        }
    }

    async fn payee_now(&self, payee_id: &PayeeId) -> Result<Observed, Error> {
        let Ok(id) = payoneer::PayeeId::new(payee_id.as_str()) else { return Ok(Observed::NotFound) };
        match self.client.payee_status(&id).await {
            Ok(report) => Ok(match report.status {
                PayeeStatus::Active => Observed::Active,
                PayeeStatus::Inactive => Observed::Inactive,
                // A word nobody has seen is no permission.
                PayeeStatus::Pending | PayeeStatus::Other(_) => Observed::Pending,
            }),
            Err(error) if is_not_found(&error, Code::PayeeNotFound) => Ok(Observed::NotFound),
            Err(error) => Err(error),
        }
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

    async fn balance_now(&self) -> Result<Balance, Error> {
        let report = self.client.balance().await?;
        let named = report.currency.as_deref().map_or(self.currency_of_balance, |code| Currency::parse(code).ok());
        let currency = named.ok_or_else(unlikely)?;
        let money = |amount: Amount| Money::from_hundredths(amount.hundredths(), currency).ok();
        let fees_due = report.fees_due.and_then(money);
        Ok(Balance { money: money(report.balance).ok_or_else(unlikely)?, fees_due })
    }
}

/// Our own limits are at most Payoneer's, so this needs a bug or an answer that makes no sense.
fn unlikely() -> Error {
    Error::Unexpected {
        http_status: 0,
        oddity: payoneer::error::Oddity::Contradiction,
        retry_after_seconds: None,
        excerpt: String::new(),
    }
}

impl Payoneer for V2 {
    fn charge_body(&self, charge: &Charge) -> Result<Vec<u8>, String> {
        let request = CreateCharge::new(
            payoneer::PayeeId::new(charge.payee_id.as_str()).map_err(text)?,
            amount(charge.money)?,
            payoneer::Currency::new(charge.money.currency().code()).map_err(text)?,
            reference(&charge.reference)?,
            payoneer::Description::new(charge.description.as_str()).map_err(text)?,
        );
        Ok(request.map_err(text)?.to_bytes().to_vec())
    }

    fn payout_body(&self, payout: &Payout) -> Result<Vec<u8>, String> {
        let request = CreatePayout::new(
            payoneer::PayeeId::new(payout.payee_id.as_str()).map_err(text)?,
            amount(payout.money)?,
            Some(payoneer::Currency::new(payout.money.currency().code()).map_err(text)?),
            reference(&payout.reference)?,
            payoneer::Description::new(payout.description.as_str()).map_err(text)?,
        );
        Ok(request.map_err(text)?.to_bytes().to_vec())
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
        Box::pin(self.balance_now())
    }

    fn echo(&self) -> Answer<'_, Result<(), Error>> {
        Box::pin(async { self.client.echo().await.map(|_| ()) })
    }
}
