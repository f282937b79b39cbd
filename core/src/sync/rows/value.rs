//! One field of a row, as JSON reads it. The server's binary forms are its `*_send` functions.

use serde_json::{Number, Value};

use crate::model::Instant;
use crate::sync::mapping::Wire;

/// Microseconds from 1970 to 2000, where the server's moments begin.
const EPOCH_MICROS: i64 = 946_684_800_000_000;
const DAY_MICROS: i64 = 86_400_000_000;

/// The value of a field; what is wrong with it is said in words.
pub(super) fn value(wire: Wire, bytes: &[u8]) -> Result<Value, String> {
    match wire {
        Wire::Text => Ok(Value::String(text(bytes)?.to_owned())),
        Wire::Bool => Ok(Value::Bool(fixed::<1>(bytes)? != [0])),
        Wire::Int2 => Ok(i16::from_be_bytes(fixed(bytes)?).into()),
        Wire::Int4 => Ok(i32::from_be_bytes(fixed(bytes)?).into()),
        Wire::Int8 => Ok(i64::from_be_bytes(fixed(bytes)?).into()),
        // By its shortest decimal, so that a real column of 3.7 is the 3.7 that its user wrote.
        Wire::Float4 => number(decimal(f32::from_be_bytes(fixed(bytes)?))?),
        Wire::Float8 => number(f64::from_be_bytes(fixed(bytes)?)),
        Wire::Numeric => number(numeric(bytes)?),
        Wire::Moment => moment(i64::from_be_bytes(fixed(bytes)?)),
        Wire::Date => {
            let days = i64::from(i32::from_be_bytes(fixed(bytes)?));
            moment(days.saturating_mul(DAY_MICROS))
        }
        Wire::Uuid => Ok(Value::String(uuid(&fixed(bytes)?))),
        Wire::Json => json(bytes),
        Wire::Jsonb => match bytes.split_first() {
            Some((1, rest)) => json(rest),
            _ => Err("is jsonb of a version that is not known".to_owned()),
        },
        Wire::Texts => {
            fn read(element: Option<&[u8]>) -> Result<Option<&str>, String> {
                element.map(text).transpose()
            }
            let values = elements(bytes, read)?;
            Ok(values.into_iter().flatten().map(|value| Value::String(value.to_owned())).collect())
        }
        Wire::Float4s | Wire::Float8s | Wire::Bytes => {
            Err("holds numbers of an embedding".to_owned())
        }
    }
}

/// The numbers of an embedding.
pub(super) fn embedding(wire: Wire, bytes: &[u8]) -> Result<Vec<f32>, String> {
    let none = || "has an element that is NULL".to_owned();
    match wire {
        Wire::Float4s => {
            elements(bytes, |element| Ok(f32::from_be_bytes(fixed(element.ok_or_else(none)?)?)))
        }
        Wire::Float8s => elements(bytes, |element| {
            Ok(f64::from_be_bytes(fixed(element.ok_or_else(none)?)?) as f32)
        }),
        Wire::Bytes if bytes.len().is_multiple_of(4) => {
            let (numbers, _) = bytes.as_chunks::<4>();
            Ok(numbers.iter().map(|number| f32::from_le_bytes(*number)).collect())
        }
        Wire::Bytes => Err(format!("has {} bytes; float32 takes 4 each", bytes.len())),
        _ => Err("is no list of numbers".to_owned()),
    }
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], String> {
    bytes.try_into().map_err(|_| format!("has {} bytes where its type has {N}", bytes.len()))
}

fn number(number: f64) -> Result<Value, String> {
    // A whole number stays one, so that it fits a field of whole numbers.
    if number.fract() == 0.0 && number.abs() < 9e15 {
        return Ok((number as i64).into());
    }
    Number::from_f64(number)
        .map(Value::Number)
        .ok_or_else(|| format!("is {number}, which is no finite number"))
}

fn decimal(number: f32) -> Result<f64, String> {
    number.to_string().parse().map_err(|_| "is no number".to_owned())
}

fn moment(since_2000: i64) -> Result<Value, String> {
    let beyond = || "is infinite or out of the years -9999 to 9999".to_owned();
    let micros = since_2000.checked_add(EPOCH_MICROS).ok_or_else(beyond)?;
    let moment = Instant::from_micros(micros).map_err(|_| beyond())?;
    Ok(Value::String(moment.to_string()))
}

fn uuid(bytes: &[u8; 16]) -> String {
    let hex = format!("{:032x}", u128::from_be_bytes(*bytes));
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

fn json(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("is JSON that does not parse: {error}"))
}

/// A numeric: digits of base 10,000, the weight of the first, a sign, and how many decimals are shown.
fn numeric(bytes: &[u8]) -> Result<f64, String> {
    let (words, rest) = bytes.as_chunks::<2>();
    let [count, weight, sign, _scale, digits @ ..] = words else {
        return Err("is a numeric that is cut short".to_owned());
    };
    if !rest.is_empty() || usize::from(u16::from_be_bytes(*count)) != digits.len() {
        return Err("is a numeric of another length than it says".to_owned());
    }
    let sign = match u16::from_be_bytes(*sign) {
        0x0000 => "",
        0x4000 => "-",
        0xC000 => return Ok(f64::NAN),
        _ => return Ok(f64::INFINITY),
    };
    // As decimal text, so that the nearest f64 is found by the one routine that does it right.
    let mut text = format!("{sign}0");
    for digit in digits {
        use std::fmt::Write;
        let _ = write!(text, "{:04}", u16::from_be_bytes(*digit));
    }
    let exponent = 4 * (i64::from(i16::from_be_bytes(*weight)) + 1 - digits.len() as i64);
    format!("{text}e{exponent}").parse().map_err(|_| "is a numeric that does not parse".to_owned())
}

/// The elements of an array of one dimension (or of none, which is empty).
fn elements<'a, T>(
    bytes: &'a [u8],
    read: impl Fn(Option<&'a [u8]>) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let cut = || "is an array that is cut short".to_owned();
    let mut rest = bytes;
    let word = |rest: &mut &'a [u8]| -> Result<i32, String> {
        let (head, tail) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
        *rest = tail;
        Ok(i32::from_be_bytes(*head))
    };
    let dimensions = word(&mut rest)?;
    word(&mut rest)?; // whether there are NULLs
    word(&mut rest)?; // the type of the elements
    if dimensions == 0 {
        return Ok(Vec::new());
    }
    if dimensions != 1 {
        return Err(format!("is an array of {dimensions} dimensions; it takes one"));
    }
    let count = usize::try_from(word(&mut rest)?).map_err(|_| cut())?;
    word(&mut rest)?; // where it begins to count
    // Each element has a length of four bytes at least.
    if count > rest.len() / 4 {
        return Err(cut());
    }
    let mut values = Vec::with_capacity(count);
    for _ in 0..count {
        let element = match usize::try_from(word(&mut rest)?) {
            Err(_) => None,
            Ok(length) => {
                let (element, tail) = rest.split_at_checked(length).ok_or_else(cut)?;
                rest = tail;
                Some(element)
            }
        };
        values.push(read(element)?);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(values: &[i16]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_be_bytes()).collect()
    }

    #[test]
    fn numerics_become_the_nearest_number() {
        for (form, expected) in [
            (vec![0, 0, 0, 0], 0.0),
            (vec![1, 0, 0, 0, 150], 150.0),
            (vec![2, 0, 0, 2, 99, 9900], 99.99),
            (vec![1, -1, 0x4000, 4, 1], -0.0001),
            (vec![2, 1, 0, 0, 12, 3456], 123_456.0),
            (vec![1, 2, 0, 0, 1], 100_000_000.0),
        ] {
            assert_eq!(numeric(&words(&form)), Ok(expected));
        }
        assert!(numeric(&words(&[5, 0, 0, 0, 1])).is_err());
        assert!(value(Wire::Numeric, &words(&[0, 0, -16384, 0])).is_err(), "NaN is no number");
    }

    #[test]
    fn moments_count_from_2000() {
        assert_eq!(value(Wire::Moment, &0_i64.to_be_bytes()), Ok("2000-01-01T00:00:00Z".into()));
        assert_eq!(value(Wire::Date, &1_i32.to_be_bytes()), Ok("2000-01-02T00:00:00Z".into()));
        assert!(value(Wire::Moment, &i64::MAX.to_be_bytes()).is_err(), "infinity");
    }

    #[test]
    fn arrays_are_read_and_lies_refused() {
        let mut array: Vec<u8> =
            [1_i32, 0, 25, 2, 1].iter().flat_map(|word| word.to_be_bytes()).collect();
        array.extend_from_slice(&2_i32.to_be_bytes());
        array.extend_from_slice(b"ab");
        array.extend_from_slice(&(-1_i32).to_be_bytes());
        assert_eq!(value(Wire::Texts, &array), Ok(serde_json::json!(["ab"])));
        for end in 0..array.len() {
            assert!(value(Wire::Texts, &array[..end]).is_err(), "cut at {end}");
        }
        array[12..16].copy_from_slice(&i32::MAX.to_be_bytes());
        assert!(value(Wire::Texts, &array).is_err(), "a count that lies");
    }

    #[test]
    fn embeddings_come_in_each_of_their_forms() {
        let bytes: Vec<u8> =
            [0.5_f32, -1.0].iter().flat_map(|number| number.to_le_bytes()).collect();
        assert_eq!(embedding(Wire::Bytes, &bytes), Ok(vec![0.5, -1.0]));
        assert!(embedding(Wire::Bytes, &bytes[..7]).is_err());
    }

    #[test]
    fn a_real_is_the_decimal_that_was_written() {
        assert_eq!(value(Wire::Float4, &3.7_f32.to_be_bytes()), Ok(serde_json::json!(3.7)));
        assert_eq!(value(Wire::Float8, &3.0_f64.to_be_bytes()), Ok(serde_json::json!(3)));
    }
}
