//! The shape of the hosted page's texts: one field per sentence, filled in once per language.
//! No sentence lives here; a language that lacks one does not compile.

use crate::pages::hosted::rules::Problem;

/// Everything the hosted page says. Functions take what is named inside the sentence.
pub(crate) struct HostedText {
    pub(crate) linking_with: &'static str,
    pub(crate) sign_up: SignUpText,
    pub(crate) log_in: LogInText,
    pub(crate) consent: ConsentText,
    pub(crate) done: DoneText,
    pub(crate) closed: ClosedText,
    pub(crate) problem: fn(Problem) -> String,
    pub(crate) full_title: &'static str,
    pub(crate) full: &'static str,
    pub(crate) problems_title: &'static str,
    pub(crate) colon: &'static str,
    pub(crate) optional: &'static str,
    pub(crate) choose: &'static str,
    pub(crate) next: &'static str,
    pub(crate) back: &'static str,
}

/// The four steps of the sign-up.
pub(crate) struct SignUpText {
    pub(crate) title: &'static str,
    pub(crate) progress: &'static str,
    pub(crate) steps: [&'static str; 4],
    pub(crate) step_of: fn(usize) -> String,
    pub(crate) latin_note: &'static str,
    pub(crate) session_lost: &'static str,
    pub(crate) account_type: &'static str,
    pub(crate) individual: &'static str,
    pub(crate) individual_hint: &'static str,
    pub(crate) company: &'static str,
    pub(crate) company_hint: &'static str,
    pub(crate) company_name: &'static str,
    pub(crate) first_name: &'static str,
    pub(crate) last_name: &'static str,
    pub(crate) name_hint: &'static str,
    pub(crate) email: &'static str,
    pub(crate) email_again: &'static str,
    pub(crate) birth_date: &'static str,
    pub(crate) birth_hint: &'static str,
    pub(crate) day: &'static str,
    pub(crate) month: &'static str,
    pub(crate) year: &'static str,
    pub(crate) months: [&'static str; 12],
    pub(crate) country: &'static str,
    pub(crate) address_line_1: &'static str,
    pub(crate) address_hint: &'static str,
    pub(crate) address_line_2: &'static str,
    pub(crate) city: &'static str,
    pub(crate) state: &'static str,
    pub(crate) zip_code: &'static str,
    pub(crate) mobile: &'static str,
    pub(crate) mobile_hint: &'static str,
    pub(crate) user_name: &'static str,
    pub(crate) user_name_hint: &'static str,
    pub(crate) password: &'static str,
    pub(crate) password_hint: &'static str,
    pub(crate) password_kept: &'static str,
    pub(crate) password_again: &'static str,
    pub(crate) security_question: &'static str,
    pub(crate) questions: [&'static str; 5],
    pub(crate) security_answer: &'static str,
    pub(crate) payout_method: &'static str,
    pub(crate) payout_bank: &'static str,
    pub(crate) payout_bank_hint: &'static str,
    pub(crate) payout_later: &'static str,
    pub(crate) payout_later_hint: &'static str,
    pub(crate) bank_currency: &'static str,
    pub(crate) bank_name: &'static str,
    pub(crate) account_holder: &'static str,
    pub(crate) account_number: &'static str,
    pub(crate) account_number_hint: &'static str,
    pub(crate) accept_terms: &'static str,
    pub(crate) terms_title: &'static str,
    pub(crate) terms: [&'static str; 3],
    pub(crate) submit: &'static str,
    pub(crate) have_account: &'static str,
    pub(crate) have_account_text: &'static str,
    pub(crate) have_account_link: &'static str,
}

/// Logging in with an account that exists.
pub(crate) struct LogInText {
    pub(crate) title: &'static str,
    pub(crate) intro: fn(&str) -> String,
    pub(crate) email: &'static str,
    pub(crate) password: &'static str,
    pub(crate) submit: &'static str,
    pub(crate) wrong: &'static str,
    pub(crate) too_often: fn(i64) -> String,
    pub(crate) no_account: &'static str,
    pub(crate) no_account_text: &'static str,
    pub(crate) no_account_link: &'static str,
}

/// The consent page.
pub(crate) struct ConsentText {
    pub(crate) title: fn(&str) -> String,
    pub(crate) intro: fn(&str) -> String,
    pub(crate) merchant: &'static str,
    pub(crate) payee_id: &'static str,
    pub(crate) account: &'static str,
    pub(crate) other_account: &'static str,
    pub(crate) may_title: fn(&str) -> String,
    pub(crate) may: [&'static str; 3],
    pub(crate) may_not_title: fn(&str) -> String,
    pub(crate) may_not: [&'static str; 2],
    pub(crate) standing: fn(&str) -> String,
    pub(crate) approve: &'static str,
    pub(crate) decline: &'static str,
    pub(crate) tester_title: &'static str,
    pub(crate) tester_review: &'static str,
    pub(crate) tester_as_set: fn(&str) -> String,
    pub(crate) tester_choices: [&'static str; 3],
}

/// The page after the decision.
pub(crate) struct DoneText {
    pub(crate) approved_title: &'static str,
    pub(crate) approved: fn(&str) -> String,
    pub(crate) pending_title: &'static str,
    pub(crate) pending: fn(&str) -> String,
    pub(crate) rejected_title: &'static str,
    pub(crate) rejected: fn(&str) -> String,
    pub(crate) reason: &'static str,
    pub(crate) declined_title: &'static str,
    pub(crate) declined: fn(&str) -> String,
    pub(crate) back_in: fn(&str, u16) -> String,
    pub(crate) back_now: fn(&str) -> String,
    pub(crate) goes_to: &'static str,
    pub(crate) may_close: &'static str,
}

/// The page of a link that cannot be used.
pub(crate) struct ClosedText {
    pub(crate) unknown_title: &'static str,
    pub(crate) unknown: &'static str,
    pub(crate) used_title: &'static str,
    pub(crate) used: &'static str,
    pub(crate) start_again: &'static str,
    pub(crate) go_back: &'static str,
    pub(crate) taken_title: &'static str,
    pub(crate) taken: &'static str,
}

impl SignUpText {
    /// The label of a field, for the summary of problems.
    pub(crate) fn label(&self, field: &str) -> &'static str {
        match field {
            "account_type" => self.account_type,
            "company_name" => self.company_name,
            "first_name" => self.first_name,
            "last_name" => self.last_name,
            "email" => self.email,
            "email_again" => self.email_again,
            "birth_date" => self.birth_date,
            "country" => self.country,
            "address_line_1" => self.address_line_1,
            "address_line_2" => self.address_line_2,
            "city" => self.city,
            "state" => self.state,
            "zip_code" => self.zip_code,
            "mobile" => self.mobile,
            "password" => self.password,
            "password_again" => self.password_again,
            "security_question" => self.security_question,
            "security_answer" => self.security_answer,
            "payout_method" => self.payout_method,
            "bank_currency" => self.bank_currency,
            "bank_name" => self.bank_name,
            "account_holder" => self.account_holder,
            "account_number" => self.account_number,
            // The label of the terms is a whole sentence; the title reads better.
            _ => self.terms_title,
        }
    }
}
