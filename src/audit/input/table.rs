//! Comma-separated values (RFC 4180), also with semicolons or tabs: a line of headings, or the columns in their usual order.

use csv::{ReaderBuilder, StringRecord};

use super::{LONGEST_FIELD, Reading, Written};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Zone,
    Expect,
    Status,
    Failover,
    Product,
    Hosts,
    /// Somebody else's: a price, an owner.
    Unused,
}

/// The order of the columns where there are no headings.
const USUAL: [Column; 6] =
    [Column::Zone, Column::Expect, Column::Status, Column::Failover, Column::Product, Column::Hosts];

impl Column {
    fn of(heading: &str) -> Self {
        match heading.trim().trim_start_matches('#').trim().to_lowercase().as_str() {
            "zone" | "domain" | "name" | "domain name" | "zones" | "domains" => Self::Zone,
            "expect" | "expected" | "ns" | "nameservers" | "name servers" | "name_servers" => Self::Expect,
            "status" | "status page" | "status_page" => Self::Status,
            "failover" => Self::Failover,
            "product" => Self::Product,
            "host" | "hosts" => Self::Hosts,
            _ => Self::Unused,
        }
    }
}

pub(super) fn read(text: &str, reading: &mut Reading) {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut columns: Option<Vec<Column>> = None;
    let mut record = StringRecord::new();
    loop {
        let line = usize::try_from(reader.position().line()).unwrap_or(usize::MAX);
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                reading.fault(line, error.to_string());
                // Text in UTF-8 only fails at the end of what can be read.
                break;
            }
        }
        let line = record.position().map_or(line, |at| line_of(text, at.byte(), at.line()));
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        let columns = if let Some(columns) = &columns {
            columns
        } else {
            let found = headings(&record, reading);
            let is_heading = found.is_some();
            let now = columns.insert(found.unwrap_or_else(|| USUAL.to_vec()));
            if is_heading {
                continue;
            }
            now
        };
        match written(&record, columns) {
            Ok(written) => reading.add(line, &written),
            Err(reason) => reading.fault(line, reason),
        }
    }
}

/// The line in which a record begins: the reader's place for it is where the one before ended, in front of what is passed over.
fn line_of(text: &str, byte: u64, line: u64) -> usize {
    let rest = usize::try_from(byte).ok().and_then(|byte| text.get(byte..)).unwrap_or_default();
    let passed = rest.lines().take_while(|line| line.is_empty() || line.starts_with('#')).count();
    usize::try_from(line).unwrap_or(usize::MAX).saturating_add(passed)
}

/// The sign between the fields: the one that the first line with any of them has most of.
fn delimiter(text: &str) -> u8 {
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let Some(line) = lines.find(|line| line.contains([',', ';', '\t'])) else { return b',' };
    let count = |sign: u8| line.bytes().filter(|octet| *octet == sign).count();
    // A comma wins a draw.
    [b'\t', b';', b','].into_iter().max_by_key(|sign| count(*sign)).unwrap_or(b',')
}

/// The columns that a line of headings names; none when it names no zone, and so is none.
fn headings(record: &StringRecord, reading: &mut Reading) -> Option<Vec<Column>> {
    let columns: Vec<Column> = record.iter().map(Column::of).collect();
    if !columns.contains(&Column::Zone) {
        return None;
    }
    let named = record.iter().zip(&columns);
    let unused: Vec<&str> =
        named.filter(|(_, column)| **column == Column::Unused).map(|(text, _)| text.trim()).collect();
    let unused: Vec<&str> = unused.into_iter().filter(|text| !text.is_empty()).collect();
    if !unused.is_empty() {
        reading.note(&format!("columns that mean nothing here: {}", unused.join(", ")));
    }
    Some(columns)
}

fn written(record: &StringRecord, columns: &[Column]) -> Result<Written, String> {
    let mut written = Written::default();
    let mut taken: Vec<Column> = Vec::new();
    for (at, field) in record.iter().enumerate() {
        let field = field.trim();
        let column = match columns.get(at) {
            Some(Column::Unused) => continue,
            _ if field.is_empty() => continue,
            Some(column) => *column,
            None => return Err(format!("more fields than the {} columns there are", columns.len())),
        };
        if field.len() > LONGEST_FIELD {
            return Err(format!("a field is longer than {LONGEST_FIELD} octets"));
        }
        if taken.contains(&column) {
            return Err("two columns of the same meaning have something in them".to_owned());
        }
        taken.push(column);
        let list = || field.split([' ', ';', '|', ',']).filter(|item| !item.is_empty()).map(str::to_owned).collect();
        match column {
            Column::Zone => field.clone_into(&mut written.zone),
            Column::Expect => written.expect = list(),
            Column::Status => field.clone_into(&mut written.status),
            Column::Failover => field.clone_into(&mut written.failover),
            Column::Product => field.clone_into(&mut written.product),
            Column::Hosts => written.hosts = Some(list()),
            Column::Unused => {}
        }
    }
    if written.zone.is_empty() { Err("no zone in this line".to_owned()) } else { Ok(written) }
}
