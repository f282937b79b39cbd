//! A predicate as bytes: the same for two that say the same in another order, different for any others.

use super::predicate::{Leaf, Predicate};
use crate::model::field::FieldRef;

/// Writes that every one of the parts holds. Cost: the bytes, and a sort of those of each list of parts.
pub(crate) fn write_all<'a>(parts: impl IntoIterator<Item = &'a Predicate>, to: &mut Vec<u8>) {
    let mut flat = Vec::new();
    parts.into_iter().for_each(|part| flatten(part, &mut flat));
    write_set(0, &flat, to);
}

/// What `and` joins, however it is nested.
fn flatten<'a>(part: &'a Predicate, flat: &mut Vec<&'a Predicate>) {
    match part {
        Predicate::And(parts) => parts.iter().for_each(|part| flatten(part, flat)),
        other => flat.push(other),
    }
}

fn write(predicate: &Predicate, to: &mut Vec<u8>) {
    match predicate {
        Predicate::And(_) => write_all([predicate], to),
        Predicate::Or(parts) => write_set(1, &parts.iter().collect::<Vec<_>>(), to),
        Predicate::Not(part) => {
            to.push(2);
            write(part, to);
        }
        Predicate::Leaf(leaf) => write_leaf(leaf, to),
    }
}

/// The parts in the order of their bytes, each once. Each says where it ends, so their number before them is enough.
fn write_set(tag: u8, parts: &[&Predicate], to: &mut Vec<u8>) {
    to.push(tag);
    let count_at = to.len();
    number(0, to);
    let start = to.len();
    let mut spans = Vec::with_capacity(parts.len());
    for part in parts {
        let from = to.len();
        write(part, to);
        spans.push(from..to.len());
    }
    if !spans.is_sorted_by(|a, b| to[a.clone()] < to[b.clone()]) {
        spans.sort_unstable_by(|a, b| to[a.clone()].cmp(&to[b.clone()]));
        spans.dedup_by(|a, b| to[a.clone()] == to[b.clone()]);
        let sorted: Vec<u8> = spans.iter().flat_map(|span| &to[span.clone()]).copied().collect();
        to.truncate(start);
        to.extend_from_slice(&sorted);
    }
    to[count_at..start].copy_from_slice(&(spans.len() as u32).to_le_bytes());
}

fn write_leaf(leaf: &Leaf, to: &mut Vec<u8>) {
    match leaf {
        Leaf::HasAny { place, codes } => {
            to.push(3);
            number(*place as u32, to);
            numbers(codes, to);
        }
        Leaf::Compare { place, comparison, value } => {
            to.extend_from_slice(&[4, *comparison as u8]);
            number(*place as u32, to);
            // The two zeros compare alike.
            to.extend_from_slice(&(value + 0.0).to_bits().to_le_bytes());
        }
        Leaf::CompareFields { left, comparison, right } => {
            to.extend_from_slice(&[5, *comparison as u8]);
            number(*left as u32, to);
            number(*right as u32, to);
        }
        Leaf::Is { place, value } => {
            to.extend_from_slice(&[6, u8::from(*value)]);
            number(*place as u32, to);
        }
        Leaf::Exists(field) => {
            to.push(7);
            write_field(*field, to);
        }
        Leaf::Rows(rows) => {
            to.push(8);
            numbers(rows, to);
        }
        Leaf::Near { place, centre, radius_km } => {
            to.push(9);
            number(*place as u32, to);
            for value in [centre.lat(), centre.lon(), *radius_km] {
                to.extend_from_slice(&(value + 0.0).to_bits().to_le_bytes());
            }
        }
        Leaf::Free { place, from, to: until, minutes } => {
            to.push(10);
            number(*place as u32, to);
            number(*minutes, to);
            for moment in [from, until] {
                to.extend_from_slice(&moment.micros().to_le_bytes());
            }
        }
    }
}

fn write_field(field: FieldRef, to: &mut Vec<u8>) {
    let (tag, place) = match field {
        FieldRef::Id => (0, 0),
        FieldRef::String(string) => (1, string as usize),
        FieldRef::Keywords(place) => (2, place),
        FieldRef::Number(place) => (3, place),
        FieldRef::Date(place) => (4, place),
        FieldRef::Flag(place) => (5, place),
        FieldRef::Text(place) => (6, place),
        FieldRef::Embedding => (7, 0),
        FieldRef::Details => (8, 0),
        FieldRef::Attributes => (9, 0),
        FieldRef::Geo(place) => (10, place),
        FieldRef::Availability(place) => (11, place),
    };
    to.push(tag);
    number(place as u32, to);
}

fn number(number: u32, to: &mut Vec<u8>) {
    to.extend_from_slice(&number.to_le_bytes());
}

fn numbers(numbers: &[u32], to: &mut Vec<u8>) {
    number(numbers.len() as u32, to);
    to.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Comparison, GeoPoint};

    fn bytes(parts: &[Predicate]) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_all(parts, &mut bytes);
        bytes
    }

    fn at_least(place: usize, value: f64) -> Predicate {
        Predicate::Leaf(Leaf::Compare { place, comparison: Comparison::Gte, value })
    }

    fn any(place: usize, codes: &[u32]) -> Predicate {
        Predicate::Leaf(Leaf::HasAny { place, codes: codes.to_vec() })
    }

    #[test]
    fn order_nesting_and_repetition_change_nothing() {
        let (a, b, c) = (at_least(1, 4.0), any(0, &[3, 7]), at_least(2, 0.0));
        let plain = bytes(&[a.clone(), b.clone(), c.clone()]);
        let nested = Predicate::And(vec![c.clone(), Predicate::And(vec![b.clone()]), a.clone()]);
        assert_eq!(bytes(&[nested]), plain);
        assert_eq!(bytes(&[b.clone(), a.clone(), c, b.clone(), at_least(2, -0.0)]), plain);
        let either = |parts: [&Predicate; 2]| Predicate::Or(parts.map(Clone::clone).to_vec());
        assert_eq!(bytes(&[either([&a, &b])]), bytes(&[either([&b, &a])]));
    }

    fn near(lat: f64, radius_km: f64) -> Predicate {
        let centre = GeoPoint::new(lat, 5.0).expect("degrees of the earth");
        Predicate::Leaf(Leaf::Near { place: 1, centre, radius_km })
    }

    #[test]
    fn what_says_something_else_is_something_else() {
        let (a, b) = (at_least(1, 4.0), any(0, &[3, 7]));
        let not = |part: &Predicate| Predicate::Not(Box::new(part.clone()));
        let different = [
            vec![],
            vec![a.clone()],
            vec![b.clone()],
            vec![a.clone(), b.clone()],
            vec![Predicate::Or(vec![a.clone(), b.clone()])],
            vec![not(&a), b.clone()],
            vec![a.clone(), not(&b)],
            vec![not(&Predicate::And(vec![a.clone(), b.clone()]))],
            vec![at_least(1, 4.5)],
            vec![at_least(2, 4.0)],
            vec![any(0, &[3]), any(0, &[7])],
            vec![any(0, &[3])],
            vec![any(1, &[3, 7])],
            vec![Predicate::Or(vec![])],
            vec![Predicate::Leaf(Leaf::Exists(FieldRef::Keywords(0)))],
            vec![Predicate::Leaf(Leaf::Exists(FieldRef::Flag(0)))],
            vec![Predicate::Leaf(Leaf::Rows(vec![3, 7]))],
            vec![near(1.0, 5.0)],
            vec![near(1.0, 6.0)],
            vec![near(2.0, 5.0)],
        ];
        for (at, one) in different.iter().enumerate() {
            for other in &different[at + 1..] {
                assert_ne!(bytes(one), bytes(other), "{one:?} and {other:?}");
            }
        }
    }
}
