//! A permit cannot be copied.

fn twice(permit: store::SendPermit) -> (store::SendPermit, store::SendPermit) {
    (permit.clone(), permit)
}

fn main() {}
