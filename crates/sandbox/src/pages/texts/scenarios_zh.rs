//! The catalogue of scenarios in Simplified Chinese: what happens, and what a correct client does.
//! Sentences only; what each scenario is made of is said in the catalogue.

use crate::faults::Scenario;

const ASK_SAME: &str = "把扣款保持为未知，用同一参考号查询状态，绝不换新参考号再扣。";
const NOT_PROOF: &str = "不把该答复当作证据：保持未知，用同一参考号查询。";
const SAME_AS_LOST: &str = "无法与答复丢失区分：用同一参考号查询状态，不再发起第二笔扣款。";
const PAYOUT_SAME: &str = "把出款保持为未知，用同一参考号查询，绝不换新参考号再付。";
const GOES_ON: &str = "不把最初的 404 当作不存在的证据：继续用同一参考号查询。";

/// The words of a scenario; those of one that is not translated yet are English.
pub(super) fn words(scenario: &'static Scenario) -> (&'static str, &'static str) {
    charges(scenario.name)
        .or_else(|| payouts(scenario.name))
        .or_else(|| callbacks(scenario.name))
        .or_else(|| payees(scenario.name))
        .unwrap_or((scenario.happens, scenario.correct))
}

fn charges(name: &str) -> Option<(&'static str, &'static str)> {
    lost(name).or_else(|| turned_away(name)).or_else(|| afterwards(name))
}

fn lost(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "reply_lost_after_charge" => ("扣款已执行；答复之前连接被重置。", ASK_SAME),
        "reply_closed_after_charge" => ("扣款已执行；连接未返回任何字节即关闭。", ASK_SAME),
        "reply_truncated_after_charge" => ("扣款已执行；答复只到一半便结束。", ASK_SAME),
        "reply_reset_mid_charge" => ("扣款已执行；答复到一半时连接被重置。", ASK_SAME),
        "reply_hangs_after_charge" => {
            ("扣款已执行；连接一直打开却无响应。", "到自己的时限即放弃等待，保持未知，用同一参考号查询。")
        }
        "reply_late_after_charge" => {
            ("扣款立即执行；45 虚拟秒之后才答复。", "到自己的时限即放弃；迟到的答复不改变任何事，以状态查询为准。")
        }
        "reply_drips_after_charge" => ("扣款已执行；答复逐字节返回。", "时限按整个答复计算，而不是按每个字节计算。"),
        "garbage_after_charge" => ("扣款已执行；返回 HTTP 200，但内容不是 JSON。", NOT_PROOF),
        "html_page_after_charge" => ("扣款已执行；返回的却是代理服务器的 HTML 页面。", NOT_PROOF),
        "server_error_after_charge" => ("扣款已执行；却返回 HTTP 503。", NOT_PROOF),
        "rate_limited_after_charge" => {
            ("扣款已执行；却返回 HTTP 429。", "按 Retry-After 等待，然后先用同一参考号查询。")
        }
        "not_found_after_charge" => ("扣款已执行；返回的却是空的 404。", NOT_PROOF),
        _ => return None,
    })
}

fn turned_away(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "charge_reset_before_read" => ("连接被重置；扣款未执行。", SAME_AS_LOST),
        "charge_closed_before_read" => ("连接未返回任何字节即关闭；扣款未执行。", SAME_AS_LOST),
        "charge_hangs_before_read" => ("连接无响应；扣款未执行。", "到自己的时限即放弃等待，用同一参考号查询。"),
        "charge_rate_limited" => (
            "两笔扣款以 HTTP 429 和 Retry-After 被拒绝；均未执行。",
            "Retry-After 到期之前不再发送，之后用同一参考号查询。",
        ),
        "charge_unavailable" => ("返回 HTTP 503；扣款未执行。", NOT_PROOF),
        "charge_taken_after_timeout" => ("连接无响应；一虚拟分钟后扣款才执行，因此最初的查询查不到。", GOES_ON),
        "charge_taken_after_error" => {
            ("立即返回 HTTP 503；一虚拟分钟后扣款仍被执行。", "不把 503 当作不存在的证据：继续用同一参考号查询。")
        }
        "status_unavailable_after_lost_reply" => {
            ("扣款已执行但答复丢失；随后三次状态查询返回 HTTP 503。", "以逐渐加长的间隔继续查询；其间扣款保持未知。")
        }
        "status_not_found_after_lost_reply" => {
            ("扣款已执行但答复丢失；随后两次状态查询得到空的 404。", "不把空的 404 当作没有这笔扣款的证据。")
        }
        "status_rate_limited_after_lost_reply" => {
            ("扣款已执行但答复丢失；随后两次状态查询返回 HTTP 429。", "按 Retry-After 等待后再查询。")
        }
        "status_garbage" => ("状态查询的答复不是 JSON。", "不从中得出任何结论，稍后再查。"),
        "status_hangs" => ("状态查询永远得不到答复。", "到自己的时限即放弃，稍后再查；查询可以重复。"),
        _ => return None,
    })
}

fn afterwards(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "charge_fails_after_acceptance" => {
            ("扣款以代码 0 受理，一虚拟秒后失败。", "不把受理当作结束：用状态查询确认，并报告矛盾。")
        }
        "charge_returned_after_transfer" => {
            ("扣款已到账，一虚拟分钟后退回付款用户。", "发现已完成的扣款发生了变化，并通知人员。")
        }
        "charge_stays_pending" => ("扣款已受理，并一直待处理。", "保持处理中并继续查询；一天之后通知人员。"),
        "reply_lost_after_refund" => ("扣款已退回；答复之前连接被重置。", "再次取消之前先查询扣款状态；只退一次。"),
        "refund_reset_before_read" => {
            ("连接被重置；扣款未退回。", "查询扣款状态；可以再次取消，因为重复取消不会改变结果。")
        }
        "refund_taken_after_timeout" => ("连接无响应；一虚拟分钟后扣款才退回。", "把退款保持为未知并继续查询。"),
        "errors_come_as_200" => ("Payoneer 的拒绝以 HTTP 200 和非 0 代码返回。", "看代码，而不是看 HTTP 状态。"),
        "success_word_is_done" => {
            ("已完成的扣款状态为 DONE，而不是 Transferred。", "两个词都认识；不认识的词不能证明任何事。")
        }
        _ => return None,
    })
}

fn payouts(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "reply_lost_after_payout" => ("出款已执行；答复之前连接被重置。", PAYOUT_SAME),
        "reply_truncated_after_payout" => ("出款已执行；答复只到一半便结束。", PAYOUT_SAME),
        "payout_reset_before_read" => ("连接被重置；出款未执行。", PAYOUT_SAME),
        "payout_taken_after_timeout" => ("连接无响应；一虚拟分钟后出款才执行。", GOES_ON),
        "payout_status_unavailable" => ("三次出款查询返回 HTTP 503。", "以逐渐加长的间隔再次查询。"),
        "payout_returned_after_transfer" => {
            ("出款已到账；一虚拟分钟后被银行退回。", "对已付出款继续关注，并将退回入账。")
        }
        "payout_fails_after_acceptance" => ("出款已受理，一虚拟秒后被取消。", "不把受理当作已付。"),
        "payout_stays_pending" => ("出款已受理，并一直待处理。", "继续查询，最终通知人员。"),
        "reply_lost_after_payout_cancel" => {
            ("出款已取消；答复之前连接被重置。", "改用其他方式付款之前先查询该笔出款。")
        }
        _ => return None,
    })
}

fn callbacks(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "duplicate_callback" => ("该交易的每个回调都来两次。", "只处理一次；第二次不改变任何事。"),
        "late_callback" => ("该交易的每个回调都迟到一虚拟分钟。", "其间已自行查询；迟到的回调不改变任何事。"),
        "callback_before_reply" => (
            "交易已完成，回调先于调用的答复到达。",
            "发送之前就知道自己的参考号；回调只触发一次查询，随后的答复也不会造成影响。",
        ),
        "callback_before_lost_reply" => ("回调到达了，答复却永远不来。", "由回调触发查询，并以查询为准。"),
        "missing_callback" => ("交易成功，但永远没有回调。", "不依赖回调：主动查询。"),
        "reply_and_callback_lost" => ("交易已执行；答复和回调都永远不来。", "用同一参考号查询，直到知道结果。"),
        "forged_callback" => (
            "收到一个 Payoneer 从未发出、签名错误的回调，声称交易成功。",
            "验证签名，即便通过也只是去查询：任何结果都不由回调决定。",
        ),
        _ => return None,
    })
}

fn payees(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "payee_status_unavailable" => {
            ("三次付款用户状态查询返回 HTTP 503。", "把失败当作没有答复：既不算有效，也不算无效。")
        }
        "payee_status_empty_not_found" => {
            ("付款用户状态查询得到空的 404。", "没有 Payoneer 代码的 404 不能证明付款用户不存在。")
        }
        "reply_lost_after_link" => {
            ("链接已生成；答复之前连接被重置。", "再次获取链接：同一付款用户和会话得到同一链接。")
        }
        "forged_approval" => {
            ("刚生成链接，就收到签名错误的回调，声称审核通过。", "验证签名，并在扣款之前查询付款用户状态。")
        }
        "reply_lost_after_release" => {
            ("付款用户已解除；答复之前连接被重置。", "查询付款用户状态；可以再次解除，并把代码 10005 视为已完成。")
        }
        "payee_waits_for_review" => {
            ("完成页面的付款用户保持待审核，直到被批准。", "无论跳转说什么，付款用户生效之前都不扣款。")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_is_told_in_chinese() {
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        for scenario in Scenario::all() {
            let (happens, correct) = words(scenario);
            assert!(chinese(happens) && chinese(correct), "{}", scenario.name);
        }
    }
}
