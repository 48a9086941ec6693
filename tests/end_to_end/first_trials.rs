//! Mistakes that would fail every trial of a program are found before the sweep, or after its first trials.

use crate::external::{ALLOWED, MEASURES, allowed, place, program};
use crate::workplace::Workplace;

fn failed(place: &Workplace) -> usize {
    place.run(&["report", "r", "--csv=trials"], 1).out.matches(",failed,").count()
}

#[test]
fn a_sweep_ends_if_its_first_trials_all_fail_for_the_same_reason() {
    let script = "echo \"no module named x in line $x\" >&2; exit 1";
    for threads in ["1", "4"] {
        let place = place(60, script);
        let arguments = allowed(&[&ALLOWED[..], &["--threads", threads]].concat());
        let said = place.run(&arguments, 1);
        let told = "r: the first 20 trials all failed for the same reason, and the others did not run: the program ended with exit \
                    status: 1; its standard error ends: no module named x in line 0\n";
        assert!(said.err.contains(told), "{}", said.err);
        assert!(
            said.err.contains("--set execution.stop_after_failures=0 runs all. A corrected program is another one")
        );
        let recorded = failed(&place);
        assert!(if threads == "1" { recorded == 20 } else { (20..=24).contains(&recorded) }, "{recorded}");
        assert!(place.path("r/report.html").exists());
        // Whoever means it goes on; and so does a sweep that is continued.
        place.run(&[&arguments[..], &["--set", "execution.stop_after_failures=0"]].concat(), 1);
        assert_eq!(failed(&place), 60);
        // A corrected program is another one.
        program(&place, MEASURES);
        let said = place.run(&arguments, 2);
        let told =
            "or --extend. Results belong to a program, so with --extend all 60 trials run anew with the changed one.";
        assert!(said.err.contains("model.files../model.sh") && said.err.contains(told), "{}", said.err);
        assert!(place.run(&[&arguments[..], &["--extend"]].concat(), 0).err.contains("60 new trials"));
    }
}

#[test]
fn a_sweep_goes_on_if_not_all_fail_or_not_for_one_reason() {
    for script in [
        &format!("test $x = 7 || exit 1; {MEASURES}"),
        "test $x = 19 && kill -9 $$; exit 1",
        "test $x = 3 && echo '{\"diverged\": \"why\"}' && exit 0; exit 1",
    ] {
        let place = place(30, script);
        let arguments = allowed(&[&ALLOWED[..], &["--threads", "4"]].concat());
        let said = place.run(&arguments, 1);
        assert!(said.err.contains(" failed; column error of"), "{}", said.err);
        assert!(failed(&place) >= 29);
    }
    // In a search by rounds, the first ones are those of the first rounds.
    let place = place(30, "exit 1");
    let text = String::from_utf8(place.read("s.yaml")).unwrap();
    place.write("s.yaml", text.replace("search: {", "search: {strategy: tpe, trials: 40, round: 8, "));
    assert!(place.run(&allowed(&ALLOWED), 1).err.contains("the first 20 trials all failed"));
    assert!((20..=24).contains(&failed(&place)));
}

#[test]
fn a_missing_script_is_found_before_the_first_trial() {
    let place = place(4, MEASURES);
    place.write("train.py", "");
    let text = String::from_utf8(place.read("s.yaml")).unwrap();
    let with = |command: &str| place.write("s.yaml", text.replace("[./model.sh]", command));
    with("[sh, -u, trian.py, '{x}']");
    let said = place.refuses(&allowed(&ALLOWED), "s.yaml:3:12: no file 'trian.py' is in /");
    assert!(said.err.contains("expected the script that sh runs (did you mean 'train.py'?)"), "{}", said.err);
    assert!(!place.path("r").exists());
    with("[sh, -c, 'echo x.py; exit 3', missing.py]");
    assert!(place.run(&allowed(&ALLOWED), 1).err.contains("4 trials failed"));
}

#[test]
fn run_shows_what_a_program_gives_before_a_sweep() {
    let place = place(
        4,
        "echo '{\"curve\": {\"step\": 0, \"loss\": 2}}'; echo '{\"curve\": {\"step\": 9, \"loss\": 0.5}}'; echo \"$given\" >>seen; \
         test $x != 3 || exit 4; echo '{\"measures\": {\"value\": '$x'}}'",
    );
    let text = String::from_utf8(place.read("s.yaml")).unwrap();
    place.write("s.yaml", text.replace("[./model.sh]", "[./model.sh, 'a b', '{x}', '{seed}']"));
    place.refuses(&["run", "s.yaml"], "s.yaml:3:12: model.command would run `./model.sh 'a b'");
    assert!(!place.path("seen").exists());
    let said = place.run(&allowed(&["run", "s.yaml", "--set", "x=2", "--seed", "7"]), 0);
    assert!(said.err.contains("runs ./model.sh 'a b' 2 7\n"), "{}", said.err);
    for told in ["seed 7", "value", "curve of layer 0: 2 points, steps 0 to 9, last loss 0.5", "digest "] {
        assert!(said.out.contains(told), "{told}: {}", said.out);
    }
    let json = place.run(&allowed(&["run", "s.yaml", "--json"]), 0).json();
    assert_eq!((&json["status"], &json["measures"]["value"]), (&"ok".into(), &0.0.into()));
    assert_eq!(json["command"], serde_json::json!(["./model.sh", "a b", "0", "0"]));
    assert_eq!(json["curves"][1], serde_json::json!({"layer": 0, "step": 9, "learning_steps": 9, "loss": 0.5}));
    let said = place.run(&allowed(&["run", "s.yaml", "--set", "x=3"]), 1);
    assert!(said.err.contains("the trial failed: the program ended with exit status: 4"), "{}", said.err);
    let json = place.run(&allowed(&["run", "s.yaml", "--set", "x=3", "--json"]), 1).json();
    assert_eq!((&json["status"], &json["command"][2]), (&"failed".into(), &"3".into()));
    place.refuses(&allowed(&["run", "s.yaml", "--trace", "t"]), "--trace: the file names an external program");
    place.refuses(&allowed(&["run", "s.yaml", "--set", "y=3"]), "unknown key 'y', expected x");
    assert_eq!(place.files().iter().filter(|name| name.contains("work")).count(), 0);
}
