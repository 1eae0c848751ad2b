//! Reads forms and links out of a page, just as far as the demo's browser
//! needs: the pages are our own and well formed. No network here.

/// A form as a browser would send it before anybody touches it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) action: String,
    /// Names and values of what would be sent.
    pub(super) fields: Vec<(String, String)>,
    /// Names that a person can fill in, sent or not.
    names: Vec<String>,
}

/// One tag with its attributes.
#[derive(Debug)]
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, String)>,
    /// The text up to the next tag.
    text: &'a str,
}

impl Tag<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

impl Form {
    /// The form with this id.
    pub(super) fn find(html: &str, id: &str) -> Option<Self> {
        let tags = tags(html);
        let start = tags.iter().position(|tag| tag.name == "form" && tag.get("id") == Some(id))?;
        let action = tags.get(start)?.get("action")?.to_owned();
        let mut form = Self { action, fields: Vec::new(), names: Vec::new() };
        let mut select: Option<String> = None;
        for tag in tags.iter().skip(start + 1).take_while(|tag| tag.name != "/form") {
            match tag.name {
                "input" => form.input(tag),
                "select" => {
                    select = tag.get("name").map(str::to_owned);
                    form.names.extend(select.clone());
                }
                "/select" => select = None,
                "option" => {
                    let value = tag.get("value").map_or_else(|| tag.text.trim().to_owned(), str::to_owned);
                    if let Some(name) = &select {
                        form.option(name, value, tag.has("selected"));
                    }
                }
                _ => {}
            }
        }
        Some(form)
    }

    fn input(&mut self, tag: &Tag<'_>) {
        let Some(name) = tag.get("name") else { return };
        if !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
        let ticked = match tag.get("type") {
            Some("submit" | "button" | "reset" | "image") => false,
            Some("radio" | "checkbox") => tag.has("checked"),
            _ => true,
        };
        if ticked {
            self.fields.push((name.to_owned(), tag.get("value").unwrap_or_default().to_owned()));
        }
    }

    /// A browser sends the selected option, else the first. Where the first is empty ("please choose"), the one after
    /// it is taken, as somebody who does not care would.
    fn option(&mut self, name: &str, value: String, selected: bool) {
        match self.fields.iter_mut().find(|(known, _)| known == name) {
            None => self.fields.push((name.to_owned(), value)),
            Some((_, chosen)) if selected || chosen.is_empty() => *chosen = value,
            Some(_) => {}
        }
    }

    /// Fills in a field; says which one is missing if the page has no such field.
    pub(super) fn fill(&mut self, name: &str, value: &str) -> anyhow::Result<()> {
        if !self.names.iter().any(|known| known == name) {
            anyhow::bail!("the page has no field `{name}`");
        }
        match self.fields.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
        Ok(())
    }
}

/// The address of the link with this id.
pub(super) fn link(html: &str, id: &str) -> Option<String> {
    let tags = tags(html);
    let found = tags.iter().find(|tag| tag.name == "a" && tag.get("id") == Some(id))?;
    found.get("href").map(str::to_owned)
}

/// Where the page sends the browser by itself, and after how many seconds.
pub(super) fn refresh(html: &str) -> Option<(u64, String)> {
    let tags = tags(html);
    let found = tags.iter().find(|tag| tag.name == "meta" && tag.get("http-equiv") == Some("refresh"))?;
    let (seconds, url) = found.get("content")?.split_once(';')?;
    Some((seconds.trim().parse().ok()?, url.trim().strip_prefix("url=")?.to_owned()))
}

/// The title of the page.
pub(super) fn title(html: &str) -> String {
    let tags = tags(html);
    let found = tags.iter().find(|tag| tag.name == "title");
    found.map(|tag| unescape(tag.text.trim())).unwrap_or_default()
}

fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let Some(end) = end_of_tag(after) else { break };
        let (inside, outside) = after.split_at(end);
        rest = outside.get(1..).unwrap_or_default();
        let name_end = inside.find(|c: char| c.is_ascii_whitespace()).unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(name_end);
        let text = rest.split('<').next().unwrap_or_default();
        tags.push(Tag { name, attributes: read_attributes(attributes), text });
    }
    tags
}

/// The `>` that is not inside of quotes.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    text.char_indices().find_map(|(at, character)| match (quote, character) {
        (None, '>') => Some(at),
        (None, '"' | '\'') => {
            quote = Some(character);
            None
        }
        (Some(open), character) if open == character => {
            quote = None;
            None
        }
        _ => None,
    })
}

fn read_attributes(mut rest: &str) -> Vec<(&str, String)> {
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start().trim_start_matches('/');
        let end = rest.find(|c: char| c == '=' || c.is_ascii_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if name.is_empty() {
            return attributes;
        }
        let Some(value) = after.strip_prefix('=') else {
            attributes.push((name, String::new()));
            rest = after;
            continue;
        };
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, after) = match quote {
            Some(quote) => value.get(1..).and_then(|value| value.split_once(quote)).unwrap_or((value, "")),
            None => value.split_at(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len())),
        };
        attributes.push((name, unescape(value)));
        rest = after;
    }
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let (entity, after) = after.split_once(';').unwrap_or((after, ""));
        let number = entity.strip_prefix('#').map(|digits| match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => digits.parse(),
        });
        match (entity, number) {
            ("amp", _) => plain.push('&'),
            ("lt", _) => plain.push('<'),
            ("gt", _) => plain.push('>'),
            ("quot", _) => plain.push('"'),
            ("apos", _) => plain.push('\''),
            (_, Some(Ok(number))) => plain.extend(char::from_u32(number)),
            _ => plain.push_str(entity),
        }
        rest = after;
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::{Form, link, refresh, title};

    const PAGE: &str = r#"<!doctype html><!-- <form id="f"> --><head><title>Sign up &middot; A &amp; B</title>
<meta http-equiv="refresh" content="2;url=/next?a=1&amp;b=2"></head>
<form id="other" action="/x"><input name="no" value="1"></form>
<form id="f" method="post" action="/go?token=a&#38;step=start" novalidate>
<input type="hidden" name="step" value="start"><input type=text name=first value=''>
<input type="radio" name="kind" value="A" checked><input type="radio" name="kind" value="B">
<input type="checkbox" name="terms" value="yes"><input type="submit" name="go" value="next">
<select name="month"><option value=""></option><option value="1">Jan</option><option value="2">Feb</option></select>
<select name="currency"><option>EUR</option><option selected>USD</option><option>CNY</option></select>
</form><a id="return" href="https://m.example/?x=1&amp;y=%3E" title="a > b">back</a>"#;

    #[test]
    fn a_form_is_sent_as_it_stands() {
        let form = Form::find(PAGE, "f").unwrap();
        assert_eq!(form.action, "/go?token=a&step=start");
        let fields: Vec<_> = form.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(fields, ["step=start", "first=", "kind=A", "month=1", "currency=USD"]);
    }

    #[test]
    fn fields_are_filled_in_and_missing_ones_named() {
        let mut form = Form::find(PAGE, "f").unwrap();
        form.fill("first", "Mei").unwrap();
        form.fill("kind", "B").unwrap();
        form.fill("terms", "yes").unwrap();
        form.fill("month", "2").unwrap();
        let fields: Vec<_> = form.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(fields, ["step=start", "first=Mei", "kind=B", "month=2", "currency=USD", "terms=yes"]);
        let error = form.fill("no", "1").unwrap_err();
        assert_eq!(error.to_string(), "the page has no field `no`");
        assert!(Form::find(PAGE, "none").is_none());
    }

    #[test]
    fn links_refreshes_and_titles_are_read() {
        assert_eq!(link(PAGE, "return").as_deref(), Some("https://m.example/?x=1&y=%3E"));
        assert_eq!(refresh(PAGE), Some((2, "/next?a=1&b=2".to_owned())));
        assert_eq!(title(PAGE), "Sign up middot A & B");
        assert_eq!(refresh("<p>no</p>"), None);
    }
}
