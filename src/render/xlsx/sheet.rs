//! A sheet being filled from top to bottom: the next free row, the widths its contents need, print setup.
//!
//! Separate so that blocks know only "write here, this wide". Texts across several columns are set last, when widths are known.

use super::cell;
use crate::domain::lang::Lang;
use crate::render::cells::clean;
use crate::render::theme;
use crate::render::words::{Furniture, furniture};
use crate::report::pack::Pack;
use rust_xlsxwriter::{Format, FormatUnderline, IgnoreError, Url, Worksheet, XlsxError};
use std::collections::BTreeMap;

/// Widest column, in characters; longer texts are set in lines.
pub const WIDEST: usize = 48;
/// Narrowest column.
const NARROWEST: usize = 9;
/// Digits that a text across columns may take in one line.
const SPAN: f64 = 100.0;
/// Tables with more rows run over pages.
const LONG_TABLE: usize = 20;
/// Heads up to this length stay in one line.
const ONE_LINE_HEAD: usize = 16;
/// Height of a line of text in points.
const LINE: f64 = 15.0;

/// A text across columns, waiting for the widths.
struct Span {
    row: u32,
    text: String,
    format: Format,
    line: f64,
}

/// A sheet being filled.
pub struct Sheet<'a> {
    /// The writer's sheet.
    pub out: Worksheet,
    /// Its name, for references.
    pub name: String,
    /// Next free row.
    pub row: u32,
    /// Language of formats and words.
    pub lang: Lang,
    /// The pack it belongs to.
    pub pack: &'a Pack,
    /// Words of the workbook's furniture.
    pub own: &'static Furniture,
    widths: Vec<usize>,
    spans: Vec<Span>,
    wrapped: Vec<(u32, u16, String)>,
    headed: Vec<(u32, Vec<String>, bool)>,
    frozen: Option<(u32, u16)>,
    /// Head row of the longest table and its length.
    longest: (u32, usize),
}

impl<'a> Sheet<'a> {
    /// An empty sheet, set up for paper.
    pub fn new(pack: &'a Pack, name: &str) -> Result<Sheet<'a>, XlsxError> {
        let mut out = Worksheet::new();
        out.set_name(name)?;
        out.set_screen_gridlines(false);
        out.set_landscape().set_paper_size(1).set_print_fit_to_pages(1, 0);
        out.set_margins(0.5, 0.5, 0.6, 0.7, 0.3, 0.3);
        out.set_footer(footer(pack));
        if !pack.state.is_final {
            out.set_header(format!("&R&\"-,Bold\"&9&K{} {}", theme::WARNING.trim_start_matches('#'), coded(&pack.state.label)));
        }
        let own = furniture(pack.lang);
        Ok(Sheet {
            out,
            name: name.to_string(),
            row: 0,
            lang: pack.lang,
            pack,
            own,
            widths: Vec::new(),
            spans: Vec::new(),
            wrapped: Vec::new(),
            headed: Vec::new(),
            frozen: None,
            longest: (0, 0),
        })
    }

    /// The title line.
    pub fn title(&mut self, text: &str) -> Result<(), XlsxError> {
        self.out.write_string_with_format(self.row, 0, cell::fit(text), &cell::title())?;
        self.out.set_row_height(self.row, 26)?;
        self.row += 1;
        self.draft()
    }

    /// That it is a draft, on every sheet as it is seen on a screen; the header says it on paper.
    fn draft(&mut self) -> Result<(), XlsxError> {
        if self.pack.state.is_final {
            return Ok(());
        }
        let warning = cell::color(theme::WARNING);
        self.out.set_tab_color(warning);
        let format = Format::new().set_bold().set_font_color(warning);
        self.out.write_string_with_format(self.row, 0, cell::fit(&self.pack.state.label), &format)?;
        self.row += 1;
        Ok(())
    }

    /// A block's title line, if it has one.
    pub fn heading(&mut self, text: &str) -> Result<(), XlsxError> {
        if !text.is_empty() {
            self.out.write_string_with_format(self.row, 0, cell::fit(text), &cell::heading())?;
            self.out.set_row_height(self.row, 20)?;
            self.row += 1;
        }
        Ok(())
    }

    /// A block's title line that leads to another sheet, if there is one to lead to.
    pub fn linked_heading(&mut self, text: &str, to: Option<&str>) -> Result<(), XlsxError> {
        let Some(to) = to.filter(|_| !text.is_empty()) else { return self.heading(text) };
        let format = cell::heading().set_underline(FormatUnderline::Single);
        self.out.write_url_with_format(self.row, 0, link(text, to), &format)?;
        self.out.set_row_height(self.row, 20)?;
        self.row += 1;
        Ok(())
    }

    /// A line that leads to another sheet.
    pub fn link_line(&mut self, text: &str, to: &str) -> Result<(), XlsxError> {
        self.out.write_url_with_format(self.row, 0, link(text, to), &cell::link())?;
        self.row += 1;
        Ok(())
    }

    /// A text across the columns, in as many lines as it needs.
    pub fn span(&mut self, text: &str, format: &Format) {
        let line = if *format == cell::message() { LINE + 2.0 } else { LINE };
        self.spans.push(Span { row: self.row, text: cell::fit(text), format: format.clone(), line });
        self.row += 1;
    }

    /// Leaves rows free.
    pub fn skip(&mut self, rows: u32) {
        self.row += rows;
    }

    /// Writes a text and notes its width.
    pub fn text(&mut self, column: u16, text: &str, format: &Format) -> Result<(), XlsxError> {
        let text = cell::fit(text);
        self.need(column, text.chars().count());
        self.out.write_string_with_format(self.row, column, text, format)?;
        Ok(())
    }

    /// Writes a text that may take several lines, and notes its width.
    pub fn lines(&mut self, column: u16, text: &str, format: &Format) -> Result<(), XlsxError> {
        self.text(column, text, &format.clone().set_text_wrap())?;
        self.note_lines(column, text);
        Ok(())
    }

    /// Writes a label in the first column that asks for so many characters at most and takes lines for the rest.
    pub fn label(&mut self, text: &str, most: usize, format: &Format) -> Result<(), XlsxError> {
        self.need(0, text.chars().count().min(most));
        self.note_lines(0, text);
        self.out.write_string_with_format(self.row, 0, cell::fit(text), &format.clone().set_text_wrap())?;
        Ok(())
    }

    /// Notes that a text is set in lines: its row must be high enough, and not every program sees to that.
    pub fn note_lines(&mut self, column: u16, text: &str) {
        self.wrapped.push((self.row, column, text.to_string()));
    }

    /// Heads of columns: (text, right). Long heads are set in lines, so they ask for half their length only.
    pub fn heads(&mut self, heads: &[(String, bool)], buttons: bool) -> Result<(), XlsxError> {
        for (column, (text, right)) in heads.iter().enumerate() {
            let column = column as u16;
            let longest = text.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0);
            let chars = text.chars().count();
            self.need(column, if chars <= ONE_LINE_HEAD { chars } else { longest.max(chars.div_ceil(2) + 1) } + 2);
            let after_figure = !right && usize::from(column).checked_sub(1).is_some_and(|before| heads[before].1);
            self.out.write_string_with_format(self.row, column, cell::fit(text), &cell::apart(cell::head(*right), after_figure))?;
        }
        self.headed.push((self.row, heads.iter().map(|(text, _)| text.clone()).collect(), buttons));
        Ok(())
    }

    /// Notes that a column needs room for so many characters.
    pub fn need(&mut self, column: u16, chars: usize) {
        let column = usize::from(column);
        if self.widths.len() <= column {
            self.widths.resize(column + 1, NARROWEST);
        }
        self.widths[column] = self.widths[column].max(chars.min(WIDEST));
    }

    /// Makes a column exactly so wide that a text of a fixed length fits, however long.
    pub fn need_all(&mut self, column: u16, chars: usize) {
        self.need(column, chars);
        let width = &mut self.widths[usize::from(column)];
        *width = (*width).max(chars);
    }

    /// Keeps the rows above `row` (and the columns before `column`) in view; the first wish counts.
    pub fn freeze(&mut self, row: u32, column: u16) {
        self.frozen.get_or_insert((row, column));
    }

    /// Says that a table of so many rows has its head in this row: paper repeats the head of the longest.
    pub fn note_table(&mut self, rows: usize) {
        if rows > self.longest.1 {
            self.longest = (self.row, rows);
        }
    }

    /// Says which row paper repeats, whatever its table's length.
    pub fn repeat(&mut self, row: u32) {
        self.longest = (row, usize::MAX);
    }

    /// Whether nothing has asked to be kept in view.
    pub fn is_free(&self) -> bool {
        self.frozen.is_none()
    }

    /// Width of a column in digits, as it is set.
    fn width(&self, column: usize) -> f64 {
        // Figures are wider than the average letter, and a cell has padding.
        self.widths.get(column).map_or(8.43, |width| *width as f64 * 1.08 + 2.0)
    }

    /// Sets widths, texts across columns and frozen rows.
    pub fn finish(mut self) -> Result<Worksheet, XlsxError> {
        for column in 0..self.widths.len() {
            self.out.set_column_width(column as u16, self.width(column))?;
        }
        for span in &self.spans {
            let (mut columns, mut room) = (0, 0.0);
            while room < SPAN && columns < self.widths.len().max(12) {
                room += self.width(columns);
                columns += 1;
            }
            if columns > 1 {
                self.out.merge_range(span.row, 0, span.row, columns as u16 - 1, &span.text, &span.format)?;
            } else {
                self.out.write_string_with_format(span.row, 0, &span.text, &span.format)?;
            }
            let lines = lines_of(&span.text, room * LINE / span.line - 1.0);
            self.out.set_row_height(span.row, (span.line * lines as f64 + 2.0).min(400.0))?;
        }
        for (row, heads, buttons) in &self.headed {
            let lines = heads.iter().enumerate().map(|(column, text)| lines_of(text, self.width(column) / 1.05)).max().unwrap_or(1);
            // A line of its own for the filter buttons, which would hide the ends of right-aligned heads.
            self.out.set_row_height(*row, LINE * (lines + usize::from(*buttons)) as f64 + 3.0)?;
        }
        let mut heights: BTreeMap<u32, usize> = BTreeMap::new();
        for (row, column, text) in &self.wrapped {
            let lines = text.split('\n').map(|part| lines_of(part, self.width(usize::from(*column)) - 0.6)).sum::<usize>();
            let height = heights.entry(*row).or_insert(1);
            *height = (*height).max(lines);
        }
        for (row, lines) in heights.into_iter().filter(|(_, lines)| *lines > 1) {
            self.out.set_row_height(row, (LINE * lines as f64 + 1.0).min(400.0))?;
        }
        let (row, column) = self.frozen.unwrap_or((1, 0));
        self.out.set_freeze_panes(row, column)?;
        let (head, rows) = self.longest;
        let repeated = if rows > LONG_TABLE { head } else { 0 };
        self.out.set_repeat_rows(repeated, repeated)?;
        // Ids such as 00123 are texts on purpose; no green corners.
        let (last_row, last_column) = (self.row.max(1), self.widths.len().max(1) as u16);
        self.out.ignore_error_range(0, 0, last_row, last_column, IgnoreError::NumberStoredAsText)?;
        Ok(self.out)
    }
}

/// A link to the top of a sheet.
pub fn link(text: &str, to: &str) -> Url {
    Url::new(format!("internal:'{}'!A1", to.replace('\'', "''"))).set_text(cell::fit(text))
}

/// Lines a text needs, by words, in a column as wide as so many digits.
pub fn lines_of(text: &str, room: f64) -> usize {
    let (mut lines, mut used) = (1, 0.0);
    for word in text.split_whitespace() {
        let wide = digits(word);
        if used > 0.0 && used + SPACE + wide > room {
            lines += 1;
            used = 0.0;
        }
        lines += (wide / room.max(1.0)) as usize;
        used += wide + if used > 0.0 { SPACE } else { 0.0 };
    }
    lines
}

/// Width of a space in digits.
const SPACE: f64 = 0.45;

/// Width of a word in digits, by kinds of letters: names in capitals are a fifth wider than others.
fn digits(word: &str) -> f64 {
    let width = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ';' | ':' | '\'' | '|' | '!' | 'I' => 0.5,
        'f' | 'r' | 't' | '-' | '(' | ')' | '/' => 0.68,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 1.65,
        c if c.is_uppercase() => 1.16,
        c if c.is_ascii() => 0.98,
        _ => 1.05,
    };
    word.chars().map(width).sum()
}

/// Proof at the left, page of pages at the right. The format allows 255 characters in all.
fn footer(pack: &Pack) -> String {
    let pages = coded(&pack.words.page_of).replace("{page}", "&P").replace("{pages}", "&N");
    let state = if pack.state.is_final { String::new() } else { format!("{} \u{00b7} ", pack.state.label) };
    let mut proof = coded(&format!("{state}{}", clean(&pack.proof.line)));
    let room = 255_usize.saturating_sub(pages.chars().count() + 16);
    while proof.chars().count() > room {
        proof.pop();
    }
    // A lone `&` left by the cut would begin a code.
    if proof.chars().rev().take_while(|c| *c == '&').count() % 2 == 1 {
        proof.pop();
    }
    // The space keeps a leading digit from joining the font size.
    format!("&L&8 {proof}&R&8 {pages}")
}

/// Text in a header or footer: `&` begins a code there.
fn coded(text: &str) -> String {
    clean(text).replace('&', "&&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_by_words() {
        assert_eq!(lines_of("", 10.0), 1);
        assert_eq!(lines_of("one two three", 8.0), 2);
        assert_eq!(lines_of("unbreakableword", 5.0), 3);
        assert!(lines_of(&"NAVE MMM ".repeat(9), 40.0) > lines_of(&"nave lll ".repeat(9), 40.0));
    }
}
