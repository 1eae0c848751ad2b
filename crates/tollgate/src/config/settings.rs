//! The table of settings: one definition each, used for the flags and their
//! help, for the environment, for the configuration file and for
//! `tollgate config`. A setting that is not here does not exist.

/// What holds when nobody says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fallback {
    /// This text, read like any other value.
    Text(&'static str),
    /// Worked out from other settings; the words say how.
    Derived(&'static str),
    /// Nothing: the feature stays off.
    Off,
}

/// One setting.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// `section.name`, or just `name`, in the configuration file.
    pub(crate) key: &'static str,
    /// The long flag without dashes; `None` where a flag would be unwise, as
    /// the arguments of a process are visible to every user of the machine.
    pub(crate) flag: Option<&'static str>,
    /// The environment variable.
    pub(crate) variable: &'static str,
    /// What stands for the value in help texts.
    pub(crate) placeholder: &'static str,
    /// What holds otherwise.
    pub(crate) fallback: Fallback,
    /// Never printed.
    pub(crate) secret: bool,
    /// True or false, and the bare flag means true.
    pub(crate) switch: bool,
    /// Whether the configuration file may hold it.
    pub(crate) in_file: bool,
    /// One or two sentences.
    pub(crate) help: &'static str,
}

macro_rules! settings {
    ($($name:ident = $key:literal, $flag:expr, $variable:literal, <$placeholder:literal>, $fallback:expr, $help:literal $(, $marker:ident)*;)*) => {
        $(
            #[doc = $help]
            pub(crate) const $name: Setting = settings!(@with $($marker)* => Setting {
                key: $key, flag: $flag, variable: $variable, placeholder: $placeholder,
                fallback: $fallback, secret: false, switch: false, in_file: true, help: $help,
            });
        )*
        /// Every setting, in the order in which it is shown.
        pub(crate) const ALL: &[&Setting] = &[$(&$name),*];
    };
    (@with => $setting:expr) => { $setting };
    (@with switch => $setting:expr) => { Setting { switch: true, ..$setting } };
    (@with secret => $setting:expr) => { Setting { secret: true, ..$setting } };
    (@with secret not_in_file => $setting:expr) => { Setting { secret: true, in_file: false, ..$setting } };
}

use Fallback::{Derived, Off, Text};

settings! {
    LOG_FORMAT = "log.format", Some("log-format"), "TOLLGATE_LOG_FORMAT", <"FORMAT">, Text("text"),
        "How log lines on standard error look: `text` for people, `json` for machines.";
    LOG_LEVEL = "log.level", Some("log-level"), "TOLLGATE_LOG_LEVEL", <"FILTER">, Text("info"),
        "What is logged: `error`, `warn`, `info`, `debug` or `trace`, or a filter such as `info,gateway=debug`.";

    DATABASE = "database", Some("database"), "TOLLGATE_DATABASE", <"WHERE">, Text("sqlite:tollgate.db"),
        "Where the gateway keeps everything: `sqlite:PATH`, or just a path; `postgres://USER:PASSWORD@HOST/DATABASE` for several nodes.";
    HEAD_FILE = "head_file", Some("head-file"), "TOLLGATE_HEAD_FILE", <"FILE">, Derived("beside an SQLite file, with `.head` added to its name; else `tollgate.head` in this folder"),
        "The file that remembers how far the database had come, so that an old copy of it is recognised. Safest on another disk; leave it out of backups of the database. Each node on PostgreSQL has its own.";
    KEY_FILE = "key_file", Some("key-file"), "TOLLGATE_KEY_FILE", <"FILE">, Derived("`tollgate.key` beside an SQLite file, else in this folder"),
        "The file with the key that encrypts stored credentials. Made on the first start with an SQLite file, readable by its owner alone; nodes on PostgreSQL need the same one. Back it up apart from the database.";
    KEY = "key", None, "TOLLGATE_KEY", <"KEY">, Off,
        "The key itself, 32 bytes in base64 or hex, instead of a key file.", secret, not_in_file;

    URL = "url", Some("url"), "TOLLGATE_URL", <"URL">, Text("http://127.0.0.1:8080"),
        "Where the gateway is that commands such as `tollgate charge` speak to.";
    API_KEY_FILE = "api_key_file", Some("api-key-file"), "TOLLGATE_API_KEY_FILE", <"FILE">, Off,
        "The file with the API key that those commands use.";
    API_KEY = "api_key", None, "TOLLGATE_API_KEY", <"KEY">, Off,
        "The API key itself, instead of a file. Never a flag: every user of a machine can see the arguments of a process.", secret, not_in_file;

    SERVE_LISTEN = "serve.listen", Some("listen"), "TOLLGATE_SERVE_LISTEN", <"ADDRESS">, Text("127.0.0.1:8080"),
        "Where the gateway listens. Port 0 takes a free one.";
    SERVE_PUBLIC_URL = "serve.public_url", Some("public-url"), "TOLLGATE_SERVE_PUBLIC_URL", <"URL">, Derived("`http://` and the address listened on"),
        "How browsers and Payoneer reach the gateway; links and callback addresses begin with it.";
    SERVE_METRICS = "serve.metrics_listen", Some("metrics-listen"), "TOLLGATE_SERVE_METRICS_LISTEN", <"ADDRESS">, Off,
        "Where `/metrics` is served for Prometheus, such as `127.0.0.1:9464`. It shows no ids and no secrets, but how much is going on: keep it from strangers.";
    SERVE_TRACES = "serve.traces_endpoint", Some("traces-endpoint"), "TOLLGATE_SERVE_TRACES_ENDPOINT", <"URL">, Off,
        "Where traces are sent by OTLP over HTTP, such as `http://127.0.0.1:4318`. Needs a build with the feature `otel`.";
    SERVE_READY_FILE = "serve.ready_file", Some("ready-file"), "TOLLGATE_SERVE_READY_FILE", <"FILE">, Off,
        "Written as JSON once the gateway really serves; removed when it stops.";
    SERVE_LAME_DUCK = "serve.lame_duck", Some("lame-duck"), "TOLLGATE_SERVE_LAME_DUCK", <"TIME">, Off,
        "How long a stop first goes on serving while `/readyz` already answers 503, so that a load balancer sends no more requests here.";
    SERVE_GRACE = "serve.shutdown_grace", Some("shutdown-grace"), "TOLLGATE_SERVE_SHUTDOWN_GRACE", <"TIME">, Text("35s"),
        "How long a stop waits for charges in flight; longer than `payoneer.money_timeout`.";
    SERVE_WEBHOOK_ALLOW_PRIVATE = "serve.webhook_allow_private", Some("webhook-allow-private"), "TOLLGATE_SERVE_WEBHOOK_ALLOW_PRIVATE", <"BOOL">, Text("false"),
        "Lets webhooks go to private addresses and over plain http, such as to a receiver on the same machine. Whoever may make endpoints can then reach the gateway's own network.", switch;

    SERVE_SETTLE_BY = "serve.settle_by", Some("settle-by"), "TOLLGATE_SERVE_SETTLE_BY", <"PERSONS">, Text("two"),
        "How many operators it takes to settle what stays unknown: `two`, with keys made apart from each other, or `one`.";

    SERVE_RATE_LIMIT = "serve.rate_limit", Some("rate-limit"), "TOLLGATE_SERVE_RATE_LIMIT", <"NUMBER">, Off,
        "How many requests each API key may make in a second, and at once: beyond it the answer is 429 with `Retry-After`. Without it nothing is limited.";

    PAYONEER_CONNECT = "payoneer.connect_timeout", Some("payoneer-connect-timeout"), "TOLLGATE_PAYONEER_CONNECT_TIMEOUT", <"TIME">, Text("5s"),
        "How long a connection to Payoneer may take to open.";
    PAYONEER_MONEY = "payoneer.money_timeout", Some("payoneer-money-timeout"), "TOLLGATE_PAYONEER_MONEY_TIMEOUT", <"TIME">, Text("30s"),
        "How long a call that moves money may take in all. Afterwards its outcome is unknown and is looked up.";
    PAYONEER_QUERY = "payoneer.query_timeout", Some("payoneer-query-timeout"), "TOLLGATE_PAYONEER_QUERY_TIMEOUT", <"TIME">, Text("15s"),
        "How long any other call may take in all.";

    SANDBOX_LISTEN = "sandbox.listen", Some("listen"), "TOLLGATE_SANDBOX_LISTEN", <"ADDRESS">, Text("127.0.0.1:8090"),
        "Where the sandbox listens. Port 0 takes a free one.";
    SANDBOX_PUBLIC_URL = "sandbox.public_url", Some("public-url"), "TOLLGATE_SANDBOX_PUBLIC_URL", <"URL">, Derived("`http://` and the address listened on"),
        "How browsers reach the sandbox; the links to its pages begin with it.";
    SANDBOX_READY_FILE = "sandbox.ready_file", Some("ready-file"), "TOLLGATE_SANDBOX_READY_FILE", <"FILE">, Off,
        "Written as JSON once the sandbox really serves; removed when it stops.";
    SANDBOX_PROGRAM_ID = "sandbox.program_id", Some("program-id"), "TOLLGATE_SANDBOX_PROGRAM_ID", <"ID">, Text("100012345"),
        "The program that exists in the sandbox.";
    SANDBOX_USERNAME = "sandbox.username", Some("username"), "TOLLGATE_SANDBOX_USERNAME", <"NAME">, Text("demo"),
        "The username of its API.";
    SANDBOX_API_PASSWORD = "sandbox.api_password", Some("api-password"), "TOLLGATE_SANDBOX_API_PASSWORD", <"PASSWORD">, Text("demo-api-password"),
        "The API password of its API. Made up: never give a real one to a sandbox.", secret;
    SANDBOX_SEED = "sandbox.seed", Some("seed"), "TOLLGATE_SANDBOX_SEED", <"NUMBER">, Derived("drawn at each start"),
        "All that looks random in the sandbox comes from this number: the same seed, the same ids and tokens.";
    SANDBOX_CHAOS = "sandbox.chaos", Some("chaos"), "TOLLGATE_SANDBOX_CHAOS", <"PROFILE">, Off,
        "Lets calls go wrong, chosen by the seed: `calm`, `flaky`, `lossy_replies`, `overloaded` or `hostile`.";
    SANDBOX_STRICT = "sandbox.strict", Some("strict"), "TOLLGATE_SANDBOX_STRICT", <"BOOL">, Text("false"),
        "Lets the sandbox refuse (501) where it would have to guess how Payoneer behaves.", switch;
    SANDBOX_ALLOW_PUBLIC = "sandbox.allow_public", Some("allow-public"), "TOLLGATE_SANDBOX_ALLOW_PUBLIC", <"BOOL">, Text("false"),
        "Lets the sandbox listen on an address that other machines can reach.", switch;
    SANDBOX_STATE = "sandbox.state", Some("state"), "TOLLGATE_SANDBOX_STATE", <"FILE">, Off,
        "Keeps the sandbox's state in this file from one start to the next.";
    SANDBOX_VERDICT = "sandbox.verdict", Some("verdict"), "TOLLGATE_SANDBOX_VERDICT", <"FILE">, Off,
        "Judges the client when the sandbox stops and writes the verdict to this file: `.json`, `.xml` (JUnit) or `.html`.";

    DEMO_LISTEN = "demo.listen", Some("listen"), "TOLLGATE_DEMO_LISTEN", <"ADDRESS">, Text("127.0.0.1:8080"),
        "Where the demo's gateway listens. Port 0 takes free ones for both.";
    DEMO_SANDBOX_LISTEN = "demo.sandbox_listen", Some("sandbox-listen"), "TOLLGATE_DEMO_SANDBOX_LISTEN", <"ADDRESS">, Derived("127.0.0.1:8090, or a free port where the gateway takes one"),
        "Where the demo's sandbox listens.";
    DEMO_DATA = "demo.data", Some("data"), "TOLLGATE_DEMO_DATA", <"FOLDER">, Derived("a temporary folder, removed in the end"),
        "Where the demo keeps its database and the sandbox's state.";
}

/// What every long-running command takes.
pub(crate) const LOG: &[&Setting] = &[&LOG_FORMAT, &LOG_LEVEL];

/// What every command takes that opens the gateway's database.
pub(crate) const STORE: &[&Setting] = &[&DATABASE, &HEAD_FILE, &KEY_FILE, &KEY];

/// What the gateway takes.
pub(crate) const SERVE: &[&Setting] = &[
    &SERVE_LISTEN,
    &SERVE_PUBLIC_URL,
    &SERVE_METRICS,
    &SERVE_TRACES,
    &SERVE_READY_FILE,
    &SERVE_LAME_DUCK,
    &SERVE_GRACE,
    &SERVE_SETTLE_BY,
    &SERVE_RATE_LIMIT,
    &SERVE_WEBHOOK_ALLOW_PRIVATE,
    &PAYONEER_CONNECT,
    &PAYONEER_MONEY,
    &PAYONEER_QUERY,
];

/// What commands take that speak to a gateway's API.
pub(crate) const REMOTE: &[&Setting] = &[&URL, &API_KEY_FILE, &API_KEY];

/// What commands take that administer the gateway beside it.
pub(crate) const ADMIN: &[&Setting] = &[&SERVE_PUBLIC_URL, &PAYONEER_CONNECT, &PAYONEER_QUERY];

/// What the sandbox takes.
pub(crate) const SANDBOX: &[&Setting] = &[
    &SANDBOX_LISTEN,
    &SANDBOX_PUBLIC_URL,
    &SANDBOX_READY_FILE,
    &SANDBOX_PROGRAM_ID,
    &SANDBOX_USERNAME,
    &SANDBOX_API_PASSWORD,
    &SANDBOX_SEED,
    &SANDBOX_CHAOS,
    &SANDBOX_STRICT,
    &SANDBOX_ALLOW_PUBLIC,
    &SANDBOX_STATE,
    &SANDBOX_VERDICT,
];

/// What the demo takes.
pub(crate) const DEMO: &[&Setting] = &[
    &DEMO_LISTEN,
    &DEMO_SANDBOX_LISTEN,
    &DEMO_DATA,
    &SANDBOX_PROGRAM_ID,
    &SANDBOX_USERNAME,
    &SANDBOX_API_PASSWORD,
    &SANDBOX_SEED,
    &SANDBOX_CHAOS,
];

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn a_variable_is_its_key_in_capitals() {
        for setting in ALL {
            let expected = format!("TOLLGATE_{}", setting.key.replace('.', "_").to_uppercase());
            assert_eq!(setting.variable, expected);
        }
    }

    #[test]
    fn every_key_is_unique_and_at_most_one_section_deep() {
        let mut keys: Vec<&str> = ALL.iter().map(|setting| setting.key).collect();
        assert!(keys.iter().all(|key| key.matches('.').count() <= 1));
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all);
    }

    #[test]
    fn what_a_file_may_not_hold_has_no_flag_either() {
        for setting in ALL.iter().filter(|setting| !setting.in_file) {
            assert!(setting.secret && setting.flag.is_none(), "{}", setting.key);
        }
    }
}
