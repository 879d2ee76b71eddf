//! Source text made ready for checking: comments and strings blanked, tests cut out, paths taken from what is left.
//!
//! This is no parser of Rust. It knows just enough of its tokens to see which paths the code names.

/// One file under `src/`.
pub struct Source {
    /// Its path below `src/`, with `/`.
    pub file: String,
    /// Its text as it stands.
    pub raw: String,
    /// Its text without comments, strings and tests.
    pub code: String,
    /// Lines that are not tests.
    pub lines: usize,
    /// Modules of this file that exist for tests only and lie in files of their own.
    pub test_modules: Vec<String>,
}

impl Source {
    /// Prepares a file's text.
    pub fn new(file: &str, raw: &str) -> Self {
        let mut source = Self {
            file: file.to_owned(),
            raw: raw.to_owned(),
            code: blank(raw),
            lines: raw.lines().count(),
            test_modules: Vec::new(),
        };
        source.cut_tests();
        source
    }

    /// The module the file holds: `["view", "tui", "keys"]`; empty for `lib.rs` and `main.rs`.
    pub fn module(&self) -> Vec<String> {
        let path = self.file.trim_end_matches(".rs");
        let mut module: Vec<String> = path.split('/').map(str::to_owned).collect();
        if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            module.pop();
        }
        module
    }

    /// Removes every item behind `#[cfg(test)]`.
    fn cut_tests(&mut self) {
        const MARK: &str = "#[cfg(test)]";
        while let Some(start) = self.code.find(MARK) {
            let rest = &self.code[start + MARK.len()..];
            let mut depth = 0_usize;
            let mut end = rest.len();
            for (at, c) in rest.char_indices() {
                match c {
                    '{' | '[' | '(' => depth += 1,
                    '}' | ']' | ')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if depth == 0 && matches!(c, '}' | ';') {
                    end = at + 1;
                    break;
                }
            }
            let item = &rest[..end];
            self.lines -= item.matches('\n').count().min(self.lines);
            let words = tokens(item);
            if let Some(at) = words.iter().position(|t| *t == "mod")
                && words.get(at + 2) == Some(&";")
            {
                self.test_modules.push(words[at + 1].to_owned());
            }
            self.code.replace_range(start..start + MARK.len() + end, "");
        }
    }
}

/// The text with comments, strings and characters replaced by spaces; lines stay where they are.
pub fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = skip_opaque(bytes, at);
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8(out).expect("whole comments and strings are replaced, never half a character")
}

/// Where the comment, string or character that starts at `at` ends; `at` itself when none starts there.
fn skip_opaque(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let before = at.checked_sub(1).map_or(b' ', |b| bytes[b]);
    let to_end = bytes.len();
    if rest.starts_with(b"//") {
        return rest.iter().position(|b| *b == b'\n').map_or(to_end, |n| at + n);
    }
    if rest.starts_with(b"/*") {
        let (mut depth, mut i) = (1, at + 2);
        while i < to_end && depth > 0 {
            match &bytes[i..] {
                [b'/', b'*', ..] => (depth, i) = (depth + 1, i + 2),
                [b'*', b'/', ..] => (depth, i) = (depth - 1, i + 2),
                _ => i += 1,
            }
        }
        return i.min(to_end);
    }
    if (!is_word(before) || before == b'b' || before == b'c')
        && let [b'r', after @ ..] = rest
    {
        let hashes = after.iter().take_while(|b| **b == b'#').count();
        if after.get(hashes) == Some(&b'"') {
            let close: Vec<u8> = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
            let body = at + 2 + hashes;
            return (body..to_end).find(|i| bytes[*i..].starts_with(&close)).map_or(to_end, |i| i + close.len());
        }
    }
    match rest {
        [b'"', ..] => {
            let mut i = at + 1;
            while i < to_end && bytes[i] != b'"' {
                i += if bytes[i] == b'\\' { 2 } else { 1 };
            }
            (i + 1).min(to_end)
        }
        [b'\'', b'\\', _, after @ ..] => after.iter().position(|b| *b == b'\'').map_or(to_end, |n| at + 3 + n + 1),
        // A character, not a lifetime: one character and a closing quote.
        [b'\'', first, ..] => {
            let width = match first {
                0..=0x7f => 1,
                0x80..=0xdf => 2,
                0xe0..=0xef => 3,
                _ => 4,
            };
            if rest.get(1 + width) == Some(&b'\'') { at + width + 2 } else { at }
        }
        _ => at,
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Words, `::`, and every other character by itself.
pub fn tokens(code: &str) -> Vec<&str> {
    let bytes = code.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = match bytes[at] {
            b if is_word(b) => bytes[at..].iter().take_while(|b| is_word(**b)).count(),
            b':' if bytes.get(at + 1) == Some(&b':') => 2,
            _ => 1,
        };
        if !bytes[at].is_ascii_whitespace() {
            found.push(&code[at..at + length]);
        }
        at += length;
    }
    found
}

/// Every path the code names, groups written out: `use a::{b::C, d}` gives `a::b::C` and `a::d`. A path of one word is
/// given only behind `use` or `extern crate`.
pub fn paths(code: &str) -> Vec<Vec<String>> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let continues = at >= 2 && tokens[at - 1] == "::" && is_path_word(tokens[at - 2]);
        let starts = is_path_word(tokens[at]) && !continues;
        if !starts {
            at += 1;
            continue;
        }
        let imported = at >= 1 && matches!(tokens[at - 1], "use" | "crate");
        let mut here = Vec::new();
        let end = expand(&tokens, at, &[], &mut here);
        found.extend(here.into_iter().filter(|path| path.len() > 1 || imported));
        at = end.max(at + 1);
    }
    found
}

fn is_path_word(token: &str) -> bool {
    // Words that may stand before a path with a leading `::` without being part of it.
    const NOT_IN_PATHS: &[&str] =
        &["as", "dyn", "else", "for", "if", "impl", "in", "let", "match", "mut", "return", "use", "where"];
    token == ">" || token.bytes().next().is_some_and(is_word) && !NOT_IN_PATHS.contains(&token)
}

/// Reads one path or group at `at`; gives where it ends.
fn expand(tokens: &[&str], mut at: usize, prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = prefix.to_vec();
    loop {
        match tokens.get(at) {
            Some(&"{") => {
                at += 1;
                while at < tokens.len() && tokens[at] != "}" {
                    let end = expand(tokens, at, &path, found).max(at + 1);
                    at = end;
                    // Past `as name` and the comma.
                    while at < tokens.len() && !matches!(tokens[at], "," | "}") {
                        at += 1;
                    }
                    if tokens.get(at) == Some(&",") {
                        at += 1;
                    }
                }
                return at + 1;
            }
            Some(&word) if word == "*" || is_path_word(word) && word != ">" => {
                path.push(word.to_owned());
                at += 1;
                if tokens.get(at) != Some(&"::") {
                    found.push(path);
                    return at;
                }
                at += 1;
            }
            _ => {
                found.push(path);
                return at;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(code: &str) -> Vec<String> {
        paths(code).iter().map(|p| p.join("::")).collect()
    }

    #[test]
    fn groups_are_written_out() {
        let code =
            "use crate::{dns::{self, Name as N}, time};\nfn f(x: Vec<crate::probe::Pool>) -> <T as crate::a::B>::C {}";
        let expected = ["crate::dns::self", "crate::dns::Name", "crate::time", "crate::probe::Pool", "crate::a::B"];
        assert_eq!(joined(code), expected);
        assert_eq!(joined("use ::std::{env, fs::*}; use serde; let rand = 1;"), ["std::env", "std::fs::*", "serde"]);
        assert_eq!(joined("a::b::<u8>::c()"), ["a::b"]);
    }

    #[test]
    fn comments_strings_and_characters_name_nothing() {
        let code = "// crate::a::A\n/* crate::b /* nested */ crate::c::C */ /// [`crate::d::D`]\n\
            let s = \"crate::e::E \\\" crate::f::F\"; let r = r#\"crate::g::G \" crate::h::H\"#; let c = '\"'; let q = '\\'';\
            fn life<'a>(x: &'a str, b: &[u8]) { b\"crate::i::I\"; 'é'; crate::seen::X }";
        assert_eq!(joined(&blank(code)), ["crate::seen::X"]);
        assert_eq!(blank("a\n\"b\nc\"\n").lines().count(), 3);
    }

    #[test]
    fn tests_are_cut_out_and_not_counted() {
        let text = "//! x\nuse crate::a::A;\n#[cfg(test)]\n#[path = \"x.rs\"]\nmod cases;\nfn f() {}\n#[cfg(test)]\nmod tests {\n    use crate::b::B;\n    mod deep {}\n}\nuse crate::c::C;\n";
        let source = Source::new("a/b.rs", text);
        assert_eq!(joined(&source.code), ["crate::a::A", "crate::c::C"]);
        assert_eq!((source.lines, source.test_modules), (6, vec!["cases".to_owned()]));
    }

    #[test]
    fn a_file_knows_its_module() {
        let module = |file| Source::new(file, "").module().join("::");
        assert_eq!(module("view/tui/mod.rs"), "view::tui");
        assert_eq!(module("view/tui/keys.rs"), "view::tui::keys");
        assert_eq!((module("time.rs"), module("lib.rs")), ("time".to_owned(), String::new()));
    }
}
