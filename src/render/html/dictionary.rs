//! The dictionary of measures as one HTML file, with the packs' fonts and colours.

use super::{broken, style};
use crate::error::Result;
use crate::render::words;
use crate::report::dictionary::{DictionaryPage, Item};
use minijinja::{Environment, UndefinedBehavior, Value, context};

const PAGE: &str = include_str!("../../../reports/templates/dictionary.html");

/// The dictionary as a self-contained page.
pub fn dictionary(page: &DictionaryPage) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_template("dictionary.html", PAGE).map_err(broken)?;
    let groups: Vec<Value> = page
        .groups
        .iter()
        .map(|group| context! { title => &group.title, entries => group.entries.iter().map(entry).collect::<Vec<_>>() })
        .collect();
    let values = context! {
        lang => page.lang.code(), title => &page.title, intro => &page.intro, contents => &page.contents, groups,
        skip => words::furniture(page.lang).skip, style => style::base(),
    };
    environment.get_template("dictionary.html").and_then(|template| template.render(values)).map_err(broken)
}

fn entry(item: &Item) -> Value {
    let pairs = |list: &[(String, String)]| list.iter().map(|(name, text)| context! { name, text }).collect::<Vec<_>>();
    context! {
        name => &item.name, title => &item.title, question => &item.question, facts => pairs(&item.facts),
        lists => item.lists.iter().map(|(label, list)| context! { label, rows => pairs(list) }).collect::<Vec<_>>(),
        sql_label => &item.sql_label, sql => &item.sql,
    }
}
