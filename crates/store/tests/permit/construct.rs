//! A permit cannot be made by anyone but the commit of an intent, and neither can an opened one.

fn forge(intent: store::Intent) -> store::SendPermit {
    store::SendPermit { intent }
}

fn forge_opened(intent: store::Intent) -> store::Sendable {
    store::Sendable { intent }
}

fn main() {}
