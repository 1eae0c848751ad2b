//! The rules of the sign-up form: pure functions from what was typed to what is wrong with it.
//! No text, no world and no clock; "today" comes in from outside.

use jiff::civil::Date;

use super::answers::{Answers, Step};
use super::countries;

/// What can be wrong with one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// Nothing was typed.
    Missing,
    /// None of the offered choices was made.
    NotChosen,
    /// Characters outside the Latin script.
    NotLatin,
    /// Shorter or longer than allowed, in characters.
    Length {
        /// Fewest characters allowed.
        least: usize,
        /// Most characters allowed.
        most: usize,
    },
    /// Not shaped like an e-mail address.
    EmailShape,
    /// The two e-mail addresses differ.
    EmailsDiffer,
    /// Another account already uses the address.
    EmailTaken,
    /// Not a day of the calendar, or not a plausible one.
    NoSuchDay,
    /// Younger than eighteen.
    TooYoung,
    /// A telephone number holds 6 to 15 digits.
    MobileShape,
    /// A postcode holds Latin letters, digits, spaces and hyphens.
    ZipShape,
    /// Fewer than 8 or more than 128 characters.
    PasswordLength,
    /// Lacks a letter or a digit.
    PasswordWeak,
    /// Contains the user name.
    PasswordTellsName,
    /// The two passwords differ.
    PasswordsDiffer,
    /// An account number holds 4 to 34 letters and digits.
    AccountNumberShape,
    /// The terms were not accepted.
    TermsNeeded,
}

/// The two passwords as typed. Held apart from the answers and never written into a page.
#[derive(Clone, Copy)]
pub(super) struct Passwords<'a> {
    /// First field.
    pub(super) one: &'a str,
    /// Second field.
    pub(super) two: &'a str,
}

/// Problems in the order of the form, at most one for a field.
pub(super) type Problems = Vec<(&'static str, Problem)>;

/// Judges one step. `passwords` matters to the security step alone.
pub(super) fn check(step: Step, answers: &Answers, passwords: Option<Passwords<'_>>, today: Date) -> Problems {
    let mut found = Findings { answers, problems: Vec::new() };
    match step {
        Step::Start => start(&mut found, today),
        Step::Contact => contact(&mut found),
        Step::Security => security(&mut found, passwords),
        Step::Finish => finish(&mut found),
    }
    found.problems
}

/// Collects what is wrong while the fields of a step are gone through.
struct Findings<'a> {
    answers: &'a Answers,
    problems: Problems,
}

impl Findings<'_> {
    fn test(&mut self, field: &'static str, rule: impl FnOnce(&str) -> Option<Problem>) {
        let value = self.answers.get(field);
        let problem = if value.is_empty() { Some(Problem::Missing) } else { rule(value) };
        self.problems.extend(problem.map(|problem| (field, problem)));
    }

    fn test_if_given(&mut self, field: &'static str, rule: impl FnOnce(&str) -> Option<Problem>) {
        if !self.answers.get(field).is_empty() {
            self.test(field, rule);
        }
    }

    fn choice(&mut self, field: &'static str, offered: &[&str]) {
        if !offered.contains(&self.answers.get(field)) {
            self.problems.push((field, Problem::NotChosen));
        }
    }
}

fn start(found: &mut Findings<'_>, today: Date) {
    found.choice("account_type", &["INDIVIDUAL", "COMPANY"]);
    if found.answers.is("account_type", "COMPANY") {
        found.test("company_name", |value| latin_text(value, 2, 50));
    }
    found.test("first_name", person_name);
    found.test("last_name", person_name);
    found.test("email", email);
    let first = found.answers.get("email").to_lowercase();
    found.test("email_again", |value| (value.to_lowercase() != first).then_some(Problem::EmailsDiffer));
    if let Err(problem) = birth_date(found.answers, today) {
        found.problems.push(("birth_date", problem));
    }
}

fn contact(found: &mut Findings<'_>) {
    if !countries::known(found.answers.get("country")) {
        found.problems.push(("country", Problem::NotChosen));
    }
    found.test("address_line_1", |value| latin_text(value, 2, 30));
    found.test_if_given("address_line_2", |value| latin_text(value, 1, 30));
    found.test("city", |value| latin_text(value, 2, 40));
    found.test_if_given("state", |value| latin_text(value, 1, 40));
    found.test("zip_code", |value| {
        length(value, 3, 10).or_else(|| {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-');
            (!value.chars().all(fits)).then_some(Problem::ZipShape)
        })
    });
    found.test("mobile", |value| {
        let digits = value.chars().filter(char::is_ascii_digit).count();
        let fits = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.');
        (!value.chars().all(fits) || !(6..=15).contains(&digits) || value.len() > 20).then_some(Problem::MobileShape)
    });
}

fn security(found: &mut Findings<'_>, passwords: Option<Passwords<'_>>) {
    if let Some(Passwords { one, two }) = passwords {
        let problem = password(one, found.answers.get("email"));
        found.problems.extend(problem.map(|problem| ("password", problem)));
        let again =
            if two.is_empty() { Some(Problem::Missing) } else { (one != two).then_some(Problem::PasswordsDiffer) };
        found.problems.extend(again.map(|problem| ("password_again", problem)));
    }
    found.choice("security_question", &SECURITY_QUESTIONS);
    found.test("security_answer", |value| length(value, 3, 50));
}

fn finish(found: &mut Findings<'_>) {
    found.choice("payout_method", &["BANK", "LATER"]);
    if found.answers.is("payout_method", "BANK") {
        found.choice("bank_currency", &BANK_CURRENCIES);
        found.test("bank_name", |value| latin_text(value, 2, 50));
        found.test("account_holder", |value| latin_text(value, 2, 60));
        found.test("account_number", |value| {
            let plain: String = value.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
            let fits = plain.chars().all(|c| c.is_ascii_alphanumeric());
            (!fits || !(4..=34).contains(&plain.len())).then_some(Problem::AccountNumberShape)
        });
    }
    if !found.answers.is("accept_terms", "yes") {
        found.problems.push(("accept_terms", Problem::TermsNeeded));
    }
}

/// The security questions, by the names they have in forms.
pub(super) const SECURITY_QUESTIONS: [&str; 5] =
    ["first_school", "first_street", "childhood_friend", "first_job", "favourite_book"];

/// Currencies a bank account may be kept in.
pub(super) const BANK_CURRENCIES: [&str; 8] = ["USD", "EUR", "GBP", "CNY", "HKD", "JPY", "AUD", "CAD"];

/// The birth date, if it is a real day, not before 1900, and at least eighteen years ago.
pub(super) fn birth_date(answers: &Answers, today: Date) -> Result<Date, Problem> {
    let [year, month, day] = ["birth_year", "birth_month", "birth_day"].map(|f| answers.get(f));
    if year.is_empty() && month.is_empty() && day.is_empty() {
        return Err(Problem::Missing);
    }
    let number = |text: &str, longest: usize| {
        let plain = text.len() <= longest && text.bytes().all(|b| b.is_ascii_digit());
        if plain { text.parse::<i16>().ok() } else { None }
    };
    let small = |text: &str| number(text, 2).and_then(|n| i8::try_from(n).ok());
    let date = match (number(year, 4), small(month), small(day)) {
        (Some(year), Some(month), Some(day)) if year >= 1900 => Date::new(year, month, day).ok(),
        _ => None,
    };
    let date = date.filter(|date| *date <= today).ok_or(Problem::NoSuchDay)?;
    // Whoever is born on a 29 February comes of age on 1 March, so count by parts of the date.
    let mut age = i32::from(today.year()) - i32::from(date.year());
    if (today.month(), today.day()) < (date.month(), date.day()) {
        age -= 1;
    }
    if age < 18 { Err(Problem::TooYoung) } else { Ok(date) }
}

/// Latin letters (accents included), as the hosted page asks for everywhere.
fn is_latin_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || (matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') && c.is_alphabetic())
}

fn length(value: &str, least: usize, most: usize) -> Option<Problem> {
    (!(least..=most).contains(&value.chars().count())).then_some(Problem::Length { least, most })
}

fn person_name(value: &str) -> Option<Problem> {
    let fits = |c: char| is_latin_letter(c) || matches!(c, ' ' | '-' | '\'' | '.' | '\u{2019}');
    if !value.chars().all(fits) || !value.chars().any(is_latin_letter) {
        return Some(Problem::NotLatin);
    }
    length(value, 2, 26)
}

fn latin_text(value: &str, least: usize, most: usize) -> Option<Problem> {
    let fits = |c: char| is_latin_letter(c) || c == ' ' || c.is_ascii_graphic() || c == '\u{2019}';
    if value.chars().all(fits) { length(value, least, most) } else { Some(Problem::NotLatin) }
}

/// Whether the text is shaped like an e-mail address: one `@`, a dotted ASCII domain, at most 100 characters.
pub(super) fn email(value: &str) -> Option<Problem> {
    let local_fits = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    let label_fits = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let good = value.len() <= 100
        && value.split_once('@').is_some_and(|(local, domain)| {
            (1..=64).contains(&local.len())
                && local.chars().all(local_fits)
                && domain.contains('.')
                && domain.split('.').all(label_fits)
        });
    (!good).then_some(Problem::EmailShape)
}

fn password(value: &str, email: &str) -> Option<Problem> {
    if value.is_empty() {
        return Some(Problem::Missing);
    }
    if !(8..=128).contains(&value.chars().count()) {
        return Some(Problem::PasswordLength);
    }
    if !value.chars().any(char::is_alphabetic) || !value.chars().any(char::is_numeric) {
        return Some(Problem::PasswordWeak);
    }
    let name = email.split('@').next().unwrap_or_default().to_lowercase();
    let tells = name.chars().count() >= 4 && value.to_lowercase().contains(&name);
    tells.then_some(Problem::PasswordTellsName)
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
