//! A resolver's verdicts over time as a strip: a pattern and, where there is room, a glyph for each, never colour alone.

use crate::incident::VerdictChange;
use crate::judge::Verdict;
use crate::time::Timestamp;
use crate::view::model::glyph;

use super::moment;

/// The size of a strip, in units of the drawing.
const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 16.0;
/// A glyph needs so much room.
const ROOM: f64 = 14.0;

/// The patterns, once in a document: strips refer to them.
pub(super) const PATTERNS: &str = r#"<svg class="defs" width="0" height="0" aria-hidden="true"><defs>
<pattern id="p-parked" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" class="f-parked"/><rect width="2" height="6" class="ink"/></pattern>
<pattern id="p-stuck" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="6" height="6" class="f-parked"/><rect width="3" height="6" class="ink"/></pattern>
<pattern id="p-mixed" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" class="f-mixed"/><rect width="1.5" height="6" class="ink"/><rect width="6" height="1.5" class="ink"/></pattern>
<pattern id="p-draining" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" class="f-draining"/><circle cx="3" cy="3" r="1.2" class="ink"/></pattern>
<pattern id="p-held" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5" class="f-held"/><rect width="1.5" height="5" class="ink"/></pattern>
<pattern id="p-broken" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5" class="f-broken"/><rect width="5" height="1.5" class="ink"/></pattern>
<pattern id="p-other" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" class="f-other"/><path d="M0 8 4 0 8 8" class="line"/></pattern>
</defs></svg>
"#;

/// The class that fills a verdict.
pub(super) const fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Correct => "v-correct",
        Verdict::Draining => "v-draining",
        Verdict::Parked => "v-parked",
        Verdict::Mixed => "v-mixed",
        Verdict::Held => "v-held",
        Verdict::Broken => "v-broken",
        Verdict::Other => "v-other",
        Verdict::Stuck => "v-stuck",
        Verdict::Silent => "v-silent",
        Verdict::Unknown => "v-unknown",
    }
}

/// The strip of one history between two moments. `mark` is a moment with a line of its own: when the source was right again.
pub(super) fn strip(history: &[VerdictChange], from: Timestamp, to: Timestamp, mark: Option<Timestamp>) -> String {
    let span = to.since(from).as_secs_f64().max(1.0);
    let place = |at: Timestamp| (at.since(from).as_secs_f64() / span * WIDTH).clamp(0.0, WIDTH);
    let mut parts = String::new();
    let mut words = Vec::new();
    for (at, change) in history.iter().enumerate() {
        let end = history.get(at + 1).map_or(to, |next| next.at);
        let (left, right) = (place(change.at), place(end));
        // Something that lasted a moment must still be seen.
        let width = (right - left).max(1.0).min(WIDTH - left);
        if change.verdict != Verdict::Unknown {
            words.push(format!("{} from {}", change.verdict.word(), moment(change.at)));
        }
        let fill = class(change.verdict);
        parts.push_str(&format!(r#"<rect x="{left:.1}" y="0.5" width="{width:.1}" height="15" class="{fill}"/>"#));
        if width >= ROOM {
            let middle = left + width.min(24.0) / 2.0;
            parts.push_str(&format!(r#"<text x="{middle:.1}" y="12" class="g">{}</text>"#, glyph(change.verdict)));
        }
    }
    if let Some(mark) = mark.filter(|mark| *mark > from && *mark < to) {
        parts.push_str(&format!(r#"<path d="M{0:.1} 0V{HEIGHT}" class="mark"/>"#, place(mark)));
    }
    let title = if words.is_empty() { "nothing heard".to_owned() } else { words.join(", ") };
    format!(
        r#"<svg class="strip" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img"><title>{title}</title>{parts}</svg>"#
    )
}
