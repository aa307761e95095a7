//! Links of the page: each table gets a place of its own, and what names a table by its id gets that place.
//!
//! Separate because a link may lead to what comes later, and the first of two tables with one id wins.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Puts `place` on every table and `goto` on whatever has a `behind`.
pub fn resolve(sections: &mut [Value]) {
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    let mut count = 0;
    for block in blocks(sections) {
        if block["type"] == "table" {
            count += 1;
            let place = format!("table-{count}");
            let id = block["id"].as_str().unwrap_or_default().to_owned();
            places.entry(id).or_insert_with(|| place.clone());
            block["place"] = json!(place);
        }
    }
    let goto = |block: &mut Value| {
        block["goto"] = block["behind"].as_str().and_then(|id| places.get(id)).map_or(Value::Null, |place| json!(place));
    };
    for block in blocks(sections) {
        match block["type"].as_str() {
            Some("kpis") => array(&mut block["rows"]).iter_mut().flat_map(|row| array(&mut row["cards"])).for_each(goto),
            _ => goto(block),
        }
    }
}

/// Every block, the two of a pair one by one.
fn blocks(sections: &mut [Value]) -> Vec<&mut Value> {
    let mut all = Vec::new();
    for block in sections.iter_mut().flat_map(|section| array(&mut section["blocks"])) {
        if block["type"] == "beside" {
            let Some(pair) = block.as_object_mut() else { continue };
            all.extend(pair.iter_mut().filter(|(name, _)| matches!(name.as_str(), "left" | "right")).map(|(_, part)| part));
        } else {
            all.push(block);
        }
    }
    all
}

fn array(value: &mut Value) -> &mut [Value] {
    value.as_array_mut().map_or(&mut [], Vec::as_mut_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_first_table_of_a_name() {
        let mut sections = vec![json!({ "blocks": [
            { "type": "kpis", "rows": [{ "cards": [{ "behind": "a" }, { "behind": "none" }] }] },
            { "type": "beside", "left": { "type": "chart", "behind": "b" }, "right": { "type": "table", "id": "a", "behind": null } },
            { "type": "table", "id": "b", "behind": "a" },
            { "type": "table", "id": "a", "behind": null },
        ]})];
        resolve(&mut sections);
        let blocks = &sections[0]["blocks"];
        assert_eq!(blocks[0]["rows"][0]["cards"][0]["goto"], "table-1");
        assert_eq!(blocks[0]["rows"][0]["cards"][1]["goto"], Value::Null);
        assert_eq!((&blocks[1]["left"]["goto"], &blocks[1]["right"]["place"]), (&json!("table-2"), &json!("table-1")));
        assert_eq!((&blocks[2]["goto"], &blocks[3]["place"]), (&json!("table-1"), &json!("table-3")));
    }
}
