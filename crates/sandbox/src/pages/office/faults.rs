//! What goes wrong: scenarios, chaos and single rules put in force and taken back, and which calls met one.
//! Rules are judged by the faults themselves; here forms are read.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::format;
use super::super::reader::{Posted, Reader};
use super::super::shell::{self, Shell, see_other};
use super::super::texts::{FaultsText, OfficeText};
use super::frame::{Frame, Notice, Section};
use super::sheet::{Sheet, whole};
use super::status_of;
use crate::App;
use crate::faults::{About, BadRule, Cut, Fault, Kind, NewRule, OPERATIONS, PROFILES, Profile, Rule, Scenario, When};
use crate::world::Exchange;

/// The fields of the form for a rule.
const FIELDS: [&str; 12] = [
    "operation",
    "cut",
    "kind",
    "reference",
    "payee_id",
    "amount",
    "times",
    "skip",
    "status",
    "retry_after_seconds",
    "seconds",
    "delay_ms",
];
/// How many calls that met a fault are shown.
const MOST_MET: usize = 50;

#[derive(Template)]
#[template(path = "office/faults.html")]
struct Faults {
    shell: Shell,
    t: &'static OfficeText,
    frame: Frame,
    sheet: Sheet,
    scenarios: Vec<Told>,
    names: Vec<(&'static str, &'static str)>,
    profiles: Vec<(&'static str, String)>,
    chaos: Option<String>,
    rules: Vec<RuleRow>,
    operations: Vec<(&'static str, &'static str)>,
    cuts: Vec<(&'static str, &'static str)>,
    kinds: Vec<(&'static str, &'static str)>,
    met: Vec<MetRow>,
}

struct Told {
    name: &'static str,
    happens: &'static str,
    correct: &'static str,
}

struct RuleRow {
    id: String,
    script: String,
    operation: &'static str,
    fault: String,
    code: String,
    when: Vec<String>,
    fired: String,
    has_fired: bool,
}

impl RuleRow {
    fn new(rule: &Rule, t: &FaultsText) -> Self {
        let When { reference, payee_id, amount, key, username } = &rule.new.when;
        let fault = &rule.new.fault;
        let most = if rule.new.times == 0 { "∞".to_owned() } else { rule.new.times.to_string() };
        Self {
            id: rule.id.clone(),
            script: rule.new.script.clone().unwrap_or_default(),
            operation: rule.new.operation.as_deref().map_or(t.any, t.operation),
            fault: format!("{}{}{}", (t.cut)(fault.cut), t.joint, (t.kind)(fault.kind)),
            code: format!("{} {}", fault.cut, fault.kind),
            when: [reference, payee_id, amount, key, username].into_iter().flatten().cloned().collect(),
            fired: format!("{} / {most}", rule.fired),
            has_fired: rule.fired > 0,
        }
    }
}

struct MetRow {
    at: String,
    operation: &'static str,
    about: String,
    fault: String,
    answer: String,
    effect: &'static str,
}

impl MetRow {
    fn new(e: &Exchange, t: &FaultsText) -> Option<Self> {
        let fault = e.fault.as_ref()?;
        Some(Self {
            at: format::moment(e.at),
            operation: (t.operation)(&e.operation),
            about: e.reference.clone().or_else(|| e.payee_id.clone()).unwrap_or_default(),
            fault: format!("{} {} ({})", fault.cut, fault.kind, fault.id),
            answer: if e.http_status == 0 { t.no_answer.to_owned() } else { format!("HTTP {}", e.http_status) },
            effect: if e.effect { t.effect } else { t.no_effect },
        })
    }
}

fn view(app: &Arc<App>, reader: &Reader, status: StatusCode, notice: Option<Notice>, mut sheet: Sheet) -> Response {
    let frame = Frame::new(app, reader, Some(Section::Faults), notice);
    let (shell, t) = (frame.shell, frame.t);
    let words = &t.faults;
    if sheet.value("times").is_empty() {
        sheet.set("times", "1");
    }
    let any = [("", words.any)].into_iter();
    let (chaos, rules, met) = app.read(|w| {
        let chaos = w.faults().chaos().map(|chaos| (words.chaos_on)(&chaos.profile, chaos.seed));
        let rules = w.faults().rules().iter().map(|rule| RuleRow::new(rule, words)).collect();
        let met = w.exchanges().rev().filter_map(|e| MetRow::new(e, words)).take(MOST_MET).collect();
        (chaos, rules, met)
    });
    let told = |s: &'static Scenario| {
        let (happens, correct) = (words.scenario_words)(s);
        Told { name: s.name, happens, correct }
    };
    let page = Faults {
        shell,
        t,
        frame,
        sheet,
        scenarios: Scenario::all().map(told).collect(),
        names: Scenario::all().map(|s| (s.name, s.name)).collect(),
        profiles: PROFILES
            .iter()
            .map(|p| (p.name, format!("{}{}{}", p.name, words.joint, (words.profile_says)(p))))
            .collect(),
        chaos,
        rules,
        operations: any.chain(OPERATIONS.into_iter().map(|o| (o, (words.operation)(o)))).collect(),
        cuts: Cut::ALL.into_iter().map(|cut| (cut.word(), (words.cut)(cut))).collect(),
        kinds: Kind::ALL.into_iter().map(|kind| (kind.word(), (words.kind)(kind))).collect(),
        met,
    };
    shell::page(status, &page)
}

/// Shows the page.
pub(super) async fn show(State(app): State<Arc<App>>, reader: Reader) -> Response {
    let t = &Shell::new(reader.lang).t.office.faults;
    let notice = match reader.parameter("done") {
        "added" => Some(Notice::done(t.added)),
        "removed" => Some(Notice::done(t.removed)),
        "chaos" => Some(Notice::done(t.chaos_saved)),
        name => Scenario::named(name).map(|scenario| Notice::done((t.ran)(scenario.name))),
    };
    view(&app, &reader, StatusCode::OK, notice, Sheet::default())
}

fn done(what: &str) -> Response {
    see_other(&format!("{}?done={what}", Section::Faults.path()))
}

fn said(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Lets a scenario happen.
pub(super) async fn scenario(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let about =
        About { reference: said(posted.field("scenario_reference")), payee_id: said(posted.field("scenario_payee")) };
    let name = posted.field("scenario");
    match app.change(|w| w.install_scenario_for(name, &about)).await {
        Ok(_) => done(name),
        Err(refusal) => {
            let text = (Shell::new(reader.lang).t.office.refusal)(&refusal);
            view(&app, &reader, status_of(&refusal), Some(Notice::trouble(text)), Sheet::default())
        }
    }
}

/// Puts a profile of chaos in force, or ends chaos.
pub(super) async fn chaos(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let t = &Shell::new(reader.lang).t.office;
    let mut sheet = Sheet::default();
    sheet.take(&posted, &["profile", "seed"]);
    let seed = said(sheet.value("seed")).map(|text| text.parse::<u64>());
    let (Some(profile), Ok(seed)) = (Profile::named(sheet.value("profile")), seed.transpose()) else {
        sheet.fault("seed", t.faults.bad_seed);
        return view(&app, &reader, StatusCode::UNPROCESSABLE_ENTITY, Some(Notice::trouble(t.check_form)), sheet);
    };
    app.change(|w| {
        let seed = seed.unwrap_or_else(|| w.seed());
        w.faults_mut().set_chaos(profile.chaos(seed, app.namespace()));
    })
    .await;
    done("chaos")
}

/// Forgets one rule, or all.
pub(super) async fn remove(State(app): State<Arc<App>>, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    app.change(|w| match posted.field("id") {
        "" => w.faults_mut().clear(),
        id => drop(w.faults_mut().remove(id)),
    })
    .await;
    done("removed")
}

/// Adds one rule.
pub(super) async fn add(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let t = &Shell::new(reader.lang).t.office;
    let mut form = Sheet::default();
    form.take(&posted, &FIELDS);
    let rule = read(&mut form, &t.faults);
    let added = match rule.filter(|_| form.is_good()) {
        Some(rule) => app.change(|w| w.faults_mut().add(rule)).await,
        None => Err(BadRule { field: "times", why: String::new() }),
    };
    match added {
        Ok(_) => done("added"),
        Err(bad) => {
            let text = if bad.why.is_empty() { t.check_form.to_owned() } else { (t.faults.bad_rule)(&bad) };
            view(&app, &reader, StatusCode::UNPROCESSABLE_ENTITY, Some(Notice::trouble(text)), form)
        }
    }
}

fn read(form: &mut Sheet, t: &FaultsText) -> Option<NewRule> {
    let (cut, kind) = (Cut::from_word(form.value("cut"))?, Kind::from_word(form.value("kind"))?);
    let mut number = |field| {
        let text = form.value(field).to_owned();
        let number = whole(&text);
        if number.is_none() && !text.is_empty() {
            form.fault(field, t.bad_number);
        }
        number
    };
    let (times, skip) = (number("times").unwrap_or(1), number("skip").unwrap_or(0));
    let (retry_after_seconds, seconds) = (number("retry_after_seconds"), number("seconds"));
    let (delay_ms, status) = (number("delay_ms"), number("status"));
    let fault = Fault {
        status: status.map(|status| u16::try_from(status).unwrap_or(u16::MAX)),
        retry_after_seconds,
        seconds,
        delay_ms,
        ..Fault::new(cut, kind)
    };
    let when = When {
        reference: said(form.value("reference")),
        payee_id: said(form.value("payee_id")),
        amount: said(form.value("amount")),
        ..When::default()
    };
    Some(NewRule { operation: said(form.value("operation")), when, fault, skip, times, script: None })
}
