//! What is true about money, mandates, charges, attempts, refunds and payouts. Pure: no I/O, no clock, no randomness.
