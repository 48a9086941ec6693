//! The rows of earlier results from which a search learns.

use serde_json::{Value as Json, json};

use crate::external::allowed;
use crate::workplace::Workplace;

const HEAD: &str = "model:\n  command: [sh, model.sh]\n  measures: [loss, cost]\n  read: {from: stdout, json: \
                    last}\n";

/// Returns what a search that learns from `table` would take: the values and means of configurations, and how many rows it leaves
/// out.
fn taken(place: &Workplace, table: &str, search: &str) -> (Vec<(Json, Json)>, u64) {
    place.write("model.sh", "echo '{\"loss\": 1, \"cost\": 1}'\n");
    place.write("s.yaml", format!("{HEAD}search: {{strategy: tpe, trials: 1, learn_from: {table}, {search}}}\n"));
    place.run(&allowed(&["sweep", "s.yaml", "--out", "taken"]), 0);
    let plan: Json = serde_json::from_slice(&place.read("taken/plan.json")).unwrap();
    std::fs::remove_dir_all(place.path("taken")).unwrap();
    let source = &plan["learn_from"][0];
    let results = source["results"].as_array().unwrap();
    let results = results.iter().map(|one| (one["values"].clone(), one["means"].clone())).collect();
    (results, source["left_out"].as_u64().unwrap_or(0))
}

fn refused(place: &Workplace, table: &str, search: &str) -> String {
    place.write("s.yaml", format!("{HEAD}search: {{strategy: tpe, trials: 1, learn_from: {table}, {search}}}\n"));
    place.run(&["plan", "s.yaml"], 2).err
}

#[test]
fn rows_that_the_space_does_not_have_are_left_out() {
    let place = Workplace::new();
    place.write("zip.csv", "x,y,loss\n1,10,0.1\n1,20,0.2\n2,20,0.3\n2,10,0.4\n4,10,0.5\n");
    let zipped = "zip: [x, y], space: {x: [1, 2, 3], y: [10, 20, 30]}";
    let (found, left_out) = taken(&place, "zip.csv", zipped);
    assert_eq!(found, [(json!([1, 10]), json!([0.1])), (json!([2, 20]), json!([0.3]))]);
    assert_eq!(left_out, 3);
    let (found, left_out) =
        taken(&place, "zip.csv", "constraints: [y <= 10 * x], space: {x: {int: [1, 5]}, y: {int: [0, 50]}}");
    let found: Vec<Json> = found.into_iter().map(|(values, _)| values).collect();
    assert_eq!((found, left_out), (vec![json!([1, 10]), json!([2, 20]), json!([2, 10]), json!([4, 10])], 1));
    place.write("ratio.csv", "x,y,loss\n2.0,0.3,0.1\n2.0,0.2,0.2\n0.3,0.09,0.3\n0.3,0.1,0.4\n");
    let (found, left_out) =
        taken(&place, "ratio.csv", "space: {x: {uniform: [0.0, 9.0]}, y: {ratio_of: x, choice: [0.1, 0.3]}}");
    let found: Vec<Json> = found.into_iter().map(|(values, _)| values).collect();
    assert_eq!((found, left_out), (vec![json!([2.0, 0.2]), json!([0.3, 0.09])], 2));
}

#[test]
fn keys_that_exist_with_others_alone() {
    let place = Workplace::new();
    place.write("when.csv", "x,word,rate,loss\n0.5,on,0.1,1\n0.5,off,,2\n0.5,off,0.7,4\n0.5,on,,8\n0.5,other,0.1,16\n");
    let space = "space: {x: {uniform: [0.0, 1.0]}, word: [on, off], rate: {when: {word: on}, uniform: [0.0, 1.0]}}";
    let (found, left_out) = taken(&place, "when.csv", &space.replace("on,", "'on',").replace(": on}", ": 'on'}"));
    // Where it does not exist, a value tells nothing: the rows are replicates.
    assert_eq!(found, [(json!([0.5, "on", 0.1]), json!([1.0])), (json!([0.5, "off", null]), json!([3.0]))]);
    assert_eq!(left_out, 2);
    // In a directory it had the value of base elsewhere.
    let base = "base: {rate: 0.25}\n";
    let earlier = "search: {space: {x: [0.5], word: ['on', 'off'], rate: {when: {word: 'on'}, choice: [0.1, 0.2]}}}\n";
    place.write("model.sh", "echo '{\"loss\": 1, \"cost\": 1}'\n");
    place.write("a.yaml", format!("{HEAD}{base}{earlier}"));
    place.run(&allowed(&["sweep", "a.yaml", "--out", "a"]), 0);
    let everywhere = "space: {x: {uniform: [0.0, 1.0]}, word: ['on', 'off'], rate: {uniform: [0.0, 1.0]}}";
    let (found, left_out) = taken(&place, "a", everywhere);
    let found: Vec<Json> = found.into_iter().map(|(values, _)| values).collect();
    let expected = vec![json!([0.5, "on", 0.1]), json!([0.5, "on", 0.2]), json!([0.5, "off", 0.25])];
    assert_eq!((found, left_out), (expected, 0));
}

#[test]
fn cells_without_a_value_and_of_other_types() {
    let place = Workplace::new();
    let space = "space: {x: {int: [0, 9]}}";
    // As pandas writes integers in a column with gaps; a failure, and two rows that are no results.
    place.write("gaps.csv", "x,loss\n1.0,0.5\n2.0,\n,0.1\nnan,0.1\n3.5,0.1\n4,nan\n5,inf\n");
    let (found, left_out) = taken(&place, "gaps.csv", space);
    let failed = json!([null]);
    let expected = [(1, json!([0.5])), (2, failed.clone()), (4, failed.clone()), (5, failed)];
    assert_eq!(found, expected.map(|(x, mean)| (json!([x]), mean)));
    assert_eq!(left_out, 3);
    place.write("word.csv", "x,loss\n1,0.5\nmany,0.1\n");
    let said = refused(&place, "word.csv", space);
    assert!(said.contains("word.csv:3:1: x is 'many', expected an integer from"), "{said}");
    place.write("truth.csv", "x,loss\n1,0.5\n2,true\n");
    let said = refused(&place, "truth.csv", space);
    assert!(
        said.contains("truth.csv:3:2: loss is 'true', expected a number, or nothing for a trial that failed"),
        "{said}"
    );
    place.write("twice.csv", "x,x,loss\n1,2,0.5\n");
    assert!(refused(&place, "twice.csv", space).contains("search.learn_from twice.csv: two columns of 'x'"));
    place.write("twice.csv", "x,loss,loss\n1,2,0.5\n");
    assert!(refused(&place, "twice.csv", space).contains("search.learn_from twice.csv: two columns of 'loss'"));
    place.write("none.csv", "x,loss\n");
    assert!(refused(&place, "none.csv", space).contains("search.learn_from none.csv: no row of results"));
    place.write("short.csv", "x,loss\n1\n");
    assert!(refused(&place, "short.csv", space).contains("short.csv:2:1: 1 cell below a header of 2"));
    place.write("broken.parquet", "PAR1 and no more");
    assert!(refused(&place, "broken.parquet", space).contains("search.learn_from broken.parquet: no Parquet file"));
}

#[test]
fn statistics_and_replicates_of_one_configuration() {
    let place = Workplace::new();
    let space = "space: {x: {int: [0, 9]}}";
    // Copies have rows of their own with the same statistics; other rows of a configuration are further replicates.
    place.write(
        "summary.csv",
        "config_id,x,n_ok,n_diverged,n_failed,loss_mean,loss_sd\n0,1,4,0,0,2.0,1.0\n1,1,4,0,0,2.0,1.0\n2,2,0,0,0,,\n3,3,3,0,1,5,1\n\
         4,4,1,0,0,1,\n5,4,3,0,0,5,0\n",
    );
    let (found, left_out) = taken(&place, "summary.csv", space);
    assert_eq!(found, [(json!([1]), json!([2.0])), (json!([3]), json!([null])), (json!([4]), json!([4.0]))]);
    assert_eq!(left_out, 1);
    place.write(
        "trials.csv",
        "trial_id,config_id,replicate,seed,x,status,loss\n0,0,0,7,1,ok,1\n1,0,1,8,1,ok,3\n2,1,0,7,1,ok,1\n3,1,1,8,1,ok,3\n\
         4,2,0,7,2,ok,1\n5,2,1,8,2,pruned,9\n6,3,0,7,3,failed,\n7,3,1,8,3,ok,1\n",
    );
    let (found, left_out) = taken(&place, "trials.csv", space);
    assert_eq!(found, [(json!([1]), json!([2.0])), (json!([3]), json!([null]))]);
    assert_eq!(left_out, 2);
}
