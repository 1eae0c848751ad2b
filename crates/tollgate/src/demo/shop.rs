//! The demo's shop: the merchant's front end, so that a person can buy
//! something by hand. Every page says it in English and in Chinese. Loopback
//! only, for as long as the demo runs; no model for a real shop's pages.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use client::api::{Amount, CreateCheckoutSession};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::merchant::Merchant;

/// The user who shops by hand: authorises the first time, pays without a password from then on.
const PAYEE: &str = "you";
const PRICE: &str = "12.50";

/// The running shop.
pub(super) struct Shop {
    url: String,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

#[derive(Clone)]
struct Counter {
    merchant: Merchant,
    url: Arc<str>,
}

impl Shop {
    /// Opens on a free port.
    pub(super) fn open(listener: TcpListener, merchant: Merchant) -> anyhow::Result<Self> {
        let url = format!("http://{}", listener.local_addr()?);
        let counter = Counter { merchant, url: url.as_str().into() };
        let router = Router::new()
            .route("/", get(front))
            .route("/buy", post(buy))
            .route("/paid", get(paid))
            .route("/authorised", get(authorised))
            .route("/left", get(left))
            .with_state(counter);
        let stop = CancellationToken::new();
        let stopping = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move {
            let served = axum::serve(listener, router).with_graceful_shutdown(stopping).await;
            if let Err(error) = served {
                tracing::warn!(%error, "the demo's shop closed");
            }
        });
        Ok(Self { url, stop, serving })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Where browsers come back to after authorisation.
    pub(super) fn return_url(&self) -> String {
        format!("{}/authorised", self.url)
    }

    pub(super) fn close(self) {
        self.stop.cancel();
        // A browser that keeps its connection open must not keep the demo from ending.
        self.serving.abort();
    }
}

/// What is bought, for a checkout page that comes back to the shop.
pub(super) fn purchase(shop: &str, payee_id: &str) -> CreateCheckoutSession {
    CreateCheckoutSession {
        payee_id: payee_id.to_owned(),
        amount: Amount::from(PRICE),
        currency: "USD".to_owned(),
        description: "A teapot".to_owned(),
        success_url: format!("{shop}/paid"),
        cancel_url: Some(format!("{shop}/left")),
        client_reference_id: None,
        language: None,
        expires_in_seconds: None,
    }
}

async fn front(State(_): State<Counter>) -> Html<String> {
    let button = format!(
        "<form method=\"post\" action=\"/buy\"><button>Buy for {PRICE} USD · 购买（{PRICE} 美元）</button></form>"
    );
    page(
        "The demo shop · 演示商店",
        "A teapot. The first time you authorise this shop on the imitation of Payoneer's page; \
         afterwards you pay without leaving the shop's checkout.",
        "一把茶壶。第一次购买时，请在模拟的 Payoneer 页面上为本店授权；之后再买，无需再次授权，直接付款即可。",
        &button,
    )
}

async fn buy(State(counter): State<Counter>) -> Response {
    match counter.merchant.gateway.create_checkout_session(&purchase(&counter.url, PAYEE)).await {
        Ok(session) => Redirect::to(&session.url).into_response(),
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "the demo's shop cannot open a checkout page");
            let html = page("Sorry · 抱歉", "The checkout cannot be opened now.", "暂时无法打开收银台。", BACK);
            (StatusCode::BAD_GATEWAY, html).into_response()
        }
    }
}

const BACK: &str = "<p><a href=\"/\">Back to the shop · 返回商店</a></p>";

async fn paid() -> Html<String> {
    page("Thank you · 谢谢", "Your teapot is paid for.", "茶壶已付款成功。", BACK)
}

async fn authorised() -> Html<String> {
    page("Back in the shop · 已返回商店", "You are back from Payoneer.", "您已从 Payoneer 返回。", BACK)
}

async fn left() -> Html<String> {
    page("Nothing was paid · 未付款", "You left the checkout; nothing was charged.", "您已离开收银台，没有扣款。", BACK)
}

fn page(title: &str, english: &str, chinese: &str, more: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <style>body{{font:1.1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem;\
         color-scheme:light dark}}button{{font:inherit;padding:.7rem 1.2rem}}</style></head>\
         <body><h1>{title}</h1><p>{english}</p><p lang=\"zh-Hans\">{chinese}</p>{more}</body></html>"
    ))
}
