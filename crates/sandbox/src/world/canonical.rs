//! What happened in a world as text that does not depend on the order of arrival: to compare two runs byte by byte.
//! Numbers are given per subject; whatever was counted across subjects is left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::World;
use super::references::key;

impl World {
    /// The journal and the exchanges, one a line, sorted by subject and numbered within it. The same seed and the same
    /// requests give the same bytes, whichever thread was faster, as long as the requests about one subject came in
    /// order and nobody's balance ran short.
    #[must_use]
    pub fn canonical_record(&self) -> String {
        let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in self.journal.entries() {
            let subject = entry.subject.as_deref().map(key).unwrap_or_default();
            let legs: Vec<_> = entry.legs.iter().map(|l| format!("{} {}{}", l.purse, l.change, l.currency)).collect();
            let line = format!("{} {} {}", entry.at, entry.memo, legs.join(" "));
            lines.entry(format!("journal {subject}")).or_default().push(line);
        }
        for e in self.exchanges() {
            let subject = e.reference.as_deref().or(e.payee_id.as_deref()).map(key).unwrap_or_default();
            let fault = e.fault.as_ref().map_or_else(
                || "-".to_owned(),
                |f| format!("{}/{}/{}/{}", f.id, f.cut, f.kind, f.retry_after_seconds.unwrap_or(0)),
            );
            let line = format!(
                "{} {} {} {} {} {} effect={} applied={} {fault} {:?}",
                e.at,
                e.amount.as_deref().unwrap_or("-"),
                e.currency.as_deref().unwrap_or("-"),
                e.body_sha256,
                e.code,
                e.http_status,
                e.effect,
                e.applied,
                e.answered
            );
            lines.entry(format!("exchange {subject} {}", e.operation)).or_default().push(line);
        }
        let mut text = String::new();
        for (subject, lines) in lines {
            for (number, line) in (1..).zip(lines) {
                // Writing to a text cannot fail.
                let _ = writeln!(text, "{subject} {number}: {line}");
            }
        }
        text
    }
}
