//! The properties that every sampler must have on every search space.

use std::collections::BTreeSet;

use super::testing::{Budget, Case, bowl, branin, cases};
use super::{ALL, AxisKind, Point, Sampler, Told, named};

const BUDGET: Budget = Budget { seed: 2017, points: 60, round: 8 };

/// Returns every sampler with every case that it can search.
fn pairs() -> Vec<(&'static dyn Sampler, Case)> {
    let suited = |sampler: &'static dyn Sampler| {
        cases().into_iter().filter(move |case| case.suits(sampler)).map(move |case| (sampler, case))
    };
    ALL.into_iter().flat_map(suited).collect()
}

fn bits(points: &[Point]) -> Vec<Vec<u64>> {
    points.iter().map(|point| point.iter().map(|unit| unit.to_bits()).collect()).collect()
}

fn at(sampler: &dyn Sampler, case: &Case) -> String {
    format!("{}, {}", sampler.info().name, case.name)
}

#[test]
fn samplers_that_learn_have_no_sequence() {
    for (sampler, case) in pairs() {
        let sequence = case.with(BUDGET, |problem| sampler.sequence(problem));
        assert_eq!(sequence.is_some(), sampler.info().indexed, "{}", at(sampler, &case));
    }
}

#[test]
fn names_and_settings_can_be_used() {
    let names: BTreeSet<&str> = ALL.iter().map(|sampler| sampler.info().name).collect();
    assert_eq!(names.len(), ALL.len());
    for sampler in ALL {
        let info = sampler.info();
        assert!(std::ptr::addr_eq(named(info.name).unwrap(), sampler));
        assert!(sampler.usual_round(1) > 0 && sampler.usual_round(50) > 0);
        for setting in info.settings {
            assert!(setting.min <= setting.default && setting.default <= setting.max, "{}", setting.name);
            assert!(setting.doc.ends_with('.') && (!setting.integer || setting.default.fract() == 0.0));
        }
    }
}

#[test]
fn coordinates_lie_in_the_unit_cube() {
    for (sampler, case) in pairs() {
        for point in case.search(sampler, BUDGET).0 {
            assert_eq!(point.len(), case.kinds.len());
            assert!(point.iter().all(|unit| (0.0..1.0).contains(unit)), "{}: {point:?}", at(sampler, &case));
        }
    }
}

#[test]
fn enough_points_come() {
    for (sampler, case) in pairs() {
        let values: Option<u64> =
            case.kinds.iter().map(|kind| kind.count()).try_fold(1, |all, n| n.map(|n| all * n.min(1 << 20)));
        let few = sampler.info().distinct && values.is_some_and(|values| values < BUDGET.points);
        let excluded = !sampler.info().indexed && case.name == "nothing allowed";
        if !few && !excluded {
            assert_eq!(case.search(sampler, BUDGET).0.len(), 60, "{}", at(sampler, &case));
        }
    }
}

#[test]
fn the_same_question_has_the_same_answer_on_every_thread() {
    for (sampler, case) in pairs() {
        let once = bits(&case.search(sampler, BUDGET).0);
        let again = || bits(&case.search(sampler, BUDGET).0);
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(again)).collect();
            assert!(all.into_iter().all(|one| one.join().unwrap() == once), "{}", at(sampler, &case));
        });
    }
}

/// Checks that the state of a search can be rebuilt: a fresh search that receives the same reports has the same bits.
#[test]
fn a_fold_is_a_fresh_replay_at_every_round() {
    for (sampler, case) in pairs() {
        for budget in [BUDGET, Budget { round: 3, ..BUDGET }] {
            let (points, history) = case.search(sampler, budget);
            for (round, expected) in points.chunks(budget.round as usize).enumerate() {
                let told = 1 + round * budget.round as usize;
                let found = case.propose(sampler, budget, &history[..told], expected.len() as u64);
                assert_eq!(bits(&found), bits(expected), "{}, round {round}", at(sampler, &case));
            }
        }
    }
}

/// Checks that a search that takes the points it once proposed goes on as if it had been asked for them.
#[test]
fn points_that_were_proposed_before_can_be_taken() {
    for (sampler, case) in pairs().into_iter().filter(|(sampler, _)| !sampler.info().indexed) {
        for budget in [BUDGET, Budget { round: 3, ..BUDGET }] {
            let (points, history) = case.search(sampler, budget);
            let rounds: Vec<&[Point]> = points.chunks(budget.round as usize).collect();
            for asked in [1, rounds.len() / 2, rounds.len().saturating_sub(1)] {
                let mut search = case.with(budget, |problem| sampler.start(problem));
                search.include(&[history[0].point.clone()]);
                search.tell(&history[..1]);
                let mut at = 1;
                for round in rounds.iter().take(asked) {
                    let told = &history[at..at + round.len()];
                    round.iter().zip(told).for_each(|(point, told)| search.take(point, &told.point));
                    search.tell(told);
                    at += round.len();
                }
                let Some(next) = rounds.get(asked) else { continue };
                let found = search.ask(next.len() as u64, &case.look);
                assert_eq!(
                    bits(&found),
                    bits(next),
                    "{}, round {asked}",
                    format_args!("{}, {}", sampler.info().name, case.name)
                );
            }
        }
    }
}

/// Checks that outcomes can be forgotten and told again, in another order.
#[test]
fn outcomes_of_some_points_are_learned_by_their_numbers() {
    for (sampler, case) in pairs().into_iter().filter(|(sampler, _)| sampler.info().enough.is_some()) {
        let (points, history) = case.search(sampler, BUDGET);
        let begun = || {
            let mut search = case.with(BUDGET, |problem| sampler.start(problem));
            search.include(&[history[0].point.clone()]);
            search.ask(points.len() as u64, &case.look);
            search
        };
        let mut plain = begun();
        plain.tell(&history[..40.min(history.len())]);
        let expected = bits(&plain.ask(3, &case.look));
        let mut search = begun();
        (0..history.len()).rev().for_each(|number| search.tell_of(number, &history[number]));
        search.ask(0, &case.look);
        search.forget();
        history.iter().take(40).enumerate().for_each(|(number, told)| search.tell_of(number, told));
        assert_eq!(bits(&search.ask(3, &case.look)), expected, "{}", at(sampler, &case));
    }
}

/// Checks that earlier results change what is proposed, and stay when outcomes are forgotten.
#[test]
fn earlier_results_are_learned_and_stay() {
    for (sampler, case) in pairs().into_iter().filter(|(sampler, _)| sampler.info().learns_earlier) {
        let (earlier, at) = (case.search(sampler, Budget { seed: 9, points: 30, ..BUDGET }).1, at(sampler, &case));
        let begun = || {
            let mut search = case.with(BUDGET, |problem| sampler.start(problem));
            search.learn(&earlier);
            search
        };
        let mut plain = begun();
        let points = plain.ask(12, &case.look);
        let told: Vec<Told> = points.iter().map(|point| case.told(point, false)).collect();
        plain.tell(&told);
        let expected = bits(&plain.ask(3, &case.look));
        let mut search = begun();
        points.iter().zip(&told).for_each(|(point, told)| search.take(point, &told.point));
        (0..told.len()).rev().for_each(|number| search.tell_of(number, &told[number]));
        search.forget();
        told.iter().enumerate().for_each(|(number, told)| search.tell_of(number, told));
        assert_eq!(bits(&search.ask(3, &case.look)), expected, "{at}");
        if case.name == "ranges" {
            let fresh = case.with(BUDGET, |problem| sampler.start(problem)).ask(12, &case.look);
            let mean = |points: &[Point]| points.iter().map(|point| bowl(point)).sum::<f64>() / points.len() as f64;
            assert!(mean(&points) < 0.5 * mean(&fresh), "{at}: {} and {}", mean(&points), mean(&fresh));
        }
    }
}

#[test]
fn a_longer_search_begins_with_the_shorter_one() {
    for (sampler, case) in pairs().into_iter().filter(|(sampler, _)| sampler.info().extends) {
        let all = case.search(sampler, BUDGET).0;
        // The last round is cut short.
        let fewer = case.search(sampler, Budget { points: 43, ..BUDGET }).0;
        assert_eq!(bits(&fewer), bits(&all[..fewer.len()]), "{}", at(sampler, &case));
        assert!(fewer.len() == 43 || fewer.len() == all.len(), "{}", at(sampler, &case));
    }
}

#[test]
fn points_found_from_their_numbers_do_not_depend_on_rounds() {
    for (sampler, case) in pairs().into_iter().filter(|(sampler, _)| sampler.info().indexed) {
        let sequence = case.with(BUDGET, |problem| sampler.sequence(problem)).unwrap();
        let points: Vec<Point> = (0..60).map_while(|index| sequence.point(index)).collect();
        for round in [1, 7, 60] {
            let found = case.search(sampler, Budget { round, ..BUDGET }).0;
            assert_eq!(bits(&found), bits(&points), "{}, {round}", at(sampler, &case));
        }
    }
}

#[test]
fn points_past_the_end_are_none_only_where_the_axes_end() {
    for (sampler, case) in pairs().into_iter().filter(|(sampler, _)| sampler.info().indexed) {
        let (count, sequence) = case.with(BUDGET, |problem| (sampler.count(problem), sampler.sequence(problem)));
        let sequence = sequence.unwrap();
        for index in [60, 61, 1 << 40, (1 << 47) - 1] {
            let expected = sampler.info().needs_trials || count.is_none_or(|count| index < count);
            assert_eq!(sequence.point(index).is_some(), expected, "{}, {index}", at(sampler, &case));
        }
    }
}

#[test]
fn seeds_matter_unless_the_axes_decide() {
    for (sampler, case) in pairs().into_iter().filter(|(_, case)| ["ranges", "mixed", "ordered"].contains(&case.name)) {
        let one = case.search(sampler, BUDGET).0;
        let other = case.search(sampler, Budget { seed: 2018, ..BUDGET }).0;
        assert_eq!(one != other, sampler.info().needs_trials, "{}", at(sampler, &case));
    }
}

#[test]
fn samplers_that_learn_propose_only_what_the_constraints_allow() {
    for (sampler, case) in pairs().into_iter().filter(|(sampler, _)| !sampler.info().indexed) {
        let points = case.search(sampler, BUDGET).0;
        assert!(points.iter().all(|point| (case.look)(point).is_some()), "{}", at(sampler, &case));
        // Where there is one configuration, it was named already.
        let over = case.name == "nothing allowed"
            || sampler.info().distinct && ["nothing", "a single value"].contains(&case.name);
        assert_eq!(points.is_empty(), over, "{}", at(sampler, &case));
    }
}

#[test]
fn distinct_points_are_proposed_once_each_until_none_is_left() {
    for (sampler, case) in pairs().into_iter().filter(|(sampler, _)| sampler.info().distinct) {
        let expected = match case.name {
            "ordered" => 30,
            "unordered" => 12,
            "a single value" => 1,
            "conditional and finite" if !sampler.info().indexed => 7,
            "constrained and finite" if !sampler.info().indexed => allowed(&case),
            _ => continue,
        };
        let points = case.search(sampler, BUDGET).0;
        let active = |point: &Point| {
            (case.look)(point).map(|active| {
                case.indices(point)
                    .into_iter()
                    .zip(active)
                    .map(|(index, active)| active.then_some(index))
                    .collect::<Vec<_>>()
            })
        };
        let different: BTreeSet<_> = points.iter().map(active).collect();
        // A sampler that learns does not repeat the one that was named either.
        let expected = expected - usize::from(!sampler.info().indexed);
        assert_eq!((points.len(), different.len()), (expected, expected), "{}", at(sampler, &case));
    }
}

fn allowed(case: &Case) -> usize {
    let all = named("grid").unwrap();
    let all = case.with(BUDGET, |problem| all.sequence(problem)).unwrap();
    (0..).map_while(|index| all.point(index)).filter(|point| (case.look)(point).is_some()).count()
}

#[test]
fn points_keep_their_bits() {
    let hashes = ALL.map(|sampler| {
        let kinds: &[AxisKind] = if sampler.info().most_axes == 1 {
            &[AxisKind::Ordered(9)]
        } else if sampler.info().ranges {
            &[AxisKind::Range, AxisKind::Ordered(7), AxisKind::Unordered(3), AxisKind::Range]
        } else {
            &[AxisKind::Ordered(7), AxisKind::Unordered(3)]
        };
        let points = Case::plain("pinned", kinds).search(sampler, BUDGET).0;
        let bytes: Vec<u8> = points.iter().flatten().flat_map(|unit| unit.to_bits().to_le_bytes()).collect();
        let hash = blake3::hash(&bytes).to_hex();
        (sampler.info().name, points[7][0].to_bits(), hash[..16].to_owned())
    });
    let expected = [
        ("grid", 4_600_105_333_671_292_343, "f1cc6197d7949efc"),
        ("random", 4_590_656_432_465_764_408, "b36908873e51be6a"),
        ("table", 4_605_681_218_924_227_243, "c790c388ab0ed3b2"),
        ("sobol", 4_603_911_679_284_566_627, "b4e0ef7a1a2cb83a"),
        ("halton", 4_604_124_366_447_477_767, "f841e39b13a1cd5d"),
        ("latin_hypercube", 4_595_233_595_523_377_644, "84e100f7153660bf"),
        ("tpe", 4_601_030_280_214_558_518, "d0e752a23f1254a8"),
        ("gp", 4_600_374_553_597_984_938, "be192662323ebecc"),
        ("cmaes", 4_590_709_446_891_677_868, "8db975773428b8c6"),
    ];
    for ((name, bits, hash), expected) in hashes.iter().zip(expected) {
        assert_eq!((*name, *bits, hash.as_str()), expected);
    }
}

#[test]
fn samplers_that_learn_beat_random_search() {
    let bowl = Case::plain("bowl", &[AxisKind::Range; 4]);
    let branin = Case { losses: |point| vec![Some(branin(point))], ..Case::plain("Branin", &[AxisKind::Range; 2]) };
    for (case, least, part) in [(bowl, 0.0, 0.5), (branin, 0.397_887, 0.5)] {
        let best = |sampler: &dyn Sampler, seed| {
            let told = case.search(sampler, Budget { seed, points: 100, round: 8 }).1;
            told.iter().filter_map(|told| told.losses[0]).fold(f64::INFINITY, f64::min) - least
        };
        let median = |sampler: &dyn Sampler| {
            let mut bests: Vec<f64> = (0..8).map(|seed| best(sampler, seed)).collect();
            bests.sort_by(f64::total_cmp);
            (bests[3] + bests[4]) / 2.0
        };
        let random = median(named("random").unwrap());
        for sampler in ALL.into_iter().filter(|sampler| !sampler.info().indexed) {
            let found = median(sampler);
            assert!(found < part * random, "{}: {found} against {random}", at(sampler, &case));
        }
    }
}
