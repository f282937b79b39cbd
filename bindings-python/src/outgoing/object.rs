//! Serde's data as Python's own objects: one pass, no text in between.

use std::fmt;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyNone, PyString};
use serde::ser::{self, Serialize};

/// How the names of fields are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// As Python writes them.
    Snake,
    /// Somebody's own words, which are left alone.
    Own,
}

impl Names {
    /// The name of a field, and the names of what is in it.
    fn of(self, key: &str) -> (String, Self) {
        match self {
            Names::Snake if matches!(key, "attributes" | "details" | "facets") => {
                (key.to_owned(), Names::Own)
            }
            // `attributes.x` is x's owner's word.
            Names::Snake if key.contains('.') => (key.to_owned(), Names::Own),
            Names::Snake => (snake(key), Names::Snake),
            Names::Own => (key.to_owned(), Names::Own),
        }
    }
}

/// A camelCase name in `snake_case`.
pub fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// Anything that has a wire form, as dicts, lists, strings and numbers.
pub fn to_object<'py>(
    py: Python<'py>,
    value: &(impl Serialize + ?Sized),
    names: Names,
) -> PyResult<Bound<'py, PyAny>> {
    value.serialize(Writer { py, names }).map_err(|fault| fault.0)
}

#[derive(Clone, Copy)]
struct Writer<'py> {
    py: Python<'py>,
    names: Names,
}

/// What Python says of an object that it cannot make.
#[derive(Debug)]
pub struct Fault(PyErr);

impl From<PyErr> for Fault {
    fn from(error: PyErr) -> Self {
        Self(error)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Fault {}

impl ser::Error for Fault {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self(pyo3::exceptions::PyRuntimeError::new_err(text.to_string()))
    }
}

type Made<'py> = Result<Bound<'py, PyAny>, Fault>;

macro_rules! whole {
    ($($name:ident: $kind:ty),*) => {$(
        fn $name(self, value: $kind) -> Made<'py> {
            Ok(PyInt::new(self.py, value).into_any())
        }
    )*};
}

impl<'py> ser::Serializer for Writer<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Fault;
    type SerializeSeq = Sequence<'py>;
    type SerializeTuple = Sequence<'py>;
    type SerializeTupleStruct = Sequence<'py>;
    type SerializeTupleVariant = ser::Impossible<Bound<'py, PyAny>, Fault>;
    type SerializeMap = Map<'py>;
    type SerializeStruct = Map<'py>;
    type SerializeStructVariant = ser::Impossible<Bound<'py, PyAny>, Fault>;

    whole!(
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64
    );

    fn serialize_bool(self, value: bool) -> Made<'py> {
        Ok(PyBool::new(self.py, value).to_owned().into_any())
    }

    fn serialize_f32(self, value: f32) -> Made<'py> {
        // As its shortest text reads: what the wire form says, and not what widening makes of it.
        let shown = value.to_string().parse().unwrap_or_else(|_| f64::from(value));
        Ok(PyFloat::new(self.py, shown).into_any())
    }

    fn serialize_f64(self, value: f64) -> Made<'py> {
        Ok(PyFloat::new(self.py, value).into_any())
    }

    fn serialize_char(self, value: char) -> Made<'py> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Made<'py> {
        Ok(PyString::new(self.py, value).into_any())
    }

    fn serialize_bytes(self, value: &[u8]) -> Made<'py> {
        Ok(pyo3::types::PyBytes::new(self.py, value).into_any())
    }

    fn serialize_none(self) -> Made<'py> {
        Ok(PyNone::get(self.py).to_owned().into_any())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Made<'py> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Made<'py> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Made<'py> {
        self.serialize_none()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Made<'py> {
        self.serialize_str(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Made<'py> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Made<'py> {
        let map = PyDict::new(self.py);
        map.set_item(name, value.serialize(self)?)?;
        Ok(map.into_any())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Sequence<'py>, Fault> {
        Ok(Sequence { writer: self, list: PyList::empty(self.py) })
    }

    fn serialize_tuple(self, _: usize) -> Result<Sequence<'py>, Fault> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Sequence<'py>, Fault> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Fault> {
        Err(ser::Error::custom("no answer has a tuple for a variant"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Map<'py>, Fault> {
        Ok(Map { writer: self, dict: PyDict::new(self.py), key: None, raw: None })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Map<'py>, Fault> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Fault> {
        Err(ser::Error::custom("no answer has a struct for a variant"))
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Made<'py> {
        self.serialize_str(&value.to_string())
    }
}

struct Sequence<'py> {
    writer: Writer<'py>,
    list: Bound<'py, PyList>,
}

impl<'py> Sequence<'py> {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        Ok(self.list.append(value.serialize(self.writer)?)?)
    }
}

macro_rules! sequence {
    ($($kind:ident, $method:ident);*) => {$(
        impl<'py> ser::$kind for Sequence<'py> {
            type Ok = Bound<'py, PyAny>;
            type Error = Fault;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
                self.push(value)
            }

            fn end(self) -> Made<'py> {
                Ok(self.list.into_any())
            }
        }
    )*};
}

sequence!(
    SerializeSeq, serialize_element;
    SerializeTuple, serialize_element;
    SerializeTupleStruct, serialize_field
);

/// The name by which `serde_json` marks text that is JSON already.
const RAW: &str = "$serde_json::private::RawValue";

struct Map<'py> {
    writer: Writer<'py>,
    dict: Bound<'py, PyDict>,
    key: Option<(Bound<'py, PyString>, Names)>,
    /// What the whole is where it was JSON already.
    raw: Option<Bound<'py, PyAny>>,
}

impl<'py> Map<'py> {
    fn name(&self, key: &str) -> (Bound<'py, PyString>, Names) {
        let (name, inner) = self.writer.names.of(key);
        (PyString::intern(self.writer.py, &name), inner)
    }

    fn put<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Fault> {
        let Writer { py, .. } = self.writer;
        if key == RAW {
            let text = value.serialize(self.writer)?;
            let loaded = py.import("json")?.call_method1("loads", (text,))?;
            self.raw = Some(match loaded.cast_into::<PyDict>() {
                Ok(fields) => self.renamed(&fields)?.into_any(),
                Err(other) => other.into_inner(),
            });
            return Ok(());
        }
        let (name, names) = self.name(key);
        Ok(self.dict.set_item(name, value.serialize(Writer { py, names })?)?)
    }

    /// A listing that was written before, by the names of this writer.
    fn renamed(&self, fields: &Bound<'py, PyDict>) -> Result<Bound<'py, PyDict>, Fault> {
        let renamed = PyDict::new(self.writer.py);
        for (key, value) in fields {
            let key = key.cast::<PyString>().map_err(PyErr::from)?.to_string();
            renamed.set_item(self.name(&key).0, value)?;
        }
        Ok(renamed)
    }

    fn finish(self) -> Bound<'py, PyAny> {
        self.raw.unwrap_or_else(|| self.dict.into_any())
    }
}

impl<'py> ser::SerializeMap for Map<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fault> {
        let key = key.serialize(self.writer)?;
        let key = key.cast::<PyString>().map_err(PyErr::from)?;
        self.key = Some(self.name(&key.to_string()));
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let Some((key, names)) = self.key.take() else {
            return Err(ser::Error::custom("a value without a key"));
        };
        let writer = Writer { names, ..self.writer };
        Ok(self.dict.set_item(key, value.serialize(writer)?)?)
    }

    fn serialize_entry<K: Serialize + ?Sized, T: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &T,
    ) -> Result<(), Fault> {
        self.serialize_key(key)?;
        self.serialize_value(value)
    }

    fn end(self) -> Made<'py> {
        Ok(self.finish())
    }
}

impl<'py> ser::SerializeStruct for Map<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        self.put(key, value)
    }

    fn end(self) -> Made<'py> {
        Ok(self.finish())
    }
}
