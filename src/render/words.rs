//! The few words that only a format's furniture needs (a link, a column head), in the reader's language.
//!
//! Separate from the pack's words: those are content, chosen by the report; these belong to how a file is used.

use crate::domain::lang::Lang;

/// Words of the files' furniture.
pub struct Furniture {
    /// Link over the contents for people who use a keyboard.
    pub skip: &'static str,
    /// Opens the figures behind a drawing.
    pub figures: &'static str,
    /// Said after a change that is good, for people who do not see colours.
    pub better: &'static str,
    /// Said after a change that is bad.
    pub worse: &'static str,
    /// Stands in a table without rows.
    pub no_rows: &'static str,
    /// Link from a figure to the table with its rows.
    pub behind: &'static str,
    /// Label of the field that filters a table.
    pub filter: &'static str,
    /// How many rows a filter leaves; `{n}` of `{m}`.
    pub filtered: &'static str,
    /// Link from a sheet of a section to the whole table's own.
    pub whole: &'static str,
    /// Name of the workbook's first sheet.
    pub cover: &'static str,
    /// Heads of the grid of figures: measure, value, unit, before, compared with, change.
    pub grid: [&'static str; 6],
    /// Heads of a bridge's drawing columns: base, level, increase, decrease, top.
    pub bridge: [&'static str; 5],
    /// Heads of the checks: check, outcome, figures.
    pub checks: [&'static str; 3],
    /// Heads of a definition's name and of the digest of its SQL.
    pub definition: [&'static str; 2],
}

/// The words in a language.
pub fn furniture(lang: Lang) -> &'static Furniture {
    match lang {
        Lang::Es => &ES,
        Lang::En => &EN,
    }
}

static ES: Furniture = Furniture {
    skip: "Saltar al contenido",
    figures: "Cifras",
    better: "mejora",
    worse: "empeora",
    no_rows: "Sin partidas",
    behind: "Ver el detalle",
    filter: "Filtrar",
    filtered: "{n} de {m} renglones; los totales son de la tabla completa",
    whole: "Tabla completa",
    cover: "Portada",
    grid: ["Indicador", "Valor", "Unidad", "Anterior", "Comparado con", "Cambio"],
    bridge: ["Base", "Nivel", "Aumento", "Disminución", "Tope"],
    checks: ["Control", "Resultado", "Cifras"],
    definition: ["Definición", "Huella del SQL"],
};

static EN: Furniture = Furniture {
    skip: "Skip to content",
    figures: "Figures",
    better: "better",
    worse: "worse",
    no_rows: "No items",
    behind: "See the detail",
    filter: "Filter",
    filtered: "{n} of {m} rows; totals are of the whole table",
    whole: "Whole table",
    cover: "Cover",
    grid: ["Measure", "Value", "Unit", "Before", "Compared with", "Change"],
    bridge: ["Base", "Level", "Increase", "Decrease", "Top"],
    checks: ["Check", "Outcome", "Figures"],
    definition: ["Definition", "SQL digest"],
};
