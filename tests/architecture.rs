//! Holds `src/` against the table of modules in `ARCHITECTURE.md`: who may use whom, which outside crates stay where, what a pure
//! module may not touch, and the form of every file. `tests/pure_core.rs` is the second guard: it covers what text cannot see.
//!
//! The checks themselves are in `tests/architecture/`, each with real violations that it must catch.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "architecture/rules.rs"]
mod rules;
#[path = "architecture/source.rs"]
mod source;
#[path = "architecture/table.rs"]
mod table;

use std::fs;
use std::path::{Path, PathBuf};

use source::Source;
use table::Table;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn modules() -> Table {
    Table::read(&read("ARCHITECTURE.md"), "## Modules").unwrap()
}

/// Every Rust file under `src/`, in order of name.
fn sources() -> Vec<Source> {
    fn walk(folder: &Path, base: &Path, found: &mut Vec<Source>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, base, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let parts: Vec<_> = path.strip_prefix(base).unwrap().iter().map(|p| p.to_str().unwrap()).collect();
                found.push(Source::new(&parts.join("/"), &fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join("src"), &root().join("src"), &mut found);
    found.sort_by(|a, b| a.file.cmp(&b.file));
    assert!(found.len() > 10, "the source was not found");
    found
}

/// The files that are built into the product, not for tests only.
fn product_sources() -> Vec<Source> {
    let all = sources();
    let for_tests: Vec<Vec<String>> =
        all.iter().flat_map(|s| s.test_modules.iter().map(|name| [s.module(), vec![name.clone()]].concat())).collect();
    all.into_iter().filter(|s| !for_tests.iter().any(|test| s.module().starts_with(test))).collect()
}

/// The names of the crates the product is built with.
fn dependencies() -> Vec<String> {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let targets =
        manifest.get("target").and_then(toml::Value::as_table).into_iter().flatten().map(|(_, target)| target);
    let tables = targets.filter_map(|t| t.get("dependencies")).chain(manifest.get("dependencies"));
    let names: Vec<String> = tables.flat_map(|t| t.as_table().unwrap().keys().cloned()).collect();
    assert!(names.iter().any(|name| name == "tokio"), "the dependencies were not read");
    names
}

/// The file that holds a module, if there is one.
fn module_file(module: &str) -> Option<String> {
    let path = module.replace("::", "/");
    [format!("src/{path}/mod.rs"), format!("src/{path}.rs")].into_iter().find(|file| root().join(file).is_file())
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn the_table_has_no_cycle_and_keeps_pure_modules_pure() {
    assert_none(&modules().faults());
}

#[test]
fn modules_and_crates_are_used_only_where_the_table_allows() {
    let (table, crates) = (modules(), dependencies());
    assert_none(&product_sources().iter().flat_map(|s| rules::edges(s, &table, &crates)).collect::<Vec<_>>());
}

#[test]
fn crates_in_the_table_are_dependencies() {
    let crates = dependencies();
    let rows = modules().0;
    let unknown = rows.iter().flat_map(|row| row.outside.iter().filter(|name| !crates.contains(name)));
    assert_none(
        &unknown.map(|name| format!("`{name}` is in ARCHITECTURE.md but not in Cargo.toml")).collect::<Vec<_>>(),
    );
}

#[test]
fn pure_modules_touch_no_clock_file_socket_environment_or_dice() {
    let table = modules();
    let sources = product_sources();
    let pure = sources.iter().filter(|s| table.row_for(&s.module()).is_some_and(|row| row.pure));
    assert_none(&pure.flat_map(rules::purity).collect::<Vec<_>>());
}

#[test]
fn every_file_has_the_house_form() {
    assert_none(&sources().iter().flat_map(rules::form).collect::<Vec<_>>());
}

#[test]
fn every_module_of_the_library_has_a_row() {
    let table = modules();
    let declared = rules::declared_modules(&Source::new("lib.rs", &read("src/lib.rs")));
    assert!(declared.iter().any(|name| name == "dns"), "the modules of src/lib.rs were not read");
    let missing = declared.iter().filter(|name| !table.top_level().contains(&name.as_str()));
    assert_none(
        &missing.map(|name| format!("`{name}` is in src/lib.rs but has no row in ARCHITECTURE.md")).collect::<Vec<_>>(),
    );
}

#[test]
fn every_row_has_its_module() {
    let declared = rules::declared_modules(&Source::new("lib.rs", &read("src/lib.rs")));
    let rows = modules().0;
    let top = |module: &str| module.split("::").next().unwrap_or_default().to_owned();
    let missing = rows.iter().filter(|row| module_file(&row.module).is_none() || !declared.contains(&top(&row.module)));
    assert_none(
        &missing
            .map(|row| format!("`{}` has a row in ARCHITECTURE.md but is not there", row.module))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn a_room_to_come_is_not_there_yet() {
    let rooms = Table::read(&read("ARCHITECTURE.md"), "## Rooms to come").unwrap().0;
    let here = rooms.iter().filter(|row| module_file(&row.module).is_some());
    assert_none(
        &here.map(|row| format!("`{}` has come: move its row to the table of modules", row.module)).collect::<Vec<_>>(),
    );
}

#[test]
fn every_pure_module_stands_behind_the_wall_and_denies_clocks() {
    let wall = Source::new("pure_core.rs", &read("tests/pure_core.rs"));
    let mounted = rules::declared_modules(&wall);
    let mut faults = Vec::new();
    for row in modules().0.iter().filter(|row| row.pure) {
        let Some(file) = module_file(&row.module) else { continue };
        if !mounted.contains(&row.module) {
            faults.push(format!("`{}` is pure but not mounted in tests/pure_core.rs", row.module));
        }
        if !Source::new(&file, &read(&file)).code.contains("#![deny(clippy::disallowed_methods)]") {
            faults.push(format!("{file}: pure, but without `#![deny(clippy::disallowed_methods)]` at its head"));
        }
    }
    assert_none(&faults);
}
