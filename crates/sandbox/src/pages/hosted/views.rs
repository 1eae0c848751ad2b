//! The hosted page's templates and the values they are filled with.
//! Values only: what is true of the payee is decided in `flow`, what is said in `texts`.

use std::fmt::Write as _;

use askama::Template;

use super::super::shell::Shell;
use super::super::texts::HostedText;
use super::answers::{Answers, Step};
use super::rules::{self, Problem};
use super::{countries, rules::SECURITY_QUESTIONS};

/// How the page offers the other language.
pub(super) enum Switch {
    /// By buttons of the page's form, so that nothing typed is lost.
    Form,
    /// By links; `here` is this page's address up to and including the last `?` or `&`.
    Links {
        /// Beginning of the address.
        here: String,
    },
}

/// What stands around each view of the hosted page.
pub(super) struct Frame {
    /// The merchant's name, unless the link is unknown.
    pub(super) merchant: Option<String>,
    /// How to switch languages.
    pub(super) switch: Switch,
    /// Where the form goes.
    pub(super) action: String,
    /// Address of the log-in view.
    pub(super) log_in: String,
    /// Address of the sign-up view.
    pub(super) sign_up: String,
}

/// A form's values and what is wrong with them.
pub(super) struct Form<'a> {
    pub(super) t: &'static HostedText,
    pub(super) answers: &'a Answers,
    pub(super) problems: &'a [(&'static str, Problem)],
}

/// One line of the summary of problems.
pub(super) struct SummaryLine {
    anchor: &'static str,
    label: &'static str,
    text: String,
}

impl Form<'_> {
    fn value(&self, field: &str) -> &str {
        self.answers.get(field)
    }

    fn is(&self, field: &str, value: &str) -> bool {
        self.answers.is(field, value)
    }

    fn wrong(&self, field: &str) -> bool {
        self.problems.iter().any(|(wrong, _)| *wrong == field)
    }

    fn error(&self, field: &str) -> Option<String> {
        let found = self.problems.iter().find(|(wrong, _)| *wrong == field);
        found.map(|(_, problem)| (self.t.problem)(*problem))
    }

    /// Attributes tying an input to its hint and its error. Field names are ours, so this is safe to write unescaped.
    fn described(&self, field: &'static str, hint: &str) -> String {
        let mut ids = Vec::new();
        if !hint.is_empty() {
            ids.push(format!("{field}-hint"));
        }
        let wrong = self.wrong(field);
        if wrong {
            ids.push(format!("{field}-error"));
        }
        let mut attributes = String::new();
        if wrong {
            attributes.push_str(" aria-invalid=\"true\"");
        }
        if !ids.is_empty() {
            // Writing into a `String` cannot fail.
            let _ = write!(attributes, " aria-describedby=\"{}\"", ids.join(" "));
        }
        attributes
    }

    fn summary(&self) -> Vec<SummaryLine> {
        let line = |(field, problem): &(&'static str, Problem)| SummaryLine {
            anchor: anchor(field),
            label: self.t.sign_up.label(field),
            text: (self.t.problem)(*problem),
        };
        self.problems.iter().map(line).collect()
    }
}

/// The input that a summary line of `field` leads to.
fn anchor(field: &'static str) -> &'static str {
    match field {
        "account_type" => "account_type-individual",
        "birth_date" => "birth_day",
        "payout_method" => "payout_method-bank",
        other => other,
    }
}

/// Where the payee is among the four steps.
pub(super) struct At {
    pub(super) of: String,
    pub(super) number: usize,
}

#[derive(Template)]
#[template(path = "hosted/step.html")]
pub(super) struct StepPage<'a> {
    pub(super) shell: Shell,
    pub(super) t: &'static HostedText,
    pub(super) frame: Frame,
    pub(super) step: Step,
    pub(super) at: At,
    pub(super) form: Form<'a>,
    pub(super) password_kept: bool,
    pub(super) lost: bool,
    pub(super) countries: &'static [(&'static str, &'static str)],
    pub(super) questions: Vec<(&'static str, &'static str)>,
    pub(super) currencies: &'static [&'static str],
}

impl<'a> StepPage<'a> {
    /// One step of the sign-up with what was typed and what is wrong with it.
    pub(super) fn new(
        shell: Shell,
        frame: Frame,
        step: Step,
        answers: &'a Answers,
        problems: &'a [(&'static str, Problem)],
    ) -> Self {
        let t = &shell.t.hosted;
        let number = step.number();
        Self {
            shell,
            t,
            frame,
            step,
            at: At { of: (t.sign_up.step_of)(number), number },
            form: Form { t, answers, problems },
            password_kept: false,
            lost: false,
            countries: countries::list(shell.lang),
            questions: SECURITY_QUESTIONS.into_iter().zip(t.sign_up.questions).collect(),
            currencies: &rules::BANK_CURRENCIES,
        }
    }
}

#[derive(Template)]
#[template(path = "hosted/log_in.html")]
pub(super) struct LogInPage<'a> {
    pub(super) shell: Shell,
    pub(super) t: &'static HostedText,
    pub(super) frame: Frame,
    pub(super) intro: String,
    pub(super) email: &'a str,
    pub(super) trouble: Option<String>,
}

#[derive(Template)]
#[template(path = "hosted/consent.html")]
pub(super) struct ConsentPage<'a> {
    pub(super) shell: Shell,
    pub(super) t: &'static HostedText,
    pub(super) frame: Frame,
    pub(super) title: String,
    pub(super) intro: String,
    pub(super) may_title: String,
    pub(super) may_not_title: String,
    pub(super) standing: String,
    pub(super) merchant: &'a str,
    pub(super) payee_id: &'a str,
    pub(super) account: &'a str,
    /// What the settings decide, in words.
    pub(super) as_set: String,
    /// What a tester may decide instead: form value and words.
    pub(super) choices: [(&'static str, &'static str); 3],
}

/// The way back to the merchant.
pub(super) struct Way {
    pub(super) url: String,
    pub(super) host: String,
    pub(super) seconds: u16,
    pub(super) note: String,
    pub(super) label: String,
}

#[derive(Template)]
#[template(path = "hosted/done.html")]
pub(super) struct DonePage {
    pub(super) shell: Shell,
    pub(super) t: &'static HostedText,
    pub(super) frame: Frame,
    /// `approved`, `pending`, `rejected` or `declined`.
    pub(super) outcome: &'static str,
    pub(super) title: &'static str,
    pub(super) text: String,
    pub(super) reason: Option<String>,
    pub(super) way: Option<Way>,
}

#[derive(Template)]
#[template(path = "hosted/closed.html")]
pub(super) struct ClosedPage {
    pub(super) shell: Shell,
    pub(super) t: &'static HostedText,
    pub(super) frame: Frame,
    /// `unknown`, `used`, `taken` or `full`.
    pub(super) reason: &'static str,
    pub(super) title: &'static str,
    pub(super) text: &'static str,
    pub(super) advice: &'static str,
}
