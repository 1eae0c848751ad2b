//! Between the sign-up form and the world's idea of a person: prefilling the one, making the other.
//! Nothing is judged here; `rules` has done that before.

use jiff::civil::Date;

use super::answers::Answers;
use super::countries;
use super::rules;
use crate::world::{Kind, Link, Profile};

/// The answers that a merchant gave for the payee when it asked for the link.
pub(super) fn prefilled(link: &Link) -> Answers {
    let known = &link.prefill;
    let mut answers = Answers::default();
    let kind = match known.kind {
        Kind::Individual => "INDIVIDUAL",
        Kind::Company => "COMPANY",
    };
    for (field, value) in [
        ("account_type", kind),
        ("company_name", known.company_name.as_str()),
        ("first_name", &known.first_name),
        ("last_name", &known.last_name),
        ("email", &link.prefill_email),
        ("country", &countries::payoneer_code(&known.country)),
        ("address_line_1", &known.address_line_1),
        ("address_line_2", &known.address_line_2),
        ("city", &known.city),
        ("state", &known.state),
        ("zip_code", &known.zip_code),
        ("mobile", if known.mobile.is_empty() { &known.phone } else { &known.mobile }),
    ] {
        answers.set(field, value);
    }
    if let Ok(date) = known.date_of_birth.parse::<Date>() {
        answers.set("birth_day", &date.day().to_string());
        answers.set("birth_month", &date.month().to_string());
        answers.set("birth_year", &date.year().to_string());
    }
    answers
}

/// The person that answers without a problem describe.
pub(super) fn profile(answers: &Answers, today: Date) -> Profile {
    let text = |field: &str| answers.get(field).to_owned();
    let company = answers.is("account_type", "COMPANY");
    let birth = rules::birth_date(answers, today);
    Profile {
        kind: if company { Kind::Company } else { Kind::Individual },
        first_name: text("first_name"),
        last_name: text("last_name"),
        date_of_birth: birth.map(|date| date.to_string()).unwrap_or_default(),
        mobile: text("mobile"),
        phone: String::new(),
        country: text("country"),
        state: text("state"),
        address_line_1: text("address_line_1"),
        address_line_2: text("address_line_2"),
        city: text("city"),
        zip_code: text("zip_code"),
        company_name: if company { text("company_name") } else { String::new() },
    }
}
