//! Where traces go: by OTLP over HTTP to the configured place, in a build with
//! the feature `otel`. What becomes a span is the gateway's business.

pub(crate) use kept::Traces;

#[cfg(not(feature = "otel"))]
mod kept {
    use crate::config::{Config, ConfigError, settings};

    /// No traces in this build.
    #[derive(Debug)]
    pub(crate) struct Traces;

    impl Traces {
        /// Refuses to be silent where somebody expects traces.
        pub(crate) fn configured(config: &Config) -> Result<Self, ConfigError> {
            if config.find(&settings::SERVE_TRACES).is_some() {
                let key = settings::SERVE_TRACES.key;
                return Err(ConfigError::new(format!("{key}: this tollgate was built without the feature `otel`")));
            }
            Ok(Self)
        }
    }
}

#[cfg(feature = "otel")]
mod kept {
    use std::time::Duration;

    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry::{KeyValue, global};
    use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::trace::{SdkTracerProvider, Tracer};
    use tracing::{Metadata, Subscriber};
    use tracing_subscriber::Layer;
    use tracing_subscriber::filter::filter_fn;
    use tracing_subscriber::registry::LookupSpan;
    use url::Url;

    use crate::config::{Config, ConfigError, settings};

    /// How long one delivery of spans may take, and how long the last one is waited for.
    const PATIENCE: Duration = Duration::from_secs(5);

    /// The way to the collector, if one is configured.
    #[derive(Debug)]
    pub(crate) struct Traces(Option<SdkTracerProvider>);

    impl Traces {
        /// Opens no connection yet; an error says what is wrong with the address.
        pub(crate) fn configured(config: &Config) -> Result<Self, ConfigError> {
            let Some(endpoint) = config.optional::<Url>(&settings::SERVE_TRACES)? else { return Ok(Self(None)) };
            let endpoint = format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/'));
            let exporter = SpanExporter::builder().with_http().with_protocol(Protocol::HttpBinary);
            let exporter = exporter.with_endpoint(endpoint).with_timeout(PATIENCE).build();
            let exporter =
                exporter.map_err(|error| ConfigError::new(format!("{}: {error}", settings::SERVE_TRACES.key)))?;
            let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
            let resource = Resource::builder().with_service_name("tollgate").with_attribute(version).build();
            let provider = SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build();
            global::set_tracer_provider(provider.clone());
            Ok(Self(Some(provider)))
        }

        /// What turns the gateway's spans into traces; events stay in the log.
        pub(crate) fn layer<S>(&self) -> Option<impl Layer<S> + use<S>>
        where
            S: Subscriber + for<'a> LookupSpan<'a>,
        {
            let tracer: Tracer = self.0.as_ref()?.tracer("tollgate");
            let ours = |metadata: &Metadata<'_>| metadata.is_span() && metadata.target().starts_with("gateway");
            let layer = tracing_opentelemetry::layer().with_tracer(tracer);
            Some(
                layer
                    .with_location(false)
                    .with_threads(false)
                    .with_tracked_inactivity(false)
                    .with_filter(filter_fn(ours)),
            )
        }
    }

    impl Drop for Traces {
        /// Sends what is left.
        fn drop(&mut self) {
            if let Some(provider) = &self.0
                && let Err(error) = provider.shutdown_with_timeout(PATIENCE)
            {
                tracing::warn!(%error, "the last traces were not sent");
            }
        }
    }
}
