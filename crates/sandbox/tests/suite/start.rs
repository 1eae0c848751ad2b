//! Starting and stopping.

use std::net::SocketAddr;

use sandbox::{Options, Sandbox, StartError};

use crate::support::{control, options};

#[tokio::test]
async fn only_loopback_unless_told() {
    let listen: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let refused = Sandbox::start(Options { listen, ..options() }).await;
    assert!(matches!(refused, Err(StartError::NotLoopback(at)) if at == listen));
    let allowed = Sandbox::start(Options { listen, allow_public: true, ..options() }).await.unwrap();
    assert_ne!(allowed.address().port(), 0);
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let first = Sandbox::start(options()).await.unwrap();
    let second = Sandbox::start(Options { listen: first.address(), ..options() }).await;
    assert!(matches!(second, Err(StartError::InUse(at)) if at == first.address()));
    let address = first.address();
    first.shutdown().await;
    let third = Sandbox::start(Options { listen: address, ..options() }).await.unwrap();
    assert_eq!(control(&third, "GET", "health", "").await.status, 200);
}

#[tokio::test]
async fn options_are_checked() {
    for (name, options) in [
        ("program_id", Options { program_id: "x".into(), ..options() }),
        ("program_id", Options { program_id: String::new(), ..options() }),
        ("username", Options { username: "a:b".into(), ..options() }),
        ("public_url", Options { public_url: Some("sandbox.example".into()), ..options() }),
        ("public_url", Options { public_url: Some("https://sandbox.example/x".into()), ..options() }),
    ] {
        let refused = Sandbox::start(options).await;
        assert!(matches!(refused, Err(StartError::Option { name: n, .. }) if n == name), "{name}");
    }
    assert!(!format!("{:?}", options()).contains("demo-api-password"));
}

#[tokio::test]
async fn links_carry_the_public_address() {
    let public_url = Some("https://pay.sandbox.example:8443/".to_owned());
    let sandbox = Sandbox::start(Options { public_url, ..options() }).await.unwrap();
    assert_eq!(sandbox.url(), "https://pay.sandbox.example:8443");
    let url = format!("http://{}/_sandbox/links", sandbox.address());
    let made = crate::support::send(crate::support::client().post(url).body(r#"{"payee_id":"p"}"#)).await;
    let link = made.json()["url"].as_str().unwrap().to_owned();
    assert!(link.starts_with("https://pay.sandbox.example:8443/partners/lp.aspx?token="), "{link}");
}
