//! The records of trials.

use std::fmt;
use std::marker::PhantomData;

use burstnet_core::curves::CurvePoint;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::plan::content::ContentKey;
use crate::search::samplers::Point;

/// The status of a trial that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// The trial ended normally.
    Ok,
    /// A number left its bounds.
    Diverged,
    /// The evaluation failed.
    Failed,
    /// The search stopped it early.
    Pruned,
}

impl Status {
    /// Returns the name for tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Diverged => "diverged",
            Self::Failed => "failed",
            Self::Pruned => "pruned",
        }
    }
}

/// The outcome of one trial. It begins with the fields of [`Stub`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialRecord {
    /// The key of the content that the result belongs to.
    pub key: ContentKey,
    /// The plan that the trial ran under, by [`crate::plan::Plan::tag`].
    pub plan: u64,
    /// The number of the configuration in that plan.
    pub config_id: u64,
    /// The number of the replicate in that plan.
    pub replicate: u64,
    /// The status.
    pub status: Status,
    /// The end of the trial, in milliseconds since 1970.
    pub ended_ms: u64,
    /// The duration of the trial, in milliseconds.
    pub took_ms: u64,
    /// The reason, if the status is not ok.
    pub error: Option<String>,
    /// The measures by name; `None` if a measure is not defined.
    pub measures: Vec<(String, Option<f64>)>,
    /// The points of the loss curves, by layer and step.
    #[serde(with = "curve_points")]
    pub curves: Vec<CurvePoint>,
    /// The BLAKE3 hash of everything that the evaluation left.
    pub digest: Option<[u8; 32]>,
    /// The data that differ from run to run.
    pub timing: TrialTiming,
    /// The points that a sampler that learns proposed for the configuration, and for copies just before it, which have no
    /// records. They stand behind the other fields, if there are any.
    #[serde(skip)]
    pub proposals: Vec<Proposal>,
}

/// A point that a sampler that learns proposed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// A hash of the search, of the number of the configuration, and of the results that the sampler knew.
    pub basis: u64,
    /// The point.
    pub point: Point,
}

/// The first fields of a record. They are all that an index needs to identify it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Stub {
    /// The key of the content that the result belongs to.
    pub key: ContentKey,
    /// The plan that the trial ran under, by [`crate::plan::Plan::tag`].
    pub plan: u64,
    /// The number of the configuration in that plan.
    pub config_id: u64,
    /// The number of the replicate in that plan.
    pub replicate: u64,
    /// The status.
    pub status: Status,
    /// The end of the trial, in milliseconds since 1970.
    pub ended_ms: u64,
    /// The duration of the trial, in milliseconds.
    pub took_ms: u64,
}

/// A record that is read to its end but not kept.
#[derive(Debug, Deserialize)]
pub(crate) struct Outline<'a> {
    pub(crate) stub: Stub,
    #[serde(borrow)]
    _error: Option<&'a str>,
    #[serde(borrow)]
    _measures: Passed<(&'a str, Option<f64>)>,
    _curves: Passed<curve_points::Row>,
    _digest: Option<[u8; 32]>,
    #[serde(borrow)]
    _timing: (f64, u32, &'a str),
}

/// Reads the part of a payload behind the other fields of a record.
fn proposals(rest: &[u8]) -> postcard::Result<Vec<Proposal>> {
    if rest.is_empty() {
        return Ok(Vec::new());
    }
    match postcard::take_from_bytes(rest)? {
        (proposals, []) => Ok(proposals),
        (_, [..]) => Err(postcard::Error::DeserializeBadEncoding),
    }
}

impl Outline<'_> {
    /// Reads the payload of a frame to its end. Returns the first fields of the record, and its proposals.
    pub(crate) fn read(payload: &[u8]) -> postcard::Result<(Stub, Vec<Proposal>)> {
        let (outline, rest) = postcard::take_from_bytes::<Outline<'_>>(payload)?;
        Ok((outline.stub, proposals(rest)?))
    }
}

/// Elements that are read one after the other and discarded.
#[derive(Debug)]
struct Passed<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Passed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Self(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Passed<T> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Self, A::Error> {
        while all.next_element::<T>()?.is_some() {}
        Ok(self)
    }
}

impl Stub {
    /// Returns the start of the trial, in milliseconds since 1970.
    pub fn started_ms(&self) -> u64 {
        self.ended_ms.saturating_sub(self.took_ms)
    }
}

impl TrialRecord {
    /// Returns the record of a trial with the status ok and no other data.
    pub fn new(key: ContentKey) -> Self {
        Self {
            key,
            plan: 0,
            config_id: 0,
            replicate: 0,
            status: Status::Ok,
            ended_ms: 0,
            took_ms: 0,
            error: None,
            measures: Vec::new(),
            curves: Vec::new(),
            digest: None,
            timing: TrialTiming { seconds: 0.0, thread: 0, host: String::new() },
            proposals: Vec::new(),
        }
    }

    /// Reads the payload of a frame.
    pub(crate) fn read(payload: &[u8]) -> postcard::Result<Self> {
        let (record, rest) = postcard::take_from_bytes::<Self>(payload)?;
        Ok(Self { proposals: proposals(rest)?, ..record })
    }

    /// Returns the value of a measure; `None` if it is not defined or there is none of this name.
    pub fn measure(&self, name: &str) -> Option<f64> {
        self.measures.iter().find(|(own, _)| own == name).and_then(|(_, value)| *value)
    }
}

/// The data of a record that differ from run to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialTiming {
    /// The wall-clock seconds of the evaluation.
    pub seconds: f64,
    /// The number of the worker thread, from 0.
    pub thread: u32,
    /// The name of the host.
    pub host: String,
}

/// The serialisation of `CurvePoint`, which belongs to a crate that knows no files.
mod curve_points {
    use burstnet_core::curves::CurvePoint;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) type Row = (u32, u64, u64, Option<f64>);

    pub(super) fn serialize<S: Serializer>(points: &[CurvePoint], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(points.iter().map(|p| -> Row { (p.layer, p.step, p.learning_steps, p.loss) }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<CurvePoint>, D::Error> {
        let rows = Vec::<Row>::deserialize(deserializer)?;
        let point = |(layer, step, learning_steps, loss)| CurvePoint { layer, step, learning_steps, loss };
        Ok(rows.into_iter().map(point).collect())
    }
}
