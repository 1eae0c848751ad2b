//! What people see in a browser: the hosted page, the merchant's back office and the start page.
//! Handlers read and change the world through its own methods; no rule of Payoneer's lives here.

mod assets;
mod hosted;
mod lang;
mod shell;
mod texts;
