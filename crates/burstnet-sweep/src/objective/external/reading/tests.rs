//! Sources of measures, in outputs and files.

use std::io::Write as _;

use serde_json::{Value as Json, json};

use super::*;
use crate::objective::Evaluation;

fn read(readings: &Json, measures: &[&str], output: &str, files: &[(&str, &[u8])]) -> Result<Evaluation, String> {
    let measures: Vec<String> = measures.iter().map(|name| (*name).to_owned()).collect();
    let readings: Vec<Reading> = serde_json::from_value(readings.clone()).unwrap();
    let sources = sources(&readings, &measures).map_err(|(at, error)| format!("{at}: {error}"))?;
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let mut lines = Lines::new(&measures, &sources, None);
    // In pieces, as a pipe gives them.
    for piece in output.as_bytes().chunks(7) {
        lines.take(piece)?;
    }
    lines.end()?;
    for (at, source) in sources.iter().enumerate() {
        source.read_file(at, folder.path(), &mut lines.found)?;
    }
    lines.finish()
}

fn values(evaluation: &Evaluation) -> Vec<Option<f64>> {
    evaluation.measures.iter().map(|(_, value)| *value).collect()
}

fn points(evaluation: &Evaluation) -> Vec<(u32, u64, Option<f64>)> {
    evaluation.curves.iter().map(|point| (point.layer, point.step, point.loss)).collect()
}

#[test]
fn the_last_json_object_holds_the_measures() {
    let output = "loading…\n{\"loss\": 3, \"acc\": 1}\n[1, 2]\n5%\r10%\r{\"loss\": 0.25, \"acc\": NaN, \"epoch\": {\"n\": 3}, \"name\": \"x\"}\ndone\n";
    let found = read(&json!([{"from": "stdout", "json": "last"}]), &["acc", "loss"], output, &[]).unwrap();
    assert_eq!(values(&found), [None, Some(0.25)]);
    assert!(found.digest.is_some());
    for (output, told) in [
        ("", "the measures acc, loss were not found, but nothing; the JSON objects of its output gave nothing"),
        ("{'loss': 1}\n", "gave nothing; its output ends: {'loss': 1}"),
        (
            "{\"loss\": 1, \"accuracy\": 2}\nbye\n",
            "the measure acc was not found, but loss, accuracy; its output ends: {\"loss\": 1, \"accuracy\": 2}\\nbye",
        ),
        ("{\"loss\": true, \"acc\": 2}", "gave the measure loss as 'true', which is no number"),
        ("{\"loss\": 9007199254740993, \"acc\": 2}", "an integer that float64 does not hold"),
        ("{\"loss\": \"1\", \"acc\": 2}", "gave the measure loss as '\"1\"', which is no number"),
    ] {
        let said = read(&json!([{"from": "stdout", "json": "last"}]), &["acc", "loss"], output, &[]).unwrap_err();
        assert!(said.contains(told), "{output}: {said}");
    }
}

#[test]
fn lines_that_a_pattern_matches_hold_measures() {
    let tagged = json!([{"from": "stdout", "pattern": r"\[Result\] (.*)"}]);
    let output = "x\n[Result] {\"loss\": 3}\n2026 [Result] {\"loss\": 2, \"acc\": 0.5}\n[Result] {\"loss\": 1}\nend";
    assert_eq!(values(&read(&tagged, &["loss", "acc"], output, &[]).unwrap()), [Some(1.0), Some(0.5)]);
    let said = read(&tagged, &["loss"], "[Result] 3\n", &[]).unwrap_err();
    assert!(
        said.contains("found '3', expected a JSON object; a group with the name of a measure, (?P<NAME>…)"),
        "{said}"
    );
    let said = read(&tagged, &["loss"], "a\nb\n", &[]).unwrap_err();
    assert!(said.contains(r"the pattern '\\[Result\\] (.*)' gave nothing; its output ends: a\nb"), "{said}");

    let named = json!([{"from": "stdout", "pattern": r"loss (?P<loss>\S+)(?: acc (?P<acc>\S+))?$"}]);
    let found = read(&named, &["loss", "acc"], "loss 3 acc 0.25\r\nloss nan\n", &[]).unwrap();
    assert_eq!(values(&found), [None, Some(0.25)]);
    let said = read(&named, &["loss", "acc"], "loss low acc 1\n", &[]).unwrap_err();
    assert!(said.contains("gave the measure loss as 'low', which is no number"), "{said}");
}

#[test]
fn lines_are_told_apart_by_a_field() {
    let measures = ["angle_0", "angle_1", "loss"];
    let tagged = json!([
        {"from": "stdout", "pattern": r"\[Angle\] (.*)", "by": "layer"},
        {"from": "stdout", "json": "last"},
    ]);
    let output =
        "[Angle] {\"layer\": 0, \"angle\": 40, \"norm\": 2}\n[Angle] {\"layer\": 1, \"angle\": 30}\n{\"loss\": 1}\n";
    assert_eq!(values(&read(&tagged, &measures, output, &[]).unwrap()), [Some(40.0), Some(30.0), Some(1.0)]);
    let said = read(&tagged, &measures, &format!("{output}[Angle] {{\"layer\": 2, \"angle\": 3}}\n"), &[]).unwrap_err();
    assert!(said.contains("gave 'angle_2', which is no measure, expected angle_0, angle_1, loss"), "{said}");
    let named = json!([{"from": "stdout", "pattern": r"layer (?P<layer>\d+): angle (?P<angle>\S+)", "by": "layer"}]);
    let found = read(&named, &measures[..2], "layer 0: angle 1\nlayer 1: angle 2\nlayer 0: angle 3\n", &[]).unwrap();
    assert_eq!(values(&found), [Some(3.0), Some(2.0)]);
}

#[test]
fn files_hold_measures() {
    let csv = "epoch,loss,\"acc\"\n0,3,NA\n1, 0.5 ,0.75\n";
    for (name, content) in [
        ("a.csv", csv.to_owned()),
        ("a.csv", format!("\u{feff}{}", csv.replace('\n', "\r\n"))),
        ("a.tsv", csv.replace(',', "\t")),
        ("a.json", "{\n  \"loss\": 0.5,\n  \"acc\": 0.75, \"deep\": {\"x\": 1}\n}\n".to_owned()),
        ("a.jsonl", "{\"loss\": 7, \"acc\": 7}\n{\"loss\": 0.5, \"acc\": 0.75}\n\n".to_owned()),
    ] {
        let found = read(&json!([{"from": name}]), &["loss", "acc"], "noise\n", &[(name, content.as_bytes())]).unwrap();
        assert_eq!(values(&found), [Some(0.5), Some(0.75)], "{content}");
    }
    let layers = "layer,angle\n0,40\n1,30\n";
    let by = json!([{"from": "a.csv", "by": "layer"}]);
    assert_eq!(
        values(&read(&by, &["angle_0", "angle_1"], "", &[("a.csv", layers.as_bytes())]).unwrap()),
        [Some(40.0), Some(30.0)]
    );
    for (name, content, told) in [
        ("a.csv", "loss\n", "the file 'a.csv': it has no row below its header"),
        ("a.csv", "loss,acc\n1\n", "the file 'a.csv': CSV error: record 1"),
        ("a.csv", "acc\n1\n", "the measure loss was not found, but acc"),
        ("a.csv", "loss\nlow\n", "gave the measure loss as 'low', which is no number"),
        ("a.json", "[1]", "the file 'a.json': it holds no JSON object"),
        ("b.json", "{}", "the file 'a.json': the program did not write it into {dir}"),
    ] {
        let from = if name == "b.json" { "a.json" } else { name };
        let said = read(&json!([{"from": from}]), &["loss"], "", &[(name, content.as_bytes())]).unwrap_err();
        assert!(said.contains(told), "{content}: {said}");
    }
}

fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), data].concat()
}

/// Returns an archive of two arrays of one number, an array of more, and a text.
fn archive(method: rawzip::CompressionMethod) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    for (name, content) in [
        ("loss.npy", npy("<f8", "()", &0.5_f64.to_le_bytes())),
        ("spikes.npy", npy("<i8", "(1,)", &7_i64.to_le_bytes())),
        ("weights.npy", npy("<f4", "(1000,)", &[0; 4000])),
        ("readme.txt", b"text".to_vec()),
    ] {
        let (mut entry, config) = archive.new_file(name).compression_method(method).start().unwrap();
        if method == rawzip::CompressionMethod::STORE {
            let mut writer = config.wrap(&mut entry);
            writer.write_all(&content).unwrap();
            let (_, descriptor) = writer.finish().unwrap();
            entry.finish(descriptor).unwrap();
        } else {
            let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default());
            let mut writer = config.wrap(encoder);
            writer.write_all(&content).unwrap();
            let (encoder, descriptor) = writer.finish().unwrap();
            encoder.finish().unwrap();
            entry.finish(descriptor).unwrap();
        }
    }
    archive.finish().unwrap();
    bytes
}

#[test]
fn archives_hold_arrays_of_one_number() {
    for method in [rawzip::CompressionMethod::STORE, rawzip::CompressionMethod::DEFLATE] {
        let bytes = archive(method);
        let from = json!([{"from": "a.npz"}]);
        let found = read(&from, &["loss", "spikes"], "", &[("a.npz", &bytes)]).unwrap();
        assert_eq!(values(&found), [Some(0.5), Some(7.0)]);
        let said = read(&from, &["weights"], "", &[("a.npz", &bytes)]).unwrap_err();
        assert!(said.contains("gave the measure weights as an array that is of shape [1000]"), "{said}");
        let said = read(&from, &["loss"], "", &[("a.npz", &bytes[..40])]).unwrap_err();
        assert!(said.starts_with("the file 'a.npz': "), "{said}");
    }
}

#[test]
fn curves_come_from_lines_and_files() {
    let csv = "epoch,train,layer\n0,1.5,0\n1,nan,0\n0,2,1\n";
    let expected = [(0, 0, Some(1.5)), (0, 1, None), (1, 0, Some(2.0))];
    let curve = json!([
        {"from": "stdout", "json": "last"},
        {"curve": {"from": "a.csv", "step": "epoch", "loss": "train", "layer": "layer"}},
    ]);
    let found = read(&curve, &["x"], "{\"x\": 1}\n", &[("a.csv", csv.as_bytes())]).unwrap();
    assert_eq!(points(&found), expected);
    let lines = "{\"step\": 0, \"loss\": 1.5}\n{\"step\": 1, \"loss\": NaN}\nother\n{\"x\": 1}\n";
    let curve = json!([{"from": "stdout", "json": "last"}, {"curve": {"from": "stdout"}}]);
    assert_eq!(points(&read(&curve, &["x"], lines, &[]).unwrap()), expected[..2]);
    let curve = json!([
        {"from": "stdout", "json": "last"},
        {"curve": {"from": "stdout", "pattern": r"^epoch (?P<n>\d+): train (?P<l>\S+)", "step": "n", "loss": "l"}},
        {"curve": {"from": "stdout", "pattern": r"^epoch (?P<n>\d+): test (?P<l>\S+)", "step": "n", "loss": "l", "layer": "1"}},
    ]);
    let output = "epoch 0: train 1.5\nepoch 1: train nan\nepoch 0: test 2\n{\"x\": 1}\n";
    assert_eq!(points(&read(&curve, &["x"], output, &[]).unwrap()), expected);
    let said = read(&curve, &["x"], "epoch 0: train 1.5\n{\"x\": 1}\n", &[]).unwrap_err();
    assert!(
        said.starts_with("the pattern '^epoch (?P<n>") && said.contains("gave nothing; its output ends: epoch 0"),
        "{said}"
    );
    for (csv, told) in [
        ("epoch,loss\n", "'a.csv' gave nothing; its output ends: {\"x\": 1}"),
        ("epoch,los\n0,1\n", "the file 'a.csv': line 2: it has no column 'loss', but epoch, los"),
        ("epoch,loss\n0.5,1\n", "line 2: a point of a curve has a step of '0.5', expected an integer from 0 on"),
        ("epoch,loss\n0,1\n0,2\n", "it printed two points of layer 0 at step 0"),
        ("epoch,loss\n0,low\n", "has a loss of 'low', which is no number"),
    ] {
        let curve = json!([{"from": "stdout", "json": "last"}, {"curve": {"from": "a.csv", "step": "epoch"}}]);
        let said = read(&curve, &["x"], "{\"x\": 1}", &[("a.csv", csv.as_bytes())]).unwrap_err();
        assert!(said.contains(told), "{csv}: {said}");
    }
}

#[test]
fn two_sources_of_a_measure_are_refused() {
    let both = json!([{"from": "a.json"}, {"from": "stdout", "pattern": r"loss (?P<loss>\S+)"}]);
    let said = read(&both, &["loss"], "loss 1\n", &[("a.json", b"{\"loss\": 1}")]).unwrap_err();
    assert!(said.contains("gave the measure loss, expected one of them"), "{said}");
    for (readings, told) in [
        (
            json!([{"from": "stdout", "pattern": "(?P<loss>a)"}, {"from": "stdout", "pattern": "(?P<loss>b)"}]),
            "1: the measure loss has two sources",
        ),
        (
            json!([{"from": "stdout", "json": "last"}, {"from": "stdout", "json": "last"}]),
            "1: the last JSON object is read twice",
        ),
    ] {
        let said = read(&readings, &["loss"], "", &[]).unwrap_err();
        assert!(said.starts_with(told), "{said}");
    }
}

#[test]
fn output_has_bounds() {
    let last = json!([{"from": "stdout", "json": "last"}]);
    let long = "x".repeat(LONGEST + 1);
    assert!(read(&last, &["x"], &long, &[]).unwrap_err().contains("a line longer than 1048576 bytes"));
    assert!(read(&last, &["x"], &"\n".repeat(MOST + 8), &[]).unwrap_err().contains("more than 67108864 bytes"));
}

const LONGEST: usize = crate::limits::LONGEST_PROGRAM_LINE;
const MOST: usize = crate::limits::MOST_PROGRAM_OUTPUT;
