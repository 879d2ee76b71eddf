//! The share of correct resolvers over time as a drawing: as it was seen, and as it was to go on where the report ends earlier.

use std::time::Duration;

use crate::time::Timestamp;

use super::Report;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 330.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = 18.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 34.0;
/// Spans between marks on the axis of time, in seconds.
const STEPS: [u64; 16] = [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800];
/// The most marks on it.
const MOST_MARKS: u64 = 9;
/// What is to come takes at most so many times the room of what was.
const AHEAD: u32 = 2;

struct Axes {
    from: Timestamp,
    to: Timestamp,
}

impl Axes {
    fn x(&self, at: Timestamp) -> f64 {
        let span = self.to.since(self.from).as_secs_f64().max(1.0);
        let share = (at.since(self.from).as_secs_f64() / span).clamp(0.0, 1.0);
        LEFT + share * (WIDTH - LEFT - RIGHT)
    }

    fn y(share: f64) -> f64 {
        TOP + (1.0 - share.clamp(0.0, 1.0)) * (HEIGHT - TOP - BOTTOM)
    }
}

/// The drawing; none where no resolver answered.
pub(super) fn curve(report: &Report) -> Option<String> {
    let curve = &report.forecast.curve;
    let seen: Vec<_> = {
        let before = curve.seen.iter().rev().find(|s| s.at <= report.from);
        let first = before.map(|s| (report.from, s.share));
        first.into_iter().chain(curve.seen.iter().filter(|s| s.at > report.from).map(|s| (s.at, s.share))).collect()
    };
    let (start, _) = *seen.first()?;
    let span = report.to.since(report.from).max(Duration::from_secs(60));
    let ahead_end = curve.ahead.last().map(|p| p.at);
    let to = ahead_end.map_or(report.to, |end| end.min(report.to + span * AHEAD).max(report.to));
    let axes = Axes { from: report.from.min(start), to };

    let mut out = format!(
        r#"<svg class="curve" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Share of correct resolvers over time">"#
    );
    out.push_str(&grid(&axes));
    // The line steps: a share holds until the next is seen.
    let (mut line, mut area) = (String::new(), String::new());
    for (at, (moment, share)) in seen.iter().enumerate() {
        let (x, y) = (axes.x(*moment), Axes::y(*share));
        if at == 0 {
            line.push_str(&format!("M{x:.1} {y:.1}"));
            area.push_str(&format!("M{x:.1} {:.1}V{y:.1}", Axes::y(0.0)));
        } else {
            line.push_str(&format!("H{x:.1}V{y:.1}"));
            area.push_str(&format!("H{x:.1}V{y:.1}"));
        }
    }
    let end = axes.x(report.to);
    line.push_str(&format!("H{end:.1}"));
    area.push_str(&format!("H{end:.1}V{:.1}Z", Axes::y(0.0)));
    out.push_str(&format!(r#"<path d="{area}" class="area"/>"#));
    out.push_str(&ahead(report, &axes, to));
    out.push_str(&format!(r#"<path d="{line}" class="seen"/>"#));
    out.push_str(&marks(report, &axes));
    out.push_str("</svg>");
    Some(out)
}

fn ahead(report: &Report, axes: &Axes, to: Timestamp) -> String {
    let points: Vec<_> = report.forecast.curve.ahead.iter().filter(|p| p.at <= to).collect();
    if points.len() < 2 {
        return String::new();
    }
    let at = |share: fn(&crate::incident::forecast::BandPoint) -> f64| {
        points.iter().map(move |p| format!("{:.1} {:.1}", axes.x(p.at), Axes::y(share(p))))
    };
    let high: Vec<String> = at(|p| p.high).collect();
    let low: Vec<String> = at(|p| p.low).rev().collect();
    let expected: Vec<String> = at(|p| p.expected).collect();
    let now = axes.x(report.to);
    format!(
        r#"<path d="M{}L{}Z" class="band"/><path d="M{}" class="ahead"/><path d="M{now:.1} {TOP}V{:.1}" class="now"/><text x="{:.1}" y="{:.1}" class="note">forecast →</text>"#,
        high.join("L"),
        low.join("L"),
        expected.join("L"),
        Axes::y(0.0),
        now + 6.0,
        Axes::y(0.0) - 8.0
    )
}

fn grid(axes: &Axes) -> String {
    let mut out = String::new();
    for percent in [0_u8, 25, 50, 75, 100] {
        let y = Axes::y(f64::from(percent) / 100.0);
        out.push_str(&format!(
            r#"<path d="M{LEFT} {y:.1}H{:.1}" class="grid"/><text x="{:.1}" y="{:.1}" class="axis end">{percent} %</text>"#,
            WIDTH - RIGHT,
            LEFT - 6.0,
            y + 4.0
        ));
    }
    let span = axes.to.since(axes.from).as_secs().max(1);
    let step = STEPS.into_iter().find(|step| span / step < MOST_MARKS).unwrap_or(span / MOST_MARKS + 1);
    let first = axes.from.as_micros().div_euclid(1_000_000);
    let step = i64::try_from(step).unwrap_or(i64::MAX).max(1);
    let mut second = first.div_euclid(step).saturating_add(1).saturating_mul(step);
    let end = axes.to.as_micros().div_euclid(1_000_000);
    let mut day = String::new();
    while second <= end {
        let at = Timestamp::from_secs(second);
        let x = axes.x(at);
        let text = at.to_string();
        let (date, clock) = (text.get(..10).unwrap_or_default().to_owned(), at.clock());
        let shown = if step < 60 { clock.as_str() } else { clock.get(..5).unwrap_or_default() };
        // The day stands where it changes, and at the first mark.
        let label =
            if day == date { shown.to_owned() } else { format!("{} {shown}", date.get(5..).unwrap_or_default()) };
        day = date;
        out.push_str(&format!(
            r#"<path d="M{x:.1} {TOP}V{:.1}" class="grid"/><text x="{x:.1}" y="{:.1}" class="axis mid">{label}</text>"#,
            Axes::y(0.0),
            HEIGHT - 12.0
        ));
        second = second.saturating_add(step);
    }
    out
}

/// When the source was right again, when flushes were ordered, and the shares reached.
fn marks(report: &Report, axes: &Axes) -> String {
    let mut out = String::new();
    let within = |at: Timestamp| at >= axes.from && at <= axes.to;
    if let Some(recovery) = &report.recovery {
        if within(recovery.restored) {
            let x = axes.x(recovery.restored);
            out.push_str(&vertical(x, "restored", "source right"));
        }
        for reached in recovery.shares.iter().filter(|r| within(r.at)) {
            let (x, y) = (axes.x(reached.at), Axes::y(f64::from(reached.share) / 100.0));
            // Under the line, but for the last of them: there the line itself is.
            let (dx, anchor) = if x > WIDTH - 90.0 { (-9.0, "end") } else { (8.0, "start") };
            let dy = if reached.share == 100 { -9.0 } else { 15.0 };
            out.push_str(&format!(
                r#"<circle cx="{x:.1}" cy="{y:.1}" r="4" class="dot"/><text x="{:.1}" y="{:.1}" class="note {anchor}">{} %</text>"#,
                x + dx,
                y + dy,
                reached.share
            ));
        }
    }
    let mut flushes: Vec<Timestamp> = report.flushes.iter().map(|f| f.ordered).filter(|at| within(*at)).collect();
    flushes.sort();
    flushes.dedup_by(|later, earlier| later.since(*earlier) < Duration::from_secs(120));
    for at in flushes.into_iter().take(20) {
        out.push_str(&vertical(axes.x(at), "flush", "flush"));
    }
    out
}

fn vertical(x: f64, class: &str, label: &str) -> String {
    let (dx, anchor) = if x > WIDTH - 110.0 { (-4.0, "end") } else { (4.0, "start") };
    let y = if class == "flush" { TOP - 16.0 } else { TOP - 5.0 };
    format!(
        r#"<path d="M{x:.1} {TOP}V{:.1}" class="event {class}"/><text x="{:.1}" y="{y:.1}" class="note {anchor}">{label}</text>"#,
        Axes::y(0.0),
        x + dx
    )
}
