//! What stands around every section of the back office: navigation, notices, and paging through lists.
//! No section's own content.

use std::sync::Arc;

use super::super::lang::Lang;
use super::super::reader::Reader;
use super::super::shell::Shell;
use super::super::texts::OfficeText;
use crate::App;

/// Rows on one page of a list.
const ROWS: usize = 50;

/// A section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// Counts and balances.
    Overview,
    /// Redirect, callbacks, signature.
    Developer,
    /// Review policy and switches.
    Behaviour,
    /// References, status queries, closed connections.
    References,
    /// Rules, scenarios, chaos.
    Faults,
    /// What happened to each payment.
    Inspector,
    /// Payees and links.
    Payees,
    /// Accounts.
    Accounts,
    /// Charges.
    Charges,
    /// Payouts.
    Payouts,
    /// API log.
    Log,
    /// Delivery log.
    Callbacks,
}

impl Section {
    /// All sections in the order of the navigation.
    pub(super) const ALL: [Self; 12] = [
        Self::Overview,
        Self::Inspector,
        Self::Developer,
        Self::Behaviour,
        Self::References,
        Self::Faults,
        Self::Payees,
        Self::Accounts,
        Self::Charges,
        Self::Payouts,
        Self::Callbacks,
        Self::Log,
    ];

    /// The section's address.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Overview => "/backoffice",
            Self::Developer => "/backoffice/developer",
            Self::Behaviour => "/backoffice/behaviour",
            Self::References => "/backoffice/references",
            Self::Faults => "/backoffice/faults",
            Self::Inspector => "/backoffice/inspector",
            Self::Payees => "/backoffice/payees",
            Self::Accounts => "/backoffice/accounts",
            Self::Charges => "/backoffice/charges",
            Self::Payouts => "/backoffice/payouts",
            Self::Log => "/backoffice/log",
            Self::Callbacks => "/backoffice/callbacks",
        }
    }

    /// The section's title.
    pub(super) fn title(self, t: &OfficeText) -> &'static str {
        match self {
            Self::Overview => t.overview.title,
            Self::Developer => t.developer.title,
            Self::Behaviour => t.behaviour.title,
            Self::References => t.references.title,
            Self::Faults => t.faults.title,
            Self::Inspector => t.inspector.title,
            Self::Payees => t.payees.title,
            Self::Accounts => t.accounts.title,
            Self::Charges => t.payments.charges,
            Self::Payouts => t.payments.payouts,
            Self::Log => t.log.title,
            Self::Callbacks => t.callbacks.title,
        }
    }
}

/// A message at the head of a page.
pub(super) struct Notice {
    pub(super) good: bool,
    pub(super) text: String,
}

impl Notice {
    /// Something was done.
    pub(super) fn done(text: impl Into<String>) -> Self {
        Self { good: true, text: text.into() }
    }

    /// Something was not done.
    pub(super) fn trouble(text: impl Into<String>) -> Self {
        Self { good: false, text: text.into() }
    }
}

/// What stands around a section.
pub(super) struct Frame {
    pub(super) shell: Shell,
    pub(super) t: &'static OfficeText,
    pub(super) section: Option<Section>,
    pub(super) notice: Option<Notice>,
    pub(super) merchant: String,
    pub(super) program_id: String,
    pub(super) english: String,
    pub(super) chinese: String,
}

impl Frame {
    /// Around one section, or around none of them.
    pub(super) fn new(app: &Arc<App>, reader: &Reader, section: Option<Section>, notice: Option<Notice>) -> Self {
        let shell = Shell::new(reader.lang);
        let (merchant, program_id) = app.read(|w| (w.settings().merchant_name.clone(), w.program().id.clone()));
        Self {
            shell,
            t: &shell.t.office,
            section,
            notice,
            merchant,
            program_id,
            english: reader.address_with("lang", Lang::En.tag()),
            chinese: reader.address_with("lang", Lang::Zh.tag()),
        }
    }

    /// Every section, and whether it is this one.
    pub(super) fn sections(&self) -> [(Section, bool); 12] {
        Section::ALL.map(|section| (section, self.section == Some(section)))
    }
}

/// Which part of a list is shown.
pub(super) struct Pager {
    /// The list's own address.
    pub(super) path: &'static str,
    /// What was searched for.
    pub(super) wanted: String,
    /// Whether the list has rows at all, before searching.
    pub(super) any: bool,
    /// How many rows were found.
    pub(super) found: usize,
    pub(super) range: String,
    pub(super) newer: Option<String>,
    pub(super) older: Option<String>,
}

impl Pager {
    /// Cuts a list, newest first, to the page that was asked for. `matches` tells whether a row holds the lower-case
    /// text that was searched for.
    pub(super) fn cut<T>(
        path: &'static str,
        reader: &Reader,
        t: &OfficeText,
        rows: Vec<T>,
        matches: impl Fn(&T, &str) -> bool,
    ) -> (Vec<T>, Self) {
        Self::cut_to(ROWS, path, reader, t, rows, matches)
    }

    /// The same with so many rows on a page.
    pub(super) fn cut_to<T>(
        most: usize,
        path: &'static str,
        reader: &Reader,
        t: &OfficeText,
        mut rows: Vec<T>,
        matches: impl Fn(&T, &str) -> bool,
    ) -> (Vec<T>, Self) {
        let any = !rows.is_empty();
        let wanted: String = reader.parameter("q").trim().chars().take(100).collect();
        let needle = wanted.to_lowercase();
        if !needle.is_empty() {
            rows.retain(|row| matches(row, &needle));
        }
        let found = rows.len();
        let last = found.saturating_sub(1) / most;
        let page = reader.parameter("page").parse::<usize>().unwrap_or(0).min(last);
        let from = page * most;
        let rows: Vec<T> = rows.into_iter().skip(from).take(most).collect();
        let range = (t.range)(from + 1, from + rows.len(), found);
        let newer = (page > 0).then(|| reader.address_with("page", &(page - 1).to_string()));
        let older = (page < last).then(|| reader.address_with("page", &(page + 1).to_string()));
        (rows, Self { path, wanted, any, found, range, newer, older })
    }
}

/// Whether one of the texts holds `needle`, which is in lower case.
pub(super) fn holds(texts: &[&str], needle: &str) -> bool {
    texts.iter().any(|text| text.to_lowercase().contains(needle))
}
