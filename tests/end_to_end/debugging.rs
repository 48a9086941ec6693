//! docs/debugging.md: every command runs, on the sweep that it is about, and prints what is shown.

use crate::workplace::Workplace;

/// The blocks of a document: language and text.
fn blocks(document: &str) -> Vec<(String, String)> {
    let parts = document.split("\n```").skip(1).step_by(2);
    parts.filter_map(|part| part.split_once('\n')).map(|(kind, text)| (kind.to_owned(), text.to_owned())).collect()
}

#[test]
fn every_command_prints_what_is_shown() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let document = std::fs::read_to_string(format!("{root}/docs/debugging.md")).expect("docs/debugging.md");
    let place = Workplace::new();
    place.run(&["sweep", &format!("{root}/sweeps/first.yaml"), "--out", "results/first"], 0);
    let (mut printed, mut commands, mut shown) = (String::new(), 0, 0);
    for (kind, text) in blocks(&document) {
        match kind.as_str() {
            "sh" => {
                printed.clear();
                for line in text.lines() {
                    let (command, file) =
                        line.split_once(" > ").map_or((line, None), |(left, file)| (left, Some(file)));
                    let words: Vec<&str> = command.strip_prefix("burstnet ").expect("a command").split(' ').collect();
                    let same = line.ends_with("mine.yaml");
                    let code = if words[0] == "diff" && !same { 4 } else { 0 };
                    let out = place.run(&words, code).out;
                    if let Some(file) = file {
                        place.write(file, &out);
                    }
                    printed += &out;
                    commands += 1;
                }
            }
            "text" => {
                assert!(printed.contains(text.trim_end()), "not printed:\n{text}\nbut\n{printed}");
                shown += 1;
            }
            "py" => {}
            other => panic!("a block of {other}"),
        }
    }
    assert!(commands > 10 && shown > 3, "{commands} commands, {shown} texts");
    assert_eq!(place.files().iter().filter(|file| file.starts_with("traces/trial-")).count(), 4);
}
