//! A permit is used up when it is opened, and so is what it opened to.

fn send_twice(permit: store::SendPermit) {
    let first = permit.open().into_body();
    let second = permit.open().into_body();
    drop((first, second));
}

fn body_twice(permit: store::SendPermit) {
    let sendable = permit.open();
    let copy = sendable.clone();
    drop((sendable, copy));
}

fn main() {}
