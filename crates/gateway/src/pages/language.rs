//! Which language a page is in, and how the choice is remembered. The texts themselves are in `texts`.

use super::texts::{EN, Texts, ZH};

/// The languages that pages exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// `en` or `zh`.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// Reads `en`, `zh` and their regional forms.
    pub(super) fn parse(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "zh" => Some(Self::Chinese),
            _ => None,
        }
    }

    /// Every text in this language.
    pub(super) const fn texts(self) -> &'static Texts {
        match self {
            Self::English => &EN,
            Self::Chinese => &ZH,
        }
    }

    /// The other one, for the switch on the page.
    pub(super) const fn other(self) -> Self {
        match self {
            Self::English => Self::Chinese,
            Self::Chinese => Self::English,
        }
    }
}

/// What is known of the reader's wish, the strongest first.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wishes<'a> {
    /// `?lang=`
    pub(super) query: Option<&'a str>,
    /// An earlier `?lang=`.
    pub(super) cookie: Option<&'a str>,
    /// What the merchant chose for the session.
    pub(super) session: Option<&'a str>,
    /// `Accept-Language`
    pub(super) browser: Option<&'a str>,
}

impl Wishes<'_> {
    /// The language to use; English when nobody wishes for one that exists.
    pub(super) fn language(self) -> Language {
        let explicit = [self.query, self.cookie, self.session].into_iter().flatten().find_map(Language::parse);
        explicit.or_else(|| self.browser.and_then(preferred)).unwrap_or(Language::English)
    }
}

/// The best of an `Accept-Language` header that exists here.
fn preferred(header: &str) -> Option<Language> {
    let mut best: Option<(u32, Language)> = None;
    for entry in header.split(',').take(20) {
        let mut parts = entry.split(';').map(str::trim);
        let Some(language) = parts.next().and_then(Language::parse) else { continue };
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1_000, thousandths);
        if weight > 0 && best.is_none_or(|(heaviest, _)| weight > heaviest) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// A quality value, `0.8`, in thousandths.
fn thousandths(text: &str) -> u32 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    format!("{whole}{digits}").parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{Chinese, English};

    #[test]
    fn the_strongest_wish_that_can_be_met_wins() {
        let all = Wishes { query: Some("zh"), cookie: Some("en"), session: Some("en"), browser: Some("en") };
        assert_eq!(all.language(), Chinese);
        assert_eq!(Wishes { query: Some("fr"), ..all }.language(), English);
        let zh = Some("zh-CN,zh;q=0.9,en;q=0.8");
        assert_eq!(Wishes { browser: zh, ..Wishes::default() }.language(), Chinese);
        assert_eq!(Wishes { browser: zh, session: Some("en"), ..Wishes::default() }.language(), English);
        assert_eq!(Wishes::default().language(), English);
    }

    #[test]
    fn the_browsers_weights_are_heeded() {
        assert_eq!(preferred("fr, en;q=0.5, zh-TW;q=0.7"), Some(Chinese));
        assert_eq!(preferred("zh;q=0, en;q=0.1"), Some(English));
        assert_eq!(preferred("de,fr;q=0.9"), None);
        assert_eq!(preferred(";;;,q=,zh;q=x"), None);
    }
}
