//! The rules that every file of `src/` keeps. Each gives sentences about what breaks it; none is good.

use crate::source::{Source, paths, tokens};
use crate::table::{Row, Table};

/// Longest file, without its tests.
const MOST_LINES: usize = 600;

/// File names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["common", "helper", "helpers", "manager", "misc", "util", "utils"];

/// Words of no modern DNS text (RFC 9499), and marks of unfinished work.
const FORBIDDEN_WORDS: &[&str] = &["lame", "bailiwick", "TODO", "FIXME"];

/// Parts of `std` that a pure module does not touch.
const NOT_PURE_PATHS: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io",
    "std::os",
    "std::process",
    "std::random",
    "std::thread",
    "std::hash::RandomState",
    "std::net::TcpListener",
    "std::net::TcpStream",
    "std::net::ToSocketAddrs",
    "std::net::UdpSocket",
    "std::time::Instant",
    "std::time::SystemTime",
];

/// Words that a pure module does not have, however they came in.
const NOT_PURE_WORDS: &[&str] = &[
    "Instant",
    "RandomState",
    "SystemTime",
    "TcpListener",
    "TcpStream",
    "ToSocketAddrs",
    "UdpSocket",
    "async",
    "await",
    "stdin",
    "stdout",
    "stderr",
    "thread_local",
];

/// Macros that print.
const PRINTING: &[&str] = &["dbg", "eprint", "eprintln", "print", "println"];

/// Derives that every module may use.
const FOR_ALL: &[&str] = &["thiserror"];

/// Which modules and which outside crates the file names beyond what its row allows. `dependencies` are the names in
/// `Cargo.toml`.
pub fn edges(source: &Source, table: &Table, dependencies: &[String]) -> Vec<String> {
    let module = source.module();
    let named = paths(&source.code);
    let mut faults = Vec::new();
    if source.code.contains("use crate as ") {
        faults.push("gives the crate's root another name".to_owned());
    }
    let Some(row) = table.row_for(&module) else {
        if module.is_empty() {
            faults.extend(root_edges(source, &named, dependencies));
        } else {
            faults.push(format!("its module `{}` has no row in ARCHITECTURE.md", module.join("::")));
        }
        return in_file(source, faults);
    };
    for path in &named {
        match path[0].as_str() {
            "crate" if path.len() > 1 => match table.row_for(&path[1..]) {
                Some(target) => faults.extend(edge(row, target)),
                None => faults.push(format!("names `{}`, which is in no module of ARCHITECTURE.md", path.join("::"))),
            },
            "super" | "self" => {
                // Out of an inline module this climbs one step too many; it then meets no row and says nothing.
                let climbed = path.iter().filter(|step| *step == "super").count();
                let below = path.iter().filter(|step| !matches!(step.as_str(), "super" | "self"));
                let kept = &module[..module.len().saturating_sub(climbed)];
                let target: Vec<&String> = kept.iter().chain(below).collect();
                faults.extend(table.row_for(&target).and_then(|target| edge(row, target)));
            }
            first => faults.extend(outside(first, dependencies, &row.outside, &row.module)),
        }
    }
    in_file(source, faults)
}

/// Whether `row` may name something in `target`: itself, what its row allows, and its own parts.
fn edge(row: &Row, target: &Row) -> Option<String> {
    let allowed = target.module == row.module
        || target.module.starts_with(&format!("{}::", row.module))
        || row.may_use.iter().any(|used| *used == target.module || used == "everything");
    (!allowed).then(|| format!("`{}` may not use `{}`", row.module, target.module))
}

/// A fault when `name` is an outside crate that is not allowed here.
fn outside(name: &str, dependencies: &[String], allowed: &[String], module: &str) -> Option<String> {
    let dependency = dependencies.iter().find(|d| d.replace('-', "_") == name)?;
    let fine = allowed.contains(dependency) || FOR_ALL.contains(&dependency.as_str());
    (!fine).then(|| format!("`{module}` may not use the crate `{dependency}`"))
}

/// `lib.rs` only lists modules; `main.rs` knows `cli` and nothing else.
fn root_edges(source: &Source, named: &[Vec<String>], dependencies: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    for path in named {
        if path[0] == "unpark" && path.get(1).map(String::as_str) != Some("cli") || path[0] == "crate" {
            faults.push(format!("names `{}`; the root knows only `cli`", path.join("::")));
        }
        faults.extend(outside(&path[0], dependencies, &[], &source.file));
    }
    faults
}

/// What a pure module's file does that a pure function cannot.
pub fn purity(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    for path in paths(&source.code) {
        let text = path.join("::");
        for forbidden in NOT_PURE_PATHS {
            let inside = text == *forbidden || text.starts_with(&format!("{forbidden}::"));
            let glob = text.strip_suffix('*').is_some_and(|open| forbidden.starts_with(open));
            if inside || glob {
                faults.push(format!("is pure but names `{text}`"));
            }
        }
        if let [.., of, now] = path.as_slice()
            && now == "now"
            && matches!(of.as_str(), "Timestamp" | "Zoned" | "ReadClock")
        {
            faults.push(format!("is pure but calls `{text}`"));
        }
    }
    let tokens = tokens(&source.code);
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).copied().unwrap_or_default();
        let clock = *token == "now" && next == "(" && at >= 1 && tokens[at - 1] == ".";
        if NOT_PURE_WORDS.contains(token) || PRINTING.contains(token) && next == "!" || clock {
            faults.push(format!("is pure but has `{token}`"));
        }
    }
    in_file(source, faults)
}

/// What every file looks like: purpose first, not too long, named for what it holds, in today's words.
pub fn form(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    if !source.raw.starts_with("//! ") {
        faults.push("does not open with `//!` and its purpose".to_owned());
    }
    if source.lines > MOST_LINES {
        faults.push(format!("has {} lines without its tests; {MOST_LINES} is the most", source.lines));
    }
    let parts = source.file.trim_end_matches(".rs").split('/');
    for name in parts.filter(|part| EMPTY_NAMES.contains(part)) {
        faults.push(format!("`{name}` names nothing: say what is inside"));
    }
    for word in source.raw.split(|c: char| !c.is_alphanumeric()) {
        // Marks are looked for as they are written, words in any case.
        if FORBIDDEN_WORDS.iter().any(|f| *f == word || *f == word.to_lowercase()) {
            faults.push(format!("has the word `{word}`"));
        }
    }
    for token in tokens(&source.code).iter().filter(|t| t.to_lowercase().contains("propagat")) {
        faults.push(format!(
            "calls something `{token}`: name the mechanism (zone transfer, cached RRset, negative caching)"
        ));
    }
    in_file(source, faults)
}

/// The modules that a root file declares, those in inline modules with their path: `dns`, `view::model`.
pub fn declared_modules(root: &Source) -> Vec<String> {
    let tokens = tokens(&root.code);
    let mut declared = Vec::new();
    // The name of the inline module behind each open brace; empty for other braces.
    let mut open: Vec<&str> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match *token {
            "{" if at >= 2 && tokens[at - 2] == "mod" => open.push(tokens[at - 1]),
            "{" => open.push(""),
            "}" => drop(open.pop()),
            ";" if at >= 2 && tokens[at - 2] == "mod" => {
                let outer = open.iter().filter(|name| !name.is_empty());
                declared.push(outer.chain([&tokens[at - 1]]).copied().collect::<Vec<_>>().join("::"));
            }
            _ => {}
        }
    }
    declared
}

fn in_file(source: &Source, faults: Vec<String>) -> Vec<String> {
    faults.into_iter().map(|fault| format!("src/{}: {fault}", source.file)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\n## Modules\n\
        | `dns` | x | yes | – | `idna` |\n\
        | `judge` | x | yes | `dns` | – |\n\
        | `incident` | x | yes | `dns`, `judge` | – |\n\
        | `view` | x | – | – | – |\n\
        | `view::model` | x | yes | `incident` | – |\n\
        | `view::tui` | x | – | `view::model` | `ratatui` |\n\
        | `view::json` | x | – | `view::model` | `serde` |\n\
        | `probe` | x | – | `dns` | `tokio`, `hickory-proto` |\n\
        | `cli` | x | – | `everything` | `clap` |\n";

    fn edges_of(file: &str, code: &str) -> String {
        let table = Table::read(TABLE, "## Modules").unwrap();
        let crates = ["tokio", "hickory-proto", "ratatui", "serde", "clap", "idna", "thiserror"].map(str::to_owned);
        edges(&Source::new(file, code), &table, &crates).join("\n")
    }

    #[test]
    fn allowed_edges_pass() {
        assert_eq!(
            edges_of(
                "judge/cache.rs",
                "use crate::dns::{self, Name}; use super::finding::Finding; use thiserror::Error;"
            ),
            ""
        );
        assert_eq!(
            edges_of("view/tui/keys.rs", "use crate::view::model::Model; use super::columns; use ratatui::Frame;"),
            ""
        );
        assert_eq!(edges_of("view/mod.rs", "pub mod model; use self::model::Model;"), "");
        assert_eq!(edges_of("cli/watch.rs", "use crate::{probe::Pool, view::{tui, json}}; use clap::Parser;"), "");
        assert_eq!(edges_of("main.rs", "fn main() -> ExitCode { unpark::cli::run() }"), "");
        assert_eq!(edges_of("judge/mod.rs", "#[cfg(test)] mod tests { use crate::probe::Pool; }"), "");
    }

    #[test]
    fn a_pure_module_that_reaches_for_an_edge_is_caught() {
        assert!(
            edges_of("judge/mod.rs", "use crate::{dns::Name, probe::{Pool, Wire}};")
                .contains("`judge` may not use `probe`")
        );
        assert!(edges_of("judge/mod.rs", "fn f(p: &crate::probe::Pool) {}").contains("`judge` may not use `probe`"));
    }

    #[test]
    fn an_edge_against_the_order_is_caught_between_pure_modules_too() {
        assert!(
            edges_of("judge/cache.rs", "use crate::incident::Incident;").contains("`judge` may not use `incident`")
        );
        assert!(edges_of("judge/cache.rs", "use super::super::incident::Incident;").contains("may not use `incident`"));
        assert!(edges_of("dns/name.rs", "use crate as root; use root::judge::X;").contains("another name"));
    }

    #[test]
    fn views_do_not_use_each_other() {
        assert!(
            edges_of("view/tui/draw.rs", "use crate::view::json::Row;")
                .contains("`view::tui` may not use `view::json`")
        );
        assert!(
            edges_of("view/tui/draw.rs", "use super::super::json::Row;")
                .contains("`view::tui` may not use `view::json`")
        );
        assert!(edges_of("view/json.rs", "use crate::view::*;").contains("`view::json` may not use `view`"));
    }

    #[test]
    fn a_module_without_a_row_is_caught_from_both_sides() {
        assert!(edges_of("extra/mod.rs", "").contains("`extra` has no row"));
        assert!(edges_of("dns/name.rs", "use crate::extra::X;").contains("in no module"));
        assert!(edges_of("dns/name.rs", "use crate::*;").contains("in no module"));
    }

    #[test]
    fn an_outside_crate_in_the_wrong_module_is_caught() {
        assert!(edges_of("judge/mod.rs", "use tokio::net::UdpSocket;").contains("may not use the crate `tokio`"));
        assert!(
            edges_of("incident/mod.rs", "fn f(n: hickory_proto::rr::Name) {}").contains("the crate `hickory-proto`")
        );
        assert!(edges_of("view/json.rs", "use ::{ratatui::Frame};").contains("the crate `ratatui`"));
        assert!(edges_of("probe/mod.rs", "#[derive(serde::Serialize)] struct X;").contains("the crate `serde`"));
        assert!(edges_of("dns/mod.rs", "use serde as s;").contains("the crate `serde`"));
        assert!(edges_of("main.rs", "fn main() { unpark::probe::run() }").contains("only `cli`"));
        assert!(edges_of("lib.rs", "pub use clap::Parser;").contains("the crate `clap`"));
    }

    #[test]
    fn impure_deeds_are_caught() {
        let caught = |code: &str| !purity(&Source::new("judge/mod.rs", code)).is_empty();
        for code in [
            "use std::time::{Duration, Instant};",
            "let now = std::time::SystemTime::now();",
            "use std::time::*;",
            "use std::{fmt, env};",
            "let x = std::fs::read(path);",
            "use std::net::{IpAddr, UdpSocket};",
            "let t = jiff::Timestamp::now();",
            "let t = clock.now();",
            "std::thread::spawn(f);",
            "println!(\"x\");",
            "async fn f() {}",
            "use std::hash::RandomState;",
        ] {
            assert!(caught(code), "not caught: {code}");
        }
        for code in [
            "use std::time::Duration; use std::net::{IpAddr, SocketAddr}; fn f(now: Timestamp) { g(now) }",
            "/// Not `Instant::now`.\nfn print(now: u8) {}",
            "trait ReadClock { fn now(&self) -> Timestamp; }",
            "#[cfg(test)] mod tests { use std::fs; }",
        ] {
            assert!(!caught(code), "caught without reason: {code}");
        }
    }

    #[test]
    fn bad_form_is_caught() {
        let faults = |file: &str, text: &str| form(&Source::new(file, text)).join("\n");
        assert_eq!(faults("dns/name.rs", "//! Names. The flame and the blame.\nfn a() {}\n"), "");
        assert!(faults("dns/name.rs", "use std::fmt;\n").contains("does not open"));
        assert!(faults("dns/utils.rs", "//! X\n").contains("names nothing"));
        assert!(faults("common/mod.rs", "//! X\n").contains("names nothing"));
        assert!(faults("a.rs", "//! A lame server.\n").contains("`lame`"));
        assert!(faults("a.rs", "//! X\nfn f() { in_bailiwick() }").contains("`bailiwick`"));
        assert!(faults("a.rs", "//! X\n// TODO: more\n").contains("`TODO`"));
        assert!(faults("a.rs", "//! X\nstruct PropagationState;").contains("name the mechanism"));
        let long = format!("//! X\n{}", "fn a() {}\n".repeat(MOST_LINES));
        assert!(faults("a.rs", &long).contains("601 lines"));
        let tested = format!("//! X\n#[cfg(test)]\nmod tests {{\n{}}}\n", "fn a() {}\n".repeat(MOST_LINES));
        assert_eq!(faults("a.rs", &tested), "");
    }

    #[test]
    fn the_modules_of_a_library_are_read() {
        let lib = Source::new("lib.rs", "//! `pub mod no;`\npub mod dns;\nmod time;\n#[cfg(test)]\nmod cases;\n");
        assert_eq!(declared_modules(&lib), ["dns", "time"]);
        let wall = "mod a;\n#[path = \"x\"]\nmod view {\n#[path = \"y\"]\npub mod model;\n}\nfn main() {}\nmod b;\n";
        assert_eq!(declared_modules(&Source::new("wall.rs", wall)), ["a", "view::model", "b"]);
    }
}
