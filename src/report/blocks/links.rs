//! Links from figures to the tables behind them: a spec names a block, a reader goes to a table.

use crate::report::pack::{Block, Section};

/// Puts the table's own id in place of its block's: of a block that is split, the first piece. A link that leads nowhere goes.
pub(crate) fn resolve(sections: &mut [Section]) {
    let tables: Vec<String> = sections
        .iter()
        .flat_map(|section| &section.blocks)
        .filter_map(|block| if let Block::Table(table) = block { Some(table.id.clone()) } else { None })
        .collect();
    let found = |name: &String| {
        let piece = |id: &&String| id.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
        tables.iter().find(|id| *id == name).or_else(|| tables.iter().find(piece)).cloned()
    };
    for block in sections.iter_mut().flat_map(|section| &mut section.blocks) {
        let links: Vec<&mut Option<String>> = match block {
            Block::Kpis { items } => items.iter_mut().map(|item| &mut item.behind).collect(),
            Block::Table(table) => vec![&mut table.behind],
            Block::Chart(chart) => vec![&mut chart.behind],
            Block::Text { .. } | Block::Checklist { .. } | Block::Definitions { .. } => Vec::new(),
        };
        for link in links {
            *link = link.as_ref().and_then(found);
        }
    }
}
