//! When registrations end, as a drawing: one bar for each month, the zones that end soonest by name.

use std::collections::BTreeMap;

use crate::audit::{Audit, Row};
use crate::time::Timestamp;
use crate::view::html::escape;

/// Months drawn; what ends later is counted beside them.
const MONTHS: usize = 24;
const WIDTH: usize = 960;
const HEIGHT: usize = 190;
const LEFT: usize = 36;
const BASE: usize = 150;
const TOP: usize = 24;

/// One month: how many end in it, and how many of these are in trouble.
#[derive(Default)]
struct Month {
    ends: Vec<String>,
    soon: bool,
}

/// The drawing, as SVG with a title for each bar; nothing where no end is known.
pub fn timeline(audit: &Audit) -> String {
    // One registration may hold many zones of the list.
    let mut ends: BTreeMap<String, Timestamp> = BTreeMap::new();
    for row in &audit.rows {
        if let Some(at) = row.end {
            let name = row.domain.as_ref().unwrap_or(&row.entry.zone).without_dot();
            ends.entry(name).or_insert(at);
        }
    }
    if ends.is_empty() {
        return String::new();
    }
    let Some(first) = month_of(audit.now) else { return String::new() };
    let mut months: Vec<Month> = (0..MONTHS).map(|_| Month::default()).collect();
    let (mut past, mut later) = (Vec::new(), 0_usize);
    for (name, at) in ends {
        if at <= audit.now {
            past.push(name);
            continue;
        }
        let Some(month) = month_of(at) else { continue };
        match usize::try_from(month - first).ok().and_then(|index| months.get_mut(index)) {
            Some(month) => {
                month.soon |= at.until(audit.now) <= audit.warn;
                month.ends.push(name);
            }
            None => later += 1,
        }
    }
    draw(&months, first, &past, later)
}

/// Months since the year 0.
fn month_of(at: Timestamp) -> Option<i64> {
    let text = at.to_string();
    let (year, month): (i64, i64) = (text.get(..4)?.parse().ok()?, text.get(5..7)?.parse().ok()?);
    Some(year * 12 + month - 1)
}

fn draw(months: &[Month], first: i64, past: &[String], later: usize) -> String {
    let most = months.iter().map(|month| month.ends.len()).chain([past.len()]).max().unwrap_or(1).max(1);
    // One slot for what has ended, one to keep it apart.
    let slot = (WIDTH - LEFT) / (MONTHS + 2);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"Registrations that end, by month\">\n\
         <line x1=\"{LEFT}\" y1=\"{BASE}\" x2=\"{WIDTH}\" y2=\"{BASE}\" stroke=\"var(--line)\"/>\n\
         <text x=\"0\" y=\"{}\">{most}</text>\n<text x=\"0\" y=\"{BASE}\">0</text>\n",
        TOP + 8
    );
    let mut bar = |index: usize, names: &[String], colour: &str, label: &str| {
        let x = LEFT + index * slot;
        let height = (BASE - TOP) * names.len() / most;
        if !names.is_empty() {
            let height = height.max(2);
            let shown: Vec<&str> = names.iter().take(20).map(String::as_str).collect();
            let more = names.len().saturating_sub(shown.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            svg.push_str(&format!(
                "<g><title>{}: {} ({}{more})</title><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{height}\" rx=\"2\" fill=\"var({colour})\"/>\
                 <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text></g>\n",
                escape(label),
                names.len(),
                escape(&shown.join(", ")),
                x + 3,
                BASE - height,
                slot - 6,
                x + slot / 2,
                BASE - height - 4,
                names.len(),
            ));
        }
    };
    bar(0, past, "--bad", "ended");
    for (index, month) in months.iter().enumerate() {
        let colour = if month.soon { "--warn" } else { "--cool" };
        bar(index + 2, &month.ends, colour, &label_of(first + i64::try_from(index).unwrap_or(0)));
    }
    svg.push_str(&format!("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">ended</text>\n", LEFT + slot / 2, BASE + 16));
    for index in (0..MONTHS).step_by(3) {
        let label = label_of(first + i64::try_from(index).unwrap_or(0));
        let x = LEFT + (index + 2) * slot + slot / 2;
        svg.push_str(&format!("<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{label}</text>\n", BASE + 16));
    }
    if later > 0 {
        svg.push_str(&format!(
            "<text x=\"{WIDTH}\" y=\"{}\" text-anchor=\"end\">{later} end later</text>\n",
            BASE + 34
        ));
    }
    svg.push_str("</svg>\n");
    svg
}

fn label_of(month: i64) -> String {
    format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1)
}

/// The registrations that end next, for the list below the drawing.
pub fn next_ends(audit: &Audit, most: usize) -> Vec<&Row> {
    let mut rows: Vec<&Row> = audit.rows.iter().filter(|row| row.end.is_some()).collect();
    rows.sort_by_key(|row| (row.end, row.entry.zone.clone()));
    rows.dedup_by_key(|row| row.domain.clone());
    rows.truncate(most);
    rows
}
