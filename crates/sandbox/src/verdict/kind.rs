//! The kinds of what the judge finds: name, level, and one sentence in each language.
//! Nothing is judged here; `docs/verdict.md` shows this table.

use std::fmt;

use serde::{Serialize, Serializer};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    Fine,
    /// Worth a look; nobody is hurt by it yet.
    Warning,
    /// Money is or can be taken twice, lost or misreported. The verdict is not clean.
    Violation,
}

impl Level {
    /// The level's word in JSON and in documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Warning => "warning",
            Self::Violation => "violation",
        }
    }
}

macro_rules! kinds {
    ($($kind:ident $name:literal $level:ident $english:literal $chinese:literal;)*) => {
        /// What the judge can find.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = $english] $kind,)*
        }

        impl Kind {
            /// Every kind, in the order of the document.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The kind's name in JSON, JUnit and documents.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// How much it weighs.
            #[must_use]
            pub fn level(self) -> Level {
                match self { $(Self::$kind => Level::$level,)* }
            }

            /// What it means, in English.
            #[must_use]
            pub fn english(self) -> &'static str {
                match self { $(Self::$kind => $english,)* }
            }

            /// What it means, in Simplified Chinese.
            #[must_use]
            pub fn chinese(self) -> &'static str {
                match self { $(Self::$kind => $chinese,)* }
            }
        }
    };
}

kinds! {
    PaidOnce "paid_once" Fine
        "The money moved once, as meant."
        "款项按预期划转了一次。";
    NotPaid "not_paid" Fine
        "No money moved, or it came back."
        "没有款项划转，或款项已退回。";
    PaidTwice "paid_twice" Violation
        "One intent took the payee's money twice, under two references or under one that was taken twice."
        "同一笔扣款扣了两次钱：用了两个流水号，或同一流水号被受理了两次。";
    PaidOutTwice "paid_out_twice" Violation
        "One intent paid the payee twice, under two references or under one that was taken twice."
        "同一笔付款付了两次：用了两个流水号，或同一流水号被受理了两次。";
    ReturnedTwice "returned_twice" Violation
        "One refund gave the money back in two ways."
        "同一笔退款以两种方式退了两次。";
    PaidWrong "paid_wrong" Violation
        "The money moved with another amount, currency or payee than the intent's."
        "实际划转的金额、币种或付款用户与意图不符。";
    ClientSaysFailedButPaid "client_says_failed_but_paid" Violation
        "The client calls it failed, but the money moved."
        "客户端认为失败，但款项已经划转。";
    ClientSaysPaidButNot "client_says_paid_but_not" Violation
        "The client calls it succeeded, but no money moved."
        "客户端认为成功，但款项并未划转。";
    ActedOnForgedCallback "acted_on_forged_callback" Violation
        "The client calls it succeeded after a forged callback, without evidence of its own."
        "客户端没有自己的证据，仅凭伪造的回调就认为成功。";
    MisreadDuplicate "misread_duplicate" Violation
        "The client took a duplicate-reference reply for an outcome without asking for the status."
        "客户端把“流水号重复”的答复当成结果，而没有查询状态。";
    SuccessWithoutEvidence "success_without_evidence" Violation
        "The client calls it succeeded although no reply had shown so; this time it was lucky."
        "没有任何答复证明，客户端就认为成功；这次只是侥幸。";
    FailureWithoutEvidence "failure_without_evidence" Violation
        "The client calls it failed although no reply had shown so (silence and not-found show nothing); this time it was lucky."
        "没有任何答复证明（超时或查无此单都不是证据），客户端就认为失败；这次只是侥幸。";
    NewReferenceAfterAmbiguous "new_reference_after_ambiguous" Violation
        "The payment was sent under a new reference while the old one's outcome was unknown."
        "旧流水号的结果尚未明确，就用新流水号重新发送。";
    SameReferenceOtherBytes "same_reference_other_bytes" Violation
        "A reference that may have taken effect was sent again with another body."
        "同一流水号可能已经生效，却又以不同的内容重新发送。";
    ResentBlindly "resent_blindly" Violation
        "After an ambiguous answer the request was sent again without asking for the status first, and without proof that this is harmless."
        "答复不明确之后，没有先查询状态、也没有证明重发无害，就重新发送请求。";
    CancelSentAgain "cancel_sent_again" Violation
        "A cancel was sent again after it had succeeded."
        "取消已经成功，却又再次发送。";
    NoStatusQuery "no_status_query" Violation
        "The answer was ambiguous and the client never asked for the status."
        "答复不明确，而客户端从未查询状态。";
    CredentialsInUrl "credentials_in_url" Violation
        "The address of a call carries what looks like credentials; addresses end up in logs."
        "请求地址里带有疑似凭据；地址会被写入各种日志。";
    Unresolved "unresolved" Warning
        "The client asked, but does not know the outcome yet."
        "客户端查询过，但尚不知道结果。";
    ResolvedLate "resolved_late" Warning
        "The outcome stayed unknown for longer than a day."
        "结果超过一天才得以明确。";
    MissedReturn "missed_return" Warning
        "The money came back after the client had called it succeeded, and it still says so."
        "客户端认为成功之后款项被退回，而它没有更新。";
    IgnoredRetryAfter "ignored_retry_after" Warning
        "The same kind of call came again before Retry-After was over."
        "Retry-After 指定的时间未到，就再次发起同类请求。";
    Hammering "hammering" Warning
        "More than ten status queries of one reference within a second."
        "一秒之内对同一流水号查询状态超过十次。";
    InexactAmount "inexact_amount" Warning
        "An amount has more decimals than its currency, or an exponent: it was probably a float."
        "金额的小数位超过币种允许的位数，或带有指数：很可能用了浮点数。";
}

impl Kind {
    /// The lesser kinds that a finding of this kind explains: of one sin only the gravest name is kept.
    pub(super) fn explains(self) -> &'static [Self] {
        use Kind as K;
        match self {
            K::PaidTwice | K::PaidOutTwice => {
                &[K::NewReferenceAfterAmbiguous, K::ResentBlindly, K::NoStatusQuery, K::Unresolved]
            }
            K::NewReferenceAfterAmbiguous | K::ResentBlindly | K::SameReferenceOtherBytes => {
                &[K::NoStatusQuery, K::Unresolved]
            }
            K::PaidWrong => &[K::SameReferenceOtherBytes, K::NoStatusQuery, K::Unresolved],
            K::ReturnedTwice => &[K::CancelSentAgain, K::NoStatusQuery, K::Unresolved],
            K::ActedOnForgedCallback
            | K::MisreadDuplicate
            | K::ClientSaysFailedButPaid
            | K::ClientSaysPaidButNot
            | K::SuccessWithoutEvidence
            | K::FailureWithoutEvidence => &[K::NoStatusQuery, K::Unresolved],
            K::NoStatusQuery => &[K::Unresolved],
            _ => &[],
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.name())
    }
}
