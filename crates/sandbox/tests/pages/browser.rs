//! A browser small enough to read: it keeps cookies, follows the sandbox's own redirects and sends what browsers send
//! with forms. No assertions about behaviour.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use sandbox::world::{LinkKind, NewLink, Time};
use sandbox::{Options, Sandbox, StartClock};

/// What is typed into every field of the sign-up form, by step.
pub(crate) const STEPS: [(&str, &[(&str, &str)]); 4] = [
    (
        "start",
        &[
            ("account_type", "INDIVIDUAL"),
            ("first_name", "Mei-Lin"),
            ("last_name", "O'Connor"),
            ("email", "mei.lin@mail.example"),
            ("email_again", "mei.lin@mail.example"),
            ("birth_day", "29"),
            ("birth_month", "2"),
            ("birth_year", "1992"),
        ],
    ),
    (
        "contact",
        &[
            ("country", "UK"),
            ("address_line_1", "221B Baker Street"),
            ("address_line_2", "Flat 2"),
            ("city", "London"),
            ("state", ""),
            ("zip_code", "NW1 6XE"),
            ("mobile", "+44 7700 900123"),
        ],
    ),
    (
        "security",
        &[
            ("password", "Correct-horse-9"),
            ("password_again", "Correct-horse-9"),
            ("security_question", "first_job"),
            ("security_answer", "面包店"),
        ],
    ),
    ("finish", &[("payout_method", "LATER"), ("accept_terms", "yes")]),
];

/// A sandbox whose clock stands still.
pub(crate) async fn start() -> Sandbox {
    let clock = StartClock::Manual(Time::parse("2026-11-23T15:00:00Z").unwrap());
    Sandbox::start(Options { clock, ..Options::for_tests() }).await.unwrap()
}

/// A plain registration link for a payee.
pub(crate) fn link(sandbox: &Sandbox, payee_id: &str) -> String {
    make(sandbox, NewLink::plain(LinkKind::Registration, payee_id))
}

/// A link with wishes.
pub(crate) fn make(sandbox: &Sandbox, new: NewLink) -> String {
    sandbox.with_world(|w| w.make_link(new)).unwrap().0.token
}

/// One page as it arrived.
pub(crate) struct Page {
    /// HTTP status.
    pub(crate) status: u16,
    /// Headers.
    pub(crate) headers: HeaderMap,
    /// Path and query at which it was found in the end.
    pub(crate) at: String,
    /// The HTML.
    pub(crate) html: String,
}

impl Page {
    /// Whether the HTML holds this text as it is.
    pub(crate) fn has(&self, text: &str) -> bool {
        self.html.contains(text)
    }

    /// The start tag of the element with this id.
    pub(crate) fn tag(&self, id: &str) -> &str {
        let at = self
            .html
            .find(&format!(" id=\"{id}\""))
            .unwrap_or_else(|| panic!("no #{id} at {}:\n{}", self.at, self.html));
        let from = self.html[..at].rfind('<').unwrap();
        let to = at + self.html[at..].find('>').unwrap();
        &self.html[from..=to]
    }

    /// The text inside the element with this id, up to the next tag.
    pub(crate) fn text(&self, id: &str) -> &str {
        let tag = self.tag(id);
        let from = self.html.find(tag).unwrap() + tag.len();
        self.html[from..].split('<').next().unwrap().trim()
    }

    /// The `value` of the input with this id, unescaped as far as tests need.
    pub(crate) fn value(&self, id: &str) -> String {
        let tag = self.tag(id);
        let raw = tag.split(" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        raw.replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&#38;", "&")
    }
}

/// A browser.
pub(crate) struct Browser {
    client: reqwest::Client,
    root: String,
    cookies: BTreeMap<String, String>,
    /// What it says in `Accept-Language`.
    pub(crate) languages: Option<&'static str>,
}

impl Browser {
    /// A fresh browser without cookies.
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        let client = reqwest::Client::builder().tls_certs_only([]).redirect(reqwest::redirect::Policy::none());
        Self {
            client: client.build().unwrap(),
            root: format!("http://{}", sandbox.address()),
            cookies: BTreeMap::new(),
            languages: None,
        }
    }

    /// Opens an address of the sandbox and follows its redirects.
    pub(crate) async fn open(&mut self, path: &str) -> Page {
        let request = self.client.get(format!("{}{path}", self.root));
        self.follow(request, path.to_owned()).await
    }

    /// Sends a form as a page of the sandbox would and follows redirects.
    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Page {
        let root = self.root.clone();
        self.post_from(path, form, &[("origin", &root), ("sec-fetch-site", "same-origin")]).await
    }

    /// Sends a form with given headers and follows redirects.
    pub(crate) async fn post_from(&mut self, path: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.client.post(format!("{}{path}", self.root)).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.follow(request, path.to_owned()).await
    }

    async fn follow(&mut self, mut request: reqwest::RequestBuilder, mut at: String) -> Page {
        for _ in 0..5 {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            if !cookies.is_empty() {
                request = request.header(COOKIE, cookies.join("; "));
            }
            if let Some(languages) = self.languages {
                request = request.header("accept-language", languages);
            }
            let response = request.send().await.unwrap();
            for line in response.headers().get_all(SET_COOKIE) {
                let (name, value) = line.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let html = response.text().await.unwrap();
            if status != 303 {
                return Page { status, headers, at, html };
            }
            at = headers[LOCATION].to_str().unwrap().to_owned();
            request = self.client.get(format!("{}{at}", self.root));
        }
        panic!("redirects without end, last to {at}");
    }

    /// Opens the hosted page.
    pub(crate) async fn hosted(&mut self, token: &str) -> Page {
        self.open(&lp(token)).await
    }

    /// Fills in one step of the sign-up as [`STEPS`] has it, with some fields changed.
    pub(crate) async fn step(&mut self, token: &str, step: &str, changed: &[(&str, &str)]) -> Page {
        let (_, fields) = STEPS.iter().find(|(name, _)| *name == step).unwrap();
        let mut form: Vec<(&str, &str)> = vec![("step", step), ("go", "next")];
        form.extend(fields.iter().map(|(name, value)| {
            let other = changed.iter().find(|(other, _)| other == name);
            (*name, other.map_or(*value, |(_, value)| *value))
        }));
        let more = changed.iter().filter(|(name, _)| !fields.iter().any(|(known, _)| known == name));
        form.extend(more);
        self.post(&lp(token), &form).await
    }

    /// Goes through all four steps; ends on the consent page.
    pub(crate) async fn sign_up(&mut self, token: &str) -> Page {
        self.hosted(token).await;
        for (step, _) in &STEPS[..3] {
            self.step(token, step, &[]).await;
        }
        self.step(token, "finish", &[]).await
    }

    /// Logs in on the hosted page.
    pub(crate) async fn log_in(&mut self, token: &str, email: &str, password: &str) -> Page {
        self.post(&lp(token), &[("step", "login"), ("login_email", email), ("login_password", password)]).await
    }

    /// Decides on the consent page.
    pub(crate) async fn decide(&mut self, token: &str, decision: &str) -> Page {
        self.post(&lp(token), &[("step", "consent"), ("decision", decision)]).await
    }
}

/// The hosted page's path for a token.
pub(crate) fn lp(token: &str) -> String {
    format!("/partners/lp.aspx?token={token}")
}
