//! A merchant's shop: the pages that browsers come back to. It counts who came and with what address.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Html;
use tokio::net::TcpListener;

/// A running shop.
pub(crate) struct Shop {
    url: String,
    visits: Visits,
}

type Visits = Arc<Mutex<Vec<String>>>;

impl Shop {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let visits = Visits::default();
        let router = Router::new().fallback(page).with_state(Arc::clone(&visits));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, visits }
    }

    pub(crate) fn success_url(&self) -> String {
        format!("{}/thanks?order=88&shop=tea", self.url)
    }

    pub(crate) fn cancel_url(&self) -> String {
        format!("{}/basket", self.url)
    }

    pub(crate) fn return_url(&self) -> String {
        format!("{}/account", self.url)
    }

    /// How often a browser came to that address.
    pub(crate) fn visits(&self, address: &str) -> usize {
        let visits = self.visits.lock().unwrap();
        visits.iter().filter(|visit| address.strip_prefix(&self.url) == Some(visit.as_str())).count()
    }
}

async fn page(State(visits): State<Visits>, uri: Uri) -> Html<String> {
    visits.lock().unwrap().push(uri.to_string());
    let id = uri.path().trim_start_matches('/');
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><link rel=\"icon\" href=\"data:,\">\
         <title>The tea shop</title><body><h1 id=\"{id}\">{id}</h1></body></html>"
    ))
}
