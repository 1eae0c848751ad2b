//! Where a fault cuts into a call: before or after the effect, the reply, the callback.
//! Names and what they imply; no action.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A place in the life of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// The call is not looked at.
    BeforeRead,
    /// The call was read and has no effect.
    AfterReadBeforeApply,
    /// The effect is taken; the true reply does not come.
    AfterApplyBeforeReply,
    /// The effect is taken; the reply breaks in the middle.
    MidReply,
    /// The reply comes; what follows of the payment or its callbacks does not go as expected.
    AfterReplyBeforeCallback,
    /// The payment is settled and its callbacks arrive before the reply does.
    CallbackBeforeReply,
    /// The effect is taken; no callback ever speaks of it.
    CallbackNever,
    /// The call has no effect at first; it is taken later, when the client has given up.
    ApplyAfterTimeout,
}

impl Cut {
    /// Every cut point, in the order of a call's life.
    pub const ALL: [Self; 8] = [
        Self::BeforeRead,
        Self::AfterReadBeforeApply,
        Self::AfterApplyBeforeReply,
        Self::MidReply,
        Self::AfterReplyBeforeCallback,
        Self::CallbackBeforeReply,
        Self::CallbackNever,
        Self::ApplyAfterTimeout,
    ];

    /// Its name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::BeforeRead => "before_read",
            Self::AfterReadBeforeApply => "after_read_before_apply",
            Self::AfterApplyBeforeReply => "after_apply_before_reply",
            Self::MidReply => "mid_reply",
            Self::AfterReplyBeforeCallback => "after_reply_before_callback",
            Self::CallbackBeforeReply => "callback_before_reply",
            Self::CallbackNever => "callback_never",
            Self::ApplyAfterTimeout => "apply_after_timeout",
        }
    }

    /// The cut point of that name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.word() == word)
    }

    /// Whether the call takes effect before its connection is treated.
    #[must_use]
    pub fn applies(self) -> bool {
        !matches!(self, Self::BeforeRead | Self::AfterReadBeforeApply | Self::ApplyAfterTimeout)
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
