//! The pages that payees see: checkout, and the way back from Payoneer; and the page of the API. Same engine behind them as behind the API.
//! Every control is a link or a form; no script. Markup lives in `templates/` only.

pub(crate) mod arrival;
pub(crate) mod assets;
pub(crate) mod checkout;
pub(crate) mod docs;
mod language;
mod origin;
mod page;
mod texts;
mod trouble;
mod visit;
mod waiting;
