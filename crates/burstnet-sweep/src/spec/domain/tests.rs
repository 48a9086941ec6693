//! Domains as sweep files write them.

use super::*;
use crate::spec::document::parse;

fn read(kind: &Kind, text: &str) -> Result<Domain, String> {
    Domain::read("k", kind, &parse("f", text).unwrap()).map_err(|error| error.to_string())
}

fn all(domain: &Domain) -> Vec<Value> {
    (0..domain.count().unwrap()).map(|i| domain.nth(i)).collect()
}

const RATE: Kind = Kind::Number { min: 0.0, max: 10.0 };
const COUNT: Kind = Kind::Integer { min: 1, max: 1000 };
const WIDE: Kind = Kind::Number { min: f64::MIN, max: f64::MAX };

#[test]
fn points_are_what_a_person_would_write() {
    let linear = read(&RATE, "{linear: [0, 1], num: 11}").unwrap();
    assert_eq!(all(&linear)[3], Value::Float(0.3));
    let across = read(&Kind::Number { min: -9.0, max: 9.0 }, "{linear: [-0.6, 0.3], num: 10}").unwrap();
    assert_eq!(all(&across)[5..8], [-0.1, 0.0, 0.1].map(Value::Float));
    let log = read(&RATE, "{log: [0.001, 10], num: 5}").unwrap();
    assert_eq!(all(&log), [0.001, 0.01, 0.1, 1.0, 10.0].map(Value::Float));
    let log = read(&COUNT, "{log: [1, 1000], num: 4}").unwrap();
    assert_eq!(all(&log), [1, 10, 100, 1000].map(Value::Int));
    assert_eq!(all(&read(&COUNT, "{int: [3, 5]}").unwrap()), [3, 4, 5].map(Value::Int));
    let stepped = read(&COUNT, "{int: [1, 10], step: 4}").unwrap();
    assert_eq!(all(&stepped), [1, 5, 9].map(Value::Int));
    assert_eq!(stepped.ends(), [1, 9].map(Value::Int));
    let real = read(&RATE, "{int: [1, 10], step: 4}").unwrap();
    assert_eq!(all(&real), [1.0, 5.0, 9.0].map(Value::Float));
    assert_eq!(all(&read(&RATE, "{int: [2, 2]}").unwrap()), [Value::Float(2.0)]);
    assert!(real.check(&RATE).is_ok());
}

#[test]
fn integers_are_exact_up_to_the_largest() {
    let any = Kind::Integer { min: -LARGEST_INTEGER, max: LARGEST_INTEGER };
    let whole = read(&any, "{int: [0, 9007199254740991]}").unwrap();
    assert_eq!(whole.ends(), [0, LARGEST_INTEGER].map(Value::Int));
    assert_eq!([0.0, 1.0 - f64::EPSILON / 2.0].map(|unit| whole.at(unit)), [0, LARGEST_INTEGER].map(Value::Int));
    assert!(whole.unit_of(&Value::Int(LARGEST_INTEGER)).unwrap() < 1.0);
    let odd = read(&any, "{int: [-9007199254740991, 9007199254740991], step: 9007199254740991}").unwrap();
    assert_eq!(all(&odd), [-LARGEST_INTEGER, 0, LARGEST_INTEGER].map(Value::Int));
    assert_eq!(read(&any, "{int: [2.0, 1e1]}").unwrap(), Domain::Int { low: 2, high: 10, step: 1 });
    for (kind, text, message) in [
        (&any, "{int: [0, 9007199254740992]}", "two integers from -9007199254740991 to 9007199254740991"),
        (&any, "{int: [0, 99999999999999999999]}", "int of k is '[0, 99999999999999999999]'"),
        (&any, "[9007199254740993]", "k would become '9007199254740993', expected an integer from"),
        (&WIDE, "[9007199254740993]", "expected a number (finite), and one that float64 holds"),
        (&WIDE, "[1, 99999999999999999999]", "k would become '99999999999999999999', expected a number (finite), and"),
        (&WIDE, "[1e-400]", "k would become '1e-400', expected a number (finite), and one that float64 holds"),
        (&WIDE, "{linear: [0, 9007199254740993], num: 3}", "expected [low, high], two finite numbers"),
        (&WIDE, "{uniform: [0, 18446744073709551615]}", "expected [low, high], two finite numbers"),
    ] {
        let error = read(kind, text).unwrap_err();
        assert!(error.contains(message), "{text}: {error}");
    }
    let exact = read(&WIDE, "[9007199254740992, 18446744073709551616, 0.1, 1e23]").unwrap();
    let held = [9_007_199_254_740_992.0, 18_446_744_073_709_551_616.0, 0.1, 1e23];
    assert_eq!(all(&exact), held.map(Value::Float));
}

#[test]
fn the_order_of_keys_means_nothing() {
    for (kind, texts) in [
        (&COUNT, ["{int: [0, 4], step: 2}", "{step: 2, int: [0, 4]}"]),
        (&RATE, ["{int: [0, 4], step: 2}", "{step: 2, int: [0, 4]}"]),
        (&RATE, ["{linear: [0, 1], num: 3}", "{num: 3, linear: [0, 1]}"]),
        (&COUNT, ["{log: [1, 100], num: 3}", "{num: 3, log: [1, 100]}"]),
    ] {
        let [one, other] = texts.map(|text| read(kind, &text.replace("[0, 4]", "[1, 5]")).unwrap());
        assert_eq!(one, other, "{texts:?}");
    }
    assert!(read(&RATE, "{num: 2, uniform: [0, 1]}").unwrap_err().contains("num with uniform"));
}

#[test]
fn small_numbers_of_a_log_scale_are_no_zeros() {
    for (low, high, num) in [("1e-14", "1", 15), ("1e-300", "1e300", 601), ("1e-12", "1e12", 9)] {
        let domain = read(&WIDE, &format!("{{log: [{low}, {high}], num: {num}}}")).unwrap();
        let values = all(&domain);
        assert!(values.windows(2).all(|pair| pair[0].as_f64() < pair[1].as_f64()), "{values:?}");
        assert!(values[0].as_f64() > Some(0.0));
    }
    let tens = all(&read(&WIDE, "{log: [1e-14, 1], num: 15}").unwrap());
    let expected: Vec<f64> = (0..15).map(|at| format!("1e{}", at - 14).parse().unwrap()).collect();
    assert_eq!(tens, expected.into_iter().map(Value::Float).collect::<Vec<_>>());
    assert_eq!(all(&read(&WIDE, "{linear: [-1, 1], num: 3}").unwrap())[1], Value::Float(0.0));
}

#[test]
fn no_range_is_too_wide() {
    for text in [
        "{uniform: [-1e308, 1e308]}",
        "{uniform: [-1.7976931348623157e308, 1.7976931348623157e308]}",
        "{linear: [-1e308, 1e308], num: 5}",
        "{linear: [-1.7976931348623157e308, 1.7976931348623157e308], num: 1000}",
        "{log_uniform: [5e-324, 1.7976931348623157e308]}",
        "{log: [5e-324, 1.7976931348623157e308], num: 50}",
    ] {
        let domain = read(&WIDE, text).unwrap();
        let (low, high) = (domain.ends()[0].as_f64().unwrap(), domain.ends()[1].as_f64().unwrap());
        for unit in [0.0, 1e-17, 0.25, 0.5, 0.75, 1.0 - f64::EPSILON / 2.0] {
            let value = domain.at(unit);
            let x = value.as_f64().unwrap();
            assert!(x.is_finite() && low <= x && x <= high, "{text} at {unit}: {x}");
            let again = domain.unit_of(&value).unwrap();
            assert!(domain.count().is_some() || (again - unit).abs() < 1e-9, "{text} at {unit}: {again}");
        }
    }
    let wide = read(&WIDE, "{linear: [-1e308, 1e308], num: 5}").unwrap();
    assert_eq!(all(&wide), [-1e308, -5e307, 0.0, 5e307, 1e308].map(Value::Float));
    assert_eq!(read(&WIDE, "{uniform: [-1e308, 1e308]}").unwrap().at(0.75), Value::Float(5e307));
}

#[test]
fn draws_stay_inside() {
    for text in ["{uniform: [1, 2]}", "{log_uniform: [1, 2]}", "{linear: [1, 2], num: 3}", "[1, 2]"] {
        let domain = read(&RATE, text).unwrap();
        for unit in [0.0, 0.3, 1.0 - f64::EPSILON / 2.0] {
            let value = domain.at(unit).as_f64().unwrap();
            assert!((1.0..=2.0).contains(&value), "{text} {unit} {value}");
        }
    }
}

#[test]
fn coordinates_are_where_values_are() {
    for text in
        ["{uniform: [1, 2]}", "{log_uniform: [1, 2]}", "{linear: [1, 2], num: 3}", "{log: [1, 8], num: 4}", "[3, 1, 2]"]
    {
        let domain = read(&RATE, text).unwrap();
        for unit in [0.0, 0.2, 0.5, 0.9] {
            let value = domain.at(unit);
            assert_eq!(domain.at(domain.unit_of(&value).unwrap()), value, "{text} {unit}");
        }
    }
    let stepped = read(&COUNT, "{int: [1, 10], step: 4}").unwrap();
    assert_eq!([1, 5, 9].map(|n| stepped.at(stepped.unit_of(&Value::Int(n)).unwrap())), [1, 5, 9].map(Value::Int));
    assert_eq!(read(&RATE, "[1, 2]").unwrap().unit_of(&Value::Float(3.0)), None);
}

#[test]
fn refuses_what_cannot_be_varied() {
    for (kind, text, message) in [
        (&RATE, "[]", "f:1:1: k is varied over an empty list"),
        (&RATE, "[1, x]", "f:1:5: k would become 'x', expected a number from 0 to 10"),
        (&RATE, "[1, 1.0]", "f:1:5: k is varied over '1.0' twice"),
        (&RATE, "{log: [0, 1], num: 3}", "log of k starts at 0, but a logarithm"),
        (&RATE, "{log_uniform: [-1, 1]}", "log_uniform of k starts at -1"),
        (&RATE, "{linear: [0, 11], num: 3}", "k would become '11.0', expected a number from 0 to 10"),
        (&RATE, "{linear: [0, 1]}", "linear of k has no num"),
        (&RATE, "{linear: [0, 1], num: 0}", "num of k is '0'"),
        (&RATE, "{linear: [0, 1], num: 1e18}", "num of k is '1e18'"),
        (&RATE, "{linear: [.nan, 1], num: 3}", "two finite numbers"),
        (&RATE, "{uniform: [2, 1]}", "low ≤ high"),
        (&RATE, "{linear: [1, 1.0000000000001], num: 3}", "some are equal to 12 digits"),
        (&RATE, "{linear: [1, 1.00000000002], num: 5}", "some are equal to 12 digits"),
        (&RATE, "{linear: [1.00000000000049, 2], num: 1000000000000}", "some are equal to 12 digits"),
        (&RATE, "{log: [1, 1.0000000001], num: 20}", "some are equal to 12 digits"),
        (&RATE, "{log: [1e-308, 1e-308], num: 2}", "2 values of k from 1e-308 to 1e-308"),
        (&RATE, "{lineer: [2, 1], num: 2}", "did you mean 'linear'"),
        (&RATE, "{linear: [2, 1], num: 2}", "low ≤ high (did you mean '[1, 2]'?)"),
        (&RATE, "{log: [1, 2, 5]}", "(did you mean '{log: [1, 2], num: 5}'?)"),
        (
            &Kind::Sizes { at_least: 2, at_most: 9, max: 1000 },
            "[500, 200, 3]",
            "f:1:2: k would become '500', expected a list of 2 to 9 integers from 1 to 1000 (did you mean '[[500, 200, 3]]'?)",
        ),
        (&COUNT, "{int: [1, 9], step: 0}", "step of k is '0', expected an integer of at least 1"),
        (&RATE, "{uniform: [1, 9], step: 2}", "step with uniform"),
        (&RATE, "3", "k is varied over '3', expected a list"),
        (&COUNT, "{linear: [1, 2], num: 3}", "k would become 1.5, expected integers"),
        (&COUNT, "[\"3\"]", "k would become the text '3', expected an integer"),
        (
            &Kind::Word(&["fast", "reference"]),
            "[fats]",
            "k would become 'fats', expected fast or reference (did you mean 'fast'?)",
        ),
        (&COUNT, "{uniform: [1, 2]}", "which holds integers"),
    ] {
        let error = read(kind, text).unwrap_err();
        assert!(error.contains(message), "{text}: {error}");
    }
}
