//! What happens at Payoneer without any node: payees are blocked, money comes in, payouts come back, another system of
//! the merchant's uses a reference. Nothing of the gateway is called here.

use crate::merchant;
use crate::plan::{Act, Plan};
use crate::stage::{Shared, sometimes};
use sandbox::world::{Amount, Currency, NewPayment};

/// Acts that happen at Payoneer, not at a node. Whether this was one.
pub(crate) fn happen(act: &Act, plan: &Plan, shared: &Shared) -> bool {
    let mut stage = shared.lock();
    let reason = "simulated";
    let done = match act {
        Act::Block { payee } => stage.world.block_payee(&merchant::payee(*payee), None),
        Act::Fund { payee } => {
            let account = stage.world.account_by_email(&merchant::email(*payee)).unwrap().id.clone();
            stage.world.fund_account(&account, Amount::whole(100), Currency::USD)
        }
        Act::FailPayout { order } => {
            let reference = plan.payouts[*order].reference.clone().unwrap_or_default();
            let waits = stage.world.payout(&reference);
            let waits = waits.is_some_and(|p| p.status == sandbox::world::PayoutStatus::Pending);
            if waits { stage.world.fail_payout(&reference, 10_009, reason).map(|_| ()) } else { Ok(()) }
        }
        Act::Foreign { order } => {
            let order = &plan.charges[*order];
            let reference = order.reference.clone().unwrap_or_default().to_lowercase();
            let payment = NewPayment {
                client_reference_id: reference.clone(),
                payee_id: merchant::payee(order.payee),
                amount: Amount::from_hundredths(1).unwrap(),
                currency: Currency::USD,
                description: reason.to_owned(),
            };
            let done = stage.world.create_charge(payment).map(|_| ());
            if done.is_ok() {
                stage.foreign.insert(reference);
            }
            done
        }
        _ => return false,
    };
    stage.note(format_args!("at Payoneer: {act:?}: {done:?}"));
    match act {
        Act::Block { .. } if done.is_ok() => sometimes!(stage, "Payoneer blocked a payee"),
        Act::FailPayout { .. } if done.is_ok() => sometimes!(stage, "Payoneer was asked to cancel a payout"),
        Act::Foreign { .. } if done.is_ok() => sometimes!(stage, "somebody else had used the reference"),
        _ => {}
    }
    true
}
