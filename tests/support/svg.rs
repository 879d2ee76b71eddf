//! A screen as an SVG picture: cells in a fixed grid, their colours and weights; and the text of such a picture again.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// A cell's size in the picture.
const CELL: (f64, f64) = (8.4, 18.0);
const MARGIN: f64 = 12.0;

/// The picture of a screen on a dark or a light background.
pub fn picture(buffer: &Buffer, light: bool, title: &str) -> String {
    let (paper, ink) = if light { ("#ffffff", "#1c1e24") } else { ("#16181d", "#d8dbe2") };
    let area = buffer.area;
    let (width, height) =
        (f64::from(area.width) * CELL.0 + 2.0 * MARGIN, f64::from(area.height) * CELL.1 + 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" \
         aria-label=\"unpark: {title}\" font-family=\"'DejaVu Sans Mono','Menlo','Consolas',monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{paper}\"/>\n"
    );
    for y in 0..area.height {
        let top = f64::from(y) * CELL.1 + MARGIN;
        let mut x = 0;
        while x < area.width {
            let Some(first) = buffer.cell((x, y)) else { break };
            let mut text = String::new();
            let start = x;
            while let Some(cell) = buffer.cell((x, y)).filter(|cell| alike(cell, first)) {
                text.push_str(cell.symbol());
                x += 1;
            }
            let left = f64::from(start) * CELL.0 + MARGIN;
            let wide = f64::from(x - start) * CELL.0;
            let reversed = first.modifier.contains(Modifier::REVERSED);
            let colour = hex(first.fg).unwrap_or_else(|| ink.to_owned());
            let fill = if reversed {
                out.push_str(&format!(
                    "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{:.1}\" fill=\"{colour}\"/>\n",
                    CELL.1
                ));
                paper.to_owned()
            } else {
                colour
            };
            let bold = if first.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
            // Cells of blanks are kept: the text of the picture is the text of the screen.
            out.push_str(&format!(
                "<text xml:space=\"preserve\" x=\"{left:.1}\" y=\"{:.1}\" textLength=\"{wide:.1}\" fill=\"{fill}\"{bold} \
                 data-row=\"{y}\">{}</text>\n",
                top + 13.5,
                escape(&text)
            ));
        }
    }
    out + "</svg>\n"
}

fn alike(a: &Cell, b: &Cell) -> bool {
    a.fg == b.fg && a.modifier == b.modifier
}

fn hex(colour: Color) -> Option<String> {
    match colour {
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        _ => None,
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The text of a picture, line by line as on the screen.
pub fn text_of(picture: &str) -> String {
    let mut text = String::new();
    let mut row = "0";
    for part in picture.lines().filter(|line| line.starts_with("<text")) {
        let of = part.split("data-row=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("0");
        if of != row {
            text.push('\n');
            row = of;
        }
        let inner = part.split_once("\">").map_or("", |(_, rest)| rest.trim_end_matches("</text>"));
        text.push_str(&inner.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"));
    }
    text
}
