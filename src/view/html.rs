//! What every page of HTML is made of: escaping, and a frame without scripts that reads well in the dark, in the light and on paper.
//!
//! Pages are one file: nothing is fetched, nothing runs. Text from outside enters through [`escape`] only.

use crate::dns::shown;

/// Text of any length as HTML: every character that is not plain is written out, every one with a meaning in HTML is escaped. Good for
/// elements and for quoted attributes.
#[must_use]
pub fn escape(outside: &str) -> String {
    let mut out = String::with_capacity(outside.len() + outside.len() / 8);
    for c in outside.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if shown::is_plain(c) => out.push(c),
            c => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
        }
    }
    out
}

/// Nothing may be loaded, sent or run, whatever gets into a page; only its own style counts.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A whole page around a body that is HTML already. `title` is text; `style` is all of the page's style: [`STYLE`] and what is added
/// to it, or one of its own.
#[must_use]
pub fn page(title: &str, style: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

/// A plain style for text and tables. Colours are safe for colour-blind eyes (orange, blue, grey), and never say anything alone.
pub const STYLE: &str = "\
:root { color-scheme: light dark; --ink: #1b1f24; --faint: #57606a; --paper: #ffffff; --line: #d0d7de; --bar: #f3f5f7;\n\
  --bad: #b3261e; --warn: #8a5200; --unknown: #57606a; --good: #0b6b4b; --cool: #1f5fae; }\n\
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --faint: #9aa5b1; --paper: #0f1419; --line: #30363d;\n\
  --bar: #171d24; --bad: #ff8a80; --warn: #f2b155; --unknown: #9aa5b1; --good: #5fd3a5; --cool: #7fb6ff; } }\n\
* { box-sizing: border-box; }\n\
body { margin: 0 auto; padding: 1.5rem; max-width: 78rem; color: var(--ink); background: var(--paper);\n\
  font: 15px/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; }\n\
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }\n\
p { margin: .4rem 0; } .faint { color: var(--faint); }\n\
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }\n\
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); }\n\
th { font-weight: 600; color: var(--faint); }\n\
code, .mono { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; font-size: .92em; overflow-wrap: anywhere; }\n\
svg { display: block; width: 100%; height: auto; }\n\
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }\n\
@media print { :root { --ink: #000; --faint: #444; --paper: #fff; --line: #999; --bar: #eee; --bad: #8b0000; --warn: #6b3e00;\n\
  --good: #00513a; --cool: #003a7d; --unknown: #444; } body { max-width: none; padding: 0; font-size: 10pt; }\n\
  h2 { break-after: avoid; } tr, figure { break-inside: avoid; } thead { display: table-header-group; } }\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup_or_moves_text() {
        assert_eq!(
            escape("<b a=\"x\" c='y'>&\u{202e}\u{1b}\0</b>"),
            "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;\\u{202e}\\u{1b}\\u{0}&lt;/b&gt;"
        );
        let page = page("</title><script>", "", "<p>ok</p>\n");
        assert!(page.contains("<title>&lt;/title&gt;&lt;script&gt;</title>") && page.contains("<p>ok</p>"));
    }
}
