//! What the pages must say, in both languages. Written out here and not taken from the pages' own texts.

use api::authorization_session::Language;

/// The texts that the journeys look for.
pub(crate) struct Words {
    pub(crate) language: Language,
    pub(crate) goods: &'static str,
    pub(crate) authorize: &'static str,
    pub(crate) sign_up: &'static str,
    pub(crate) emails_differ: &'static str,
    pub(crate) log_in: &'static str,
    pub(crate) wrong_password: &'static str,
    pub(crate) consent: &'static str,
    pub(crate) approved: &'static str,
    pub(crate) rejected: &'static str,
    pub(crate) declined: &'static str,
    pub(crate) confirm: &'static str,
    pub(crate) pay: &'static str,
    pub(crate) processing: &'static str,
    pub(crate) paid: &'static str,
    pub(crate) not_approved: &'static str,
    pub(crate) not_confirmed_yet: &'static str,
    pub(crate) back_to_payment: &'static str,
}

impl Words {
    /// `en` or `zh`.
    pub(crate) fn tag(&self) -> &'static str {
        self.language.as_str()
    }
}

pub(crate) static ENGLISH: Words = Words {
    language: Language::English,
    goods: "Two teapots & one cup",
    authorize: "Connect your Payoneer account",
    sign_up: "Create your Payoneer account",
    emails_differ: "The two e-mail addresses differ.",
    log_in: "Log in to your Payoneer account",
    wrong_password: "The e-mail address or the password is not right.",
    consent: "Allow Tea & Time to charge your balance?",
    approved: "Your account is linked",
    rejected: "Your application was not approved",
    declined: "You declined",
    confirm: "Confirm your payment",
    pay: "Pay 12.50 USD",
    processing: "Your payment is being processed",
    paid: "Paid",
    not_approved: "Payoneer did not approve",
    not_confirmed_yet: "Waiting for Payoneer",
    back_to_payment: "Back to the payment",
};

pub(crate) static CHINESE: Words = Words {
    language: Language::Chinese,
    goods: "两把茶壶和一只茶杯",
    authorize: "关联您的 Payoneer 账户",
    sign_up: "注册 Payoneer 账户",
    emails_differ: "两次输入的电子邮箱不一致。",
    log_in: "登录 Payoneer 账户",
    wrong_password: "电子邮箱或密码不正确。",
    consent: "允许“Tea & Time”从您的余额中扣款？",
    approved: "授权成功",
    rejected: "您的申请未获批准",
    declined: "您已拒绝授权",
    confirm: "确认付款",
    pay: "支付 12.50 USD",
    processing: "付款处理中",
    paid: "付款成功",
    not_approved: "Payoneer 未通过授权",
    not_confirmed_yet: "正在等待 Payoneer 确认",
    back_to_payment: "返回付款页面",
};
