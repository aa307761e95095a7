//! How wide each column of a table is, how small its text, and which columns go to a second part if they cannot all fit.
//!
//! Separate because it is arithmetic over measured text: figures are never broken or cut, words wrap. Widths are fixed here so
//! that the typesetter need not look at ten thousand rows to find them.

use crate::render::fonts::{self, Weight};

/// Width of the page's text, points: US Letter, landscape, margins of 0.6 inches.
pub const PAGE: f64 = 792.0 - 2.0 * 43.2;
/// Room left and right of a cell's text together, with what rounding may take.
const GAP: f64 = 10.4;
/// More room before words that follow figures, which would touch them; the template uses the same.
pub const LEAD: f64 = 9.0;
/// Text sizes tried, points.
const SIZES: [f64; 6] = [8.5, 8.0, 7.5, 7.0, 6.5, 6.0];
/// The narrowest column of words, in ems: as wished, and where nothing else helps.
const LEAST_WORDS: [f64; 2] = [17.0, 9.0];
/// Rows measured at most; beyond, the widest so far decide with a reserve of a figure.
const MEASURED: usize = 20_000;

/// A column to be measured.
pub struct Wanted<'a> {
    /// Its head.
    pub head: &'a str,
    /// Whether it holds figures, which may not wrap.
    pub figure: bool,
    /// Whether it holds words or days after a column of figures.
    pub after_figure: bool,
    /// Its texts, with whether each is set SemiBold.
    pub texts: Vec<(&'a str, bool)>,
}

/// One table on paper: which columns, how wide.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Columns by number.
    pub columns: Vec<usize>,
    /// Their widths, points.
    pub widths: Vec<f64>,
}

/// What a column needs at one point of size: of its figures or longest word, and of its longest text.
struct Need {
    least: f64,
    most: f64,
    /// Room besides the text, points.
    gap: f64,
    figure: bool,
}

/// The parts of a table and its text size.
pub fn fitted(columns: &[Wanted<'_>]) -> (f64, Vec<Part>) {
    let all: Vec<usize> = (0..columns.len()).collect();
    let mut needs = Vec::new();
    for words in LEAST_WORDS {
        needs = columns.iter().map(|c| need(c, words)).collect();
        for size in SIZES {
            if least(&needs, &all, size) <= PAGE {
                return (size, vec![part(&needs, all, size)]);
            }
        }
    }
    (SIZES[3], split(&needs, SIZES[3]))
}

/// The table in one part at its natural widths, if it is at most so wide: to stand beside a drawing.
pub fn narrow(columns: &[Wanted<'_>], room: f64) -> Option<(f64, Part)> {
    let size = SIZES[0];
    let needs: Vec<Need> = columns.iter().map(|c| need(c, LEAST_WORDS[0])).collect();
    let widths: Vec<f64> = needs.iter().map(|n| ((n.most * size + n.gap) * 100.0).ceil() / 100.0).collect();
    let fits = widths.iter().sum::<f64>() <= room;
    fits.then(|| (size, Part { columns: (0..columns.len()).collect(), widths }))
}

fn need(column: &Wanted<'_>, words: f64) -> Need {
    let gap = GAP + if column.after_figure { LEAD } else { 0.0 };
    let width = |text: &str, bold: bool| fonts::width(text, 1.0, if bold { Weight::SemiBold } else { Weight::Regular });
    let head = column.head.split_whitespace().map(|word| width(word, true)).fold(0.0, f64::max);
    let most = column.texts.iter().take(MEASURED).map(|(text, bold)| width(text, *bold)).fold(0.0, f64::max);
    let head_line = width(column.head, true);
    if column.figure {
        let reserve = if column.texts.len() > MEASURED { 0.6 } else { 0.0 };
        // A head of several words may wrap, once the figures below are as wide as its longest word.
        let least = head.min(words).max(most + reserve);
        Need { least, most: least.max(two_lines(column.head)).max(head_line.min(least * 1.4)), gap, figure: true }
    } else {
        let most = most.max(head_line);
        Need { least: most.min(words), most, gap, figure: false }
    }
}

/// The narrowest room in which a head takes two lines, in ems.
fn two_lines(head: &str) -> f64 {
    let words: Vec<&str> = head.split_whitespace().collect();
    let width = |words: &[&str]| fonts::width(&words.join(" "), 1.0, Weight::SemiBold);
    (1..words.len().max(2))
        .map(|at| width(&words[..at.min(words.len())]).max(width(&words[at.min(words.len())..])))
        .fold(f64::MAX, f64::min)
}

fn least(needs: &[Need], columns: &[usize], size: f64) -> f64 {
    columns.iter().map(|c| needs[*c].least * size + needs[*c].gap).sum()
}

/// Widths between the least and the most; what is left over goes to the words.
fn part(needs: &[Need], columns: Vec<usize>, size: f64) -> Part {
    let mut widths: Vec<f64> = columns.iter().map(|c| needs[*c].least * size + needs[*c].gap).collect();
    let mut room = PAGE - widths.iter().sum::<f64>();
    // Fill the smallest wants first, so that one endless name does not starve the others.
    let mut wants: Vec<(f64, usize)> = columns.iter().enumerate().map(|(i, c)| ((needs[*c].most - needs[*c].least) * size, i)).collect();
    wants.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut left = wants.len();
    for (want, i) in wants {
        let given = want.min(room.max(0.0) / left as f64);
        widths[i] += given;
        room -= given;
        left -= 1;
    }
    if room > 0.0 {
        // A few narrow columns are not torn apart over the whole page.
        let spread = room.min(columns.len() as f64 * 26.0);
        let words: Vec<usize> = (0..columns.len()).filter(|i| !needs[columns[*i]].figure).collect();
        let share = |n: usize| spread / n.max(1) as f64;
        let takers = if words.is_empty() || spread < room { (0..columns.len()).collect() } else { words };
        for i in &takers {
            widths[*i] += share(takers.len());
        }
    }
    Part { columns, widths: widths.iter().map(|w| (w * 100.0).round() / 100.0).collect() }
}

/// Several tables, each led by the columns of words that come first, with about as many columns each.
fn split(needs: &[Need], size: f64) -> Vec<Part> {
    let lead: Vec<usize> = needs.iter().enumerate().take_while(|(i, n)| *i < 2 && !n.figure).map(|(i, _)| i).collect();
    let packed = |most: usize| {
        let mut parts: Vec<Vec<usize>> = vec![lead.clone()];
        for column in lead.len()..needs.len() {
            let mut tried = parts.pop().unwrap_or_default();
            tried.push(column);
            let alone = tried.len() == lead.len() + 1;
            if alone || (tried.len() - lead.len() <= most && least(needs, &tried, size) <= PAGE) {
                parts.push(tried);
            } else {
                tried.pop();
                parts.push(tried);
                parts.push(lead.iter().copied().chain([column]).collect());
            }
        }
        parts
    };
    let count = packed(usize::MAX).len();
    let even = packed((needs.len() - lead.len()).div_ceil(count));
    even.into_iter().map(|columns| part(needs, columns, size)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(texts: &[&'static str]) -> Wanted<'static> {
        Wanted { head: "Importe", figure: true, after_figure: false, texts: texts.iter().map(|t| (*t, false)).collect() }
    }

    fn words(texts: &[&'static str]) -> Wanted<'static> {
        Wanted { head: "Cliente", figure: false, after_figure: false, texts: texts.iter().map(|t| (*t, false)).collect() }
    }

    fn total(part: &Part) -> f64 {
        part.widths.iter().sum()
    }

    #[test]
    fn figures_never_wrap_and_the_page_is_kept() {
        let long = "Comercializadora e Importadora de Refacciones Industriales y Automotrices del Bajío y Occidente, S. de R.L. de C.V.";
        for count in [1, 6, 11, 13, 30] {
            let mut columns = vec![words(&[long, "corto"])];
            columns.extend((0..count).map(|_| figures(&["\u{2212}1,234,567,890.12", "5.00"])));
            let (size, parts) = fitted(&columns);
            let needed = fonts::width("\u{2212}1,234,567,890.12", size, Weight::Regular) + 10.0;
            for part in &parts {
                assert!(total(part) <= PAGE + 0.1, "{count}: {part:?}");
                assert!(part.widths[1..].iter().all(|w| *w >= needed), "{count} at {size}: {part:?}");
                assert_eq!(part.columns[0], 0);
            }
            let shown: usize = parts.iter().map(|p| p.columns.len() - 1).sum();
            assert_eq!(shown, count);
            assert_eq!(parts.len() > 1, count >= 11, "{count} {parts:?}");
        }
    }

    #[test]
    fn heads_over_short_figures_take_two_lines_where_there_is_room() {
        let days = Wanted { head: "Días de mora", figure: true, after_figure: false, texts: vec![("674", false), ("5", false)] };
        let (size, parts) = fitted(&[words(&["Uno"]), days, figures(&["5.00"])]);
        assert!(parts[0].widths[1] >= fonts::width("Días de", size, Weight::SemiBold) + 10.0, "{parts:?}");
        for (head, longest) in [("CEI", "CEI"), ("Días de mora", "Días de"), ("", "")] {
            assert!((two_lines(head) - fonts::width(longest, 1.0, Weight::SemiBold)).abs() < 1e-9, "{head}");
        }
    }

    #[test]
    fn few_narrow_columns_stay_together() {
        let (size, parts) = fitted(&[words(&["Uno"]), figures(&["5.00"])]);
        assert_eq!(size, SIZES[0]);
        assert!(total(&parts[0]) < PAGE / 3.0, "{parts:?}");
    }

    #[test]
    fn nothing_is_a_table_too() {
        let (_, parts) = fitted(&[]);
        assert_eq!(parts, [Part { columns: vec![], widths: vec![] }]);
    }
}
