//! The walk: the seed document's flow from the first question to the journal,
//! one function per step, each ending in one line that says what was seen.

use std::time::Duration;

use anyhow::{Context, ensure};
use client::Client;
use client::api::{
    Amount, AuthorizationSession, AuthorizationSessionStatus, Callback, CallbackStatus, Charge, ChargeStatus,
    CreateAuthorizationSession, CreateCharge, CreatePayout, MandateStatus, PayoutStatus, RefundStatus,
};
use url::Url;

use super::Stage;
use super::browser::{Browser, Page};
use super::merchant::first_page;
use super::money;
use super::report::Report;

/// How often and how long is waited for what happens by itself.
const LOOKS: u32 = 100;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// Walks until a step fails; whether none did.
pub(super) async fn walk(stage: &Stage, report: &mut Report) -> anyhow::Result<bool> {
    let mut walk = Walk { stage, browser: Browser::new()?, session: None, page: None, charge: None };
    macro_rules! step {
        ($name:literal, $work:expr) => {
            let result: anyhow::Result<String> = $work.await;
            report.step($name, &result)?;
            if result.is_err() {
                return Ok(false);
            }
        };
    }
    step!("not authorised", walk.not_authorised());
    step!("link", walk.link());
    step!("page", walk.hosted_page());
    step!("redirect", walk.redirect());
    step!("callback", walk.callback());
    step!("authorised", walk.authorised());
    step!("charge", walk.charge());
    step!("same charge", walk.same_charge());
    step!("refund", walk.refund());
    step!("payout", walk.payout());
    step!("journal", money::agrees(stage));
    Ok(true)
}

struct Walk<'a> {
    stage: &'a Stage,
    browser: Browser,
    session: Option<AuthorizationSession>,
    page: Option<Page>,
    charge: Option<Charge>,
}

impl Walk<'_> {
    /// Point 3 of the seed: nobody has authorised yet.
    async fn not_authorised(&mut self) -> anyhow::Result<String> {
        let payee_id = self.stage.payee_id();
        let reply = self.stage.payoneer().status(payee_id).await?;
        ensure!(reply.code == 10005, "Payoneer says {} \"{}\"", reply.code, reply.description);
        ensure!(self.stage.merchant().payee(payee_id).await?.is_none(), "the gateway knows {payee_id} already");
        Ok(format!("Payoneer says {} \"{}\"", reply.code, reply.description))
    }

    /// Point 4: the address of the page on which the payee authorises.
    async fn link(&mut self) -> anyhow::Result<String> {
        let return_url = self.stage.shop().return_url();
        let request = CreateAuthorizationSession {
            payee_id: self.stage.payee_id().to_owned(),
            return_url: Some(return_url),
            language: None,
            account: None,
            contact: None,
        };
        let session = self.gateway().create_authorization_session(&request).await?;
        let line = format!("POST /v1/authorization_sessions -> {}", session.url);
        self.session = Some(session);
        Ok(line)
    }

    /// Point 4: the payee signs up in four steps and consents.
    async fn hosted_page(&mut self) -> anyhow::Result<String> {
        let session = self.session.as_ref().context("no session")?;
        let email = format!("{}@example.com", self.stage.payee_id());
        let steps: [&[(&str, &str)]; 4] = [
            &[
                ("first_name", "Mei"),
                ("last_name", "Lin"),
                ("email", &email),
                ("email_again", &email),
                ("birth_day", "7"),
                ("birth_month", "5"),
                ("birth_year", "1990"),
            ],
            &[
                ("country", "CN"),
                ("address_line_1", "1 Nanjing Road"),
                ("city", "Shanghai"),
                ("zip_code", "200000"),
                ("mobile", "+86 13800000000"),
            ],
            &[("password", "Teapot-7-Teapot"), ("password_again", "Teapot-7-Teapot"), ("security_answer", "Oolong")],
            &[("payout_method", "LATER"), ("accept_terms", "yes")],
        ];
        let url = Url::parse(&session.url)?;
        let mut page = self.browser.open(&url).await?;
        for fields in steps {
            let mut form = page.form("step-form")?;
            for (name, value) in fields {
                form.fill(name, value)?;
            }
            page = self.browser.submit(&page, &form, ("go", "next")).await?;
        }
        let consent = page.form("consent-form")?;
        page = self.browser.submit(&page, &consent, ("decision", "approve")).await?;
        let title = page.title();
        self.page = Some(page);
        Ok(format!("signed up in four steps, consented: \"{title}\""))
    }

    /// Point 5: the browser comes back to the merchant, and nowhere else.
    async fn redirect(&mut self) -> anyhow::Result<String> {
        let page = self.page.take().context("no page")?;
        let page = self.browser.follow(&page, "return").await?;
        let page = self.browser.wait(page).await?;
        let wanted = self.stage.shop().return_url();
        let place = page.url.as_str().split('?').next().unwrap_or_default();
        ensure!(place == wanted, "the browser is at {place} (\"{}\"), not at {wanted}", page.title());
        Ok(format!("the browser is back at the merchant's {place}"))
    }

    /// Point 6: Payoneer calls, and the gateway has understood.
    async fn callback(&mut self) -> anyhow::Result<String> {
        for _ in 0..LOOKS {
            let callbacks = self.gateway().callbacks(&first_page()).await?;
            let payee = format!("payeeid={}", self.stage.payee_id());
            let about = |callback: &&Callback| {
                callback.target.split(['?', '&']).any(|part| part == payee) && callback.target.contains("APPROVED=true")
            };
            if let Some(callback) = callbacks.data.iter().find(about)
                && callback.status == CallbackStatus::Digested
            {
                return Ok(format!("{} APPROVED=true&{payee}, {}", callback.method, callback.id));
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        anyhow::bail!("no callback about this payee has been understood")
    }

    /// Points 3 and 6: authorised now, known without asking Payoneer again.
    async fn authorised(&mut self) -> anyhow::Result<String> {
        let payee =
            self.stage.merchant().payee(self.stage.payee_id()).await?.context("the gateway does not know it")?;
        let status = payee.mandate.status;
        ensure!(status == MandateStatus::Active, "the mandate is {status}");
        let reply = self.stage.payoneer().status(self.stage.payee_id()).await?;
        ensure!(reply.status.as_deref() == Some("ACTIVE"), "Payoneer says {} \"{}\"", reply.code, reply.description);
        let session = self.session.as_ref().context("no session")?;
        let session = self.gateway().authorization_session(&session.id).await?;
        ensure!(
            session.status == AuthorizationSessionStatus::Completed,
            "the authorization session is {}",
            session.status
        );
        let age = payee.mandate.age_seconds.unwrap_or_default();
        Ok(format!("the gateway knows without asking (verified {age} s ago), and Payoneer says ACTIVE"))
    }

    /// Point 7: a charge with nothing but the payee's id.
    async fn charge(&mut self) -> anyhow::Result<String> {
        let made = self.gateway().create_charge(&self.charge_key(), &self.order()).await?;
        ensure!(!made.is_replay, "a first request cannot be a repetition");
        let mut charge = made.resource;
        for _ in 0..LOOKS {
            if !matches!(charge.status, ChargeStatus::Created | ChargeStatus::Processing | ChargeStatus::Unknown) {
                break;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
            charge = self.gateway().charge(&charge.id).await?;
        }
        ensure!(charge.status == ChargeStatus::Succeeded, "the charge is {}", charge.status);
        let line = format!("{} {} taken from {}, {}", charge.amount, charge.currency, charge.payee_id, charge.id);
        self.charge = Some(charge);
        Ok(line)
    }

    /// The same request again is the same charge, at Payoneer too.
    async fn same_charge(&mut self) -> anyhow::Result<String> {
        let charge = self.charge.as_ref().context("no charge")?;
        let again = self.gateway().create_charge(&self.charge_key(), &self.order()).await?;
        ensure!(again.is_replay, "the gateway did not notice the repetition");
        ensure!(again.resource.id == charge.id, "two charges: {} and {}", charge.id, again.resource.id);
        let taken = self
            .stage
            .sandbox()
            .with_world(|world| world.charges().filter(|taken| taken.payee_id == self.stage.payee_id()).count());
        ensure!(taken == 1, "Payoneer has {taken} charges of this payee");
        Ok(format!("sent again: still {}, and one charge at Payoneer", charge.id))
    }

    /// The whole charge given back.
    async fn refund(&mut self) -> anyhow::Result<String> {
        let charge = self.charge.as_ref().context("no charge")?;
        let key = format!("refund-{}", self.stage.payee_id());
        let mut refund = self.gateway().refund_charge(&key, &charge.id).await?.resource;
        for _ in 0..LOOKS {
            if !matches!(refund.status, RefundStatus::Processing | RefundStatus::Unknown) {
                break;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
            refund = self.gateway().refund(&refund.id).await?;
        }
        ensure!(refund.status == RefundStatus::Succeeded, "the refund is {}", refund.status);
        Ok(format!("{} {} given back, {}", refund.amount, refund.currency, refund.id))
    }

    /// Money out to the payee.
    async fn payout(&mut self) -> anyhow::Result<String> {
        let body = CreatePayout {
            payee_id: self.stage.payee_id().to_owned(),
            amount: Amount::from("5.00"),
            currency: "USD".to_owned(),
            description: "A bonus".to_owned(),
            client_reference_id: None,
        };
        let key = format!("payout-{}", self.stage.payee_id());
        let mut payout = self.gateway().create_payout(&key, &body).await?.resource;
        for _ in 0..LOOKS {
            if matches!(payout.status, PayoutStatus::Paid | PayoutStatus::Failed | PayoutStatus::Canceled) {
                break;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
            payout = self.gateway().payout(&payout.id).await?;
        }
        ensure!(payout.status == PayoutStatus::Paid, "the payout is {}", payout.status);
        Ok(format!("{} {} paid to {}, {}", payout.amount, payout.currency, payout.payee_id, payout.id))
    }

    fn gateway(&self) -> &Client {
        &self.stage.merchant().gateway
    }

    fn charge_key(&self) -> String {
        format!("order-{}", self.stage.payee_id())
    }

    fn order(&self) -> CreateCharge {
        CreateCharge {
            payee_id: self.stage.payee_id().to_owned(),
            amount: Amount::from("12.50"),
            currency: "USD".to_owned(),
            description: "A teapot".to_owned(),
            client_reference_id: Some(self.charge_key()),
            purpose: None,
            metadata: None,
        }
    }
}
