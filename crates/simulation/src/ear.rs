//! O11: hears every line that the product logs during a run, and knows the secrets that none may show.
//! It keeps no log.

use crate::scene::PASSWORD;
use std::fmt::{Debug, Write as _};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// A listener for one run, in one thread.
pub(crate) struct Ear {
    secrets: Vec<String>,
    spans: AtomicU64,
    heard: Mutex<Heard>,
}

/// What was heard so far.
#[derive(Default)]
pub(crate) struct Heard {
    /// How many lines.
    pub(crate) lines: u64,
    /// The first line that shows a secret.
    pub(crate) leak: Option<String>,
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

impl Ear {
    /// Listens for the password and for these.
    pub(crate) fn new(more: &[&str]) -> Self {
        let secrets = std::iter::once(PASSWORD).chain(more.iter().copied()).map(str::to_owned).collect();
        Self { secrets, spans: AtomicU64::new(1), heard: Mutex::default() }
    }

    /// What was heard so far; forgets it.
    pub(crate) fn take(&self) -> Heard {
        std::mem::take(&mut self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn hear(&self, text: &Text) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.lines += 1;
        if heard.leak.is_none() && self.secrets.iter().any(|secret| text.0.contains(secret.as_str())) {
            heard.leak = Some(text.0.clone());
        }
    }
}

impl Subscriber for Ear {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut text = Text(String::new());
        span.record(&mut text);
        self.hear(&text);
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed))
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut text = Text(String::new());
        values.record(&mut text);
        self.hear(&text);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        self.hear(&text);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
