//! What a payee has typed so far, by field name, and which field belongs to which of the four steps.
//! Passwords never enter here: these answers are written back into the pages.

use std::collections::BTreeMap;

/// Longest answer that is kept; what is longer is cut, and then refused by the rules anyway.
const LONGEST: usize = 300;

/// One of the four steps of the sign-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Who the payee is.
    Start,
    /// Where the payee lives.
    Contact,
    /// How the payee will log in.
    Security,
    /// Payout method and terms.
    Finish,
}

impl Step {
    /// All four, in order.
    pub(super) const ALL: [Self; 4] = [Self::Start, Self::Contact, Self::Security, Self::Finish];

    /// The step's name in addresses and forms.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Contact => "contact",
            Self::Security => "security",
            Self::Finish => "finish",
        }
    }

    /// Counts from 1.
    pub(super) fn number(self) -> usize {
        self as usize + 1
    }

    /// The step before this one.
    pub(super) fn before(self) -> Option<Self> {
        self.number().checked_sub(2).and_then(|at| Self::ALL.get(at)).copied()
    }

    /// The step after this one.
    pub(super) fn after(self) -> Option<Self> {
        Self::ALL.get(self.number()).copied()
    }

    /// The fields of the step that may be kept and shown again.
    pub(super) fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Start => &[
                "account_type",
                "company_name",
                "first_name",
                "last_name",
                "email",
                "email_again",
                "birth_day",
                "birth_month",
                "birth_year",
            ],
            Self::Contact => &["country", "address_line_1", "address_line_2", "city", "state", "zip_code", "mobile"],
            Self::Security => &["security_question", "security_answer"],
            Self::Finish => {
                &["payout_method", "bank_currency", "bank_name", "account_holder", "account_number", "accept_terms"]
            }
        }
    }
}

/// Answers by field name; a field never answered reads as empty.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers(BTreeMap<&'static str, String>);

impl Answers {
    /// The answer, empty if there is none.
    pub(super) fn get(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    /// Whether the answer is exactly `value`.
    pub(super) fn is(&self, field: &str, value: &str) -> bool {
        self.get(field) == value
    }

    /// Puts one answer: trimmed, inner white space single, length capped.
    pub(super) fn set(&mut self, field: &'static str, value: &str) {
        let tidy = value.split_whitespace().collect::<Vec<_>>().join(" ");
        self.0.insert(field, tidy.chars().take(LONGEST).collect());
    }

    /// Takes the step's fields from a posted form. A field the form lacks (an unticked box) becomes empty.
    pub(super) fn take(&mut self, step: Step, form: &[(String, String)]) {
        for field in step.fields() {
            let posted = form.iter().find(|(name, _)| name == field);
            self.set(field, posted.map_or("", |(_, value)| value.as_str()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answers, LONGEST, Step};

    #[test]
    fn steps_know_their_neighbours() {
        assert_eq!(Step::Start.before(), None);
        assert_eq!(Step::Finish.after(), None);
        for pair in Step::ALL.windows(2) {
            let [one, two] = pair else { panic!("windows of two") };
            assert_eq!(one.after(), Some(*two));
            assert_eq!(two.before(), Some(*one));
        }
    }

    #[test]
    fn answers_are_tidied_and_capped() {
        let mut answers = Answers::default();
        answers.set("city", "  New \t York ");
        assert_eq!(answers.get("city"), "New York");
        answers.set("city", &"x".repeat(LONGEST * 2));
        assert_eq!(answers.get("city").len(), LONGEST);
    }

    #[test]
    fn a_step_takes_only_its_own_fields_and_forgets_an_unticked_box() {
        let mut answers = Answers::default();
        answers.set("accept_terms", "yes");
        let form =
            [("payout_method".to_owned(), "LATER".to_owned()), ("email".to_owned(), "intruder@example.com".to_owned())];
        answers.take(Step::Finish, &form);
        assert_eq!(answers.get("payout_method"), "LATER");
        assert_eq!(answers.get("accept_terms"), "");
        assert_eq!(answers.get("email"), "");
    }
}
