//! A single number in the bytes of an .npy file.

use npyz::{DType, NpyFile, NpyHeader, TypeChar};

use super::header::parse;

/// The most bytes of an .npy file that holds a single number: a header, and the longest number.
pub const LONGEST_SINGLE: u64 = 4096 + 32;

/// Returns the only element of an array, which may have any number of axes. Further bytes are ignored.
///
/// # Errors
/// With a description of the array if it has another number of elements, or one that is not a number that float64 holds.
pub fn single(bytes: &[u8]) -> Result<f64, String> {
    let (header, begin) = parse(bytes)?;
    if header.shape().iter().any(|length| *length != 1) {
        return Err(format!("of shape {:?}", header.shape()));
    }
    let DType::Plain(plain) = header.dtype() else { return Err("of records".into()) };
    let data = &bytes[begin..];
    let exact = |integer: i128| {
        let number = integer as f64;
        if number as i128 == integer { Ok(number) } else { Err(format!("{integer}, which float64 does not hold")) }
    };
    match (plain.type_char(), plain.size_field()) {
        (TypeChar::Float, 8) => first::<f64>(header, data),
        (TypeChar::Float, 4) => first::<f32>(header, data).map(f64::from),
        (TypeChar::Int, 8) => first::<i64>(header, data).and_then(|x| exact(x.into())),
        (TypeChar::Int, 4) => first::<i32>(header, data).map(f64::from),
        (TypeChar::Int, 2) => first::<i16>(header, data).map(f64::from),
        (TypeChar::Int, 1) => first::<i8>(header, data).map(f64::from),
        (TypeChar::Uint, 8) => first::<u64>(header, data).and_then(|x| exact(x.into())),
        (TypeChar::Uint, 4) => first::<u32>(header, data).map(f64::from),
        (TypeChar::Uint, 2) => first::<u16>(header, data).map(f64::from),
        (TypeChar::Uint, 1) => first::<u8>(header, data).map(f64::from),
        (TypeChar::Bool, 1) => first::<bool>(header, data).map(f64::from),
        _other => Err(format!("of elements {}", header.dtype().descr())),
    }
}

fn first<T: npyz::Deserialize>(header: NpyHeader, data: &[u8]) -> Result<T, String> {
    let mut elements = NpyFile::with_header(header, data).data::<T>().map_err(|error| error.to_string())?;
    let element = elements.next().ok_or("without elements")?;
    element.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
        [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), data].concat()
    }

    #[test]
    fn a_single_number_of_any_type() {
        for (descr, shape, data, number) in [
            ("<f8", "()", &1.5_f64.to_le_bytes()[..], 1.5),
            (">f8", "(1,)", &1.5_f64.to_be_bytes(), 1.5),
            ("<f4", "(1, 1)", &0.1_f32.to_le_bytes(), f64::from(0.1_f32)),
            ("<i8", "()", &(-3_i64).to_le_bytes(), -3.0),
            ("|u1", "()", &[200], 200.0),
            ("|b1", "()", &[1], 1.0),
        ] {
            assert_eq!(single(&npy(descr, shape, data)), Ok(number), "{descr}");
        }
        for (descr, shape, data, told) in [
            ("<f8", "(2,)", &[0; 16][..], "of shape [2]"),
            ("<f8", "(0,)", &[], "of shape [0]"),
            ("<U3", "()", &[0; 12], "of elements '<U3'"),
            ("<f8", "()", &[0; 4], ""),
            ("<i8", "()", &i64::MAX.to_le_bytes(), "9223372036854775807, which float64 does not hold"),
        ] {
            let said = single(&npy(descr, shape, data)).unwrap_err();
            assert!(said.contains(told), "{descr} {shape}: {said}");
        }
        assert!(single(b"PK").is_err() && single(b"").is_err());
        assert!(single(&npy("<f8", "()", &[])[..20]).is_err());
    }
}
