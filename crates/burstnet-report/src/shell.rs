//! Command lines that a shell takes as they are meant.

/// Returns a word quoted for a POSIX shell, if it needs it.
pub fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Returns a path as an argument: one that begins with a dash would be taken for an option.
pub fn path(path: &str) -> String {
    quote(&if path.starts_with('-') { format!("./{path}") } else { path.to_owned() })
}

/// Returns a command line of these words.
pub fn line(words: &[String]) -> String {
    words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_same_words() {
        let words = [
            "plain",
            "",
            "two words",
            "it's",
            "$(rm -rf x)",
            "$HOME",
            "`x`",
            "a\"b",
            "a\nb",
            "a\tb",
            "\\",
            "\\n",
            "*",
            "~",
            "!!",
            "-n",
            "</script>",
            "ä€",
        ];
        let script = format!("printf '%s\\0' {}", line(&words.map(str::to_owned)));
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        let read: Vec<&str> = std::str::from_utf8(&output.stdout).unwrap().split('\0').collect();
        assert_eq!(read[..words.len()], words);
        assert_eq!(path("-x"), "./-x");
    }
}
