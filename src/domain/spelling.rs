//! The nearest known name to a misspelt one.

/// From so many letters on, a name inside another counts as near: `invoice` for `invoices_2026`.
const TELLING: usize = 3;

/// The candidate with the fewest edits, if it is near enough to be meant.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let apart = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        let inside = candidate.contains(&name) && name.chars().count() >= TELLING
            || name.contains(&candidate) && candidate.chars().count() >= TELLING;
        let edits = edits(&name, &candidate);
        if inside { edits.min(2) } else { edits }
    };
    let longest = |candidate: &str| name.chars().count().max(candidate.chars().count());
    candidates.into_iter().map(|c| (apart(c), c)).filter(|(edits, c)| *edits <= 1 + longest(c) / 3).min().map(|(_, c)| c)
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
        assert_eq!(nearest("Due Date", known), Some("due_date"));
        assert_eq!(nearest("amuont", known), Some("amount"));
        assert_eq!(nearest("due", known), Some("due_date"));
        assert_eq!(nearest("d", known), None);
        assert_eq!(nearest("zzzzzzzzzzzz", known), None);
        assert_eq!(nearest("agin", ["dso", "aging"]), Some("aging"));
        assert_eq!(nearest("rolforward", ["rollforward", "aging"]), Some("rollforward"));
        assert_eq!(nearest("xyz", ["rollforward", "aging"]), None);
        assert_eq!(nearest("Über", ["UBER", "aging"]), Some("UBER"));
    }
}
