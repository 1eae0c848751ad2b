//! One request for a page: which language, which number of looks, and how an address of ours is written.

use super::language::{Language, Wishes};
use super::waiting;
use crate::app::App;
use crate::http::RequestId;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use std::convert::Infallible;
use std::sync::Arc;

/// The parameter that chooses the language.
const LANG: &str = "lang";
/// The parameter that says that the reader has just sent a form. A redirect to another site within the chain of a
/// form is subject to our own `form-action`, so such an answer is a page with a link and not a redirect.
const AFTER: &str = "after";
/// The cookie that remembers the language; nothing else is ever remembered.
const COOKIE: &str = "tollgate_lang";

/// What a request for a page brings.
pub(crate) struct Visit {
    chosen: Option<Language>,
    cookie: Option<String>,
    browser: Option<String>,
    /// How often the page has looked by itself.
    pub(super) looks: u32,
    /// Whether the reader has just sent a form.
    pub(super) after_form: bool,
    /// For help.
    pub(super) request_id: String,
    /// Whether the form, if it is one, came from our own page.
    pub(super) is_ours: bool,
}

impl Visit {
    /// The language of the page, given what the merchant chose for the session.
    pub(super) fn language(&self, session: Option<&str>) -> Language {
        let wishes = Wishes {
            query: self.chosen.map(Language::as_str),
            cookie: self.cookie.as_deref(),
            session,
            browser: self.browser.as_deref(),
        };
        wishes.language()
    }

    /// An address of ours in the language that the reader chose, if any.
    pub(super) fn here(&self, path: &str) -> String {
        address(path, self.chosen, None)
    }

    /// The same page, looked at once more by itself.
    pub(super) fn next_look(&self, path: &str) -> String {
        address(path, self.chosen, Some((waiting::COUNT, self.looks.saturating_add(1).to_string())))
    }

    /// The page to see after a form.
    pub(super) fn after_form(&self, path: &str) -> String {
        address(path, self.chosen, Some((AFTER, "form".to_owned())))
    }

    /// The header that remembers a language chosen just now.
    pub(super) fn cookie(&self, is_https: bool) -> Option<HeaderValue> {
        let language = self.chosen?.as_str();
        let secure = if is_https { "; Secure" } else { "" };
        let text = format!("{COOKIE}={language}; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::from_str(&text).ok()
    }
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let param = |wanted: &str| {
            let mut pairs = url::form_urlencoded::parse(query);
            pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
        };
        Ok(Self {
            chosen: param(LANG).as_deref().and_then(Language::parse),
            cookie: cookie(&parts.headers),
            browser: text(&parts.headers, &header::ACCEPT_LANGUAGE),
            looks: waiting::looks(param(waiting::COUNT).as_deref()),
            after_form: param(AFTER).is_some(),
            request_id: parts.extensions.get::<RequestId>().map_or_else(String::new, |id| id.as_str().to_owned()),
            is_ours: super::origin::is_ours(&parts.headers, app.engine.public_url()),
        })
    }
}

/// A page's address in another language.
pub(super) fn in_language(path: &str, language: Language) -> String {
    address(path, Some(language), None)
}

fn address(path: &str, language: Option<Language>, more: Option<(&str, String)>) -> String {
    let language = language.map(|language| format!("{LANG}={}", language.as_str()));
    let more = more.map(|(name, value)| format!("{name}={value}"));
    let query: Vec<_> = language.into_iter().chain(more).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// The unguessable part of a page's address.
pub(crate) struct Token(Option<String>);

impl Token {
    /// The longest text looked at; ours have 26 characters.
    const LEN_MAX: usize = 64;

    /// The token, if the address holds what could be one.
    pub(super) fn text(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The page's address. What could not be a token is not repeated.
    pub(super) fn path(&self, place: &str) -> String {
        format!("/{place}/{}", self.text().unwrap_or("-"))
    }
}

impl FromRequestParts<Arc<App>> for Token {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let fits = |text: &str| {
            (1..=Self::LEN_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let params = RawPathParams::from_request_parts(parts, app).await.ok();
        let first = params.as_ref().and_then(|params| params.iter().next());
        Ok(Self(first.map(|(_, text)| text).filter(|text| fits(text)).map(str::to_owned)))
    }
}

fn text(headers: &HeaderMap, name: &header::HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let all = text(headers, &header::COOKIE)?;
    let ours = all.split(';').filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| *name == COOKIE);
    ours.map(|(_, value)| value.to_owned())
}

#[cfg(test)]
pub(super) fn visit(chosen: Option<Language>, looks: u32, after_form: bool) -> Visit {
    let request_id = "req_1".to_owned();
    Visit { chosen, cookie: None, browser: None, looks, after_form, request_id, is_ours: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_carry_the_chosen_language_and_nothing_else() {
        let plain = visit(None, 4, false);
        assert_eq!(plain.here("/checkout/t"), "/checkout/t");
        assert_eq!(plain.next_look("/checkout/t"), "/checkout/t?look=5");
        let chosen = visit(Some(Language::Chinese), 0, false);
        assert_eq!(chosen.after_form("/checkout/t"), "/checkout/t?lang=zh&after=form");
        assert_eq!(in_language("/checkout/t", Language::English), "/checkout/t?lang=en");
    }

    #[test]
    fn only_a_choice_made_just_now_is_remembered() {
        assert!(visit(None, 0, false).cookie(true).is_none());
        let value = visit(Some(Language::Chinese), 0, false).cookie(true).unwrap();
        assert!(value.to_str().unwrap().contains("tollgate_lang=zh; Path=/"));
        assert!(value.to_str().unwrap().ends_with("Secure"));
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b; tollgate_lang=zh"));
        assert_eq!(cookie(&headers).as_deref(), Some("zh"));
    }
}
