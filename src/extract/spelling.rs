//! The nearest known name to a misspelt one.

/// The candidate with the fewest edits, if it is near enough to be meant.
pub(super) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    candidates
        .map(|c| (edits(&name, &c.to_lowercase()), c))
        .min()
        .filter(|(distance, c)| *distance <= 1 + name.len().max(c.len()) / 2)
        .map(|(_, c)| c)
}

/// Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let known = ["document_date", "due_date", "amount"];
        assert_eq!(nearest("Due Date", known.into_iter()), Some("due_date"));
        assert_eq!(nearest("amuont", known.into_iter()), Some("amount"));
        assert_eq!(nearest("zzzzzzzzzzzz", known.into_iter()), None);
    }
}
