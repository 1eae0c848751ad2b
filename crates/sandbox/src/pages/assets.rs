//! The pages' own files: one style sheet and two drawings, built into the program.
//! No markup and no logic beyond answering with their bytes.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

const STYLE: &str = include_str!("../../assets/sandbox.css");
const MARK: &str = include_str!("../../assets/mark.svg");
const BACKDROP: &str = include_str!("../../assets/backdrop.svg");

/// Where the files are served.
pub(super) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/assets/sandbox.css", get(|| async { file(STYLE, "text/css; charset=utf-8") }))
        .route("/assets/mark.svg", get(|| async { file(MARK, "image/svg+xml") }))
        .route("/assets/backdrop.svg", get(|| async { file(BACKDROP, "image/svg+xml") }))
}

/// Changes whenever the style sheet does, so that browsers may keep it for ever.
pub(super) fn style_print() -> &'static str {
    static PRINT: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(STYLE.as_bytes());
        data_encoding::HEXLOWER.encode(digest.get(..6).unwrap_or_default())
    });
    &PRINT
}

fn file(text: &'static str, kind: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
        ),
    ];
    (headers, text).into_response()
}
