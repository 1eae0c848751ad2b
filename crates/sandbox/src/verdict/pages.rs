//! The verdict as text: JSON, JUnit, or one self-contained page in both languages. How it looks is in the templates.
//! Nothing is judged here.

use std::path::Path;

use askama::Template;
use serde::Deserialize;

use super::{Finding, Judged, Kind, Level, Verdict};

/// A form in which a verdict can be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// JSON.
    #[default]
    Json,
    /// JUnit's XML, for CI.
    Junit,
    /// One HTML file without anything from elsewhere.
    Html,
}

impl Form {
    /// The form that a file's suffix asks for: `.json`, `.xml` or `.html`.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "xml" => Some(Self::Junit),
            "html" => Some(Self::Html),
            _ => None,
        }
    }

    /// The value of `Content-Type`.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Junit => "application/xml; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

/// Why a verdict could not be written.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// As JSON.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// From a template.
    #[error("{0}")]
    Template(#[from] askama::Error),
}

impl Verdict {
    /// The verdict as text. `languages` is what a browser accepts; it decides which language a page begins in.
    pub fn written(&self, form: Form, languages: Option<&str>) -> Result<String, NotWritten> {
        Ok(match form {
            Form::Json => serde_json::to_string_pretty(self)?,
            Form::Junit => Junit::of(self).render()?,
            Form::Html => Page::of(self, languages).render()?,
        })
    }
}

/// One case of JUnit's: a payment, or what is about no payment.
struct Tested<'a> {
    name: String,
    violations: Vec<&'a Finding>,
    warnings: Vec<&'a Finding>,
}

#[derive(Template)]
#[template(path = "verdict/junit.xml")]
struct Junit<'a> {
    verdict: &'a Verdict,
    cases: Vec<Tested<'a>>,
    failures: usize,
}

impl<'a> Junit<'a> {
    fn of(verdict: &'a Verdict) -> Self {
        let mut untold: Vec<&Finding> = verdict.findings.iter().collect();
        let mut cases: Vec<Tested<'_>> = Vec::new();
        for payment in &verdict.payments {
            let (own, others) = untold.into_iter().partition(|f| payment.owns(f));
            untold = others;
            cases.push(Tested::of(payment.name(), own));
        }
        cases.push(Tested::of("everything else".to_owned(), untold));
        let failures = cases.iter().filter(|case| !case.violations.is_empty()).count();
        Self { verdict, cases, failures }
    }
}

impl<'a> Tested<'a> {
    fn of(name: String, findings: Vec<&'a Finding>) -> Self {
        let (violations, warnings) = findings.into_iter().partition(|f| f.level == Level::Violation);
        Self { name, violations, warnings }
    }
}

impl Judged {
    /// The intent, or else the references.
    fn name(&self) -> String {
        self.intent.clone().unwrap_or_else(|| self.references.join(", "))
    }

    fn owns(&self, finding: &Finding) -> bool {
        let named = finding.intent.is_some() && finding.intent == self.intent;
        named || finding.references.iter().any(|reference| self.references.contains(reference))
    }
}

/// The page's texts in one language.
struct Words {
    tag: &'static str,
    title: &'static str,
    clean: &'static str,
    guilty: &'static str,
    partial: &'static str,
    left_off: &'static str,
    judged: &'static str,
    seed: &'static str,
    exchanges: &'static str,
    violations: &'static str,
    warnings: &'static str,
    findings: &'static str,
    none: &'static str,
    about: &'static str,
    shown_by: &'static str,
    again: &'static str,
    payments: &'static str,
    intent: &'static str,
    references: &'static str,
    outcome: &'static str,
    shortened: &'static str,
    level: fn(Level) -> &'static str,
    says: fn(Kind) -> &'static str,
}

static ENGLISH: Words = Words {
    tag: "en",
    title: "The verdict on the client",
    clean: "Clean: no violation was found.",
    guilty: "Not clean: money is or can be taken twice, lost or misreported.",
    partial: "Older exchanges were no longer kept; something may have been missed.",
    left_off: "further findings of the same kinds are not shown",
    judged: "Judged at",
    seed: "Seed",
    exchanges: "Exchanges",
    violations: "Violations",
    warnings: "Warnings",
    findings: "Findings",
    none: "Nothing to report.",
    about: "About",
    shown_by: "Shown by exchanges",
    again: "See it again",
    payments: "Payments",
    intent: "Intent",
    references: "References",
    outcome: "Outcome",
    shortened: "Only the first 500 are shown.",
    level: |level| match level {
        Level::Fine => "fine",
        Level::Warning => "warning",
        Level::Violation => "violation",
    },
    says: Kind::english,
};

static CHINESE: Words = Words {
    tag: "zh-Hans",
    title: "对客户端的判定",
    clean: "合格：没有发现违规。",
    guilty: "不合格：款项可能被重复划转、丢失或误报。",
    partial: "较早的请求记录已不再保留，可能有遗漏。",
    left_off: "条同类发现未显示",
    judged: "判定时间",
    seed: "种子",
    exchanges: "请求数",
    violations: "违规",
    warnings: "警告",
    findings: "发现",
    none: "没有需要报告的内容。",
    about: "涉及",
    shown_by: "证据（请求编号）",
    again: "复现方法",
    payments: "款项",
    intent: "意图",
    references: "流水号",
    outcome: "结果",
    shortened: "仅显示前 500 条。",
    level: |level| match level {
        Level::Fine => "正常",
        Level::Warning => "警告",
        Level::Violation => "违规",
    },
    says: Kind::chinese,
};

/// The most payments that the page shows; JSON has them all.
const MOST_SHOWN: usize = 500;

#[derive(Template)]
#[template(path = "verdict/page.html")]
struct Page<'a> {
    verdict: &'a Verdict,
    /// The language shown at first comes first.
    languages: [&'static Words; 2],
    chinese: bool,
    payments: &'a [Judged],
    style: &'static str,
}

impl<'a> Page<'a> {
    fn of(verdict: &'a Verdict, languages: Option<&str>) -> Self {
        let chinese = languages.is_some_and(|text| text.trim_start().to_ascii_lowercase().starts_with("zh"));
        let languages = if chinese { [&CHINESE, &ENGLISH] } else { [&ENGLISH, &CHINESE] };
        let payments = verdict.payments.get(..MOST_SHOWN).unwrap_or(&verdict.payments);
        Self { verdict, languages, chinese, payments, style: include_str!("../../assets/verdict.css") }
    }
}
