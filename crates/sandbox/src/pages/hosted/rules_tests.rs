//! Tests of the sign-up rules: the limits at both ends, the calendar, and arbitrary input.

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::{Passwords, Problem, birth_date, check, email};
use crate::pages::hosted::answers::{Answers, Step};

fn today() -> Date {
    date(2026, 3, 1)
}

fn good() -> Answers {
    let mut answers = Answers::default();
    for (field, value) in [
        ("account_type", "INDIVIDUAL"),
        ("first_name", "Mei-Lin"),
        ("last_name", "O'Connor"),
        ("email", "mei@example.com"),
        ("email_again", "Mei@Example.com"),
        ("birth_day", "28"),
        ("birth_month", "2"),
        ("birth_year", "2000"),
        ("country", "CN"),
        ("address_line_1", "88 Nanjing Road"),
        ("city", "Shanghai"),
        ("zip_code", "200001"),
        ("mobile", "+86 138 0013 8000"),
        ("security_question", "first_job"),
        ("security_answer", "面包师"),
        ("payout_method", "LATER"),
        ("accept_terms", "yes"),
    ] {
        answers.set(field, value);
    }
    answers
}

const PASSWORDS: Passwords<'_> = Passwords { one: "correct-horse-1", two: "correct-horse-1" };

fn only(step: Step, field: &'static str, value: &str) -> Vec<(&'static str, Problem)> {
    let mut answers = good();
    answers.set(field, value);
    check(step, &answers, Some(PASSWORDS), today())
}

#[test]
fn good_answers_pass_every_step() {
    for step in Step::ALL {
        assert_eq!(check(step, &good(), Some(PASSWORDS), today()), []);
    }
}

#[test]
fn empty_answers_fail_every_required_field_once() {
    let empty = Answers::default();
    let none = Passwords { one: "", two: "" };
    let fields = |step| {
        let found = check(step, &empty, Some(none), today());
        found.into_iter().map(|(field, _)| field).collect::<Vec<_>>()
    };
    assert_eq!(fields(Step::Start), ["account_type", "first_name", "last_name", "email", "email_again", "birth_date"]);
    assert_eq!(fields(Step::Contact), ["country", "address_line_1", "city", "zip_code", "mobile"]);
    assert_eq!(fields(Step::Security), ["password", "password_again", "security_question", "security_answer"]);
    assert_eq!(fields(Step::Finish), ["payout_method", "accept_terms"]);
}

#[test]
fn names_are_latin_and_2_to_26_characters() {
    let name = |value: &str| only(Step::Start, "first_name", value);
    assert_eq!(name("Bo"), []);
    assert_eq!(name("Zoë"), []);
    assert_eq!(name(&"a".repeat(26)), []);
    let length = Problem::Length { least: 2, most: 26 };
    assert_eq!(name("B"), [("first_name", length)]);
    assert_eq!(name(&"a".repeat(27)), [("first_name", length)]);
    for wrong in ["美林", "Ann3", "<b>", "--", "Анна"] {
        assert_eq!(name(wrong), [("first_name", Problem::NotLatin)], "{wrong}");
    }
}

#[test]
fn a_company_needs_a_name() {
    assert_eq!(only(Step::Start, "account_type", "COMPANY"), [("company_name", Problem::Missing)]);
    assert_eq!(only(Step::Start, "account_type", "x"), [("account_type", Problem::NotChosen)]);
}

#[test]
fn emails_are_shaped_and_equal() {
    for good in ["a@b.co", "first.last+tag@mail.example.org", "x_y@1a.io"] {
        assert_eq!(email(good), None, "{good}");
    }
    for bad in ["a@b", "@b.co", "a@", "a b@c.de", "a@b..co", "a@-b.co", "a@b@c.de", "á@b.co"] {
        assert_eq!(email(bad), Some(Problem::EmailShape), "{bad}");
    }
    assert_eq!(only(Step::Start, "email_again", "other@example.com"), [("email_again", Problem::EmailsDiffer)]);
}

#[test]
fn age_is_counted_by_the_calendar() {
    let on = |year: &str, month: &str, day: &str| {
        let mut answers = Answers::default();
        answers.set("birth_year", year);
        answers.set("birth_month", month);
        answers.set("birth_day", day);
        birth_date(&answers, today())
    };
    assert_eq!(on("2008", "3", "1"), Ok(date(2008, 3, 1)), "eighteen today");
    assert_eq!(on("2008", "3", "2"), Err(Problem::TooYoung), "eighteen tomorrow");
    assert_eq!(on("2008", "2", "29"), Ok(date(2008, 2, 29)), "born on a leap day");
    assert_eq!(on("2000", "02", "29"), Ok(date(2000, 2, 29)));
    for (year, month, day) in [
        ("2001", "2", "29"),
        ("1899", "1", "1"),
        ("2000", "13", "1"),
        ("2000", "", "1"),
        ("20000", "1", "1"),
        ("2000", "1", "+1"),
        ("2030", "1", "1"),
        ("２０００", "1", "1"),
    ] {
        assert_eq!(on(year, month, day), Err(Problem::NoSuchDay), "{year}-{month}-{day}");
    }
    assert_eq!(on("", "", ""), Err(Problem::Missing));
}

#[test]
fn addresses_keep_the_limits_of_the_wire() {
    let length = |least, most| Problem::Length { least, most };
    assert_eq!(only(Step::Contact, "address_line_1", &"a".repeat(30)), []);
    assert_eq!(only(Step::Contact, "address_line_1", &"a".repeat(31)), [("address_line_1", length(2, 30))]);
    assert_eq!(only(Step::Contact, "city", &"a".repeat(40)), []);
    assert_eq!(only(Step::Contact, "city", &"a".repeat(41)), [("city", length(2, 40))]);
    assert_eq!(only(Step::Contact, "zip_code", "12"), [("zip_code", length(3, 10))]);
    assert_eq!(only(Step::Contact, "zip_code", "12345678901"), [("zip_code", length(3, 10))]);
    assert_eq!(only(Step::Contact, "zip_code", "12_45"), [("zip_code", Problem::ZipShape)]);
    assert_eq!(only(Step::Contact, "address_line_1", "南京路"), [("address_line_1", Problem::NotLatin)]);
    assert_eq!(only(Step::Contact, "country", "GB"), [("country", Problem::NotChosen)]);
    assert_eq!(only(Step::Contact, "country", "UK"), []);
    for wrong in ["12345", "1234567890123456", "call me", "+44;"] {
        assert_eq!(only(Step::Contact, "mobile", wrong), [("mobile", Problem::MobileShape)], "{wrong}");
    }
}

#[test]
fn passwords_are_long_mixed_and_do_not_tell_the_name() {
    let with = |one: &str, two: &str| {
        let mut answers = good();
        answers.set("email", "meilin@example.com");
        check(Step::Security, &answers, Some(Passwords { one, two }), today())
    };
    assert_eq!(with("abcdefg1", "abcdefg1"), []);
    assert_eq!(with("abcdef1", "abcdef1"), [("password", Problem::PasswordLength)]);
    assert_eq!(with("abcdefgh", "abcdefgh"), [("password", Problem::PasswordWeak)]);
    assert_eq!(with("12345678", "12345678"), [("password", Problem::PasswordWeak)]);
    assert_eq!(with("xMeiLin99", "xMeiLin99"), [("password", Problem::PasswordTellsName)]);
    assert_eq!(with("abcdefg1", "abcdefg2"), [("password_again", Problem::PasswordsDiffer)]);
    assert_eq!(check(Step::Security, &good(), None, today()), [], "a kept password is not asked again");
}

#[test]
fn a_bank_account_is_checked_only_if_chosen() {
    let mut answers = good();
    answers.set("payout_method", "BANK");
    let found = check(Step::Finish, &answers, None, today());
    let fields: Vec<_> = found.iter().map(|(field, _)| *field).collect();
    assert_eq!(fields, ["bank_currency", "bank_name", "account_holder", "account_number"]);
    answers.set("bank_currency", "EUR");
    answers.set("bank_name", "Bank of Examples");
    answers.set("account_holder", "Mei-Lin O'Connor");
    answers.set("account_number", "DE89 3704 0044 0532 0130 00");
    assert_eq!(check(Step::Finish, &answers, None, today()), []);
}

proptest! {
    #[test]
    fn no_input_upsets_the_rules(values in prop::collection::vec(any::<String>(), 26), one in any::<String>()) {
        let mut answers = Answers::default();
        let fields = Step::ALL.iter().flat_map(|step| step.fields());
        for (field, value) in fields.zip(&values) {
            answers.set(field, value);
        }
        for step in Step::ALL {
            let problems = check(step, &answers, Some(Passwords { one: &one, two: &one }), today());
            let mut fields: Vec<_> = problems.iter().map(|(field, _)| *field).collect();
            let all = fields.len();
            fields.sort_unstable();
            fields.dedup();
            prop_assert_eq!(fields.len(), all, "at most one problem for a field");
        }
    }
}
