//! Sweep files and results directories made to do harm: each is a message, in bounded memory and time.

use std::process::Command;

use crate::workplace::{SMALL_SWEEP, Said, Workplace, npy};

const TAIL: &str = "search: {space: {learning_rate.output: [0.1]}}\n";

/// Runs the command with at most 1.5 GB of address space and 20 seconds of a processor.
fn limited(place: &Workplace, arguments: &[&str], code: i32) -> Said {
    let own = place.command(&[]);
    let mut command = Command::new("timeout");
    command
        .args(["600", "sh", "-c", "ulimit -v 1500000; ulimit -t 20; exec \"$0\" \"$@\""])
        .arg(own.get_program())
        .args(arguments);
    Said::new(command.current_dir(place.path("")).output().expect("timeout and sh"), arguments, code)
}

/// Whether a message can be shown on a terminal.
fn harmless(said: &Said) -> bool {
    !said.err.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}')
}

#[test]
fn sweep_files() {
    let bomb: String =
        (1..12).map(|i| format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 10].join(","))).collect();
    let layers = |layers: &str| format!("base: {{network: {{layers: [{layers}]}}}}\n{TAIL}");
    let classes = |more: &str| format!("base: {{signals: {{kind: xor_classes, classes: 10000, {more}}}}}\n{TAIL}");
    let many = |n: usize, one: &dyn Fn(usize) -> String| (0..n).map(one).collect::<Vec<_>>().join(",");
    let utf16: Vec<u8> = format!("\u{feff}{SMALL_SWEEP}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (format!("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n{bomb}").into(), "aliases counted in full"),
        ("&a base: *a\n".into(), "s.yaml:1:1: base is 'base'"),
        ("[".repeat(1_000_000).into(), "s.yaml:1:"),
        ("{a: ".repeat(200_000).into(), "s.yaml:1:"),
        ((0..200_000).map(|i| format!("k{i}: 1\n")).collect::<String>().into(), "unknown key 'k0'"),
        (format!("#{}\n{TAIL}", "x".repeat(20_000_000)).into(), "the file is too long"),
        (format!("seed: {}\n{TAIL}", "9".repeat(1_000_000)).into(), "seed is '999"),
        (format!("name: {}\n{TAIL}", "x".repeat(1_000_000)).into(), "name is 'xxx"),
        (format!("{SMALL_SWEEP}\0").into(), "a control character, '\\0'"),
        (format!("name: \"a\\e[31m\"\n{TAIL}").into(), "name is 'a\\u{1b}[31m'"),
        (format!("name: <script>\n{TAIL}").into(), "name is '<script>'"),
        (format!("name: /etc/x\n{TAIL}").into(), "name is '/etc/x'"),
        (utf16, "s.yaml:1:1: not UTF-8 text: the byte 0xff"),
        (b"seed: 5\nname: \xc3\xa9\xe9\n".to_vec(), "s.yaml:2:8: not UTF-8 text: the byte 0xe9"),
        (format!("{TAIL}# \u{fffd}").replace('\u{fffd}', "\u{1}").into(), "a control character, '\\u{1}'"),
        ("search: {space: {feedback.density: {linear: [0, 1], num: 1e18}}}\n".into(), "num of feedback.density"),
        (layers("1000000, 1000000, 3").into(), "at most 536870912 weights"),
        (layers(&many(100_000, &|_| "1".into())).into(), "a list of 2 to 1000 integers"),
        (classes("examples_per_class: 100000, length: 10").into(), "at most 1048576 examples"),
        (classes("examples_per_class: 50, length: 100000").into(), "numbers in all examples"),
        (classes("examples_per_class: 100, length: 10000000").into(), "at most 536870912 numbers in a sequence"),
        (
            format!(
                "base: {{training.engine: reference, network.layers: [2, 1], {}}}\n{TAIL}",
                "signals: {kind: xor_classes, classes: 10000, examples_per_class: 100, length: 100000}"
            )
            .into(),
            "epochs of at most 1073741824 steps",
        ),
        (
            format!("search: {{space: {{teaching.mask: [{}]}}}}\n", many(10_001, &|i| format!("m{i}"))).into(),
            "teaching.mask names 10001 files, expected at most 10000",
        ),
        (format!("base: {{teaching: {{mask: /dev/zero}}}}\n{TAIL}").into(), "not a regular file"),
        (format!("base: {{teaching: {{mask: pipe}}}}\n{TAIL}").into(), "not a regular file"),
        (format!("base: {{teaching: {{mask: .}}}}\n{TAIL}").into(), "not a regular file"),
        (format!("base: {{teaching: {{mask: /etc/passwd}}}}\n{TAIL}").into(), "not an .npy file"),
        (format!("base: {{network.initial_weights: s.yaml}}\n{TAIL}").into(), "Not a directory"),
    ];
    for (text, message) in cases {
        let place = Workplace::new();
        place.write("s.yaml", &text);
        assert!(Command::new("mkfifo").arg(place.path("pipe")).status().expect("mkfifo").success());
        for command in ["plan", "sweep"] {
            let said = limited(&place, &[command, "s.yaml"], 2);
            assert!(said.err.contains(message), "expected {message:?}: {}", said.err);
            // The message, and the line with a caret below it.
            let lines = said.err.lines().count();
            assert!(said.err.len() < 2000 && matches!(lines, 1 | 3) && harmless(&said), "{:?}", said.err);
        }
        assert_eq!(place.files(), ["pipe", "s.yaml"], "{message}");
    }
}

#[test]
fn a_plan_of_a_trillion_configurations() {
    let place = Workplace::new();
    place.write("s.yaml", "replicates: 1000\nbase: {network: {layers: [4, 3, 2]}, training: {epochs: 1}}\nsearch:\n  space:\n    \
         learning_rate.output: {linear: [0, 1], num: 100000}\n    learning_rate.hidden: {linear: [0, 1], num: 10000000}\n");
    let plan = limited(&place, &["plan", "s.yaml", "--json"], 0).json();
    assert_eq!(plan["configurations"], 1_000_000_000_000_u64);
    assert_eq!(plan["trials"], 1_000_000_000_000_000_u64);
}

#[test]
fn folders_of_weights_hold_nothing_but_weights() {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/pipelined_small");
    let place = Workplace::new();
    for name in ["W_0", "W_1", "b_0", "b_1", "Y_0"] {
        let weights = std::fs::read(format!("{golden}/initial_weights/{name}.npy")).expect(name);
        place.write(&format!("w/{name}.npy"), weights);
    }
    place.write("secret", "-----BEGIN KEY-----");
    let sweep =
        "base: {network: {layers: [20, 12, 3], initial_weights: w}, signals: {length: 50}, training: {epochs: 1}}\n";
    place.write("s.yaml", format!("{sweep}{TAIL}"));
    std::os::unix::fs::symlink("../secret", place.path("w/a.npy")).expect("a link");
    let said = limited(&place, &["sweep", "s.yaml", "--out", "r"], 2);
    assert!(said.err.contains("a.npy is not an .npy file"), "{}", said.err);
    assert!(!place.path("r").exists());
    std::fs::remove_file(place.path("w/a.npy")).expect("removed");
    // What cannot be read as a file at all is left alone.
    std::os::unix::fs::symlink("/dev/zero", place.path("w/zero.npy")).expect("a link");
    std::os::unix::fs::symlink("loop.npy", place.path("w/loop.npy")).expect("a link");
    limited(&place, &["sweep", "s.yaml", "--out", "r"], 0);
    assert_eq!(place.files().iter().filter(|file| file.contains("inputs/")).count(), 5);
}

#[test]
fn results_directories() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let sweep = ["sweep", "s.yaml", "--out", "r"];
    // Names that lead elsewhere, and pipes that would be waited for.
    for name in ["plan.json", "provenance.json", "earlier-plans.json", "journal/shard-0-of-1.journal"] {
        let path = place.path(&format!("r/{name}"));
        let held = std::fs::read(&path).ok();
        let commands =
            [&sweep[..], &["report", "r"], &["status", "r"], &["merge", "r"], &["rerun", "r", "--trial", "0"]];
        for make in [&["ln", "-sf", "/dev/zero"][..], &["mkfifo"]] {
            drop(std::fs::remove_file(&path));
            assert!(Command::new(make[0]).args(&make[1..]).arg(&path).status().expect(make[0]).success());
            let refusal = |text: &str| text.contains(" is a symbolic link") || text.contains(" is not a file");
            if name == "provenance.json" {
                // It reaches no figure, so that the results are shown without it.
                let said = limited(&place, &sweep, 3);
                assert!(refusal(&said.err), "{}", said.err);
                limited(&place, &["report", "r"], 0);
                let page = String::from_utf8(place.read("r/report.html")).expect("a text");
                let told = page.split("</code> cannot be read: ").nth(1).expect("the page says so");
                assert!(refusal(&told[..400]), "{}", &told[..400]);
                continue;
            }
            for command in &commands {
                let said = limited(&place, command, 3);
                assert!(refusal(&said.err), "{}", said.err);
            }
        }
        drop(std::fs::remove_file(&path));
        if let Some(held) = held {
            std::fs::write(&path, held).expect("put back");
        }
    }
    // Tables are replaced, never written through a link.
    place.write("precious", "mine");
    std::fs::remove_file(place.path("r/trials.parquet")).expect("removed");
    std::os::unix::fs::symlink(place.path("precious"), place.path("r/trials.parquet")).expect("a link");
    place.write("r/curves.parquet", "no table at all");
    limited(&place, &sweep, 0);
    assert_eq!(place.read("precious"), b"mine");
    assert!(place.read("r/trials.parquet").starts_with(b"PAR1") && place.read("r/curves.parquet").starts_with(b"PAR1"));
    // A pipe where a crash would have left a sweep file.
    std::fs::create_dir(place.path("new")).expect("a folder");
    assert!(Command::new("mkfifo").arg(place.path("new/sweep.yaml")).status().expect("mkfifo").success());
    limited(&place, &["sweep", "s.yaml", "--out", "new"], 2);
    // Journals that are none.
    let journal = place.read("r/journal/shard-0-of-1.journal");
    for foreign in [b"x".repeat(5000), place.read("r/trials.parquet"), [b"BURSTJNL", &[0xff; 60][..]].concat()] {
        place.write("r/journal/shard-0-of-1.journal", &foreign);
        for command in
            [&sweep[..], &["report", "r"], &["status", "r"], &["merge", "r"], &["rerun", "r", "--trial", "0"]]
        {
            let said = limited(&place, command, 2);
            assert!(said.err.contains("the header is damaged"), "{}", said.err);
        }
        assert_eq!(place.read("r/journal/shard-0-of-1.journal"), foreign);
    }
    place.write("r/journal/shard-0-of-1.journal", &journal);
    limited(&place, &["merge", "r"], 0);
}

#[test]
fn plans_that_are_large() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let plan: serde_json::Value = serde_json::from_slice(&place.read("r/plan.json")).expect("JSON");
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut changed = plan.clone();
        change(&mut changed);
        serde_json::to_string(&changed).expect("JSON")
    };
    let inputs = with(&|plan| {
        let input =
            |i| serde_json::json!({"key": "teaching.mask", "given": format!("m{i}"), "stored": "m", "files": []});
        plan["inputs"] = (0..100_000).map(input).collect();
    });
    let layers = with(&|plan| plan["base"]["network.layers"] = vec![1; 100_000].into());
    let values = with(&|plan| {
        let values: Vec<f64> = (0..400_000).map(|i| f64::from(i) / 1e6).collect();
        plan["space"][0]["domain"] = serde_json::json!({ "values": values });
    });
    for (text, message) in [
        (inputs, "100000 inputs, expected at most 10000"),
        (layers, "a list of 2 to 1000 integers"),
        (values, "the journal of another sweep"),
        ("[".repeat(30_000_000), "not a readable plan"),
    ] {
        place.write("r/plan.json", text);
        let said = limited(&place, &["report", "r"], 2);
        assert!(said.err.contains(message), "{}", said.err);
        let said = limited(&place, &["sweep", "s.yaml", "--out", "r"], 2);
        assert!(said.err.len() < 5000, "a message of {} bytes", said.err.len());
    }
}

#[test]
fn a_path_does_not_steer_the_terminal() {
    let place = Workplace::new();
    let said = limited(&place, &["report", "a\u{1b}[31m"], 2);
    assert!(said.err.contains("a\\u{1b}[31m: not a results directory") && harmless(&said), "{:?}", said.err);
    let said = limited(&place, &["report", "r", "--baseline", "a\u{1b}[31m\u{202e}"], 2);
    assert!(said.err.contains("invalid value 'a\\u{202e}'") && harmless(&said), "{:?}", said.err);
}

#[test]
fn a_network_that_does_not_fit_into_memory_is_refused() {
    let place = Workplace::new();
    let own = "network: {layers: [30000, 15000, 3]}\nsignals: {length: 10}\ntraining: {epochs: 1}\n";
    place.write("run.yaml", own);
    place.write("s.yaml", format!("base:\n  {}\n{TAIL}", own.trim().replace('\n', "\n  ")));
    for arguments in [&["run", "run.yaml"][..], &["plan", "s.yaml"], &["sweep", "s.yaml"]] {
        let said = limited(&place, arguments, 3);
        assert!(said.err.contains("takes at least 1.8 GB of memory, and there are"), "{}", said.err);
    }
    assert_eq!(place.files(), ["run.yaml", "s.yaml"]);
}

/// Files that claim to be large, and are as long as that without taking any room on a disk.
#[test]
fn large_files_are_refused_by_their_headers() {
    let place = Workplace::new();
    let claim = |name: &str, descr: &str, shape: [u64; 2], width: u64| {
        let path = place.write(name, npy(descr, &format!("({}, {})", shape[0], shape[1]), &[]));
        let file = std::fs::OpenOptions::new().write(true).open(path).expect("opens");
        let length = file.metadata().expect("metadata").len();
        file.set_len(length + shape[0] * shape[1] * width).expect("a sparse file");
    };
    claim("m.npy", "'|b1'", [3, 1_000_000_000], 1);
    claim("long.npy", "'|b1'", [1_000_000, 1_000_000], 1);
    claim("x.npy", "'<f8'", [8, 31_250_000], 8);
    claim("t.npy", "'<f8'", [2, 31_250_000], 8);
    claim("w/W_0.npy", "'<f8'", [6, 1_000_000_000], 8);
    let own = "network: {layers: [8, 6, 2]}\ntraining: {epochs: 3}\n";
    for (more, code, message) in [
        ("signals: {length: 40}\nteaching: {mask: m.npy}\n", 2, "shape [3, 1000000000], expected (3, 40)"),
        ("signals: {length: 40}\nteaching: {mask: long.npy}\n", 2, "shape [1000000, 1000000], expected (3, 40)"),
        ("signals: {kind: files, inputs: x.npy, targets: t.npy}\n", 3, "x.npy takes at least "),
        ("network.initial_weights: w\n", 2, "W_0.npy: shape [6, 1000000000], expected (6, 8)"),
        (
            "signals: {length: 1000000}\ntraining.epochs: 1000000\nteaching: {mask: long.npy}\n",
            3,
            "teaching.mask long.npy takes at least 1.0 TB of memory, and there are",
        ),
    ] {
        let own = if more.contains("epochs") { own.replace("training: {epochs: 3}\n", "") } else { own.to_owned() };
        let run = own + more;
        place.write("run.yaml", &run);
        place.write("s.yaml", format!("base:\n  {}\n{TAIL}", run.trim().replace('\n', "\n  ")));
        for arguments in [&["run", "run.yaml"][..], &["plan", "s.yaml"], &["sweep", "s.yaml", "--out", "r"]] {
            let said = limited(&place, arguments, code);
            assert!(said.err.contains(message), "expected {message:?}: {}", said.err);
        }
    }
    assert!(!place.path("r").exists());
}

/// A sweep that reads a mask and a folder of weights, in `s.yaml`.
fn sweep_of_files(place: &Workplace) {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/pipelined_small");
    for name in ["W_0", "W_1", "b_0", "b_1", "Y_0"] {
        let weights = std::fs::read(format!("{golden}/initial_weights/{name}.npy")).expect(name);
        place.write(&format!("w/{name}.npy"), weights);
    }
    place.write("m.npy", npy("'|b1'", "(1, 50)", &[1; 50]));
    let network = "network: {layers: [20, 12, 3], initial_weights: w}, teaching: {mask: m.npy}";
    place.write("s.yaml", format!("base: {{{network}, signals: {{length: 50}}, training: {{epochs: 1}}}}\n{TAIL}"));
}

/// The names below `inputs/` of the copies of the mask and of the weights.
fn copies(plan: &serde_json::Value) -> [String; 2] {
    ["teaching.mask", "network.initial_weights"].map(|key| {
        let inputs = plan["inputs"].as_array().expect("inputs");
        let own = inputs.iter().find(|input| input["key"] == key).expect(key);
        own["stored"].as_str().expect("a name").to_owned()
    })
}

#[test]
fn copies_of_input_files_lead_nowhere_else() {
    let place = Workplace::new();
    sweep_of_files(&place);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let rerun = ["rerun", "r", "--trial", "0"];
    limited(&place, &rerun, 0);
    let plan: serde_json::Value = serde_json::from_slice(&place.read("r/plan.json")).expect("JSON");
    let [mask, weights] = copies(&plan);
    // What a plan does not list, or lists as what it is not.
    type Edit = fn(&mut Vec<serde_json::Value>);
    let edits: [(&str, Edit); 5] = [
        ("teaching.mask", |files| files.clear()),
        ("teaching.mask", |files| files[0]["name"] = "m.npy".into()),
        ("teaching.mask", |files| files.push(files[0].clone())),
        ("network.initial_weights", |files| files.clear()),
        ("network.initial_weights", |files| files[0]["name"] = "".into()),
    ];
    for (key, edit) in edits {
        let mut edited = plan.clone();
        let inputs = edited["inputs"].as_array_mut().expect("inputs");
        let own = inputs.iter_mut().find(|input| input["key"] == key).expect(key);
        edit(own["files"].as_array_mut().expect("files"));
        place.write("r/plan.json", edited.to_string());
        let said = limited(&place, &rerun, 2);
        assert!(said.err.contains("expected those of the path of a f"), "{}", said.err);
    }
    place.write("r/plan.json", serde_json::to_vec(&plan).expect("JSON"));
    // Links, of a file, in a folder and of a folder; and a file that the plan does not list.
    let link = |name: &str, target: &str| {
        let path = place.path(&format!("r/inputs/{name}"));
        std::fs::rename(&path, place.path("aside")).expect("moved");
        std::os::unix::fs::symlink(place.path(target), &path).expect("a link");
        let said = limited(&place, &rerun, 3);
        assert!(said.err.contains("is a symbolic link"), "{}", said.err);
        std::fs::remove_file(&path).expect("removed");
        std::fs::rename(place.path("aside"), &path).expect("moved back");
    };
    link(&mask, "m.npy");
    link(&format!("{weights}/b_0.npy"), "w/b_0.npy");
    link(&weights, "w");
    std::os::unix::fs::symlink(place.path("w/W_0.npy"), place.path(&format!("r/inputs/{weights}/W_2.npy")))
        .expect("a link");
    let said = limited(&place, &rerun, 3);
    assert!(said.err.contains("W_2.npy is not one of the files that the sweep was planned with"), "{}", said.err);
}

#[test]
fn what_a_kill_left_among_the_copies_is_removed() {
    let place = Workplace::new();
    sweep_of_files(&place);
    let sweep = ["sweep", "s.yaml", "--out", "r"];
    place.run(&sweep, 0);
    let [mask, weights] = copies(&serde_json::from_slice(&place.read("r/plan.json")).expect("JSON"));
    let left = [format!("inputs/.writing-{mask}-a1B2c3"), format!("inputs/{weights}/.writing-W_0.npy-a1B2c3")];
    for results in ["r", "new"] {
        // In a directory that has its plan, and in one that a kill kept from getting it.
        left.iter().for_each(|name| drop(place.write(&format!("{results}/{name}"), "half")));
        limited(&place, &["sweep", "s.yaml", "--out", results], 0);
        assert!(!place.files().iter().any(|file| file.contains(".writing-")), "{:?}", place.files());
    }
}

#[test]
fn texts_of_any_length_are_cut_in_messages() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let plan: serde_json::Value = serde_json::from_slice(&place.read("r/plan.json")).expect("JSON");
    let long = "x".repeat(60_000_000);
    for at in ["/name", "/strategy/name", "/seed", "/space/0/key", "/objective/measure", "/objective/direction"] {
        let mut changed = plan.clone();
        *changed.pointer_mut(at).expect(at) = long.as_str().into();
        place.write("r/plan.json", serde_json::to_string(&changed).expect("JSON"));
        for command in [&["status", "r"][..], &["report", "r"], &["sweep", "s.yaml", "--out", "r"]] {
            let said = limited(&place, command, 2);
            assert!(said.err.len() < 3000 && said.err.contains('…'), "{at}: {}", &said.err[..said.err.len().min(3000)]);
        }
    }
    for key in ["base", "include"] {
        let mut changed = plan.clone();
        match key {
            "base" => changed["base"][&long] = 1.into(),
            _include => changed["include"] = serde_json::json!([{ &long: 1 }]),
        }
        place.write("r/plan.json", serde_json::to_string(&changed).expect("JSON"));
        let said = limited(&place, &["status", "r"], 2);
        assert!(said.err.len() < 3000 && said.err.contains('…'), "{key}");
    }
    let constraint = |end: &str| format!("{}{end}", "feedback.density > 0 and ".repeat(360));
    for end in ["nowhere > 1", "feedback.density >", "feedback.rule > 1", "network.dynamics > 1"] {
        place.write("s.yaml", format!("{SMALL_SWEEP}  constraints: [\"{}\"]\n", constraint(end)));
        let said = limited(&place, &["sweep", "s.yaml", "--out", "new"], 2);
        assert!(said.err.len() < 600 && said.err.contains("the constraint 'feedback.density > 0 and"), "{}", said.err);
    }
}

#[test]
fn a_plan_that_names_something_twice_is_refused() {
    let place = Workplace::new();
    place.write("s.yaml", SMALL_SWEEP);
    place.run(&["sweep", "s.yaml", "--out", "r"], 0);
    let plan = String::from_utf8(place.read("r/plan.json")).expect("a text");
    for (name, value) in [("seed", "8"), ("training.epochs", "30"), ("measure", "\"train_loss\""), ("key", "\"x\"")] {
        let twice = plan.replacen(&format!("\"{name}\""), &format!("\"{name}\": {value}, \"{name}\""), 1);
        assert!(twice != plan, "{name}");
        place.write("r/plan.json", &twice);
        for command in [&["status", "r"][..], &["report", "r"], &["merge", "r"], &["sweep", "s.yaml", "--out", "r"]] {
            place.refuses(command, &format!("it names '{name}' twice"));
        }
    }
}
