//! A stateful, deterministic imitation of Payoneer, to develop and test against offline.
