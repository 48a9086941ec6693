//! The model of `docs/model.md` once more, as naively as it can be written: plain vectors, one loop
//! per equation, every step computed from a copy of the whole state before it. A test oracle, which
//! shares no code with what it checks. Comments quote the specification, numbers are its stages.
#![allow(clippy::needless_range_loop, reason = "indices as in the equations")]
#![allow(missing_docs, unreachable_pub, reason = "a module of tests, commented")]

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[rustfmt::skip]
pub enum Dynamics { Pipelined, Original2017 }

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[rustfmt::skip]
pub enum HiddenRule { BurstProbability, BurstRate, GatedBurstRate }

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[rustfmt::skip]
pub enum FeedbackRule { Gradient, Ungated, GatedPrevious }

/// A configuration with everything drawn: signals, teaching mask, initial weights.
#[derive(Clone, Debug)]
pub struct Case {
    pub dynamics: Dynamics,
    pub hidden_rule: HiddenRule,
    pub feedback_rule: FeedbackRule,
    pub layers: Vec<usize>,   // inputs, hidden units of each hidden layer, outputs
    pub eta_hidden: Vec<f64>, // per hidden layer
    pub eta_output: f64,
    pub eta_feedback: Vec<f64>, // per hidden layer
    pub weight_decay: f64,
    pub epochs: usize,
    pub generation: bool,            // whether a generation pass follows the test pass
    pub inputs: Vec<Vec<Vec<f64>>>,  // (sequence, channel, t)
    pub targets: Vec<Vec<Vec<f64>>>, // (sequence, output unit, t)
    pub mask: Vec<Vec<bool>>,        // (epoch, step in the epoch, over the concatenated sequences)
    pub weights: Weights,
}

/// A feedback connection exists iff its initial weight is not 0.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    pub w: Vec<Vec<Vec<f64>>>, // (layer, post, pre)
    pub b: Vec<Vec<f64>>,      // (layer, post)
    pub y: Vec<Vec<Vec<f64>>>, // (hidden layer, hidden unit, output unit)
}

/// The state after one step; all but `output` per hidden layer.
#[derive(Clone, Debug)]
pub struct Step {
    pub output: Vec<f64>,
    pub event_rate: Vec<Vec<f64>>,
    pub burst_probability: Vec<Vec<f64>>,
    pub burst_rate: Vec<Vec<f64>>,
    pub apical_voltage: Vec<Vec<f64>>,
    pub somatic_voltage: Vec<Vec<f64>>,
}

/// A whole run. A measure is `None` if no step counts towards it.
#[derive(Clone, Debug)]
pub struct Recording {
    pub steps: Vec<Step>, // training, the test pass, the generation pass if there is one
    pub weights: Weights,
    pub train_loss: Option<f64>,
    pub test_mae: f64,
    pub test_mse: f64,
    pub generation_mae: Option<f64>,
    pub output_loss: Vec<(u64, f64)>,      // (step s, loss), where output learning acts
    pub hidden_loss: Vec<Vec<(u64, f64)>>, // the same for each hidden layer
}

/// The state that one step leaves to the next. Layers are numbered m = 0 … M−1, the last is the output.
#[derive(Clone, Default)]
struct State {
    weights: Weights,
    input: Vec<f64>,                  // x
    taught: bool,                     // at this step
    output_ran: bool,                 // whether 1 ran at this step
    feedback_ran: bool,               // whether 3 ran at this step
    somatic_voltage: Vec<Vec<f64>>,   // y, per layer
    event_rate: Vec<Vec<f64>>,        // λ, per layer
    average: Vec<Vec<f64>>,           // ṽ of 1 and 2, per layer
    apical_voltage: Vec<Vec<f64>>,    // g, per hidden layer
    burst_probability: Vec<Vec<f64>>, // ρ, per hidden layer
    burst_rate: Vec<Vec<f64>>,        // ψ, per hidden layer
    feedback_average: Vec<Vec<f64>>,  // ṽ of 3, per hidden layer
    output_pair: [Vec<f64>; 2],       // output λ(s−1), λ(s) of the last step at which 1 ran
    output_loss: Option<f64>,         // if 7 acted at this step
    hidden_loss: Vec<Option<f64>>,    // if 6 acted at this step, per hidden layer
}

impl State {
    /// Every number that the next step reads.
    fn numbers(&mut self) -> impl Iterator<Item = &mut f64> {
        let Weights { w, b, y } = &mut self.weights;
        let weights = w.iter_mut().chain(y).flatten().chain(b);
        let rates = self.event_rate.iter_mut().chain(&mut self.burst_probability).chain(&mut self.burst_rate);
        let averages = self.average.iter_mut().chain(&mut self.feedback_average);
        weights.chain(rates).chain(averages).chain(&mut self.output_pair).flatten()
    }
}

/// Trains, tests and, if asked, generates. Every pass shows all sequences once: `case.epochs` passes
/// of training, then the test pass, then the generation pass.
pub fn simulate(case: &Case) -> Recording {
    simulate_rounding(case, |_| {})
}

/// [`simulate`] with `round` called on every number of the state after each step.
pub fn simulate_rounding(case: &Case, mut round: impl FnMut(&mut f64)) -> Recording {
    let hidden = case.layers.len() - 2;
    let length = case.inputs[0][0].len(); // T
    let pass_steps = case.inputs.len() * length;
    let passes = case.epochs + 1 + usize::from(case.generation);
    let mut steps = Vec::new();
    let mut output_loss = Vec::new();
    let mut hidden_loss = vec![Vec::new(); hidden];
    // "State carries over from epoch to epoch and from sequence to sequence: nothing is reset."
    let mut state = initial_state(case);
    for s in 0..passes * pass_steps {
        state = step(case, &state, s);
        state.numbers().for_each(&mut round);
        output_loss.extend(state.output_loss.map(|loss| (s as u64, loss)));
        for m in 0..hidden {
            hidden_loss[m].extend(state.hidden_loss[m].map(|loss| (s as u64, loss)));
        }
        steps.push(Step {
            output: state.event_rate[hidden].clone(),
            event_rate: state.event_rate[..hidden].to_vec(),
            burst_probability: state.burst_probability.clone(),
            burst_rate: state.burst_rate.clone(),
            apical_voltage: state.apical_voltage.clone(),
            somatic_voltage: state.somatic_voltage[..hidden].to_vec(),
        });
    }

    // "`train_loss` is the output layer's mean over the last epoch."
    let last_epoch = (case.epochs.saturating_sub(1) * pass_steps) as u64;
    let last_epoch_losses = output_loss.iter().filter(|(s, _)| *s >= last_epoch);
    // target − λ of every output unit at the steps t ≥ `from_t` of a pass, if it took place
    let errors = |pass: usize, from_t: usize| {
        let mut errors = Vec::new();
        for s in pass * pass_steps..steps.len().min((pass + 1) * pass_steps) {
            let targets = &case.targets[s % pass_steps / length];
            for i in (0..targets.len()).filter(|_| s % length >= from_t) {
                errors.push(targets[i][s % length] - steps[s].output[i]);
            }
        }
        errors
    };
    let test = errors(case.epochs, 0);
    let generation = errors(case.epochs + 1, length.div_ceil(2));
    Recording {
        train_loss: mean(last_epoch_losses.map(|(_, loss)| *loss)),
        test_mae: mean(test.iter().map(|e| e.abs())).unwrap_or(f64::NAN),
        test_mse: mean(test.iter().map(|e| e * e)).unwrap_or(f64::NAN),
        generation_mae: mean(generation.iter().map(|e| e.abs())),
        weights: state.weights,
        steps,
        output_loss,
        hidden_loss,
    }
}

/// "All rates, ρ and ψ are 0 until their stage first runs", and so are voltages and averages.
fn initial_state(case: &Case) -> State {
    let zeros = |sizes: &[usize]| sizes.iter().map(|&n| vec![0.0; n]).collect::<Vec<_>>();
    let (inputs, units) = (case.layers[0], &case.layers[1..]);
    let (hidden, outputs) = (&units[..units.len() - 1], units[units.len() - 1]);
    State {
        weights: case.weights.clone(),
        input: vec![0.0; inputs],
        somatic_voltage: zeros(units),
        event_rate: zeros(units),
        average: zeros(&case.layers[..units.len()]),
        apical_voltage: zeros(hidden),
        burst_probability: zeros(hidden),
        burst_rate: zeros(hidden),
        feedback_average: vec![vec![0.0; outputs]; hidden.len()],
        output_pair: [vec![0.0; outputs], vec![0.0; outputs]],
        ..State::default()
    }
}

/// One step s: the whole state after it from `old`, the whole state after step s−1.
fn step(case: &Case, old: &State, s: usize) -> State {
    let length = case.inputs[0][0].len(); // T
    let pass_steps = case.inputs.len() * length;
    let (pass, step_of_pass) = (s / pass_steps, s % pass_steps);
    let sequence = step_of_pass / length;
    let t = s % length;
    let show = |signal: &[Vec<f64>]| signal.iter().map(|v| v[t]).collect::<Vec<_>>();
    let target = show(&case.targets[sequence]);
    let learning = pass < case.epochs;
    let taught = learning && case.mask[pass][step_of_pass];
    // "generation: one further pass, in generative mode from t ≥ ⌈T/2⌉ (of each sequence)"
    let generative = pass > case.epochs && t >= length.div_ceil(2);

    let pipelined = case.dynamics == Dynamics::Pipelined;
    let layers = case.layers.len() - 1; // M
    let output = layers - 1; // the output layer's m; the hidden layers are those before it
    // pipelined: "1 for s ≥ M, 2 for s ≥ m+1, 3 for s ≥ M+1"
    // original_2017: "the gates use t, not s: 1 for t ≥ M, 2 for t ≥ m+1, 3 for t ≥ M+2"
    let clock = if pipelined { s } else { t };
    let first_feedback = if pipelined { layers + 1 } else { layers + 2 };
    let output_runs = clock >= layers;
    let feedback_runs = clock >= first_feedback;

    let mut new = old.clone();
    new.input = show(&case.inputs[sequence]);
    new.taught = taught;
    new.output_ran = output_runs;
    new.feedback_ran = feedback_runs;
    new.output_loss = None;
    new.hidden_loss = vec![None; output];

    // 1 (m = M−1) and 2 (the other m): y = W ṽ + b, λ = σ(y)
    for m in (0..layers).filter(|&m| clock > m) {
        // "v = event rates of layer m−1 after step s−1 (m = 0: the input x of step s−1)"
        // original_2017: "layer 0 (and M = 1's output) reads x(t) of the same step"
        let x = if pipelined { &old.input } else { &new.input };
        let v = if m == 0 { x } else { &old.event_rate[m - 1] };
        new.average[m] = smoothed(&old.average[m], v, pipelined && s == m + 1);
        for i in 0..case.layers[m + 1] {
            new.somatic_voltage[m][i] = old.weights.b[m][i];
            for j in 0..case.layers[m] {
                new.somatic_voltage[m][i] += old.weights.w[m][i][j] * new.average[m][j];
            }
            new.event_rate[m][i] = sigma(new.somatic_voltage[m][i]);
        }
    }
    if output_runs {
        // 1: "if taught, λ ← ½ (λ + target(t))"
        for i in (0..target.len()).filter(|_| taught) {
            new.event_rate[output][i] = 0.5 * (new.event_rate[output][i] + target[i]);
        }
        new.output_pair = [old, &new].map(|state| state.event_rate[output].clone());
    }

    for m in (0..output).filter(|_| feedback_runs) {
        // 3: v = "output event rates after step s−1"; original_2017: "of step s itself"
        let v = &(if pipelined { old } else { &new }).event_rate[output];
        let starts = pipelined && s == first_feedback;
        new.feedback_average[m] = smoothed(&old.feedback_average[m], v, starts);
        // 3: g = Y ṽ, ρ = σ(g), ψ = ρ λ
        for i in 0..case.layers[m + 1] {
            new.apical_voltage[m][i] = 0.0;
            for j in 0..target.len() {
                new.apical_voltage[m][i] += old.weights.y[m][i][j] * new.feedback_average[m][j];
            }
            new.burst_probability[m][i] = sigma(new.apical_voltage[m][i]);
            new.burst_rate[m][i] = new.burst_probability[m][i] * new.event_rate[m][i];
        }
        // 4: "if its rate > 0, at every step where 3 ran: Y += η_fb e ⊗ ṽ_fb"
        if learning && case.eta_feedback[m] > 0.0 {
            for i in 0..case.layers[m + 1] {
                let (lambda, rho) = (new.event_rate[m][i], new.burst_probability[m][i]);
                let ungated = (lambda - new.burst_rate[m][i]) * rho * (1.0 - rho);
                // "gated_previous: as gradient, with the average as it stood before step 3"
                let (e, average) = match case.feedback_rule {
                    FeedbackRule::Gradient => (lambda * ungated, &new.feedback_average[m]),
                    FeedbackRule::Ungated => (ungated, &new.feedback_average[m]),
                    FeedbackRule::GatedPrevious => (lambda * ungated, &old.feedback_average[m]),
                };
                for j in 0..target.len() {
                    // "an absent one has weight 0 and stays 0 whatever learns"
                    if case.weights.y[m][i][j] != 0.0 {
                        new.weights.y[m][i][j] += case.eta_feedback[m] * e * average[j];
                    }
                }
            }
            decay(&mut new.weights.y[m], case.weight_decay);
        }
        // 5: "λ ← ψ for the hidden layers"
        if generative {
            new.event_rate[m] = new.burst_rate[m].clone();
        }
    }

    // 6: "if step s−1 was taught and 3 ran at this step and the step before"
    // original_2017: "3 to run at step s; it need not have run at the step before"
    let hidden_learns = old.taught && feedback_runs && (old.feedback_ran || !pipelined);
    for m in (0..output).filter(|_| learning && hidden_learns) {
        // "W_m += η_m (d ∘ λ(s−1) ∘ (1−λ(s−1))) ⊗ ṽ_m, b_m += the same without ṽ"
        for i in 0..case.layers[m + 1] {
            let lambda_before = old.event_rate[m][i];
            let d_rho = new.burst_probability[m][i] - old.burst_probability[m][i];
            let d_psi = new.burst_rate[m][i] - old.burst_rate[m][i];
            let d = match case.hidden_rule {
                HiddenRule::BurstProbability => d_rho,
                HiddenRule::BurstRate => d_psi,
                HiddenRule::GatedBurstRate => new.event_rate[m][i] * d_psi,
            };
            let e = d * lambda_before * (1.0 - lambda_before);
            for j in 0..case.layers[m] {
                new.weights.w[m][i][j] += case.eta_hidden[m] * e * new.average[m][j];
            }
            new.weights.b[m][i] += case.eta_hidden[m] * e;
        }
        decay(&mut new.weights.w[m], case.weight_decay);
        // "of a hidden layer: at each step where 6 acts, mean of (ρ(s) − ρ(s−1))²"
        let (rho, rho_before) = (&new.burst_probability[m], &old.burst_probability[m]);
        new.hidden_loss[m] = mean_square(rho, rho_before);
    }

    // 7: "if step s is taught and 1 ran at this step and the step before"
    // original_2017: "step s taught and t ≥ M. With M = 1 it also acts at t = 0, where the stage is
    // gated off: with the pair of rates λ(s), λ(s−1) of the last step at which it ran"
    let output_learns = match case.dynamics {
        Dynamics::Pipelined => output_runs && old.output_ran,
        Dynamics::Original2017 => output_runs || layers == 1,
    };
    if taught && output_learns {
        let [before, after] = &new.output_pair;
        // "e = (λ(s) − λ(s−1)) ∘ λ(s−1) ∘ (1−λ(s−1)); W += η e ⊗ ṽ, b += η e"
        for i in 0..target.len() {
            let e = (after[i] - before[i]) * before[i] * (1.0 - before[i]);
            for j in 0..case.layers[output] {
                new.weights.w[output][i][j] += case.eta_output * e * new.average[output][j];
            }
            new.weights.b[output][i] += case.eta_output * e;
        }
        decay(&mut new.weights.w[output], case.weight_decay);
        // "at each step where 7 acts, mean over units of (target − λ(s−1))²"
        new.output_loss = mean_square(&target, before);
    }
    new
}

/// ṽ ← ½ (ṽ + v); pipelined: "the first v read starts it (ṽ = v)".
fn smoothed(average: &[f64], v: &[f64], starts: bool) -> Vec<f64> {
    let before = if starts { v } else { average };
    (0..v.len()).map(|i| 0.5 * (before[i] + v[i])).collect()
}

/// "After adding the update: W ← (1−decay) W"
fn decay(weights: &mut [Vec<f64>], decay: f64) {
    for weight in weights.iter_mut().flatten() {
        *weight *= 1.0 - decay;
    }
}

/// "Angle in degrees between Y_m and (W_{M−1} ⋯ W_{m+1})ᵀ, both flattened"; NaN if either of the two is 0
pub fn alignment_deg(weights: &Weights, m: usize) -> f64 {
    let output = weights.w.len() - 1;
    let mut product = weights.w[output].clone(); // (output unit, unit of the layer reached)
    for layer in (m + 1..output).rev() {
        let w = &weights.w[layer];
        let entry = |row: &Vec<f64>, j: usize| (0..w.len()).map(|k| row[k] * w[k][j]).sum();
        let times_w = |row| (0..w[0].len()).map(|j| entry(row, j)).collect();
        product = product.iter().map(times_w).collect();
    }
    let (mut inner, mut y_squared, mut w_squared) = (0.0, 0.0, 0.0);
    for i in 0..product.len() {
        for j in 0..product[i].len() {
            inner += weights.y[m][j][i] * product[i][j];
            y_squared += weights.y[m][j][i] * weights.y[m][j][i];
            w_squared += product[i][j] * product[i][j];
        }
    }
    let cosine: f64 = inner / (f64::sqrt(y_squared) * f64::sqrt(w_squared));
    libm::acos(cosine.clamp(-1.0, 1.0)).to_degrees()
}

fn sigma(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

/// The mean, `None` of nothing.
fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The mean square of a − b over the units.
fn mean_square(a: &[f64], b: &[f64]) -> Option<f64> {
    mean((0..a.len()).map(|i| (a[i] - b[i]) * (a[i] - b[i])))
}
