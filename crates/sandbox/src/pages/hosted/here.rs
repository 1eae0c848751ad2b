//! One request for one known link, and how each view of it is put together.
//! Which view comes next is decided in `show` and `take`.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use url::Url;

use super::super::format;
use super::super::lang::Lang;
use super::super::shell::{self, Shell};
use super::super::texts::HostedText;
use super::answers::Step;
use super::ask::Ask;
use super::person;
use super::rules::{self, Problem};
use super::views::{ClosedPage, ConsentPage, DonePage, Frame, LogInPage, StepPage, Switch, Way};
use super::visit::{Visit, Visits};
use crate::App;
use crate::world::{Account, Completion, Link, PayeeStatus, Review};

/// Everything one request needs.
pub(super) struct Here {
    pub(super) app: Arc<App>,
    pub(super) visits: Arc<Visits>,
    pub(super) ask: Ask,
    pub(super) link: Link,
    pub(super) merchant: String,
    pub(super) lang: Lang,
    pub(super) today: jiff::civil::Date,
    /// Whether the payee is registered already, through another link.
    pub(super) registered: bool,
}

impl Here {
    /// Looks the link up; an unknown one is answered at once.
    pub(super) fn find(app: Arc<App>, visits: Arc<Visits>, ask: Ask) -> Result<Self, Box<Response>> {
        let found = app.read(|w| {
            let link = w.link(&ask.token)?.clone();
            let payee = w.payee(&link.payee_id);
            let registered = payee.is_some_and(|payee| payee.status != PayeeStatus::Inactive);
            let language = Lang::from_id(&w.link_language(&link).to_string());
            let merchant = w.settings().merchant_name.clone();
            Some((link, language, merchant, format::day(w.now()), registered))
        });
        let Some((link, language, merchant, today, registered)) = found else {
            let lang = ask.chosen.or(ask.browser_lang).unwrap_or(Lang::En);
            return Err(Box::new(unknown(&ask, Shell::new(lang))));
        };
        let lang = ask.chosen.or(language).unwrap_or(Lang::En);
        Ok(Self { app, visits, ask, link, merchant, lang, today, registered })
    }

    fn shell(&self) -> Shell {
        Shell::new(self.lang)
    }

    /// The texts in the request's language.
    pub(super) fn t(&self) -> &'static HostedText {
        &self.shell().t.hosted
    }

    /// What is remembered of this browser, or a fresh visit with what the merchant knew.
    pub(super) fn visit(&self) -> Visit {
        let known = self.ask.browser.as_deref().and_then(|browser| self.visits.get(browser, &self.link.token));
        known.unwrap_or_else(|| Visit { answers: person::prefilled(&self.link), ..Visit::default() })
    }

    /// The account that signed in with this browser and has not consented yet.
    pub(super) fn signed_in(&self, visit: &Visit) -> Option<Account> {
        let ticket = visit.ticket.as_deref()?;
        self.app.read(|w| w.ticket_account(&self.link.token, ticket).cloned())
    }

    /// The first step whose answers are not good yet; the last one when all before it are.
    pub(super) fn reached(&self, visit: &Visit) -> Step {
        let good = |step: &Step| {
            rules::check(*step, &visit.answers, None, self.today).is_empty()
                && (*step != Step::Security || visit.password.is_some())
        };
        Step::ALL.into_iter().find(|step| !good(step)).unwrap_or(Step::Finish)
    }

    fn frame(&self, view: &str, switch: Switch) -> Frame {
        Frame {
            merchant: Some(self.merchant.clone()),
            switch,
            action: self.ask.address(view),
            log_in: self.ask.address("login"),
            sign_up: self.ask.address("start"),
        }
    }

    fn links(&self, view: &str) -> Switch {
        Switch::Links { here: format!("{}&", self.ask.address_in(view, None)) }
    }

    /// One step of the sign-up.
    pub(super) fn step_page(
        &self,
        status: StatusCode,
        step: Step,
        visit: &Visit,
        problems: &[(&'static str, Problem)],
        lost: bool,
    ) -> Response {
        let frame = self.frame(step.name(), Switch::Form);
        let mut view = StepPage::new(self.shell(), frame, step, &visit.answers, problems);
        view.lost = lost;
        view.password_kept = visit.password.is_some();
        shell::page(status, &view)
    }

    /// The log-in view.
    pub(super) fn log_in_page(&self, status: StatusCode, email: &str, trouble: Option<String>) -> Response {
        let shell = self.shell();
        let t = self.t();
        let intro = (t.log_in.intro)(&self.merchant);
        let frame = self.frame("login", Switch::Form);
        shell::page(status, &LogInPage { shell, t, frame, intro, email, trouble })
    }

    /// The consent view.
    pub(super) fn consent_page(&self, account: &Account) -> Response {
        let shell = self.shell();
        let (t, merchant) = (self.t(), self.merchant.as_str());
        let [approves, waits, declines] = t.consent.tester_choices;
        let set = match self.app.read(|w| w.settings().review) {
            Review::Approve => approves,
            Review::Pending => waits,
            Review::Decline => declines,
        };
        let page = ConsentPage {
            shell,
            t,
            frame: self.frame("consent", self.links("consent")),
            title: (t.consent.title)(merchant),
            intro: (t.consent.intro)(merchant),
            may_title: (t.consent.may_title)(merchant),
            may_not_title: (t.consent.may_not_title)(merchant),
            standing: (t.consent.standing)(merchant),
            merchant,
            payee_id: &self.link.payee_id,
            account: &account.email,
            as_set: (t.consent.tester_as_set)(set),
            choices: [("approve", approves), ("pending", waits), ("decline", declines)],
        };
        shell::page(StatusCode::OK, &page)
    }

    /// The page after the person consented; it tells what has become of the payee by now.
    pub(super) fn done_page(&self, completion: &Completion) -> Response {
        let t = &self.t().done;
        let (status, reason) = self.app.read(|w| {
            let payee = w.payee(&self.link.payee_id).filter(|payee| payee.account == completion.account);
            payee.map_or((completion.payee_status, None), |payee| (payee.status, payee.reason.clone()))
        });
        let (outcome, title, text) = match status {
            PayeeStatus::Active => ("approved", t.approved_title, t.approved),
            PayeeStatus::Pending => ("pending", t.pending_title, t.pending),
            PayeeStatus::Inactive => ("rejected", t.rejected_title, t.rejected),
        };
        let way = self.way(completion.redirect_url.as_deref(), completion.redirect_seconds);
        self.outcome("done", Outcome { name: outcome, title, text: text(&self.merchant), reason }, way)
    }

    /// The page after the person declined.
    pub(super) fn declined_page(&self, url: Option<&str>, seconds: u16) -> Response {
        let t = &self.t().done;
        let text = (t.declined)(&self.merchant);
        let outcome = Outcome { name: "declined", title: t.declined_title, text, reason: None };
        self.outcome("declined", outcome, self.way(url, seconds))
    }

    fn outcome(&self, view: &str, outcome: Outcome, way: Option<Way>) -> Response {
        let Outcome { name, title, text, reason } = outcome;
        let frame = self.frame(view, self.links(view));
        let (shell, t) = (self.shell(), self.t());
        shell::page(StatusCode::OK, &DonePage { shell, t, frame, outcome: name, title, text, reason, way })
    }

    /// The way back to the merchant, if there is an address and it is one a browser may be sent to.
    fn way(&self, url: Option<&str>, seconds: u16) -> Option<Way> {
        let url = Url::parse(url?).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let host = url.host_str()?;
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let t = &self.t().done;
        let (note, label) = ((t.back_in)(&self.merchant, seconds), (t.back_now)(&self.merchant));
        Some(Way { url: url.to_string(), host, seconds, note, label })
    }

    /// A link that was used, by somebody else or in another browser.
    pub(super) fn used_page(&self) -> Response {
        let t = &self.t().closed;
        self.closed(StatusCode::GONE, "used", [t.used_title, t.used, t.go_back])
    }

    /// A payee that is registered already.
    pub(super) fn taken_page(&self) -> Response {
        let t = &self.t().closed;
        self.closed(StatusCode::CONFLICT, "taken", [t.taken_title, t.taken, t.go_back])
    }

    /// A sandbox that can hold no more.
    pub(super) fn full_page(&self) -> Response {
        let t = self.t();
        self.closed(StatusCode::SERVICE_UNAVAILABLE, "full", [t.full_title, t.full, t.closed.start_again])
    }

    fn closed(&self, status: StatusCode, reason: &'static str, words: [&'static str; 3]) -> Response {
        let [title, text, advice] = words;
        let frame = self.frame("", self.links(""));
        let (shell, t) = (self.shell(), self.t());
        shell::page(status, &ClosedPage { shell, t, frame, reason, title, text, advice })
    }
}

struct Outcome {
    name: &'static str,
    title: &'static str,
    text: String,
    reason: Option<String>,
}

fn unknown(ask: &Ask, shell: Shell) -> Response {
    let t = &shell.t.hosted;
    let here = format!("{}&", ask.address_in("", None));
    let frame = Frame {
        merchant: None,
        switch: Switch::Links { here },
        action: String::new(),
        log_in: String::new(),
        sign_up: String::new(),
    };
    let (title, text, advice) = (t.closed.unknown_title, t.closed.unknown, t.closed.start_again);
    shell::page(StatusCode::NOT_FOUND, &ClosedPage { shell, t, frame, reason: "unknown", title, text, advice })
}
