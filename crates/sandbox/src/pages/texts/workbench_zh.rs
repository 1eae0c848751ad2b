//! The pages for tests, in Simplified Chinese.
//! Sentences only; where they stand is said by the shapes.

use super::workbench::{FaultsText, InspectorText, ReferencesText};
use crate::faults::{Cut, Kind};
use crate::world::{Answered, SameReference, Says, StatusAbsent, Transition};

/// Answers that Payoneer documents nowhere.
pub(super) const REFERENCES: ReferencesText = ReferencesText {
    title: "参考号",
    intro: "参考号重复使用会怎样、状态查询会返回什么，Payoneer 之外无人知晓。\
            每种可能都是一个开关；正确的客户端在任何组合下都应当安全。",
    yes: "是",
    no: "否",
    used_title: "用已使用的参考号再次扣款",
    same_reference: "处理方式",
    same: |same| match same {
        SameReference::Refused => "拒绝，返回代码 10704",
        SameReference::Replayed => "返回成功，但不再扣款",
        SameReference::Taken => "受理为另一笔扣款",
    },
    memory: "多少秒后不再记得参考号",
    memory_hint: "留空表示永远记得。",
    case_matters: "大小写不同视为不同的参考号",
    free_after_cancel: "扣款取消后可再次使用",
    races: "同时到达的两笔都受理",
    status_title: "状态查询",
    lag: "新交易多少秒后才能查到",
    lag_hint: "0 表示立即可查。",
    absent_label: "从未发送过的参考号如何答复",
    absent: |absent| match absent {
        StatusAbsent::Empty => "HTTP 404，内容为 {}",
        StatusAbsent::NotFound => "HTTP 404，代码 10311",
        StatusAbsent::BadRequest => "HTTP 400，代码 10311",
    },
    close_title: "连接关闭",
    survives_close: "客户端发完最后一个字节即关闭连接时，仍然执行该请求",
    nasty: "全部取最不利的答复",
    kind: "全部取最有利的答复",
    bad_seconds: "请填写整数秒，最多一年。",
};

/// Faults, scenarios, chaos.
pub(super) const FAULTS: FaultsText = FaultsText {
    title: "故障",
    intro: "让调用出错，观察您的客户端如何应对。每个故障都说明出错之前调用是否已经执行：要不要付出代价，就看这一点。",
    optional: "可不填。",
    star: "可不填；末尾的 * 代表任意内容。",
    joint: "：",
    rules_title: "生效中的规则",
    rules_empty: "目前没有安排任何故障。可在下方运行场景或添加规则。",
    rule: "规则",
    operation_label: "调用",
    any: "任意调用",
    operation,
    fault: "故障",
    cut_label: "位置",
    cut,
    kind_label: "现象",
    kind,
    when: "仅限",
    fired: "已触发",
    remove: "移除",
    clear: "全部移除",
    removed: "已移除。",
    scenario_title: "运行场景",
    scenario_intro: "对接下来符合条件的调用生效；也可只针对某个参考号或付款用户。",
    scenario: "场景",
    run: "开始",
    ran: |name| format!("场景 {name} 已就绪，将对接下来符合条件的调用生效。"),
    catalogue: "各场景说明，以及正确的客户端应当怎么做",
    correct: "正确的客户端",
    scenario_words: super::scenarios_zh::words,
    chaos_title: "混沌",
    chaos_none: "未启用混沌：只有上面的规则会出错。",
    chaos_on: |profile, seed| format!("{profile}，种子 {seed}。种子与调用相同，故障就相同。"),
    profile: "方案",
    profile_says: |profile| match profile.name {
        "calm" => "一切正常",
        "flaky" => "每十六次调用约有一次出错，多数未执行",
        "lossy_replies" => "十次中有三次已执行但答复丢失或残缺",
        "overloaded" => "十次中有三次被拒绝，部分答复很慢",
        "hostile" => "约一半调用以各种方式出错",
        _ => profile.name,
    },
    seed_hint: "留空则用沙盒自己的种子。",
    chaos_set: "启用",
    chaos_saved: "方案已生效。",
    add_title: "添加规则",
    times: "触发次数",
    times_hint: "0 表示不限次数。",
    skip: "先放过的调用次数",
    seconds: "虚拟秒数",
    seconds_hint: "用于延迟、退回以及迟到执行。",
    delay_ms: "延迟答复的真实毫秒数",
    status: "错误的 HTTP 状态码",
    retry_after: "Retry-After 秒数",
    add: "添加规则",
    added: "规则已生效。",
    met_title: "遇到故障的调用",
    met_empty: "暂无。",
    answer: "答复",
    no_answer: "无",
    effect_label: "执行",
    effect: "已执行",
    no_effect: "未执行",
    bad_number: "请填写整数。",
    bad_seed: "请选择方案，种子须为整数。",
    bad_rule: |bad| format!("未添加：{} 的值不适用。", bad.field),
};

/// What happened to each payment.
pub(super) const INSPECTOR: InspectorText = InspectorText {
    title: "检查器",
    intro: "每笔交易、每位付款用户经历了什么：请求、请求遇到的故障、资金变动、回调。",
    empty: "还没有任何记录。请调用 API，或在“付款用户”中生成链接。",
    start_live: "实时刷新",
    stop_live: "停止刷新",
    charge: "扣款",
    payout: "出款",
    payee: "付款用户",
    request: "请求",
    journal: "资金",
    callback: "回调",
    client: "客户端说",
    planned: "计划中",
    planned_what: |transition| match transition {
        Transition::ApprovePayee { .. } => "审核通过",
        Transition::DeclinePayee { .. } => "审核拒绝",
        Transition::SettleCharge(_) | Transition::SettlePayout(_) => "到账",
        Transition::FailPayment { .. } => "失败",
        Transition::ReturnPayment { .. } => "退回",
    },
    operation,
    memo,
    answered: |answered| match answered {
        Answered::Whole => "已答复",
        Answered::Broken => "答复残缺",
        Answered::Nothing => "未返回任何字节",
    },
    says: |says| match says {
        Says::Pending => "处理中",
        Says::Succeeded => "成功",
        Says::Failed => "失败",
        Says::Unknown => "未知",
    },
    code: "代码",
    no_answer: "无答复",
    effect: "已执行",
    no_effect: "未执行",
    forged: "伪造",
    presumed: "推定：Payoneer 未公布此类回调",
    tried: "尝试",
    fault: "故障",
    more: "详情",
    fail_next: "丢失下一次答复",
    fails: |id| format!("下一次同类调用将执行但丢失答复（规则 {id}）。"),
};

fn operation(word: &str) -> &'static str {
    match word {
        "create_charge" => "发起扣款",
        "charge_status" => "查询扣款",
        "cancel_charge" => "取消扣款",
        "create_payout" => "发起出款",
        "payout_status" => "查询出款",
        "cancel_payout" => "取消出款",
        "payee_status" => "查询付款用户状态",
        "payee_details" => "查询付款用户资料",
        "make_link" => "获取托管页面链接",
        "release_payee" => "解除付款用户",
        "report" => "报表",
        _ => "其他",
    }
}

fn memo(word: &str) -> &'static str {
    match word {
        "charge taken" => "已从付款用户扣出",
        "charge transferred" => "已转入商户项目",
        "charge failed" => "扣款失败，退回付款用户",
        "charge refunded" => "已退还付款用户",
        "payout accepted" => "已从商户项目扣出",
        "payout paid" => "已付给用户",
        "payout cancelled" => "已退回商户项目",
        _ => "资金变动",
    }
}

fn cut(cut: Cut) -> &'static str {
    match cut {
        Cut::BeforeRead => "未执行：读取之前",
        Cut::AfterReadBeforeApply => "未执行：读取之后",
        Cut::AfterApplyBeforeReply => "已执行：答复之前",
        Cut::MidReply => "已执行：答复中途",
        Cut::AfterReplyBeforeCallback => "已执行并答复：之后",
        Cut::CallbackBeforeReply => "已执行：回调先于答复",
        Cut::CallbackNever => "已执行：永不回调",
        Cut::ApplyAfterTimeout => "客户端放弃后才执行",
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Pass => "正常通过",
        Kind::Hang => "连接无响应",
        Kind::Reset => "连接被重置",
        Kind::Close => "连接被关闭",
        Kind::Truncated => "答复只到一半",
        Kind::Garbage => "答复不是 JSON",
        Kind::TooManyRequests => "HTTP 429",
        Kind::ServerError => "HTTP 503",
        Kind::Html => "HTML 页面",
        Kind::EmptyNotFound => "HTTP 404，内容为 {}",
        Kind::Drip => "逐字节返回",
        Kind::Delay => "延迟返回",
        Kind::Late => "回调延迟",
        Kind::Duplicate => "回调重复",
        Kind::Forged => "伪造的回调",
        Kind::Fails => "交易随后失败",
        Kind::Returned => "交易随后退回",
        Kind::Stuck => "交易一直待处理",
    }
}
