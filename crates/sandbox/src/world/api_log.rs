//! The log of API calls that the back office shows: the newest ones only, without credentials.
//! Not part of snapshots; nothing may decide by it.

use std::collections::VecDeque;

use serde::Serialize;

use super::limits;
use super::time::Time;

/// One call of the API and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApiCall {
    /// 1, 2, 3, ...
    pub number: u64,
    /// The number of its exchange.
    pub exchange: u64,
    /// When, on the virtual clock.
    pub at: Time,
    /// HTTP method.
    pub method: String,
    /// Path and query as they came, shortened to 500 characters.
    pub path: String,
    /// The request's body as text, shortened to 2000 characters.
    pub request: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The code in the answer.
    pub code: i64,
    /// The audit id in the answer.
    pub audit_id: i64,
    /// The answer's body, shortened to 2000 characters.
    pub reply: String,
    /// Where the answered behaviour comes from: the key of a row of the provenance table.
    pub behaviour: &'static str,
}

/// The newest calls.
#[derive(Clone, Debug, Default)]
pub(super) struct ApiLog {
    last: u64,
    calls: VecDeque<ApiCall>,
}

impl ApiLog {
    pub(super) fn push(&mut self, mut call: ApiCall) {
        self.last += 1;
        call.number = self.last;
        call.path = shorten(&call.path, 500);
        call.request = shorten(&call.request, 2_000);
        call.reply = shorten(&call.reply, 2_000);
        self.calls.push_back(call);
        if self.calls.len() > limits::API_CALLS {
            self.calls.pop_front();
        }
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &ApiCall> {
        self.calls.iter()
    }
}

fn shorten(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
