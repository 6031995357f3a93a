//! The pictures of a table, as SVG that needs nothing else: how reliable confidence is, and what
//! would be refused.
//!
//! Pure: returns the text of the file. White behind everything, so that both can be read wherever
//! they are shown.

use super::calibration::Point;
use super::report::{Evidence, Table};
use std::fmt::Write as _;

/// The square in which values from 0 to 1 are drawn, in pixels.
const LEFT: f64 = 64.0;
const TOP: f64 = 56.0;
const SIDE: f64 = 360.0;
const WIDTH: f64 = LEFT + SIDE + 32.0;
const HEIGHT: f64 = TOP + SIDE + 64.0;

const INK: &str = "#222222";
const GREY: &str = "#767676";
const LINES: &str = "#dddddd";
const BLUE: &str = "#2b6cb0";
const LIGHT: &str = "#a9c8e8";
const RED: &str = "#c0392b";

/// Returns the reliability diagram: for each stretch of confidence the share of right answers, a
/// mark at their mean confidence, and how many answers there are.
pub fn reliability(table: &Table) -> String {
    let calibration = &table.calibration;
    let told = match calibration.error {
        Some(error) => {
            format!("{} answers, expected calibration error {error:.3}", calibration.n)
        }
        None => "no answers".to_owned(),
    };
    let mut svg = frame("Reliability of confidence", &told, table.evidence);
    axes(&mut svg, "confidence", "share of right answers");
    for bin in &calibration.bins {
        if let (Some(right), Some(confidence)) = (bin.right, bin.confidence) {
            let (x, width) = (x(bin.from) + 2.0, x(bin.to) - x(bin.from) - 4.0);
            let (top, height) = (y(right), TOP + SIDE - y(right));
            let _ = writeln!(
                svg,
                r#"<rect x="{x:.1}" y="{top:.1}" width="{width:.1}" height="{height:.1}" fill="{LIGHT}"/>"#
            );
            circle(&mut svg, confidence, right, BLUE);
        }
        let middle = f64::midpoint(bin.from, bin.to);
        text(&mut svg, x(middle), TOP - 6.0, "middle", GREY, 11, &bin.n.to_string());
    }
    let _ = writeln!(
        svg,
        r#"<path d="M{:.1} {:.1}L{:.1} {:.1}" stroke="{GREY}" stroke-dasharray="4 4"/>"#,
        x(0.0),
        y(0.0),
        x(1.0),
        y(1.0)
    );
    svg + "</svg>\n"
}

/// Returns the curve of what is refused: wanted refusals (category 5) against false ones, by
/// confidence alone and on top of what is abstained on, with the program as it stands.
pub fn refusals(table: &Table) -> String {
    let told = match &table.refusals {
        Some(refusals) => format!(
            "now refused {:.3}, false refusals {:.3}; area by confidence {:.3}",
            refusals.now.refused, refusals.now.false_refusals, refusals.area
        ),
        None => "there are not both questions of category 5 and others".to_owned(),
    };
    let mut svg = frame("Refused by a threshold of confidence", &told, table.evidence);
    axes(&mut svg, "false refusals (1–4)", "refused (5)");
    if let Some(refusals) = &table.refusals {
        let _ = writeln!(
            svg,
            r#"<path d="M{:.1} {:.1}L{:.1} {:.1}" stroke="{GREY}" stroke-dasharray="4 4"/>"#,
            x(0.0),
            y(0.0),
            x(1.0),
            y(1.0)
        );
        line(&mut svg, &refusals.by_confidence, GREY);
        line(&mut svg, &refusals.abstaining_kept, BLUE);
        circle(&mut svg, refusals.now.false_refusals, refusals.now.refused, RED);
        for (place, (color, what)) in (0..).zip([
            (RED, "as it stands"),
            (BLUE, "abstaining kept, then by confidence"),
            (GREY, "by confidence alone"),
        ]) {
            let at = TOP + SIDE - 52.0 + 18.0 * f64::from(place);
            let _ = writeln!(
                svg,
                r#"<rect x="{:.1}" y="{:.1}" width="10" height="10" fill="{color}"/>"#,
                x(0.3),
                at - 9.0
            );
            text(&mut svg, x(0.3) + 16.0, at, "start", INK, 12, what);
        }
    }
    svg + "</svg>\n"
}

fn x(value: f64) -> f64 {
    LEFT + value * SIDE
}

fn y(value: f64) -> f64 {
    TOP + (1.0 - value) * SIDE
}

fn frame(title: &str, told: &str, evidence: Evidence) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" fill=\"none\" role=\"img\">\n\
         <title>{title}</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n"
    );
    text(&mut svg, LEFT, 20.0, "start", INK, 15, title);
    let told = match evidence {
        Evidence::Given => told.to_owned(),
        Evidence::Corrected => format!("{told} (evidence corrected)"),
    };
    text(&mut svg, LEFT, 36.0, "start", GREY, 11, &told);
    svg
}

fn axes(svg: &mut String, across: &str, up: &str) {
    for step in 0..=5 {
        let value = f64::from(step) / 5.0;
        let _ = writeln!(
            svg,
            r#"<path d="M{LEFT:.1} {0:.1}h{SIDE:.1}M{1:.1} {TOP:.1}v{SIDE:.1}" stroke="{LINES}"/>"#,
            y(value),
            x(value)
        );
        let label = format!("{value:.1}");
        text(svg, x(value), TOP + SIDE + 18.0, "middle", GREY, 12, &label);
        text(svg, LEFT - 8.0, y(value) + 4.0, "end", GREY, 12, &label);
    }
    text(svg, LEFT + SIDE / 2.0, TOP + SIDE + 44.0, "middle", INK, 13, across);
    let middle = TOP + SIDE / 2.0;
    let _ = writeln!(
        svg,
        r#"<text x="18" y="{middle:.1}" transform="rotate(-90 18 {middle:.1})" text-anchor="middle" fill="{INK}" font-size="13">{up}</text>"#
    );
}

fn line(svg: &mut String, points: &[Point], color: &str) {
    let mut path: Vec<String> = points
        .iter()
        .map(|point| format!("{:.1} {:.1}", x(point.false_refusals), y(point.refused)))
        .collect();
    path.dedup();
    let _ = writeln!(svg, r#"<path d="M{}" stroke="{color}" stroke-width="2"/>"#, path.join("L"));
}

fn circle(svg: &mut String, across: f64, up: f64, color: &str) {
    let (x, y) = (x(across), y(up));
    let _ = writeln!(svg, r#"<circle cx="{x:.1}" cy="{y:.1}" r="4.5" fill="{color}"/>"#);
}

/// Writes words of this room's own: nothing in them needs escaping.
fn text(svg: &mut String, x: f64, y: f64, anchor: &str, color: &str, size: u8, words: &str) {
    let _ = writeln!(
        svg,
        r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" fill="{color}" font-size="{size}">{words}</text>"#
    );
}

#[cfg(test)]
mod tests {
    use super::super::calibration::{Asked, calibrate, refusals as curves};
    use super::*;

    fn table() -> Table {
        let asked =
            |adversarial, abstained, confidence| Asked { adversarial, abstained, confidence };
        Table {
            evidence: Evidence::Given,
            rows: Vec::new(),
            calibration: calibrate(&[(0.25, false), (0.25, true), (0.75, true)]),
            refusals: curves(&[
                asked(true, true, 0.25),
                asked(true, false, 0.5),
                asked(false, false, 0.75),
                asked(false, true, 0.25),
            ]),
        }
    }

    #[test]
    fn bars_marks_and_counts_stand_where_the_figures_say() {
        let svg = reliability(&table());
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
        assert!(svg.contains("3 answers, expected calibration error 0.250"), "{svg}");
        // Half of the bin from .2 to .3 is right.
        let bar = r#"<rect x="138.0" y="236.0" width="32.0" height="180.0""#;
        assert!(svg.contains(bar), "{svg}");
        assert!(svg.contains(r#"<circle cx="154.0" cy="236.0""#), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 2);
        assert_eq!(svg.matches(r#"font-size="11">0</text>"#).count(), 8);
    }

    #[test]
    fn the_operating_point_is_marked() {
        let svg = refusals(&table());
        assert!(svg.contains("now refused 0.500, false refusals 0.500"), "{svg}");
        assert!(
            svg.contains(r##"<circle cx="244.0" cy="236.0" r="4.5" fill="#c0392b"/>"##),
            "{svg}"
        );
        assert_eq!(svg.matches("stroke-width").count(), 2);
    }

    #[test]
    fn without_figures_there_is_a_picture_that_says_so() {
        let empty = Table {
            evidence: Evidence::Corrected,
            rows: Vec::new(),
            calibration: calibrate(&[]),
            refusals: None,
        };
        assert!(reliability(&empty).contains("no answers (evidence corrected)"));
        let svg = refusals(&empty);
        assert!(svg.contains("not both") && !svg.contains("<circle"), "{svg}");
    }
}
