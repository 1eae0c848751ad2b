//! The hosted page in English.
//! Sentences only; their shape is in `hosted`, their Chinese twins are in `hosted_zh`.

use super::hosted::{ClosedText, ConsentText, DoneText, HostedText, LogInText, SignUpText};
use crate::pages::hosted::rules::Problem;

/// English.
pub(super) const HOSTED: HostedText = HostedText {
    linking_with: "Linking with",
    sign_up: SIGN_UP,
    log_in: LOG_IN,
    consent: CONSENT,
    done: DONE,
    closed: CLOSED,
    problem,
    full_title: "The sandbox is full",
    full: "It holds as many accounts or payees as it can. Reset it and try again.",
    problems_title: "Please check the following",
    colon: ": ",
    optional: "(optional)",
    choose: "Choose…",
    next: "Continue",
    back: "Back",
};

const SIGN_UP: SignUpText = SignUpText {
    title: "Create your Payoneer account",
    progress: "Progress",
    steps: ["About you", "Contact details", "Security", "Almost done"],
    step_of: |n| format!("Step {n} of 4"),
    latin_note: "Please fill in the form in Latin letters only.",
    session_lost: "We could not find what you entered before. Please start again; if this keeps \
                   happening, allow cookies for this site.",
    account_type: "Account type",
    individual: "Individual",
    individual_hint: "For yourself or a business in your own name",
    company: "Company",
    company_hint: "For a registered company",
    company_name: "Company name",
    first_name: "First name",
    last_name: "Last name",
    name_hint: "As printed in your passport or identity card",
    email: "E-mail address",
    email_again: "E-mail address again",
    birth_date: "Date of birth",
    birth_hint: "You must be at least 18 years old.",
    day: "Day",
    month: "Month",
    year: "Year",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    country: "Country or region",
    address_line_1: "Street address",
    address_hint: "Up to 30 characters; use the second line if you need more room.",
    address_line_2: "Apartment, floor, building",
    city: "City",
    state: "State or province",
    zip_code: "Postcode",
    mobile: "Mobile number",
    mobile_hint: "With country code, for example +44\u{a0}7700\u{a0}900123",
    user_name: "User name",
    user_name_hint: "You will log in with your e-mail address.",
    password: "Password",
    password_hint: "At least 8 characters, with letters and digits",
    password_kept: "Your password is kept. Type a new one only if you want to change it.",
    password_again: "Password again",
    security_question: "Security question",
    questions: [
        "What was the name of your first school?",
        "In which street did you grow up?",
        "Who was your best friend as a child?",
        "Where was your first job?",
        "What is your favourite book?",
    ],
    security_answer: "Answer",
    payout_method: "How would you like to receive money?",
    payout_bank: "To a bank account",
    payout_bank_hint: "Withdraw your balance to an account in your name",
    payout_later: "Decide later",
    payout_later_hint: "Keep the money in your balance for now",
    bank_currency: "Currency of the account",
    bank_name: "Name of the bank",
    account_holder: "Account holder",
    account_number: "Account number or IBAN",
    account_number_hint: "Invent one: this is a sandbox.",
    accept_terms: "I have read the terms above and agree to them",
    terms_title: "Terms of this sandbox",
    terms: [
        "Everything on these pages is a simulation. No account is opened and no money moves.",
        "Do not enter real personal details, passwords or bank accounts.",
        "What you enter stays on the machine this sandbox runs on.",
    ],
    submit: "Create account",
    have_account: "Already have a Payoneer account?",
    have_account_text: "There is no need to sign up again.",
    have_account_link: "Log in instead",
};

const LOG_IN: LogInText = LogInText {
    title: "Log in to your Payoneer account",
    intro: |merchant| format!("Log in to link your account with {merchant}."),
    email: "E-mail address",
    password: "Password",
    submit: "Log in",
    wrong: "The e-mail address or the password is not right.",
    too_often: |minutes| match minutes {
        1 => "Too many attempts. Please try again in a minute.".to_owned(),
        n => format!("Too many attempts. Please try again in {n} minutes."),
    },
    no_account: "No account yet?",
    no_account_text: "Signing up takes about three minutes.",
    no_account_link: "Create an account",
};

const CONSENT: ConsentText = ConsentText {
    title: |merchant| format!("Allow {merchant} to charge your balance?"),
    intro: |merchant| format!("{merchant} asks for a standing permission to be paid from your Payoneer balance."),
    merchant: "Merchant",
    payee_id: "Your ID at the merchant",
    account: "Your account",
    other_account: "Use another account",
    may_title: |merchant| format!("{merchant} will be able to"),
    may: [
        "charge your Payoneer balance without asking you again each time",
        "return a charge to your balance and pay money out to you",
        "see your name, contact details and whether this permission is active",
    ],
    may_not_title: |merchant| format!("{merchant} will not be able to"),
    may_not: ["see your password, your balance or your bank account", "charge more than your balance holds"],
    standing: |merchant| format!("The permission stays in force until {merchant} or Payoneer ends it."),
    approve: "Approve",
    decline: "Decline",
    tester_title: "For testers",
    tester_review: "After “Approve”, the review",
    tester_as_set: |set| format!("follows the back office ({set})"),
    tester_choices: ["approves at once", "stays pending", "declines at once"],
};

const DONE: DoneText = DoneText {
    approved_title: "Your account is linked",
    approved: |merchant| format!("{merchant} may now charge your Payoneer balance."),
    pending_title: "Your application is under review",
    pending: |merchant| {
        format!("You have done everything. As soon as the review is finished, {merchant} will be told.")
    },
    rejected_title: "Your application was not approved",
    rejected: |merchant| format!("The review did not approve it, so {merchant} cannot charge your balance."),
    reason: "Reason",
    declined_title: "You declined",
    declined: |merchant| format!("Nothing was linked, and {merchant} cannot charge your balance."),
    back_in: |merchant, seconds| match seconds {
        0 => format!("You are being sent back to {merchant}."),
        1 => format!("You will be sent back to {merchant} in 1 second."),
        n => format!("You will be sent back to {merchant} in {n} seconds."),
    },
    back_now: |merchant| format!("Go back to {merchant} now"),
    goes_to: "The button leads to",
    may_close: "You may close this page now.",
};

const CLOSED: ClosedText = ClosedText {
    unknown_title: "This link is not valid",
    unknown: "The address may have been copied incompletely, or the link no longer exists.",
    used_title: "This link has been used",
    used: "The authorization it was made for is complete, so there is nothing more to do here.",
    start_again: "Please go back to the merchant's site and start again from there.",
    go_back: "You may close this page and return to the merchant's site.",
    taken_title: "You are already registered",
    taken: "An account is already linked to your ID at the merchant, or is under review.",
};

fn problem(problem: Problem) -> String {
    let text = match problem {
        Problem::Missing => "Please fill in this field.",
        Problem::NotChosen => "Please choose one.",
        Problem::NotLatin => "Please use Latin letters only.",
        Problem::Length { least, most } => {
            return format!("Please use {least} to {most} characters.");
        }
        Problem::EmailShape => "Please enter an address such as name@example.com.",
        Problem::EmailsDiffer => "The two e-mail addresses differ.",
        Problem::EmailTaken => "An account with this address exists. Please log in instead.",
        Problem::NoSuchDay => "Please enter a real date, the year with four digits.",
        Problem::TooYoung => "Only people aged 18 or over can open an account.",
        Problem::MobileShape => "Please enter 6 to 15 digits, with the country code.",
        Problem::ZipShape => "Please use only letters, digits, spaces and hyphens.",
        Problem::PasswordLength => "Please use at least 8 and at most 128 characters.",
        Problem::PasswordWeak => "Please use both letters and digits.",
        Problem::PasswordTellsName => "The password must not contain your user name.",
        Problem::PasswordsDiffer => "The two passwords differ.",
        Problem::AccountNumberShape => "Please enter 4 to 34 letters and digits.",
        Problem::TermsNeeded => "Please agree to the terms to continue.",
    };
    text.to_owned()
}
