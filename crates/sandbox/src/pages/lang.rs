//! Which of the two languages a page speaks, and how that is chosen from Payoneer's language ids and from what the
//! browser asks for. No text lives here; see `texts`.

/// A language every page exists in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lang {
    /// English, Payoneer's language id 1.
    En,
    /// Simplified Chinese, Payoneer's language id 4.
    Zh,
}

impl Lang {
    /// Reads Payoneer's `language_id` / `langid`; ids of languages we do not have speak English, as unknown ones do.
    pub(crate) fn from_id(id: &str) -> Option<Self> {
        let id = id.trim();
        match id {
            "" => None,
            "4" | "17" => Some(Self::Zh),
            _ => Some(Self::from_tag(id).unwrap_or(Self::En)),
        }
    }

    /// Reads a language tag such as `zh-Hans-CN`; `None` for a language we do not have.
    pub(crate) fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") {
            Some(Self::Zh)
        } else if primary.eq_ignore_ascii_case("en") {
            Some(Self::En)
        } else {
            None
        }
    }

    /// The first of the browser's languages that we have. Quality values are ignored: browsers send the list in order.
    pub(crate) fn from_accept_language(header: &str) -> Option<Self> {
        header.split(',').take(32).find_map(|part| Self::from_tag(part.split(';').next().unwrap_or_default()))
    }

    /// The value of the HTML `lang` attribute.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-Hans",
        }
    }

    /// Payoneer's numeric id of the language.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::En => "1",
            Self::Zh => "4",
        }
    }

    /// Whether this is Chinese, for templates that order things differently.
    pub(crate) fn is_zh(self) -> bool {
        self == Self::Zh
    }
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn ids_of_payoneer_are_understood() {
        assert_eq!(Lang::from_id("1"), Some(Lang::En));
        assert_eq!(Lang::from_id("4"), Some(Lang::Zh));
        assert_eq!(Lang::from_id("17"), Some(Lang::Zh));
        assert_eq!(Lang::from_id(" zh-CN "), Some(Lang::Zh));
        assert_eq!(Lang::from_id("14"), Some(Lang::En), "no Japanese: the default language");
        assert_eq!(Lang::from_id(""), None, "nothing asked for");
    }

    #[test]
    fn the_browser_is_asked_in_order() {
        assert_eq!(Lang::from_accept_language("fr;q=0.9, zh-CN,zh;q=0.8,en;q=0.7"), Some(Lang::Zh));
        assert_eq!(Lang::from_accept_language("en-GB,en;q=0.9,zh;q=0.8"), Some(Lang::En));
        assert_eq!(Lang::from_accept_language("fr, de"), None);
        assert_eq!(Lang::from_accept_language(",;,;;"), None);
    }
}
