//! Reads Rust source just far enough for the rules: what is code, what is a
//! comment, what is the content of a string, where functions and test modules
//! begin and end. It does not understand types or macros.

use std::ops::RangeInclusive;

/// One file, taken apart.
#[derive(Debug)]
pub(crate) struct Source {
    /// The text with comments and the contents of literals blanked; same
    /// length and same lines.
    pub(crate) code: String,
    /// Contents of string literals with the line they begin on.
    pub(crate) strings: Vec<(usize, String)>,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// The line of `fn`, counted from 1.
    pub(crate) line: usize,
    /// Lines from `fn` to the closing brace.
    pub(crate) length: usize,
}

impl Source {
    pub(crate) fn read(text: &str) -> Self {
        Reader { text: text.as_bytes(), at: 0, blanked: text.as_bytes().to_vec(), strings: Vec::new() }.read()
    }

    /// Every function with a body, nested ones too.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let words: Vec<Word<'_>> = words(&self.code).collect();
        let mut functions = Vec::new();
        for pair in words.windows(2) {
            let [keyword, name] = pair else { continue };
            let between = self.code.get(keyword.end..name.start).unwrap_or_default();
            if keyword.text != "fn" || !between.chars().all(char::is_whitespace) {
                continue;
            }
            let Some(end) = body(&self.code, name.end).and_then(|open| closing(&self.code, open)) else {
                continue;
            };
            let line = line_of(&self.code, keyword.start);
            functions.push(Function { name: name.text.to_owned(), line, length: line_of(&self.code, end) - line + 1 });
        }
        functions
    }

    /// The lines of modules that are compiled for tests only.
    pub(crate) fn test_lines(&self) -> Vec<RangeInclusive<usize>> {
        let mut regions = Vec::new();
        for (start, _) in self.code.match_indices("#[cfg(test)]") {
            let open = body(&self.code, start + "#[cfg(test)]".len());
            if let Some(end) = open.and_then(|open| closing(&self.code, open)) {
                regions.push(line_of(&self.code, start)..=line_of(&self.code, end));
            }
        }
        regions
    }

    /// The names of modules in files of their own that are compiled for tests only.
    pub(crate) fn test_modules(&self) -> Vec<String> {
        let after = self.code.split("#[cfg(test)]").skip(1);
        let names = after.filter_map(|code| {
            let declaration = code.split_once(';')?.0.trim();
            let name = declaration.strip_prefix("mod ")?.trim();
            name.bytes().all(is_word).then(|| name.to_owned())
        });
        names.collect()
    }

    /// Names that the file defines, with their line.
    pub(crate) fn definitions(&self) -> Vec<(usize, String)> {
        const KEYWORDS: &[&str] = &["fn", "struct", "enum", "trait", "type", "mod", "const", "static", "macro_rules"];
        let words: Vec<Word<'_>> = words(&self.code).collect();
        let pairs = words.windows(2).filter_map(|pair| match pair {
            [keyword, name] if KEYWORDS.contains(&keyword.text) => {
                Some((line_of(&self.code, name.start), name.text.to_owned()))
            }
            _ => None,
        });
        pairs.collect()
    }
}

/// The line of a byte offset, counted from 1.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

struct Word<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

fn words(code: &str) -> impl Iterator<Item = Word<'_>> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let bytes = code.as_bytes();
        let start = rest + bytes.get(rest..)?.iter().position(|byte| is_word(*byte))?;
        let length = bytes.get(start..)?.iter().take_while(|byte| is_word(**byte)).count();
        rest = start + length;
        Some(Word { text: code.get(start..rest)?, start, end: rest })
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The brace that opens the body of an item, if it has one: the first brace
/// outside of parentheses and brackets, unless a semicolon comes first.
fn body(code: &str, from: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b'{' if depth == 0 => return Some(at),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The brace that closes the one at `open`.
fn closing(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    blanked: Vec<u8>,
    strings: Vec<(usize, String)>,
}

impl Reader<'_> {
    fn read(mut self) -> Source {
        while let Some(byte) = self.peek(0) {
            match (byte, self.peek(1)) {
                (b'/', Some(b'/')) => {
                    let end = self.find(self.at, b"\n");
                    self.blank_to(end);
                }
                (b'/', Some(b'*')) => {
                    let end = self.end_of_block_comment();
                    self.blank_to(end);
                }
                (b'"', _) => self.string(self.at + 1),
                (b'\'', _) => self.quote(),
                (byte, _) if is_word(byte) => self.word(),
                _ => self.at += 1,
            }
        }
        Source { code: String::from_utf8_lossy(&self.blanked).into_owned(), strings: self.strings }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn find(&self, from: usize, what: &[u8]) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        let found = rest.windows(what.len()).position(|window| window == what);
        found.map_or(self.text.len(), |found| from + found)
    }

    /// Blanks up to `end`, keeping the lines, and goes on there.
    fn blank_to(&mut self, end: usize) {
        for byte in self.blanked.iter_mut().take(end).skip(self.at) {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        self.at = end;
    }

    fn end_of_block_comment(&self) -> usize {
        let mut depth = 0usize;
        let mut at = self.at;
        while let Some(pair) = self.text.get(at..at + 2) {
            match pair {
                b"/*" => (depth, at) = (depth + 1, at + 2),
                b"*/" if depth == 1 => return at + 2,
                b"*/" => (depth, at) = (depth - 1, at + 2),
                _ => at += 1,
            }
        }
        self.text.len()
    }

    /// A word may be the prefix of a literal: `r"`, `r#"`, `b"`, `b'`, `br"`, `c"`, `cr"`.
    fn word(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| is_word(**byte)).count();
        let word = rest.get(..length).unwrap_or_default();
        let after = rest.get(length..).unwrap_or_default();
        self.at += length;
        match (word, after.first()) {
            (b"r" | b"br" | b"cr", Some(b'"' | b'#')) => {
                let hashes = after.iter().take_while(|byte| **byte == b'#').count();
                if after.get(hashes) == Some(&b'"') {
                    self.raw_string(hashes);
                }
            }
            (b"b" | b"c", Some(b'"')) => self.string(self.at + 1),
            _ => {}
        }
    }

    fn raw_string(&mut self, hashes: usize) {
        let start = self.at + hashes + 1;
        let mut terminator = vec![b'"'];
        terminator.resize(hashes + 1, b'#');
        let end = self.find(start, &terminator);
        self.keep_string(start, end);
        self.blank_to((end + terminator.len()).min(self.text.len()));
    }

    fn string(&mut self, start: usize) {
        let mut end = start;
        while let Some(byte) = self.text.get(end) {
            match byte {
                b'\\' => end += 2,
                b'"' => break,
                _ => end += 1,
            }
        }
        let end = end.min(self.text.len());
        self.keep_string(start, end);
        self.blank_to((end + 1).min(self.text.len()));
    }

    fn keep_string(&mut self, start: usize, end: usize) {
        let line = self.text.iter().take(start).filter(|byte| **byte == b'\n').count() + 1;
        let content = self.text.get(start..end).unwrap_or_default();
        self.strings.push((line, String::from_utf8_lossy(content).into_owned()));
    }

    /// A character literal, or else a lifetime or label.
    fn quote(&mut self) {
        if self.peek(1) == Some(b'\\') {
            let end = self.find(self.at + 3, b"'");
            self.blank_to((end + 1).min(self.text.len()));
            return;
        }
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        let length = rest.iter().skip(1).take_while(|byte| (0x80..0xc0).contains(*byte)).count() + 1;
        if rest.get(length) == Some(&b'\'') {
            self.blank_to(self.at + length + 2);
        } else {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Function, Source};

    #[test]
    fn comments_and_literals_are_no_code() {
        let text = r##"let a = "fn x() { \" }"; // fn y() {
let b = r#"a "quoted" {"#; /* { /* nested */ { */ let c = '{'; let d = '\''; let e = b'}';
fn f<'a>(x: &'a str) -> char { 'é' }
let r#type = br"{"; let g = c"}"; 'outer: loop { break 'outer; }
"##;
        let source = Source::read(text);
        assert_eq!(source.code.len(), text.len());
        assert_eq!(source.code.lines().count(), text.lines().count());
        let open = source.code.matches('{').count();
        assert_eq!((open, source.code.matches('}').count()), (2, 2), "{}", source.code);
        assert_eq!(
            source.strings,
            [
                (1, "fn x() { \\\" }".to_owned()),
                (2, "a \"quoted\" {".to_owned()),
                (4, "{".to_owned()),
                (4, "}".to_owned())
            ]
        );
        assert_eq!(source.functions().len(), 1);
    }

    #[test]
    fn functions_are_measured_from_fn_to_brace() {
        let text = "trait T { fn none(&self) -> [u8; 4]; }\ntype F = fn(u8) -> u8;\nfn one<const N: usize>(\n    a: [u8; N],\n) where\n{\n    let s = \"}\";\n    fn inner() {}\n}\n";
        let functions = Source::read(text).functions();
        let function = |name: &str, line, length| Function { name: name.to_owned(), line, length };
        assert_eq!(functions, [function("one", 3, 7), function("inner", 8, 1)]);
    }

    #[test]
    fn test_modules_are_found_here_and_elsewhere() {
        let source = Source::read(
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nmod cases;\nfn d() {}\n",
        );
        assert_eq!(source.test_lines(), [2..=5]);
        assert_eq!(source.test_modules(), ["cases"]);
    }

    #[test]
    fn definitions_are_named() {
        let source = Source::read("pub struct A;\nenum B {}\nmacro_rules! c { () => {} }\nlet x = fn_y;\n");
        let names: Vec<_> = source.definitions().into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["A", "B", "c"]);
    }
}
