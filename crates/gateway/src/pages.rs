//! The pages that payees see: checkout, and the way back from Payoneer. Same engine behind them as behind the API.
//! Every control is a link or a form; no script. Markup lives in `templates/` only.

pub(crate) mod arrival;
pub(crate) mod assets;
pub(crate) mod checkout;
mod language;
mod origin;
mod page;
mod texts;
mod trouble;
mod visit;
mod waiting;
