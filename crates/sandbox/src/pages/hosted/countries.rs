//! The countries the hosted page offers, and whether a code is one of them.
//! The two name lists live beside this file; how they are shown is the templates' business.

use super::super::lang::Lang;

#[path = "countries_zh.rs"]
mod chinese;
#[path = "countries_en.rs"]
mod english;

/// Code and name of every country, in the order of the language.
pub(super) fn list(lang: Lang) -> &'static [(&'static str, &'static str)] {
    match lang {
        Lang::En => english::COUNTRIES,
        Lang::Zh => chinese::COUNTRIES,
    }
}

/// Whether Payoneer knows the country under this code (`UK`, not `GB`).
pub(super) fn known(code: &str) -> bool {
    english::COUNTRIES.iter().any(|(known, _)| *known == code)
}

/// Payoneer's code for a country a merchant may have spelled the ISO way.
pub(super) fn payoneer_code(code: &str) -> String {
    let code = code.trim().to_ascii_uppercase();
    if code == "GB" { "UK".to_owned() } else { code }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Lang, known, list, payoneer_code};

    #[test]
    fn both_languages_offer_the_same_countries_once_each() {
        let codes = |lang| list(lang).iter().map(|(code, _)| *code).collect::<Vec<_>>();
        let (en, zh) = (codes(Lang::En), codes(Lang::Zh));
        let set: BTreeSet<_> = en.iter().copied().collect();
        assert_eq!(set.len(), en.len(), "no code twice");
        assert_eq!(set, zh.iter().copied().collect());
        assert_eq!(en.len(), zh.len());
    }

    #[test]
    fn the_united_kingdom_is_spelled_as_payoneer_does() {
        assert!(known("UK") && !known("GB") && !known("") && !known("uk"));
        assert_eq!(payoneer_code(" gb "), "UK");
        assert_eq!(payoneer_code("cn"), "CN");
    }
}
