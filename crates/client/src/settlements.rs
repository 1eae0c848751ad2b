//! What operators say about the unknown. Answered with the resource; its `settlement` says whether another must agree.

use crate::{Client, Error};
use api::{Charge, Payout, Refund, Settle, SettlePayout, WithdrawSettlement};

impl Client {
    /// Says what became of an unknown charge.
    pub async fn settle_charge(&self, id: &str, said: &Settle) -> Result<Charge, Error> {
        self.post(&["v1", "charges", id, "settle"], said).await
    }

    /// Takes the open proposal about a charge back.
    pub async fn withdraw_charge_settlement(&self, id: &str, why: &WithdrawSettlement) -> Result<Charge, Error> {
        self.post(&["v1", "charges", id, "settle", "withdraw"], why).await
    }

    /// Says what became of an unknown refund.
    pub async fn settle_refund(&self, id: &str, said: &Settle) -> Result<Refund, Error> {
        self.post(&["v1", "refunds", id, "settle"], said).await
    }

    /// Takes the open proposal about a refund back.
    pub async fn withdraw_refund_settlement(&self, id: &str, why: &WithdrawSettlement) -> Result<Refund, Error> {
        self.post(&["v1", "refunds", id, "settle", "withdraw"], why).await
    }

    /// Says what became of an unknown payout, or of its cancel.
    pub async fn settle_payout(&self, id: &str, said: &SettlePayout) -> Result<Payout, Error> {
        self.post(&["v1", "payouts", id, "settle"], said).await
    }

    /// Takes the open proposal about a payout back.
    pub async fn withdraw_payout_settlement(&self, id: &str, why: &WithdrawSettlement) -> Result<Payout, Error> {
        self.post(&["v1", "payouts", id, "settle", "withdraw"], why).await
    }
}
