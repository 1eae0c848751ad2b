//! The probes: questions put to a sandbox of Payoneer's, with small charges of a payee made for tests, to find out what
//! no document says. They never run against production; what the answers prove is the domain's decision.

use domain::capability::{Answered, Probe, Reaction};
use domain::program::{Environment, Program};
use payoneer::proof::{Answer, Doubt, Proof};
use payoneer::v2::Client;
use payoneer::v2::charges::CreateCharge;
use payoneer::{Code, Error};
use serde_json::{Value, json};
use std::time::Duration;

/// What a probe charge asks for, in hundredths.
const AMOUNT: i64 = 100;
/// What the one with another amount asks for.
const OTHER_AMOUNT: i64 = 101;
/// How often and at what pauses is looked for a charge whose connection was closed.
const CLOSED_LOOKS: u32 = 6;
const CLOSED_PAUSE: Duration = Duration::from_millis(500);

/// What the probes need.
pub(crate) struct Prober {
    pub(crate) client: Client,
    pub(crate) payee_id: payoneer::PayeeId,
    /// A lower-case text that no earlier round has used.
    pub(crate) token: String,
}

/// Whether a program may be probed at all.
pub(crate) fn is_allowed(program: &Program) -> bool {
    match &program.environment {
        Environment::Sandbox => true,
        Environment::Production => false,
        // The real thing by its address is the real thing.
        Environment::Url(url) => {
            let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_ascii_lowercase));
            host.is_some_and(|host| !host.ends_with("payoneer.com") || host.split('.').any(|part| part == "sandbox"))
        }
    }
}

impl Prober {
    /// Puts all questions, one after the other. At most eight charges are taken, each of about one unit of money; at least
    /// one of them is given back.
    pub(crate) async fn run(&self) -> Result<Vec<Answered>, String> {
        let name = |suffix: &str| format!("probe-{}-{suffix}", self.token);
        let (first, second, third, never) = (name("a"), name("b"), name("c"), name("z"));
        let mut answers = vec![self.status(Probe::StatusNeverSent, &never).await?];
        let balance = self.client.balance().await.map_err(|error| error.to_string())?;
        let currency = balance.currency.unwrap_or_else(|| "USD".to_owned());
        let currency = &payoneer::Currency::new(&currency).map_err(|error| error.to_string())?;
        let charge = self.charge(&first, AMOUNT, currency).await?;
        if charge.reaction != Reaction::Accepted {
            return Err(format!("the first charge was not taken, so nothing can be learnt: {}", charge.record));
        }
        answers.push(self.status(Probe::StatusAfterCharge, &first).await?);
        answers.push(self.status(Probe::StatusOtherCase, &first.to_ascii_uppercase()).await?);
        answers.push(self.charge(&first, AMOUNT, currency).await?.answers(Probe::SameReference));
        answers.push(self.charge(&first, OTHER_AMOUNT, currency).await?.answers(Probe::OtherAmount));
        answers.push(self.charge(&first.to_ascii_uppercase(), AMOUNT, currency).await?.answers(Probe::OtherCase));
        answers.push(self.after_cancel(&first, currency).await?);
        answers.push(self.parallel(&second, currency).await?);
        let is_shown_at_once = answers
            .iter()
            .any(|answer| answer.probe == Probe::StatusAfterCharge && answer.reaction == Reaction::Accepted);
        answers.push(self.closed(&third, currency, is_shown_at_once).await?);
        Ok(answers)
    }

    fn request(&self, reference: &str, hundredths: i64, currency: &payoneer::Currency) -> Result<CreateCharge, String> {
        let text = |error: payoneer::fields::InvalidField| error.to_string();
        let request = CreateCharge::new(
            self.payee_id.clone(),
            payoneer::Amount::from_hundredths(hundredths).map_err(|error| error.to_string())?,
            currency.clone(),
            payoneer::Reference::new(reference).map_err(text)?,
            payoneer::Description::new("Probe of Payoneer's sandbox").map_err(text)?,
        );
        request.map_err(text)
    }

    async fn charge(&self, reference: &str, hundredths: i64, currency: &payoneer::Currency) -> Result<Sent, String> {
        let request = self.request(reference, hundredths, currency)?;
        let body = request.to_bytes();
        let answer = self.client.send_charge(&body, &request.expected()).await;
        Ok(Sent::new(&String::from_utf8_lossy(&body), &answer))
    }

    /// What is refused before the cancel is no news after it, so only an accepted cancel makes the answer count.
    async fn after_cancel(&self, reference: &str, currency: &payoneer::Currency) -> Result<Answered, String> {
        let name = payoneer::Reference::new(reference).map_err(|error| error.to_string())?;
        let expected = payoneer::proof::Expected::reference(reference);
        let cancelled = Sent::new("{}", &self.client.send_charge_cancel(&name, &expected).await);
        let again = self.charge(reference, AMOUNT, currency).await?;
        let reaction = if cancelled.reaction == Reaction::Accepted { again.reaction } else { Reaction::Unclear };
        let exchange = json!({ "cancel": cancelled.record, "charge": again.record }).to_string();
        Ok(Answered { probe: Probe::AfterCancel, reaction, exchange })
    }

    async fn parallel(&self, reference: &str, currency: &payoneer::Currency) -> Result<Answered, String> {
        let (one, other) =
            tokio::join!(self.charge(reference, AMOUNT, currency), self.charge(reference, AMOUNT, currency));
        let (one, other) = (one?, other?);
        let reaction = match (one.reaction, other.reaction) {
            (Reaction::Accepted, Reaction::Accepted) => Reaction::Accepted,
            (Reaction::Accepted, Reaction::Refused) | (Reaction::Refused, Reaction::Accepted) => Reaction::Refused,
            _ => Reaction::Unclear,
        };
        let exchange = json!({ "one": one.record, "other": other.record }).to_string();
        Ok(Answered { probe: Probe::Parallel, reaction, exchange })
    }

    /// Where a status does not show a charge at once, one that is not shown says nothing.
    async fn closed(
        &self,
        reference: &str,
        currency: &payoneer::Currency,
        is_shown_at_once: bool,
    ) -> Result<Answered, String> {
        let body = self.request(reference, AMOUNT, currency)?.to_bytes();
        let closed = self.client.send_charge_and_close(&body).await.map_err(|error| error.to_string())?;
        let mut answered = self.status(Probe::ClosedAfterSending, reference).await?;
        for _ in 1..CLOSED_LOOKS {
            if answered.reaction == Reaction::Accepted {
                break;
            }
            tokio::time::sleep(CLOSED_PAUSE).await;
            answered = self.status(Probe::ClosedAfterSending, reference).await?;
        }
        let is_absent = answered.reaction != Reaction::Accepted;
        if !closed || (is_absent && !is_shown_at_once) {
            answered.reaction = Reaction::Unclear;
        }
        let status: Value = serde_json::from_str(&answered.exchange).map_err(|error| error.to_string())?;
        let sent = json!({ "request": String::from_utf8_lossy(&body), "closed_before_an_answer": closed });
        answered.exchange = json!({ "charge": sent, "status": status }).to_string();
        Ok(answered)
    }

    async fn status(&self, probe: Probe, reference: &str) -> Result<Answered, String> {
        let name = payoneer::Reference::new(reference).map_err(|error| error.to_string())?;
        let (answer, raw) = self.client.charge_status_recorded(&name).await;
        let reaction = match &answer {
            Ok(_) => Reaction::Accepted,
            Err(Error::Refused(problem)) if problem.code == Code::PayoutNotFound => Reaction::Refused,
            Err(_) => Reaction::Unclear,
        };
        let exchange = json!({ "request": format!("GET charges/{reference}/status"), "reply": raw }).to_string();
        Ok(Answered { probe, reaction, exchange })
    }
}

/// A charge or cancel that was sent, with the record of it.
struct Sent {
    reaction: Reaction,
    record: Value,
}

impl Sent {
    fn new(body: &str, answer: &Answer) -> Self {
        let reaction = match &answer.proof {
            Proof::Done(_) => Reaction::Accepted,
            Proof::Unknown(Doubt::DuplicateReference(_)) => Reaction::Refused,
            Proof::Declined(_) | Proof::NeverSent(_) | Proof::Unknown(_) => Reaction::Unclear,
        };
        Self { reaction, record: json!({ "request": body, "reply": answer.exchange }) }
    }

    fn answers(self, probe: Probe) -> Answered {
        Answered { probe, reaction: self.reaction, exchange: self.record.to_string() }
    }
}
