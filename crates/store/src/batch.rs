//! A batch: writes that happen together or not at all, as data.
//! No closure and no transaction, so nothing can be held open across a network call.

use crate::Value;

/// How many rows a write must touch; another number fails the whole batch with `Fault::Stale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Any number, none included.
    Any,
    /// Exactly one. On an update with `where version = $n` this is the optimistic lock.
    One,
    /// Exactly this many.
    Exactly(u64),
    /// None or one.
    AtMostOne,
}

impl Expect {
    /// Whether this many touched rows are as expected.
    pub fn allows(self, rows: u64) -> bool {
        match self {
            Self::Any => true,
            Self::One => rows == 1,
            Self::Exactly(wanted) => rows == wanted,
            Self::AtMostOne => rows <= 1,
        }
    }
}

/// One statement that writes and returns no rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    pub(crate) sql: &'static str,
    pub(crate) args: Vec<Value>,
    pub(crate) expect: Expect,
}

impl Write {
    /// A statement (placeholders `$1`, `$2`, ...), its arguments and the rows it must touch.
    pub fn new(sql: &'static str, args: impl Into<Vec<Value>>, expect: Expect) -> Self {
        Self { sql, args: args.into(), expect }
    }

    /// A write that must touch exactly one row.
    pub fn one(sql: &'static str, args: impl Into<Vec<Value>>) -> Self {
        Self::new(sql, args, Expect::One)
    }

    /// A write that may touch any number of rows.
    pub fn any(sql: &'static str, args: impl Into<Vec<Value>>) -> Self {
        Self::new(sql, args, Expect::Any)
    }
}

/// Writes that are committed together or not at all, in the order they were pushed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "a batch does nothing until it is handed to `Store::commit`"]
pub struct Batch {
    pub(crate) writes: Vec<Write>,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a write at the end.
    pub fn push(&mut self, write: Write) -> &mut Self {
        self.writes.push(write);
        self
    }

    /// This batch with one more write at the end.
    pub fn with(mut self, write: Write) -> Self {
        self.writes.push(write);
        self
    }

    /// Each statement with its arguments, for benchmarks that run them without the store.
    #[doc(hidden)]
    pub fn statements(&self) -> impl Iterator<Item = (&'static str, &[Value])> {
        self.writes.iter().map(|write| (write.sql, write.args.as_slice()))
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// The number of writes.
    pub fn len(&self) -> usize {
        self.writes.len()
    }
}

impl Extend<Write> for Batch {
    fn extend<I: IntoIterator<Item = Write>>(&mut self, writes: I) {
        self.writes.extend(writes);
    }
}

impl IntoIterator for Batch {
    type Item = Write;
    type IntoIter = std::vec::IntoIter<Write>;

    fn into_iter(self) -> Self::IntoIter {
        self.writes.into_iter()
    }
}

impl FromIterator<Write> for Batch {
    fn from_iter<I: IntoIterator<Item = Write>>(writes: I) -> Self {
        Self { writes: writes.into_iter().collect() }
    }
}
