//! Every sentence a person reads on a page, once per language; the shapes make a missing translation a compile error.
//! No markup and no choice of language; see `lang`.

mod hosted;
mod hosted_en;
mod hosted_zh;
mod office;
mod office_en;
mod office_zh;
mod scenarios_zh;
mod workbench;
mod workbench_en;
mod workbench_zh;

pub(crate) use hosted::HostedText;
pub(crate) use office::{AccountsText, BehaviourText, OfficeText, StartText};
pub(crate) use workbench::{FaultsText, InspectorText, ReferencesText};

use super::lang::Lang;

/// All texts of one language.
pub(crate) struct Texts {
    /// What stands around every page.
    pub(crate) shell: ShellText,
    /// The hosted page.
    pub(crate) hosted: HostedText,
    /// The back office.
    pub(crate) office: OfficeText,
    /// The start page.
    pub(crate) start: StartText,
}

/// What stands around every page.
pub(crate) struct ShellText {
    pub(crate) mark: &'static str,
    pub(crate) mark_more: &'static str,
    pub(crate) skip: &'static str,
    pub(crate) language: &'static str,
    pub(crate) imitation: &'static str,
}

/// The texts of a language.
pub(crate) fn texts(lang: Lang) -> &'static Texts {
    match lang {
        Lang::En => &ENGLISH,
        Lang::Zh => &CHINESE,
    }
}

static ENGLISH: Texts = Texts {
    shell: ShellText {
        mark: "SANDBOX",
        mark_more: "",
        skip: "Skip to content",
        language: "Language",
        imitation: "This page imitates Payoneer's for developers and has no connection with Payoneer. Please enter invented details only.",
    },
    hosted: hosted_en::HOSTED,
    office: office_en::OFFICE,
    start: office_en::START,
};

static CHINESE: Texts = Texts {
    shell: ShellText {
        mark: "沙盒",
        mark_more: "沙盒环境，并非 Payoneer",
        skip: "跳到正文",
        language: "语言",
        imitation: "本页面为开发者模拟 Payoneer 页面，与 Payoneer 公司无任何关联。请只填写虚构的信息。",
    },
    hosted: hosted_zh::HOSTED,
    office: office_zh::OFFICE,
    start: office_zh::START,
};
