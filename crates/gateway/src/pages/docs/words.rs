//! Our own words on the page of the API, in both languages.

use crate::pages::language::Language;

/// Every word of the page that is not the document's.
pub(super) struct Words {
    /// For `<html lang>`.
    pub(super) tag: &'static str,
    /// The language's own name.
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) version: &'static str,
    pub(super) raw: &'static str,
    /// Which language the text below is in.
    pub(super) english: &'static str,
    pub(super) contents: &'static str,
    pub(super) resources: &'static str,
    pub(super) parameters: &'static str,
    pub(super) body: &'static str,
    pub(super) answers: &'static str,
    pub(super) example: &'static str,
    pub(super) required: &'static str,
    pub(super) in_path: &'static str,
    pub(super) in_query: &'static str,
    pub(super) in_header: &'static str,
}

static ENGLISH: Words = Words {
    tag: "en",
    name: "English",
    title: "Tollgate API",
    version: "Version",
    raw: "OpenAPI document",
    english: "",
    contents: "Contents",
    resources: "Bodies",
    parameters: "Parameters",
    body: "Body",
    answers: "Answers",
    example: "Example",
    required: "required",
    in_path: "path",
    in_query: "query",
    in_header: "header",
};

static CHINESE: Words = Words {
    tag: "zh-CN",
    name: "简体中文",
    title: "Tollgate 接口文档",
    version: "版本",
    raw: "OpenAPI 文档",
    english: "各接口的说明目前以英文提供。",
    contents: "目录",
    resources: "数据结构",
    parameters: "参数",
    body: "请求体",
    answers: "响应",
    example: "示例",
    required: "必填",
    in_path: "路径",
    in_query: "查询",
    in_header: "请求头",
};

impl Words {
    /// The words in this language.
    pub(super) const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Chinese => &CHINESE,
        }
    }

    /// Where a parameter stands.
    pub(super) fn place(&self, place: &str) -> &'static str {
        match place {
            "path" => self.in_path,
            "query" => self.in_query,
            _ => self.in_header,
        }
    }
}
