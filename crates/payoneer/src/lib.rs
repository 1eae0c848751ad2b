//! Typed async client for Payoneer's partner API: requests, replies, codes, callbacks, hmacauth.
