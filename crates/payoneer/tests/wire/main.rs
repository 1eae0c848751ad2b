//! The client over real sockets on the loopback address: every fault of the network, and the manners of either transport.
//! What answers prove in the abstract is tested beside the classifier.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected should stop there")]

mod faults;
mod manners;
mod queries;
mod server;

use std::time::Duration;

use payoneer::secrecy::SecretString;
use payoneer::{
    Answer, Client, Config, CreateCharge, Currency, Description, Environment, PayeeId, Reference, Timeouts,
};

/// The Basic credentials of [`client`], as they stand in the header.
const CREDENTIALS: &str = "ZGVtbzpkZW1vLWFwaS1wYXNzd29yZA==";

/// A client of this base address. Its deadlines are short where a test waits for them, long where it must not.
fn client_with(base: &str, timeouts: Timeouts) -> Client {
    let environment: Environment = base.parse().unwrap();
    let password = SecretString::from("demo-api-password");
    Client::new(&Config { timeouts, ..Config::new(environment, "100012345", "demo", password) }).unwrap()
}

fn client(base: &str) -> Client {
    client_with(base, Timeouts::default())
}

/// Deadlines for tests in which the peer stays silent.
fn impatient() -> Timeouts {
    let short = Duration::from_millis(300);
    Timeouts { connect: short, money: short, query: short }
}

fn charge() -> CreateCharge {
    CreateCharge::new(
        PayeeId::new("ID123").unwrap(),
        "1.2".parse().unwrap(),
        Currency::new("USD").unwrap(),
        reference(),
        Description::new("Charge test").unwrap(),
    )
    .unwrap()
}

fn reference() -> Reference {
    Reference::new("test_88").unwrap()
}

async fn send(client: &Client) -> Answer {
    client.send_charge(&charge().to_bytes(), &charge().expected()).await
}
