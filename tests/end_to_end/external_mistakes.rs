//! Sweep files of external programs that cannot be: each mistake is told with its place, before anything runs.

use crate::external::{ALLOWED, MEASURES, allowed, place, sweep};

#[test]
fn what_cannot_be_run_is_told_before_the_first_trial() {
    let place = place(4, MEASURES);
    for (command, told) in [
        (
            "[no-such-program, x]",
            "s.yaml:3:12: no program no-such-program was found, expected an executable file of this name in a folder of PATH",
        ),
        (
            "[./nothing.sh]",
            "s.yaml:3:12: no program ./nothing.sh was found, expected an executable file at this path, which starts at /",
        ),
        ("[./s.yaml]", "s.yaml:3:12: no program ./s.yaml was found"),
    ] {
        place.write("s.yaml", sweep(4).replace("[./model.sh]", command));
        place.refuses(&allowed(&ALLOWED), told);
        assert!(!place.path("r").exists());
    }
}

#[test]
fn mistakes_in_the_file_are_told_with_their_place() {
    let place = place(4, MEASURES);
    for (replaced, by, told) in [
        (
            "command: [./model.sh]",
            "comand: [x]",
            "s.yaml:3:3: unknown key 'model.comand', expected one of command, environment, stdin, worker, restart_after, measures, read, budget, keep (did you mean 'command'?)",
        ),
        (
            "command: [./model.sh]",
            "budget: x",
            "s.yaml:2:1: model has no command, expected command: [program, arguments]",
        ),
        ("measures: [value]", "budget: x", "s.yaml:2:1: model has no measures"),
        (
            "[./model.sh]",
            "./model.sh x",
            "s.yaml:3:12: model.command is './model.sh x', expected command: [program, arguments]",
        ),
        ("[./model.sh]", "[]", "s.yaml:3:12: model.command has 0 arguments"),
        ("[./model.sh]", "[a, {b: 1}]", "s.yaml:3:16: model.command has a mapping"),
        ("[value]", "[]", "s.yaml:4:13: model.measures names 0 measures"),
        ("[value]", "[value, value]", "s.yaml:4:13: model.measures names \"value\" twice"),
        ("[value]", "['a b']", "s.yaml:4:13: model.measures names \"a b\", expected up to 100 letters"),
        (
            "[value]",
            "[value]\n  budget: epochs",
            "s.yaml:5:11: model.budget is \"epochs\", which is not a key, expected the name of a key that holds integers",
        ),
        (
            "base: {x: 0}",
            "base: {x: 0, y: 1.5}\nobjective: {measure: valeu}",
            "s.yaml:6:22: objective.measure is 'valeu', which this sweep does not measure",
        ),
        ("{x: 0}", "{x: }", "s.yaml:5:9: x is nothing, expected an integer, a number"),
        ("{x: 0}", "{x: 0, y: [null]}", "s.yaml:5:17: y is '[null]', expected an integer, a number"),
        ("{x: 0}", "{x: 0, y: [1, a]}", "s.yaml:5:17: y is '[1, a]', expected an integer, a number"),
        (
            "{x: 0}",
            "{x: 0, a: {b: {c: 1}}, a.b.d: 2, a.b: 3}",
            "s.yaml:5:40: 'a.b' is a key and a section, expected one of the two",
        ),
        ("{x: 0}", "{x: 0, a: {b: 1, b.c: 2}}", "s.yaml:5:24: 'a.b' is a key and a section, expected one of the two"),
        (
            "{x: 0}",
            "{x: 0, a: {b: {c_d: 1}, b_c: {d: 2}}}",
            "s.yaml:5:37: 'a.b_c.d' would have the column a_b_c_d, which is one of the key a.b.c_d",
        ),
        ("{x: 0}", "{x: 0, a: {b: {c-d: 1}}}", "s.yaml:5:22: 'a.b.c-d' is not a name of a key"),
        ("{x: 0}", "{x: 0, search.a.b: 1}", "s.yaml:5:14: 'search.a.b' is named as a key at the top of the file"),
        (
            "{x: 0}",
            "{x: 0, a: {b: 1}, a_b: 2}",
            "s.yaml:5:25: 'a_b' would have the column a_b, which is one of the key a.b",
        ),
        (
            "{x: {int:",
            "{value: [1, 2], x: {int:",
            "s.yaml:6:18: 'value' would have the column value, which is one of the measure value",
        ),
        (
            "{x: {int:",
            "{status: [1, 2], x: {int:",
            "s.yaml:6:18: 'status' would have the column status, which is one of every table",
        ),
        ("{x: 0}", "{x: 0, seed: 1}", "s.yaml:5:14: 'seed' is named as a key at the top of the file"),
        ("{x: 0}", "{x: 0, a.b: 1, a: 2}", "s.yaml:5:22: 'a' is a key and a section"),
        (
            "{x: 0}",
            "{x: 0, a: {b: 1}, a.b: 2}",
            "s.yaml:5:25: 'a.b' is named a second time; the first is at s.yaml:5:18",
        ),
        ("{x: 0}", "{x: 0, a-b: 1}", "s.yaml:5:14: 'a-b' is not a name of a key"),
        ("{x: 0}", "{x: word}", "s.yaml:6:27: int of x, which holds no single number"),
    ] {
        let text = sweep(4);
        assert!(text.contains(replaced));
        place.write("s.yaml", text.replacen(replaced, by, 1));
        place.refuses(&["plan", "s.yaml"], told);
    }
    place.write("s.yaml", sweep(4).replace("{x: 0}", "{x: 0, net: {size: 3}}"));
    for (set, told) in [
        ("net.sise=4", "--set net.sise=4: unknown key 'net.sise', expected size (did you mean 'net.size'?)"),
        ("y=4", "--set y=4: unknown key 'y', expected x or net"),
        ("search.space.net.sie=[4]", "unknown key 'net.sie'"),
        ("net.size=a", "--set net.size=a: net.size is 'a', expected an integer"),
    ] {
        place.refuses(&["plan", "s.yaml", "--set", set], told);
    }
    // Over real numbers a key holds numbers, whatever its default.
    place.run(&["plan", "s.yaml", "--set", "search.space.x=[0.5, 1]"], 0);
}
