//! The texts in Simplified Chinese.

use super::{Scene, Texts};

/// Simplified Chinese.
pub(in crate::pages) static ZH: Texts = Texts {
    name: "简体中文",
    tag: "zh-CN",
    switch: "以简体中文显示本页",
    test_mode: "测试环境：不会产生真实扣款。",
    foot: "款项将从您的 Payoneer（派安盈）余额中支付。只有在 Payoneer 自己的页面上才会要求您输入 Payoneer 密码。",

    pay_to: "收款方",
    amount: "金额",
    description: "用途",
    reference: "订单号",

    authorize: Scene {
        heading: "关联您的 Payoneer 账户",
        text: "首次付款前，请先在 Payoneer 授权该商户。您可以直接登录，没有账户也可以注册。此步骤不会扣款，完成后将回到本页由您确认付款。",
    },
    authorize_again: Scene {
        heading: "请重新关联您的 Payoneer 账户",
        text: "此前的授权已失效，请在 Payoneer 重新授权该商户后继续。此步骤不会扣款。",
    },
    in_review: Scene {
        heading: "Payoneer 正在审核您的账户",
        text: "通常需要几分钟，有时会更久。目前没有扣款。您可以保持本页打开，也可以稍后再访问本页地址。",
    },
    suspended: Scene {
        heading: "该账户已被 Payoneer 停用",
        text: "暂时无法用于付款，也没有扣款。请联系 Payoneer 客服。",
    },
    declined: Scene {
        heading: "Payoneer 未通过授权", text: "授权被拒绝，因此无法付款，也没有扣款。"
    },
    confirm: Scene { heading: "确认付款", text: "您的 Payoneer 账户已关联，请核对金额。" },
    processing: Scene {
        heading: "付款处理中",
        text: "正在等待 Payoneer 的结果。请不要重复付款：无论发生什么情况，这笔款项最多只会支付一次。",
    },
    paid: Scene { heading: "付款成功", text: "谢谢！正在返回商户页面。" },
    refunded: Scene { heading: "该笔付款已退回", text: "款项正在退回您的 Payoneer 余额。" },
    expired: Scene { heading: "付款页面已过期", text: "没有扣款。请从商户处重新发起付款。" },
    failed: Scene { heading: "付款未成功", text: "没有扣款。" },
    not_sent: Scene {
        heading: "暂时无法连接 Payoneer", text: "请求没有发出，也没有扣款。请稍后再试。"
    },
    canceled: Scene {
        heading: "该笔付款已撤销", text: "没有扣款。您可以重新付款，或返回商户。"
    },
    leaving: Scene { heading: "正在前往 Payoneer", text: "完成后您将回到本页。" },
    returning: Scene {
        heading: "正在等待 Payoneer 确认",
        text: "Payoneer 尚未确认您的账户关联，通常只需几秒钟。如果您没有在 Payoneer 页面完成授权，请回到该页面继续。",
    },
    not_authorized: Scene {
        heading: "您的账户尚未关联", text: "授权已结束或已被撤回，请从商户处重新开始。"
    },
    not_found: Scene {
        heading: "页面不存在", text: "地址不完整或已失效，请重新使用商户提供的链接。"
    },
    foreign_form: Scene {
        heading: "请从付款页面操作",
        text: "该请求并非来自本站页面，因此没有执行任何操作。请打开付款页面，使用页面上的按钮。",
    },
    unavailable: Scene {
        heading: "暂时无法使用",
        text: "请稍后再查看。如果您刚刚付过款，请放心：任何款项都不会被重复支付。",
    },
    unpayable: Scene {
        heading: "该笔款项无法支付", text: "没有扣款。请返回商户，重新获取付款页面。"
    },

    looking: "本页会自动更新。",
    stopped_looking: "用时比平常更久。您可以关闭本页，结果会通知商户。",
    consent: |merchant| format!("点击付款即表示您同意 {merchant} 从您的 Payoneer 余额中扣除这一笔款项。"),

    pay: |money| format!("支付 {money}"),
    authorize_button: "前往 Payoneer 授权",
    try_again: |money| format!("重试支付 {money}"),
    look_again: "重新查看",
    go_on: "继续",
    back_to_payoneer: "回到 Payoneer 页面",
    back_to_payment: "返回付款页面",
    back_to: |merchant| format!("返回 {merchant}"),

    reason_balance: "您的 Payoneer 余额不足，请充值后重试。",
    reason_currency: "Payoneer 不接受您的账户以该金额或币种付款。",
    reason_account: "您的 Payoneer 账户未处于可用状态，请联系 Payoneer 客服。",
    reason_authorization: "您对该商户的 Payoneer 授权已失效。",
    reason_other: "Payoneer 拒绝了这笔付款。",
    audit: |number| format!("Payoneer 流水号：{number}"),
    request: |id| format!("如需帮助，请提供此编号：{id}"),
};
