//! What a callback looks like on the wire: the JSON bodies of the POST variant and the `hmacauth` header.
//! The signing itself is Payoneer's published algorithm, from the crate `payoneer`.

use payoneer::callback::hmacauth::{Message, Method};
use secrecy::SecretString;

use super::event::Event;
use super::fill::Values;
use super::secret::Secret;
use super::settings::Style;

/// The JSON body of `event`: all values are texts, and the keys hold spaces, as in Payoneer's samples.
pub(super) fn body(event: Event, values: &Values) -> String {
    let keys: &[(&str, &str)] = match event {
        Event::Registered | Event::Approved => {
            &[("Payee Id", "apuid"), ("Payoneer Id", "payoneerid"), ("Session Id", "sessionid")]
        }
        Event::Declined => &[
            ("Payee Id", "apuid"),
            ("Payoneer Id", "payoneerid"),
            ("Session Id", "sessionid"),
            ("Reason Description", "ReasonDescription"),
        ],
        Event::PayeeReleased => &[("Payee Id", "apuid")],
        Event::PaymentAccepted => &[("Payee Id", "apuid"), ("IntPaymentId", "IntPaymentId")],
        Event::PaymentLoaded | Event::ChargeTransferred | Event::ChargeRefunded => &[
            ("Payee Id", "apuid"),
            ("Amount", "Amount"),
            ("IntPaymentId", "IntPaymentId"),
            ("Currency", "Currency"),
            ("Transaction Date", "TransactionDate"),
        ],
        Event::PaymentCancelled => &[
            ("Payee Id", "apuid"),
            ("IntPaymentId", "IntPaymentId"),
            ("Reason Code", "ReasonCode"),
            ("Reason Description", "ReasonDescription"),
            ("Payment Amount", "Amount"),
            ("Canceled Payment Date", "TransactionDate"),
        ],
        Event::BalanceUpdated => &[
            ("Amount", "Amount"),
            ("Balance", "Balance"),
            ("Funding Id", "FundingId"),
            ("Funding Time", "FundingTime"),
        ],
    };
    let fields = keys.iter().map(|(key, from)| {
        let plain = values.get(from).map_or("", String::as_str);
        // Payoneer's cancel sample carries text and date URL-encoded inside the JSON.
        let encoded = event == Event::PaymentCancelled && matches!(*from, "ReasonDescription" | "TransactionDate");
        let value = if encoded { form_encoded(plain) } else { plain.to_owned() };
        format!("{}:{}", serde_json::Value::from(*key), serde_json::Value::from(value))
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

fn form_encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace("%3A", "%3a")
}

/// What a signature needs beside the request.
pub(super) struct Signing<'a> {
    /// The name in front of the signature.
    pub(super) app_name: &'a str,
    /// The shared secret.
    pub(super) secret: &'a Secret,
    /// 32 hexadecimal digits.
    pub(super) nonce: &'a str,
    /// Unix seconds.
    pub(super) timestamp: i64,
}

impl Signing<'_> {
    /// The value of the `Authorization` header.
    pub(super) fn header(&self, method: Style, url: &str, body: Option<&str>) -> String {
        let timestamp = self.timestamp.to_string();
        let message = Message {
            app_name: self.app_name,
            method: match method {
                Style::Get => Method::Get,
                Style::Post => Method::Post,
            },
            url,
            body: body.unwrap_or_default().as_bytes(),
            nonce: self.nonce,
            timestamp: &timestamp,
        };
        message.sign(&SecretString::from(self.secret.expose()))
    }
}
