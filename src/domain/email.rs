//! E-mail addresses: what counts as one, and how several stand in one cell.
//!
//! Only plain addresses count: no quoted names, no comments, no letters beyond ASCII. What passes can stand in a message's header
//! without any further care, so no cell can add a header of its own.

/// Whether a text is a plain address.
pub fn is_address(text: &str) -> bool {
    const ATOM: &str = "!#$%&'*+-/=?^_`{|}~";
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_atom = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || ATOM.contains(c));
    let is_label = |part: &str| {
        !part.is_empty()
            && part.len() <= 63
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    local.len() <= 64 && text.len() <= 254 && local.split('.').all(is_atom) && domain.contains('.') && domain.split('.').all(is_label)
}

/// The addresses of a cell, separated by commas or semicolons; none if any of them is not one.
pub fn addresses(cell: &str) -> Vec<&str> {
    let parts: Vec<&str> = cell.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.iter().all(|part| is_address(part)) { parts } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_only() {
        for good in ["a@b.mx", "cuentas.por.pagar+1@sub-1.empresa.com.mx", "o'neil@x.io"] {
            assert!(is_address(good), "{good}");
        }
        let long = format!("{}@b.mx", "a".repeat(65));
        for bad in [
            "",
            "a",
            "a@b",
            "@b.mx",
            "a@",
            "a b@c.mx",
            "a@b..mx",
            ".a@b.mx",
            "a@-b.mx",
            "a@b.mx\r\nBcc: x@y.z",
            "ñ@b.mx",
            "\"a\"@b.mx",
            &long,
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn a_cell_holds_several_or_none() {
        assert_eq!(addresses(" a@b.mx ; c@d.mx,"), ["a@b.mx", "c@d.mx"]);
        assert!(addresses("a@b.mx; call Ana").is_empty());
        assert!(addresses("").is_empty());
    }
}
