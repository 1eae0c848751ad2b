//! What a caller most needs to know after any request about money: may it have moved, and is a repeat safe?
//! How the answer travels (problem documents, HTTP) is the edge's business.

text_enum! {
    /// What is known of a request that can move money.
    pub enum Outcome {
        /// It certainly did not.
        None = "none",
        /// It did.
        Done = "done",
        /// Nobody can say yet.
        Unknown = "unknown",
    }
}

text_enum! {
    /// Whether and how to try again.
    pub enum Retry {
        /// Never: the same request will fail the same way.
        No = "no",
        /// Repeat the same request with the same `Idempotency-Key`.
        SameKey = "same_key",
        /// A new request with a new key, later.
        NewKeyLater = "new_key_later",
        /// After the time that `Retry-After` says.
        AfterTime = "after_time",
        /// After the payee has done something, as a rule authorised.
        AfterPayeeAction = "after_payee_action",
        /// After the request or the configuration has been corrected.
        AfterFix = "after_fix",
    }
}
