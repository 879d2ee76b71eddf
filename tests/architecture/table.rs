//! The table of modules, read from `ARCHITECTURE.md`, and the checks of the table itself.

/// One row: a module and what it may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The module's path, as `view::tui`.
    pub module: String,
    /// Whether it is free of clocks, files, sockets, environment and randomness.
    pub pure: bool,
    /// Modules it may name; `everything` for all above it.
    pub may_use: Vec<String>,
    /// Crates it may name, as in `Cargo.toml`.
    pub outside: Vec<String>,
}

/// Rows in the order of the document.
pub struct Table(pub Vec<Row>);

/// Crates that do I/O, ask a person, or throw dice: none of them in a pure module.
const NOT_PURE: &[&str] = &[
    "anyhow",
    "clap",
    "crossterm",
    "futures",
    "hickory-proto",
    "hickory-resolver",
    "rand",
    "ratatui",
    "reqwest",
    "rustix",
    "rustls",
    "socket2",
    "tokio",
    "tokio-util",
    "tui-input",
    "webbrowser",
];

impl Table {
    /// Reads the table below the given heading.
    pub fn read(document: &str, heading: &str) -> Result<Self, String> {
        let body = document
            .split_once(&format!("\n{heading}\n"))
            .ok_or_else(|| format!("ARCHITECTURE.md has no heading `{heading}`"))?
            .1;
        let body = body.split("\n## ").next().unwrap_or(body);
        let mut rows = Vec::new();
        for line in body.lines().filter(|line| line.starts_with('|')) {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [module, _holds, pure, may_use, outside] = cells.as_slice() else {
                return Err(format!("a row of ARCHITECTURE.md has not five cells: {line}"));
            };
            if *module == "module" || module.starts_with("---") {
                continue;
            }
            let [module] = names(module)?.try_into().map_err(|_| format!("a row names no single module: {line}"))?;
            let pure = match *pure {
                "yes" => true,
                "–" => false,
                other => return Err(format!("`pure` is `yes` or `–`, not `{other}`, for `{module}`")),
            };
            rows.push(Row { module, pure, may_use: names(may_use)?, outside: names(outside)? });
        }
        if rows.is_empty() { Err(format!("no rows below `{heading}`")) } else { Ok(Self(rows)) }
    }

    /// The row that a module path falls under: the longest that is a prefix of it.
    pub fn row_for<S: AsRef<str>>(&self, path: &[S]) -> Option<&Row> {
        (1..=path.len()).rev().find_map(|length| {
            let name = path[..length].iter().map(AsRef::as_ref).collect::<Vec<_>>().join("::");
            self.0.iter().find(|row| row.module == name)
        })
    }

    /// The modules that stand at the root of the crate.
    pub fn top_level(&self) -> Vec<&str> {
        self.0.iter().map(|row| row.module.as_str()).filter(|name| !name.contains("::")).collect()
    }

    /// What is wrong with the table itself: an edge to a row that is not above, a pure module that uses one that is
    /// not, a row given twice.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (at, row) in self.0.iter().enumerate() {
            let above = &self.0[..at];
            if above.iter().any(|other| other.module == row.module) {
                faults.push(format!("`{}` has two rows", row.module));
            }
            for used in row.may_use.iter().filter(|used| *used != "everything") {
                match above.iter().find(|other| other.module == *used) {
                    None => faults.push(format!("`{}` may use `{used}`, which is not above it", row.module)),
                    Some(other) if row.pure && !other.pure => {
                        faults.push(format!("`{}` is pure but may use `{used}`, which is not", row.module));
                    }
                    Some(_) => {}
                }
            }
            if row.pure && row.may_use.iter().any(|used| used == "everything") {
                faults.push(format!("`{}` is pure but may use everything", row.module));
            }
            for name in row.outside.iter().filter(|name| row.pure && NOT_PURE.contains(&name.as_str())) {
                faults.push(format!("`{}` is pure but may use the crate `{name}`", row.module));
            }
        }
        faults
    }
}

/// The words in backquotes of one cell; none for `–`.
fn names(cell: &str) -> Result<Vec<String>, String> {
    if cell == "–" {
        return Ok(Vec::new());
    }
    cell.split(',')
        .map(|part| {
            let part = part.trim();
            let name = part.strip_prefix('`').and_then(|p| p.strip_suffix('`')).filter(|name| !name.is_empty());
            name.map(str::to_owned)
                .ok_or_else(|| format!("`{part}` in a table of ARCHITECTURE.md is no name in backquotes"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &str) -> Result<Table, String> {
        Table::read(
            &format!(
                "# T\n\n## Modules\n\n| module | holds | pure | may use | outside crates |\n| --- | --- | --- | --- | --- |\n{rows}\n## Next\n| `x` | y | yes | – | – |\n"
            ),
            "## Modules",
        )
    }

    #[test]
    fn rows_are_read_up_to_the_next_heading() {
        let table =
            table("| `dns` | words | yes | – | `idna` |\n| `probe` | sockets | – | `dns` | `tokio`, `rand` |").unwrap();
        assert_eq!(table.0.len(), 2);
        assert_eq!(table.0[1].outside, ["tokio", "rand"]);
        assert_eq!(table.row_for(&["probe", "udp"]).unwrap().module, "probe");
        assert!(table.faults().is_empty());
    }

    #[test]
    fn a_table_that_cannot_be_read_is_an_error_and_not_an_empty_table() {
        assert!(Table::read("# T\n", "## Modules").is_err());
        assert!(table("").is_err());
        assert!(table("| `dns` | words | yes | – |").is_err());
        assert!(table("| `dns` | words | perhaps | – | – |").is_err());
        assert!(table("| `dns` | words | yes | time | – |").is_err());
    }

    #[test]
    fn cycles_impure_edges_and_doubles_are_faults() {
        let faults = |rows: &str| table(rows).unwrap().faults().join("\n");
        let cycle = faults("| `a` | x | yes | `b` | – |\n| `b` | x | yes | `a` | – |");
        assert_eq!(cycle, "`a` may use `b`, which is not above it");
        let impure = faults("| `io` | x | – | – | – |\n| `a` | x | yes | `io` | `tokio` |");
        assert!(impure.contains("may use `io`, which is not") && impure.contains("crate `tokio`"), "{impure}");
        assert!(faults("| `a` | x | yes | – | – |\n| `a` | x | yes | – | – |").contains("two rows"));
    }
}
