//! One trace from a merchant's request through Payoneer to the job that settles it: W3C trace context in from the
//! merchant, and as text beside the attempt, which outlives the request. Payoneer is told nothing of it. Only with the
//! feature `otel`; without it no span is made, so that log lines stay as they are and nothing is stored.

pub(crate) use kept::{IS_ON, answered, call, came_of, context, job, link, request, webhook};

#[cfg(not(feature = "otel"))]
mod kept {
    use axum::http::{HeaderMap, Method};
    use tracing::Span;

    /// Whether spans are made.
    pub(crate) const IS_ON: bool = false;

    pub(crate) fn request(_: &Method, _: &str, _: &HeaderMap) -> Span {
        Span::none()
    }

    pub(crate) fn answered(_: &Span, _: u16) {}

    pub(crate) fn call(_: &'static str) -> Span {
        Span::none()
    }

    pub(crate) fn came_of(_: &Span, _: &'static str) {}

    pub(crate) fn job(_: domain::job::Kind, _: Option<&str>) -> Span {
        Span::none()
    }

    pub(crate) fn webhook(_: Option<&str>) -> Span {
        Span::none()
    }

    pub(crate) fn link(_: &str) {}

    pub(crate) fn context() -> Option<String> {
        None
    }
}

#[cfg(feature = "otel")]
mod kept {
    use axum::http::{HeaderMap, Method};
    use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
    use opentelemetry::{Context, trace};
    use tracing::Span;
    use tracing::field::Empty;
    use tracing_opentelemetry::OpenTelemetrySpanExt as _;

    /// Whether spans are made.
    pub(crate) const IS_ON: bool = true;

    /// A request, as a part of the caller's trace if it brought one.
    pub(crate) fn request(method: &Method, route: &str, headers: &HeaderMap) -> Span {
        let span = tracing::info_span!(
            "request",
            otel.name = format!("{method} {route}"),
            otel.kind = "server",
            http.request.method = %method,
            http.route = route,
            http.response.status_code = Empty,
            otel.status_code = Empty,
        );
        continue_in(&span, headers.get("traceparent").and_then(|value| value.to_str().ok()));
        span
    }

    /// The request was answered.
    pub(crate) fn answered(span: &Span, status: u16) {
        span.record("http.response.status_code", status);
        if status >= 500 {
            span.record("otel.status_code", "ERROR");
        }
    }

    /// A call of Payoneer.
    pub(crate) fn call(call: &'static str) -> Span {
        tracing::info_span!(
            "payoneer",
            otel.name = format!("payoneer {call}"),
            otel.kind = "client",
            call,
            outcome = Empty
        )
    }

    /// What came of it.
    pub(crate) fn came_of(span: &Span, outcome: &'static str) {
        span.record("outcome", outcome);
    }

    /// A run of a job, as a part of the trace that this text names.
    pub(crate) fn job(kind: domain::job::Kind, began_by: Option<&str>) -> Span {
        let span = tracing::info_span!("job", otel.name = format!("job {kind}"), otel.kind = "consumer", kind = %kind);
        continue_in(&span, began_by);
        span
    }

    /// A request to a merchant's webhook endpoint, as a part of the trace that this text names.
    pub(crate) fn webhook(began_by: Option<&str>) -> Span {
        let span = tracing::info_span!("webhook", otel.name = "webhook", otel.kind = "producer");
        continue_in(&span, began_by);
        span
    }

    /// Ties the current span to the trace that this text names.
    pub(crate) fn link(text: &str) {
        if let Some(context) = read(text) {
            Span::current().add_link(context);
        }
    }

    /// The trace context of the current span, as W3C writes it; nothing where nothing is recorded.
    pub(crate) fn context() -> Option<String> {
        let context = Span::current().context();
        let span = trace::TraceContextExt::span(&context);
        let of = span.span_context();
        of.is_valid().then(|| format!("00-{}-{}-{:02x}", of.trace_id(), of.span_id(), of.trace_flags().to_u8()))
    }

    fn continue_in(span: &Span, text: Option<&str>) {
        if let Some(context) = text.and_then(read)
            && let Err(error) = span.set_parent(Context::new().with_remote_span_context(context))
        {
            tracing::debug!(%error, "a trace was not continued");
        }
    }

    /// Reads what W3C calls `traceparent`, version 00.
    fn read(text: &str) -> Option<SpanContext> {
        let [version, trace, span, flags] = text.split('-').collect::<Vec<_>>().try_into().ok()?;
        let hex =
            |text: &str, digits| text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if version != "00" || !hex(trace, 32) || !hex(span, 16) || !hex(flags, 2) {
            return None;
        }
        let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()? & 1);
        let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
        Some(SpanContext::new(trace, span, flags, true, TraceState::default())).filter(SpanContext::is_valid)
    }

    #[cfg(test)]
    mod tests {
        use super::read;

        #[test]
        fn only_a_whole_context_is_read() {
            let right = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
            let context = read(right).unwrap();
            assert_eq!(context.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
            assert_eq!(context.span_id().to_string(), "b7ad6b7169203331");
            assert!(context.is_sampled() && context.is_remote());
            for wrong in [
                "",
                "00",
                &right[..54],
                &right.replace("00-", "01-"),
                &right.to_uppercase(),
                &right.replace("b7ad6b7169203331", "0000000000000000"),
                &right.replace("0af7651916cd43dd8448eb211c80319c", "00000000000000000000000000000000"),
                &format!("{right}-00"),
            ] {
                assert!(read(wrong).is_none(), "{wrong}");
            }
        }
    }
}
