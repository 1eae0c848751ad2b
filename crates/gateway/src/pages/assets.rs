//! The files that pages need, inside the binary, under names that change with their content.

use crate::http::{Refused, Segment};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

struct Asset {
    path: String,
    media_type: &'static str,
    content: &'static [u8],
}

impl Asset {
    fn new(stem: &str, extension: &str, media_type: &'static str, content: &'static [u8]) -> Self {
        let hash = HEXLOWER.encode(&Sha256::digest(content)[..8]);
        Self { path: format!("/assets/{stem}-{hash}.{extension}"), media_type, content }
    }
}

static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("page", "css", "text/css; charset=utf-8", include_bytes!("../../assets/page.css")));

static MARK: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("mark", "svg", "image/svg+xml", include_bytes!("../../assets/mark.svg")));

static DOCS_STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("docs", "css", "text/css; charset=utf-8", include_bytes!("../../assets/docs.css")));

/// The address of the style sheet of the page of the API.
pub(super) fn docs_style() -> &'static str {
    &DOCS_STYLE.path
}

/// The address of the style sheet.
pub(super) fn style() -> &'static str {
    &STYLE.path
}

/// The address of the small mark in the browser's tab.
pub(super) fn mark() -> &'static str {
    &MARK.path
}

/// `GET /assets/{file}`
pub(crate) async fn serve(Segment(file): Segment) -> Result<Response, Refused> {
    let asked = format!("/assets/{file}");
    let asset = [&STYLE, &MARK, &DOCS_STYLE].into_iter().find(|asset| asset.path == asked);
    let asset = asset.ok_or_else(|| Refused::not_found("file"))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    Ok((headers, asset.content).into_response())
}
