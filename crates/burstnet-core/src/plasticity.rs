//! The learning rules: one unit's factor before the outer product with the smoothed presynaptic signal.

use crate::config::{FeedbackRule, HiddenRule};

/// A hidden unit's event rate λ, burst probability ρ and burst rate ψ at one step.
#[derive(Clone, Copy, Debug)]
pub struct Bursts {
    /// λ, events per step.
    pub event_rate: f64,
    /// ρ, the probability that an event is a burst.
    pub burst_probability: f64,
    /// ψ = ρ λ, bursts per step.
    pub burst_rate: f64,
}

/// The signal that teaches a hidden unit: the change of its burst signal from step s − 1 (`before`) to step s (`now`).
pub fn burst_change(rule: HiddenRule, now: Bursts, before: Bursts) -> f64 {
    match rule {
        HiddenRule::BurstProbability => now.burst_probability - before.burst_probability,
        HiddenRule::BurstRate => now.burst_rate - before.burst_rate,
        HiddenRule::GatedBurstRate => now.event_rate * (now.burst_rate - before.burst_rate),
    }
}

/// The slope of the logistic function where its value is `rate`: λ (1 − λ).
#[inline]
pub fn slope(rate: f64) -> f64 {
    rate * (1.0 - rate)
}

/// The factor of a hidden unit in feedback learning. With `Gradient`, −factor × ṽ is the gradient of ½ (λ − ψ)² with
/// respect to the unit's feedback weights.
pub fn feedback_error(rule: FeedbackRule, unit: Bursts) -> f64 {
    let mismatch = (unit.event_rate - unit.burst_rate) * slope(unit.burst_probability);
    match rule {
        FeedbackRule::Gradient | FeedbackRule::GatedPrevious => unit.event_rate * mismatch,
        FeedbackRule::Ungated => mismatch,
    }
}
