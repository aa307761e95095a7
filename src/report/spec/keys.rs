//! The text keys that follow from the names in a spec.

use super::{BlockSpec, ClauseSpec, Spec};
use std::collections::BTreeSet;

impl Spec {
    /// Every text key that the spec needs; that both languages have them, and no others, is tested.
    pub fn text_keys(&self) -> BTreeSet<String> {
        let mut keys: BTreeSet<String> = [format!("pack.{}", self.name)].into();
        keys.extend(self.state.iter().flat_map(|s| &s.controls).map(|name| format!("check.{name}")));
        for section in &self.sections {
            keys.insert(format!("section.{}", section.id));
            for clause in &section.clauses {
                keys.extend(clause.text_keys(&section.id));
            }
            for block in &section.blocks {
                keys.extend(block.text_keys());
            }
        }
        keys
    }
}

#[cfg(test)]
impl Spec {
    /// Every column whose words it shows.
    pub(crate) fn columns(&self) -> BTreeSet<&str> {
        let mut columns = BTreeSet::new();
        for block in self.sections.iter().flat_map(|s| &s.blocks) {
            match block {
                BlockSpec::Table(table) => {
                    columns.extend(table.columns.iter().map(String::as_str));
                    columns.extend(table.pivot.iter().map(|p| p.column.as_str()));
                }
                BlockSpec::Chart(chart) => {
                    columns.insert(chart.x.as_str());
                    columns.extend(chart.series.iter().map(|s| s.column.as_str()));
                }
                _ => {}
            }
        }
        columns
    }
}

impl ClauseSpec {
    fn text_keys(&self, section: &str) -> Vec<String> {
        let key = format!("message.{section}.{}", self.name);
        let endings: &[&str] = match (&self.compare, &self.count) {
            (Some(_), _) => &[".up", ".down", ".same", ".alone"],
            (None, Some(_)) => &[".zero", ".some"],
            (None, None) => &[""],
        };
        let mut keys: Vec<String> = endings.iter().map(|ending| format!("{key}{ending}")).collect();
        if self.say_undefined {
            keys.push(format!("{key}.undefined"));
        }
        for noun in self.figures.values().filter_map(|f| f.noun.as_ref()) {
            keys.extend(["none", "one", "many"].map(|form| format!("noun.{noun}.{form}")));
        }
        keys
    }
}

impl BlockSpec {
    fn text_keys(&self) -> Vec<String> {
        let column = |name: &String| format!("column.{name}");
        match self {
            BlockSpec::Kpis(kpis) => kpis.items.iter().map(|i| column(&i.column)).collect(),
            BlockSpec::Comparison(kpis) => {
                kpis.items.iter().map(|i| column(&i.column)).chain([format!("block.{}", kpis.id), "column.period".to_string()]).collect()
            }
            BlockSpec::Table(table) => {
                let mut keys: Vec<String> = table.columns.iter().map(|name| format!("column.{}", table.head(name))).collect();
                keys.push(format!("block.{}", table.id));
                if table.note {
                    keys.push(format!("note.{}", table.id));
                }
                keys
            }
            BlockSpec::Chart(chart) => {
                let named = chart.values.iter().map(|v| &v.column).chain(&chart.reference);
                named.map(column).chain([format!("block.{}", chart.id)]).collect()
            }
            BlockSpec::Text(text) => text.paragraphs.iter().map(|p| format!("paragraph.{p}")).collect(),
            BlockSpec::Checklist {} => vec!["block.checks".to_string()],
            BlockSpec::Definitions {} => Vec::new(),
        }
    }
}
