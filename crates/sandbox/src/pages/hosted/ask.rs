//! What a browser asks of the hosted page: address, cookie and form, read tolerantly.
//! Nothing is looked up or judged here.

use axum::http::{HeaderMap, header};
use url::form_urlencoded;

use super::super::lang::Lang;

/// Where the hosted page lives.
pub(super) const PATH: &str = "/partners/lp.aspx";
/// The cookie that tells browsers apart.
const COOKIE: &str = "sandbox_visit";
/// Most form fields that are looked at.
const MOST_FIELDS: usize = 100;

/// One request for the hosted page.
#[derive(Debug, Default)]
pub(super) struct Ask {
    /// The link's token.
    pub(super) token: String,
    /// The language chosen on the page or by the merchant's `langid`.
    pub(super) chosen: Option<Lang>,
    /// The first of the browser's languages that we have.
    pub(super) browser_lang: Option<Lang>,
    /// Which view is asked for; empty for the first.
    pub(super) step: String,
    /// The browser, if it has been here.
    pub(super) browser: Option<String>,
    form: Vec<(String, String)>,
}

impl Ask {
    /// Reads a request. Parameter names are taken in any case, the first of several counts.
    pub(super) fn read(query: Option<&str>, headers: &HeaderMap, body: &[u8]) -> Self {
        let query: Vec<(String, String)> = pairs(query.unwrap_or_default().as_bytes());
        let parameter = |name: &str| {
            let found = query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map_or("", |(_, value)| value.as_str())
        };
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Self {
            token: parameter("token").to_owned(),
            chosen: Lang::from_id(parameter("langid")),
            browser_lang: accepted.and_then(Lang::from_accept_language),
            step: parameter("step").to_owned(),
            browser: cookie(headers),
            form: pairs(body),
        }
    }

    /// The posted fields.
    pub(super) fn form(&self) -> &[(String, String)] {
        &self.form
    }

    /// A posted field as it came, empty if it did not.
    pub(super) fn field(&self, name: &str) -> &str {
        self.form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// The page's address at one of its views, keeping a chosen language.
    pub(super) fn address(&self, step: &str) -> String {
        self.address_in(step, self.chosen)
    }

    /// The page's address at one of its views in a language.
    pub(super) fn address_in(&self, step: &str, chosen: Option<Lang>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("token", &self.token);
        if !step.is_empty() {
            query.append_pair("step", step);
        }
        if let Some(lang) = chosen {
            query.append_pair("langid", lang.id());
        }
        format!("{PATH}?{}", query.finish())
    }
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded)
        .take(MOST_FIELDS)
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect()
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = cookies.find(|(name, _)| *name == COOKIE)?;
    let plausible = value.len() == 32 && value.bytes().all(|b| b.is_ascii_hexdigit());
    plausible.then(|| value.to_owned())
}

/// The cookie that lets a browser be known again until it is closed, on the hosted page alone.
pub(super) fn set_cookie(browser: &str, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{COOKIE}={browser}; Path=/partners; HttpOnly; SameSite=Lax{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(query: &str, cookies: &[&str], body: &str) -> Ask {
        let mut headers = HeaderMap::new();
        for line in cookies {
            headers.append(header::COOKIE, line.parse().expect("a header value"));
        }
        Ask::read(Some(query), &headers, body.as_bytes())
    }

    #[test]
    fn requests_are_read_tolerantly() {
        let browser = "0123456789abcdef0123456789abcdef";
        let line = format!("a=b; sandbox_visit={browser}");
        let ask = ask("Token=ab%26c&token=second&LANGID=4&step=start", &["x=y", &line], "a=1&b=%E6%A2%85&a=2");
        assert_eq!(ask.token, "ab&c");
        assert_eq!(ask.chosen, Some(Lang::Zh));
        assert_eq!(ask.browser.as_deref(), Some(browser));
        assert_eq!((ask.field("a"), ask.field("b"), ask.field("c")), ("1", "梅", ""));
        assert_eq!(ask.address("login"), "/partners/lp.aspx?token=ab%26c&step=login&langid=4");
        assert_eq!(ask.address_in("", None), "/partners/lp.aspx?token=ab%26c");
    }

    #[test]
    fn implausible_cookies_are_no_cookies() {
        for bad in ["sandbox_visit=", "sandbox_visit=short", "sandbox_visit", "other=0123456789abcdef0123456789abcdef"]
        {
            assert_eq!(ask("token=x", &[bad], "").browser, None, "{bad}");
        }
    }
}
