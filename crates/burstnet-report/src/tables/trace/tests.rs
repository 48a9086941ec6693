//! Traces, read back.

use arrow::array::{Array, FixedSizeListArray, Float32Array, Int64Array, RecordBatch, StringArray};
use burstnet_core::config::{RunConfig, Value, keys};
use burstnet_core::engine::{Isa, Prepared};
use burstnet_core::inputs::Inputs;
use burstnet_core::run::run;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Encoding;
use parquet::file::reader::{FileReader as _, SerializedFileReader};

use super::*;

const LAYERS: [usize; 3] = [12, 20, 3];

fn config() -> RunConfig {
    let mut values = keys::schema().defaults();
    values.set("network.layers", Value::from(LAYERS.map(|units| units as i64).to_vec()));
    values.set("signals.length", Value::Int(500));
    values.set("training.epochs", Value::Int(3));
    values.set("evaluation.generation", Value::Bool(true));
    RunConfig::from_values(&values).unwrap()
}

fn sizes() -> Sizes {
    Sizes { layers: LAYERS.to_vec(), epochs: 3, steps: [1500, 500, 500] }
}

/// Traces the run into a file. Returns how many steps the writer counted.
fn trace(path: &Path, chosen: Chosen) -> u64 {
    let (config, inputs) = (config(), Inputs::default());
    let prepared = Prepared::new(&config, &inputs, 4, Isa::detect());
    let mut trace = Trace::create(path, 3, chosen, Precision::Single).unwrap();
    run(&config, &inputs, &prepared, 4, Isa::detect(), &mut trace).unwrap();
    trace.finish().unwrap()
}

fn read(path: &Path) -> RecordBatch {
    let file = std::fs::File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().with_batch_size(1 << 20).build().unwrap();
    let batches: Vec<RecordBatch> = reader.collect::<Result<_, _>>().unwrap();
    arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap()
}

fn steps(batch: &RecordBatch) -> Vec<i64> {
    batch["step"].as_any().downcast_ref::<Int64Array>().unwrap().values().to_vec()
}

#[test]
fn chosen_steps_and_quantities_are_those_of_the_whole_trace() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    assert_eq!(trace(&whole, Chosen::all(&LAYERS)), 2500);
    let whole = read(&whole);
    assert_eq!(steps(&whole), (0..2500).collect::<Vec<_>>());
    let cases: [(Wanted, Vec<i64>, &[&str]); 6] = [
        (Wanted { steps: Some("1490:1510".into()), ..Wanted::default() }, (1490..1510).collect(), &[]),
        (Wanted { every: Some(700), ..Wanted::default() }, vec![0, 700, 1400, 2100], &[]),
        (Wanted { steps: Some("5:30".into()), every: Some(10), ..Wanted::default() }, vec![5, 15, 25], &[]),
        (
            Wanted { phases: vec!["test".into()], quantities: vec!["output".into()], ..Wanted::default() },
            (1500..2000).collect(),
            &["output"],
        ),
        (
            Wanted {
                epochs: vec!["0,2".into()],
                quantities: vec!["burst_rate,event_rate".into()],
                units: vec!["3,7".into()],
                ..Wanted::default()
            },
            (0..500).chain(1000..1500).collect(),
            &["hidden0_event_rate", "hidden0_burst_rate"],
        ),
        (
            Wanted { epochs: vec!["1".into()], phases: vec!["training,generation".into()], ..Wanted::default() },
            (500..1000).chain(2000..2500).collect(),
            &[],
        ),
    ];
    for (at, (wanted, expected, lists)) in cases.into_iter().enumerate() {
        let path = folder.path().join(at.to_string());
        let chosen = Chosen::read(&wanted, &sizes()).unwrap();
        assert_eq!(trace(&path, chosen), expected.len() as u64, "{wanted:?}");
        let batch = read(&path);
        assert_eq!(steps(&batch), expected, "{wanted:?}");
        let schema = batch.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names[..5], ["phase", "step", "epoch", "t", "taught"]);
        if !lists.is_empty() {
            assert_eq!(names[5..], *lists);
        }
        let rows = arrow::array::UInt64Array::from(expected.iter().map(|step| *step as u64).collect::<Vec<_>>());
        for name in names.iter().filter(|_| wanted.units.is_empty()) {
            let own = arrow::compute::take(&whole[*name], &rows, None).unwrap();
            assert_eq!(own.to_data(), batch[*name].to_data(), "{name} of {wanted:?}");
        }
    }
    // Of a choice of units each list has these alone.
    let few = read(&folder.path().join("4"));
    let list = |batch: &RecordBatch, row: usize| {
        let lists = batch["hidden0_event_rate"].as_any().downcast_ref::<FixedSizeListArray>().unwrap().value(row);
        lists.as_any().downcast_ref::<Float32Array>().unwrap().values().to_vec()
    };
    let all = list(&whole, 1000);
    assert_eq!(list(&few, 500), [all[3], all[7]]);
    assert_eq!(few["phase"].as_any().downcast_ref::<StringArray>().unwrap().value(0), "training");
}

#[test]
fn floats_lie_byte_by_byte_and_pages_have_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t");
    trace(&path, Chosen::all(&LAYERS));
    let reader = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
    let group = reader.metadata().row_group(0);
    for column in group.columns() {
        let is_list = column.column_path().parts().len() > 1;
        let encodings: Vec<Encoding> = column.encodings().collect();
        assert_eq!(
            encodings.contains(&Encoding::BYTE_STREAM_SPLIT),
            is_list,
            "{}: {encodings:?}",
            column.column_path()
        );
        assert!(!is_list || column.dictionary_page_offset().is_none(), "{}", column.column_path());
        assert!(column.offset_index_offset().is_some(), "{}", column.column_path());
        assert_eq!(column.statistics().is_none(), is_list, "{}", column.column_path());
    }
}
