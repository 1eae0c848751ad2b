//! Every text that a payee reads, one struct per language: what is missing in one of them does not compile.
//! No markup here; amounts and names are put in by the functions.

mod en;
mod zh;

pub(super) use en::EN;
pub(super) use zh::ZH;

/// What one scene of a page says.
pub(super) struct Scene {
    /// The title in one line.
    pub(super) heading: &'static str,
    /// What it means for the reader.
    pub(super) text: &'static str,
}

/// Every text of the pages.
pub(super) struct Texts {
    /// The language's own name, for the switch that leads to it.
    pub(super) name: &'static str,
    /// For `<html lang>`.
    pub(super) tag: &'static str,
    /// What the switch does, for screen readers.
    pub(super) switch: &'static str,
    /// Shown where no real money moves.
    pub(super) test_mode: &'static str,
    /// Who is behind the page, at its foot.
    pub(super) foot: &'static str,

    /// Before the merchant's name.
    pub(super) pay_to: &'static str,
    /// Before the amount, for screen readers.
    pub(super) amount: &'static str,
    /// Before the description.
    pub(super) description: &'static str,
    /// Before the merchant's own reference.
    pub(super) reference: &'static str,

    pub(super) authorize: Scene,
    pub(super) authorize_again: Scene,
    pub(super) in_review: Scene,
    pub(super) suspended: Scene,
    pub(super) declined: Scene,
    pub(super) confirm: Scene,
    pub(super) processing: Scene,
    pub(super) paid: Scene,
    pub(super) refunded: Scene,
    pub(super) expired: Scene,
    pub(super) failed: Scene,
    pub(super) not_sent: Scene,
    pub(super) canceled: Scene,
    pub(super) leaving: Scene,
    pub(super) returning: Scene,
    pub(super) not_authorized: Scene,
    pub(super) not_found: Scene,
    pub(super) foreign_form: Scene,
    pub(super) unavailable: Scene,
    pub(super) unpayable: Scene,

    /// What is looked for, while a page looks again by itself.
    pub(super) looking: &'static str,
    /// When it has stopped doing so.
    pub(super) stopped_looking: &'static str,
    /// What confirming the payment allows.
    pub(super) consent: fn(merchant: &str) -> String,

    /// The button that pays.
    pub(super) pay: fn(money: &str) -> String,
    /// The button that leads to Payoneer.
    pub(super) authorize_button: &'static str,
    /// The button that tries a failed payment again.
    pub(super) try_again: fn(money: &str) -> String,
    /// The link that looks again.
    pub(super) look_again: &'static str,
    /// The link that goes on where the page would go by itself.
    pub(super) go_on: &'static str,
    /// The link back to Payoneer's page.
    pub(super) back_to_payoneer: &'static str,
    /// The link back to the checkout page.
    pub(super) back_to_payment: &'static str,
    /// The link back to the merchant.
    pub(super) back_to: fn(merchant: &str) -> String,

    /// Why a payment failed.
    pub(super) reason_balance: &'static str,
    pub(super) reason_currency: &'static str,
    pub(super) reason_account: &'static str,
    pub(super) reason_authorization: &'static str,
    pub(super) reason_other: &'static str,
    /// Payoneer's number for its support.
    pub(super) audit: fn(number: i64) -> String,
    /// The id by which support finds this request.
    pub(super) request: fn(id: &str) -> String,
}
