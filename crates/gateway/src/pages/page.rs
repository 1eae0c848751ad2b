//! The one shape of every page: a heading, what it means, the payment it is about, and what can be done.
//! How it looks is in `templates/` and `assets/`.

use super::assets;
use super::language::Language;
use super::texts::{Scene, Texts};
use super::visit::{Visit, in_language};
use super::waiting;
use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Money;

/// Scripts, frames and foreign content: none. Forms: only to ourselves.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// How a page feels at first sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// Something is to be done.
    Ask,
    /// Something is awaited.
    Wait,
    /// It went well.
    Good,
    /// It did not.
    Bad,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Wait => "wait",
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }
}

/// What is paid, for whom.
#[derive(Debug, Clone)]
pub(super) struct Payment {
    /// The merchant's name.
    pub(super) merchant: String,
    /// How much.
    pub(super) money: Money,
    /// What for.
    pub(super) description: String,
    /// The merchant's own reference.
    pub(super) reference: Option<String>,
}

/// The one button.
#[derive(Debug, Clone)]
pub(super) struct Button {
    /// The element's id.
    pub(super) id: &'static str,
    /// Where the form goes: an address of ours.
    pub(super) action: String,
    /// What it says.
    pub(super) label: String,
}

/// A link to somewhere.
#[derive(Debug, Clone)]
pub(super) struct Link {
    /// The element's id.
    pub(super) id: &'static str,
    /// Where to.
    pub(super) href: String,
    /// What it says.
    pub(super) label: String,
}

/// Going somewhere without being asked.
#[derive(Debug, Clone)]
struct Refresh {
    seconds: u32,
    url: String,
}

/// A page.
#[derive(Template)]
#[template(path = "page.html")]
pub(super) struct Page {
    texts: &'static Texts,
    other: &'static Texts,
    switch: String,
    style: &'static str,
    mark: &'static str,
    scene: &'static str,
    tone: &'static str,
    heading: &'static str,
    paragraphs: Vec<String>,
    payment: Option<Payment>,
    is_test: bool,
    refresh: Option<Refresh>,
    status_line: Option<&'static str>,
    consent: Option<String>,
    button: Option<Button>,
    links: Vec<Link>,
    note: Option<String>,
    status: StatusCode,
    cookie: Option<HeaderValue>,
}

impl Page {
    /// A page that shows this scene. `path` is its own address; `name` is how tests and styles know the scene.
    pub(super) fn new(
        (_, language, path): (&Visit, Language, &str),
        name: &'static str,
        tone: Tone,
        scene: &Scene,
    ) -> Self {
        Self {
            texts: language.texts(),
            other: language.other().texts(),
            switch: in_language(path, language.other()),
            style: assets::style(),
            mark: assets::mark(),
            scene: name,
            tone: tone.class(),
            heading: scene.heading,
            paragraphs: vec![scene.text.to_owned()],
            payment: None,
            is_test: false,
            refresh: None,
            status_line: None,
            consent: None,
            button: None,
            links: Vec::new(),
            note: None,
            status: StatusCode::OK,
            cookie: None,
        }
    }

    /// Shows the payment.
    #[must_use]
    pub(super) fn with_payment(self, payment: Payment) -> Self {
        Self { payment: Some(payment), ..self }
    }

    /// Says that no real money moves.
    #[must_use]
    pub(super) fn in_test_mode(self, is_test: bool) -> Self {
        Self { is_test, ..self }
    }

    /// Says one thing more.
    #[must_use]
    pub(super) fn with_paragraph(mut self, text: impl Into<String>) -> Self {
        self.paragraphs.push(text.into());
        self
    }

    /// Offers the one thing to do.
    #[must_use]
    pub(super) fn with_button(self, button: Button) -> Self {
        Self { button: Some(button), ..self }
    }

    /// Says what the button allows.
    #[must_use]
    pub(super) fn with_consent(self, consent: String) -> Self {
        Self { consent: Some(consent), ..self }
    }

    /// Offers somewhere to go.
    #[must_use]
    pub(super) fn with_link(mut self, link: Link) -> Self {
        self.links.push(link);
        self
    }

    /// Goes there after that many seconds, and offers a link for who does not want to wait.
    #[must_use]
    pub(super) fn going_to(self, url: &str, seconds: u32) -> Self {
        let label = self.texts.go_on.to_owned();
        let page = self.with_link(Link { id: "continue", href: url.to_owned(), label });
        Self { refresh: Some(Refresh { seconds, url: url.to_owned() }), ..page }
    }

    /// Looks again by itself for a bounded time, then leaves it to the reader.
    #[must_use]
    pub(super) fn looking_again(self, visit: &Visit, path: &str) -> Self {
        let Some(seconds) = waiting::seconds(visit.looks) else {
            let link = Link { id: "look-again", href: visit.here(path), label: self.texts.look_again.to_owned() };
            let tone = Tone::Ask.class();
            return Self { status_line: Some(self.texts.stopped_looking), tone, ..self }.with_link(link);
        };
        let refresh = Some(Refresh { seconds, url: visit.next_look(path) });
        Self { refresh, status_line: Some(self.texts.looking), ..self }
    }

    /// A line in small print.
    #[must_use]
    pub(super) fn with_note(self, note: String) -> Self {
        Self { note: Some(note), ..self }
    }

    /// Another HTTP status than 200.
    #[must_use]
    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Remembers the language if it was chosen just now.
    #[must_use]
    pub(super) fn remembering(self, visit: &Visit, public_url: &str) -> Self {
        Self { cookie: visit.cookie(public_url.starts_with("https://")), ..self }
    }
}

impl IntoResponse for Page {
    fn into_response(mut self) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        // With `no-referrer` a browser would hide the origin of our own forms from us.
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        if let Some(cookie) = self.cookie.take() {
            headers.insert(header::SET_COOKIE, cookie);
        }
        match self.render() {
            Ok(html) => (self.status, headers, html).into_response(),
            Err(error) => crate::http::Refused::internal(error.to_string()).into_response(),
        }
    }
}

/// Sends the browser elsewhere with a GET.
pub(super) fn see_other(url: &str) -> Response {
    match HeaderValue::from_str(url) {
        Ok(value) => (StatusCode::SEE_OTHER, [(header::LOCATION, value)]).into_response(),
        Err(_) => crate::http::Refused::internal("an address that is no header value").into_response(),
    }
}
