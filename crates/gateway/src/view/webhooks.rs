//! From domain to wire: webhook endpoints and deliveries. Sealed things are not even seen here.

use super::time;
use domain::delivery::{self, Delivery, Trouble, Try};
use domain::webhook_endpoint::{self, Reason, WebhookEndpoint};

/// An endpoint; with its secret only in the answer that makes one.
pub(crate) fn webhook_endpoint(
    endpoint: &WebhookEndpoint,
    secret: Option<&api::webhook::Secret>,
) -> api::WebhookEndpoint {
    api::WebhookEndpoint {
        id: endpoint.id.to_string(),
        object: "webhook_endpoint".to_owned(),
        url: endpoint.url.clone(),
        description: endpoint.description.clone(),
        types: endpoint.kinds.words().to_vec(),
        header_names: endpoint.header_names.clone(),
        status: match endpoint.state {
            webhook_endpoint::State::Enabled => api::WebhookEndpointStatus::Enabled,
            webhook_endpoint::State::Disabled => api::WebhookEndpointStatus::Disabled,
            webhook_endpoint::State::Deleted => api::WebhookEndpointStatus::Deleted,
        },
        disabled_reason: endpoint.reason.map(|reason| match reason {
            Reason::Merchant => api::webhook_endpoint::DisabledReason::Merchant,
            Reason::Gone => api::webhook_endpoint::DisabledReason::Gone,
            Reason::Failing => api::webhook_endpoint::DisabledReason::Failing,
        }),
        failures: endpoint.health.failures,
        failing_since: endpoint.health.failing_since.map(time),
        old_secret_until: endpoint.old_secret_until.map(time),
        secret: secret.map(api::webhook::Secret::reveal),
        created_at: time(endpoint.created_at),
        updated_at: time(endpoint.updated_at),
    }
}

/// A delivery with its tries (none in lists).
pub(crate) fn delivery(delivery: &Delivery, tries: &[Try]) -> api::Delivery {
    api::Delivery {
        id: delivery.id.to_string(),
        object: "delivery".to_owned(),
        endpoint: delivery.endpoint.to_string(),
        event: delivery.event.to_string(),
        sequence: delivery.sequence,
        status: match delivery.state {
            delivery::State::Pending => api::DeliveryStatus::Pending,
            delivery::State::Delivered => api::DeliveryStatus::Delivered,
            delivery::State::Failed => api::DeliveryStatus::Failed,
            delivery::State::Canceled => api::DeliveryStatus::Canceled,
        },
        try_count: delivery.tries,
        due_at: (delivery.state == delivery::State::Pending).then(|| time(delivery.due_at)),
        tries: tries.iter().map(one_try).collect(),
        created_at: time(delivery.created_at),
        updated_at: time(delivery.updated_at),
    }
}

fn one_try(tried: &Try) -> api::Try {
    api::Try {
        number: tried.number,
        at: time(tried.at),
        took_ms: tried.took.micros() / 1_000,
        status: tried.status,
        trouble: tried.trouble.map(|trouble| match trouble {
            Trouble::Refused => api::Trouble::AddressRefused,
            Trouble::Name => api::Trouble::NameNotFound,
            Trouble::Connect => api::Trouble::NotConnected,
            Trouble::Tls => api::Trouble::TlsFailed,
            Trouble::Timeout => api::Trouble::Timeout,
            Trouble::Broken => api::Trouble::Broken,
        }),
        said: tried.said.clone(),
    }
}
