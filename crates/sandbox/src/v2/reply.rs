//! The parts of an answer: JSON with its fields in order and its amounts as exact numbers, successes and errors.
//! Nothing here decides what to answer.

use std::fmt;

use crate::provenance::{self as p, Behaviour};
use crate::world::Amount;

/// A piece of JSON whose fields keep their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Text(String),
    Whole(i64),
    /// Written as a number with two decimals, never through a float.
    Money(Amount),
    Rows(Vec<Node>),
    Fields(Vec<(&'static str, Node)>),
}

impl Node {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{}", serde_json::Value::from(text.as_str())),
            Self::Whole(number) => write!(f, "{number}"),
            Self::Money(amount) => write!(f, "{amount}"),
            Self::Rows(rows) => {
                f.write_str("[")?;
                for (n, row) in rows.iter().enumerate() {
                    write!(f, "{}{row}", if n == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Self::Fields(fields) => {
                f.write_str("{")?;
                for (n, (key, value)) in fields.iter().enumerate() {
                    write!(f, "{}\"{key}\":{value}", if n == 0 { "" } else { "," })?;
                }
                f.write_str("}")
            }
        }
    }
}

/// A success: code 0 and what stands beside it.
#[derive(Clone, Debug)]
pub(super) struct Good {
    pub(super) behaviour: &'static Behaviour,
    pub(super) fields: Vec<(&'static str, Node)>,
    pub(super) effect: bool,
}

impl Good {
    pub(super) fn new(behaviour: &'static Behaviour) -> Self {
        Self { behaviour, fields: Vec::new(), effect: false }
    }

    pub(super) fn with(mut self, key: &'static str, value: Node) -> Self {
        self.fields.push((key, value));
        self
    }

    /// Says that the world changed.
    pub(super) fn effect(mut self) -> Self {
        self.effect = true;
        self
    }
}

/// An error: nothing changed.
#[derive(Clone, Debug)]
pub(super) struct Bad {
    pub(super) behaviour: &'static Behaviour,
    pub(super) status: u16,
    pub(super) code: i64,
    pub(super) description: String,
    pub(super) hint: Option<String>,
    /// Whether it is Payoneer's judgement of the call rather than of its form, and so may come with HTTP 200.
    pub(super) business: bool,
    /// The methods that would be taken instead.
    pub(super) allow: Option<String>,
    /// Whether nothing of this is said: the body is an empty object.
    pub(super) empty: bool,
}

impl Bad {
    pub(super) fn business(behaviour: &'static Behaviour, status: u16, code: i64, description: &str) -> Self {
        Self {
            behaviour,
            status,
            code,
            description: description.to_owned(),
            hint: None,
            business: true,
            allow: None,
            empty: false,
        }
    }

    pub(super) fn transport(behaviour: &'static Behaviour, status: u16, description: &str) -> Self {
        let code = i64::from(status);
        Self {
            behaviour,
            status,
            code,
            description: description.to_owned(),
            hint: None,
            business: false,
            allow: None,
            empty: false,
        }
    }

    /// A field that cannot be taken; `what` names it.
    pub(super) fn field(what: impl Into<String>) -> Self {
        Self::business(&p::FIELD_INVALID, 400, 10001, "Invalid request").hint(what)
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error, resting on another row of the provenance table.
    pub(super) fn under(self, behaviour: &'static Behaviour) -> Self {
        Self { behaviour, ..self }
    }

    pub(super) fn envelope(self, audit_id: i64) -> Node {
        if self.empty {
            return Node::Fields(Vec::new());
        }
        let mut fields = vec![("audit_id", Node::Whole(audit_id)), ("code", Node::Whole(self.code))];
        fields.extend(self.hint.map(|hint| ("hint", Node::Text(hint))));
        fields.push(("description", Node::Text(self.description)));
        Node::Fields(fields)
    }
}
