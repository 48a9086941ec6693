//! plotly.js, as the folder `plotly` of this crate holds it.

/// The text of plotly.js: its bundle for plots with two axes.
pub(super) const SOURCE: &str = include_str!("../../plotly/plotly-cartesian.min.js");

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_script_is_the_one_that_its_folder_describes() {
        let described = include_str!("../../plotly/README.md");
        let bytes = Sha256::digest(SOURCE.as_bytes());
        let checksum: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(described.contains(&format!("`{checksum}`")), "plotly/README.md does not name SHA-256 {checksum}");
        let header = SOURCE.lines().nth(1).unwrap_or_default();
        let version = header.rsplit_once(" v").map_or("", |(_, version)| version);
        assert!(described.contains(&format!("| Version | {version} |")), "{header}");
        assert!(described.contains(&format!("plotly.js-cartesian-dist-min@{version}")), "{header}");
        assert!(SOURCE.contains("Licensed under the MIT license"));
        assert!(SOURCE.trim_end().ends_with("return Plotly;\n}));"));
    }
}
