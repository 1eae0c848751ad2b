//! Worlds beside each other in one sandbox: none sees another, whatever happens there.

use sandbox::faults::{Cut, Fault, Kind, NewRule, Profile};
use sandbox::{MOST_NAMESPACES, Namespace, Sandbox};
use serde_json::json;

use crate::support::{Answer, client, control, epoch, options, payment, send, start};

const MONEY: &str = "v2/programs/100012345";

/// A call of the imitated API in a namespace.
async fn v2(namespace: &Namespace, method: &str, path: &str, body: &str) -> Answer {
    let url = format!("{}/{MONEY}/{path}", namespace.url());
    let request = client().request(method.parse().unwrap(), url).basic_auth("demo", Some("demo-api-password"));
    send(if body.is_empty() { request } else { request.body(body.to_owned()) }).await
}

async fn charge(namespace: &Namespace, reference: &str) -> u16 {
    v2(namespace, "POST", "charges", &payment("Test123", "1", reference)).await.status
}

async fn get(namespace: &Namespace, path: &str) -> Answer {
    send(client().get(format!("{}/{path}", namespace.url()))).await
}

#[tokio::test]
async fn what_happens_in_one_world_is_not_seen_in_another() {
    let sandbox = start().await;
    let (a, b) = (sandbox.namespace("a").unwrap(), sandbox.namespace("b").unwrap());
    assert_eq!((a.name(), a.url().to_owned()), ("a", format!("{}/ns/a", sandbox.url())));
    a.add_fault(NewRule::once("create_charge", Fault::new(Cut::BeforeRead, Kind::ServerError))).unwrap();
    assert_eq!([charge(&b, "r").await, charge(&sandbox, "r").await], [200, 200], "the fault is a's");
    assert_eq!([charge(&a, "r").await, charge(&a, "r").await], [503, 200]);
    let counts = |n: &Namespace| n.with_world(|w| (w.charges().count(), w.exchanges().count()));
    assert_eq!((counts(&a), counts(&b), counts(&sandbox)), ((1, 2), (1, 1), (1, 1)));

    a.advance_to(epoch().plus_seconds(5)).await;
    assert!(a.with_world(|w| w.charge("r").unwrap().settled_at.is_some()));
    assert_eq!(b.with_world(|w| (w.now(), w.charge("r").unwrap().settled_at)), (epoch(), None), "b's clock stands");
    assert!(!a.verdict().clean, "it never asked after the 503");
    b.assert_clean();
    sandbox.assert_clean();

    // The namespace's own pages and links lead back into it.
    let link = v2(&b, "POST", "payees/registration-link", r#"{"payee_id":"p"}"#).await.json();
    let link = link["registration_link"].as_str().unwrap().to_owned();
    assert!(link.starts_with(&format!("{}/partners/lp.aspx?token=", b.url())), "{link}");
    assert_eq!(send(client().get(&link)).await.status, 200);
    let elsewhere = link.replace("/ns/b/", "/ns/a/");
    assert_eq!(send(client().get(elsewhere)).await.status, 404, "the token is b's");
}

#[tokio::test]
async fn a_namespace_is_made_on_first_use_or_by_name_and_forgotten() {
    let sandbox = start().await;
    let first = send(client().get(format!("{}/ns/first/_sandbox/health", sandbox.url()))).await.json();
    assert_eq!((&first["url"], &first["seed"]), (&json!(format!("{}/ns/first", sandbox.url())), &json!(1)));
    let made = control(&sandbox, "POST", "namespaces", r#"{"name":"second","seed":7}"#).await;
    assert_eq!((made.status, &made.json()["seed"]), (201, &json!(7)));
    assert_eq!(control(&sandbox, "POST", "namespaces", r#"{"name":"second"}"#).await.status, 201, "it is there");
    assert_eq!(control(&sandbox, "POST", "namespaces", r#"{"name":"second","seed":8}"#).await.status, 409);
    let names = control(&sandbox, "GET", "namespaces", "").await.json();
    let names: Vec<_> = names["data"].as_array().unwrap().iter().map(|n| n["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["first", "second"]);

    let second = sandbox.namespace("second").unwrap();
    assert_eq!(charge(&second, "r").await, 200);
    assert_eq!(control(&sandbox, "GET", "namespaces/second", "").await.json()["charges"], 1);
    assert_eq!(control(&sandbox, "DELETE", "namespaces/second", "").await.status, 204);
    assert_eq!(control(&sandbox, "DELETE", "namespaces/second", "").await.status, 404);
    assert_eq!(sandbox.namespace("second").unwrap().with_world(|w| w.charges().count()), 0, "a new one");

    for bad in ["", ".", "..", "a b", "ä", &"x".repeat(41)] {
        assert!(sandbox.namespace(bad).is_err(), "{bad}");
    }
    assert_eq!(send(client().get(format!("{}/ns/a%20b/_sandbox/health", sandbox.url()))).await.status, 422);
    let foreign = client().get(format!("{}/ns/foreign/", sandbox.url())).header("sec-fetch-site", "cross-site");
    assert_eq!(send(foreign).await.status, 404, "another site's page makes none");
    for n in sandbox.namespaces().len()..MOST_NAMESPACES {
        sandbox.namespace(&format!("n{n}")).unwrap();
    }
    assert!(sandbox.namespace("one-more").is_err());
    let full = send(client().get(format!("{}/ns/one-more/_sandbox/health", sandbox.url()))).await;
    assert_eq!((full.status, &full.json()["error"]["code"]), (507, &json!("full")));
    assert_eq!(send(client().get(format!("{}/ns/first/_sandbox/health", sandbox.url()))).await.status, 200);
}

/// Some minutes in one namespace under chaos, and everything that can be read of it afterwards.
async fn life(namespace: &Namespace) -> Vec<String> {
    namespace.set_chaos(Profile::named("overloaded").unwrap().chaos(5, ""));
    for n in 0..40 {
        charge(namespace, &format!("r{n}")).await;
        if n % 5 == 0 {
            let now = namespace.with_world(|w| w.now());
            namespace.advance_to(now.plus_seconds(7)).await;
        }
    }
    let mut read = Vec::new();
    for path in ["journal?limit=1000", "record", "exchanges?limit=1000", "charges?limit=1000", "verdict", "snapshot"] {
        read.push(get(namespace, &format!("_sandbox/{path}")).await.text);
    }
    read
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_namespaces_journal_is_the_same_to_the_byte_whatever_the_others_do() {
    let alone = Sandbox::start(options()).await.unwrap();
    let alone = life(&alone.namespace("a").unwrap()).await;
    let sandbox = Sandbox::start(options()).await.unwrap();
    let mut others = tokio::task::JoinSet::new();
    for name in ["b", "c", "d"] {
        let other = sandbox.namespace(name).unwrap();
        others.spawn(async move { life(&other).await });
    }
    // The sandbox's own world is busy, too.
    for n in 0..10 {
        charge(&sandbox, &format!("own{n}")).await;
    }
    let beside = life(&sandbox.namespace("a").unwrap()).await;
    let others: Vec<_> = others.join_all().await;
    // Addresses hold the port of their sandbox, so these are compared without.
    assert_eq!(beside, alone);
    assert!(others.iter().all(|other| other[1] != alone[1]), "the namespace is part of chaos");
}

#[tokio::test]
async fn every_page_of_a_namespace_stays_in_it() {
    let sandbox = start().await;
    let space = sandbox.namespace("a").unwrap();
    assert_eq!(charge(&space, "r").await, 200);
    let mut open: Vec<String> = vec!["/ns/a/".to_owned()];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) || seen.len() > 300 {
            continue;
        }
        let page = send(client().get(format!("{}{path}", sandbox.url()))).await;
        assert_eq!(page.status, 200, "{path}");
        for address in page.text.split("=\"/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(address.starts_with("ns/a/"), "{path} leads to /{address}");
            if address.starts_with("ns/a/backoffice") {
                open.push(format!("/{}", address.replace("&#38;", "&")));
            }
        }
    }
    assert!(seen.len() > 20, "{seen:?}");

    let form = client().post(format!("{}/backoffice/fund", space.url())).body("amount=5");
    let form = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
        .execute(form.build().unwrap());
    let answer = form.await.unwrap();
    assert_eq!(answer.headers()["location"], "/ns/a/backoffice?done=funded");
    assert_eq!(space.with_world(|w| w.program_balance().to_string()), "10205.00");
    assert_eq!(sandbox.with_world(|w| w.program_balance().to_string()), "10200.00");
    let chosen = send(client().get(format!("{}/backoffice?lang=zh", space.url()))).await;
    assert!(chosen.headers["set-cookie"].to_str().unwrap().contains("Path=/ns/a/;"), "{:?}", chosen.headers);
}
