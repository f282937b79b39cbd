//! Python's objects as the wire form: dicts, dataclasses, pydantic models and what stands in them.

use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyDate, PyDateTime, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyMapping, PySet,
    PyString, PyTuple,
};
use shortlist::{Error, limits};

use super::vector::vector;
use crate::error::exception;

/// How deep a value may nest; the engine's own limits lie below it.
const DEPTH: usize = 100;

/// An object in its wire form, but for its embedding, which does not go through text.
#[derive(Default)]
pub struct Wire {
    pub text: String,
    pub embedding: Embedding,
}

/// The embedding that an object brings.
#[derive(Default)]
pub enum Embedding {
    /// It says nothing of one.
    #[default]
    Absent,
    /// It says that there is none.
    Cleared,
    Given(Vec<f32>),
}

impl Embedding {
    pub fn given(self) -> Option<Vec<f32>> {
        match self {
            Embedding::Given(vector) => Some(vector),
            Embedding::Absent | Embedding::Cleared => None,
        }
    }
}

/// The wire form of one object: a mapping, dataclass or model. What an `AdvisorProfile` or a request leaves at none is
/// left out.
pub fn object(what: &str, value: &Bound<'_, PyAny>) -> PyResult<Wire> {
    let mut wire = Wire::default();
    let mut writer =
        Writer { out: String::with_capacity(256), embedding: Some(&mut wire.embedding) };
    if let Ok(dict) = value.cast::<PyDict>() {
        writer.dict(dict, 1)
    } else if let Some(fields) = fields(value).map_err(Fault::from).map_err(|f| f.named(what))? {
        writer.dict(&fields, 1)
    } else {
        Err(Fault::kind(value, "a mapping, a dataclass or a pydantic model"))
    }
    .map_err(|fault| fault.named(what))?;
    wire.text = writer.out;
    Ok(wire)
}

/// The wire form of keyword arguments; `if_` is what `if` would be, were it not Python's own word.
pub fn keywords(what: &str, fields: &Bound<'_, PyDict>) -> PyResult<Wire> {
    let mut wire = Wire::default();
    let mut writer =
        Writer { out: String::with_capacity(256), embedding: Some(&mut wire.embedding) };
    writer.dict(fields, 1).map_err(|fault| fault.named(what))?;
    wire.text = writer.out;
    Ok(wire)
}

/// The wire form of any value.
pub fn value(what: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    let mut writer = Writer { out: String::new(), embedding: None };
    writer.value(value, 1).map_err(|fault| fault.named(what))?;
    Ok(writer.out)
}

/// What a dataclass, a model or a mapping says of itself; none for anything else.
pub fn fields<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyDict>>> {
    let py = value.py();
    if let Ok(dict) = value.cast::<PyDict>() {
        return Ok(Some(dict.clone()));
    }
    if value.hasattr(pyo3::intern!(py, "model_dump"))? {
        let kwargs = PyDict::new(py);
        kwargs.set_item("exclude_none", true)?;
        let dump = value.call_method(pyo3::intern!(py, "model_dump"), (), Some(&kwargs))?;
        return Ok(dump.cast_into::<PyDict>().ok());
    }
    if let Ok(named) = value.getattr(pyo3::intern!(py, "__dataclass_fields__")) {
        let given = PyDict::new(py);
        for name in named.try_iter()? {
            let name = name?;
            let field = value.getattr(name.cast::<PyString>()?)?;
            if !field.is_none() {
                given.set_item(name, field)?;
            }
        }
        return Ok(Some(given));
    }
    match value.cast::<PyMapping>() {
        Ok(mapping) => {
            let copy = PyDict::new(py);
            copy.update(mapping)?;
            Ok(Some(copy))
        }
        Err(_) => Ok(None),
    }
}

struct Writer<'w> {
    out: String,
    /// Where the embedding of the outermost object goes.
    embedding: Option<&'w mut Embedding>,
}

/// What is wrong, and where: names are added on the way out.
enum Fault {
    Python(PyErr),
    Ours { path: String, made: Box<dyn FnOnce(String) -> Error> },
}

impl From<PyErr> for Fault {
    fn from(error: PyErr) -> Self {
        Fault::Python(error)
    }
}

impl Fault {
    fn new(made: impl FnOnce(String) -> Error + 'static) -> Self {
        Fault::Ours { path: String::new(), made: Box::new(made) }
    }

    fn kind(value: &Bound<'_, PyAny>, expected: &'static str) -> Self {
        let kind = value.get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string());
        let value = format!("of type {kind}");
        Fault::new(move |field| Error::WrongType { field, value, expected: expected.to_owned() })
    }

    fn range(value: String, expected: &'static str) -> Self {
        Fault::new(move |field| Error::OutOfRange { field, value, expected: expected.to_owned() })
    }

    fn within(self, name: &str) -> Self {
        match self {
            Fault::Ours { path, made } => {
                let name: String = name.chars().take(100).collect();
                // A thing that holds itself is as deep as it likes: its path need not be.
                let path = if path.is_empty() {
                    name
                } else if path.len() > 200 {
                    path
                } else {
                    format!("{name}.{path}")
                };
                Fault::Ours { path, made }
            }
            Fault::Python(error) => Fault::Python(error),
        }
    }

    fn named(self, what: &str) -> PyErr {
        match self {
            Fault::Python(error) => error,
            Fault::Ours { path, made } => {
                exception(&made(if path.is_empty() { what.to_owned() } else { path }))
            }
        }
    }
}

impl Writer<'_> {
    fn dict(&mut self, dict: &Bound<'_, PyDict>, depth: usize) -> Result<(), Fault> {
        self.out.push('{');
        let mut is_first = true;
        for (key, value) in dict {
            let key = match key.cast::<PyString>() {
                Ok(key) => key.clone(),
                Err(_) => return Err(Fault::kind(&key, "a string for a name")),
            };
            let name = text(&key)?;
            if depth == 1
                && name == "embedding"
                && let Some(embedding) = self.embedding.as_deref_mut()
            {
                *embedding = if value.is_none() {
                    Embedding::Cleared
                } else {
                    Embedding::Given(vector("embedding", &value)?)
                };
                continue;
            }
            if !is_first {
                self.out.push(',');
            }
            is_first = false;
            self.string(if depth == 1 && name == "if_" { "if" } else { &name });
            self.out.push(':');
            self.value(&value, depth + 1).map_err(|fault| fault.within(&name))?;
        }
        self.out.push('}');
        Ok(())
    }

    fn list<'py>(
        &mut self,
        values: impl Iterator<Item = Bound<'py, PyAny>>,
        depth: usize,
    ) -> Result<(), Fault> {
        self.out.push('[');
        for (at, value) in values.enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            self.value(&value, depth + 1)?;
        }
        self.out.push(']');
        Ok(())
    }

    fn value(&mut self, value: &Bound<'_, PyAny>, depth: usize) -> Result<(), Fault> {
        if depth > DEPTH {
            return Err(too_large(depth, DEPTH, "levels deep or more"));
        }
        if self.out.len() > limits::REQUEST_BYTES {
            return Err(too_large(self.out.len(), limits::REQUEST_BYTES, "bytes or more"));
        }
        if let Ok(string) = value.cast::<PyString>() {
            let shown = text(string)?;
            self.string(&shown);
        } else if value.is_none() {
            self.out.push_str("null");
        } else if let Ok(flag) = value.cast::<PyBool>() {
            self.out.push_str(if flag.is_true() { "true" } else { "false" });
        } else if let Ok(whole) = value.cast::<PyInt>() {
            self.whole(whole)?;
        } else if let Ok(float) = value.cast::<PyFloat>() {
            self.float(float.value())?;
        } else if let Ok(list) = value.cast::<PyList>() {
            self.list(list.iter(), depth)?;
        } else if let Ok(dict) = value.cast::<PyDict>() {
            self.dict(dict, depth)?;
        } else if let Ok(tuple) = value.cast::<PyTuple>() {
            self.list(tuple.iter(), depth)?;
        } else {
            self.rarer(value, depth)?;
        }
        Ok(())
    }

    fn rarer(&mut self, value: &Bound<'_, PyAny>, depth: usize) -> Result<(), Fault> {
        let py = value.py();
        if let Ok(set) = value.cast::<PySet>() {
            return self.list(set.iter(), depth);
        }
        if let Ok(set) = value.cast::<PyFrozenSet>() {
            return self.list(set.iter(), depth);
        }
        if let Ok(moment) = value.cast::<PyDateTime>() {
            if moment.call_method0("utcoffset")?.is_none() {
                const EXPECTED: &str =
                    "a datetime with a time zone, such as datetime.now(timezone.utc)";
                return Err(Fault::range("a datetime without a time zone".to_owned(), EXPECTED));
            }
            let shown: String = moment.call_method0("isoformat")?.extract()?;
            self.string(&shown);
            return Ok(());
        }
        if let Ok(day) = value.cast::<PyDate>() {
            let shown: String = day.call_method0("isoformat")?.extract()?;
            self.string(&format!("{shown}T00:00:00Z"));
            return Ok(());
        }
        if let Some(fields) = fields(value)? {
            return self.dict(&fields, depth);
        }
        // Members of an enum, numbers and arrays of numpy.
        for (name, is_call) in [("value", false), ("item", true), ("tolist", true)] {
            let is_wanted = match name {
                "value" => value.is_instance(&py.import("enum")?.getattr("Enum")?)?,
                "item" => {
                    value.hasattr("dtype")? && value.getattr("ndim")?.extract::<usize>()? == 0
                }
                _ => value.hasattr("dtype")?,
            };
            if is_wanted {
                let plain = value.getattr(name)?;
                let plain = if is_call { plain.call0()? } else { plain };
                return self.value(&plain, depth + 1);
            }
        }
        if value.is_instance(&py.import("decimal")?.getattr("Decimal")?)? {
            return self.float(value.extract::<f64>()?);
        }
        if value.is_instance(&py.import("uuid")?.getattr("UUID")?)? {
            let shown = value.str()?.to_string();
            self.string(&shown);
            return Ok(());
        }
        Err(Fault::kind(value, "text, a number, true or false, a moment, a list or a mapping"))
    }

    fn whole(&mut self, whole: &Bound<'_, PyInt>) -> Result<(), Fault> {
        use std::fmt::Write as _;
        if let Ok(small) = whole.extract::<i64>() {
            let _ = write!(self.out, "{small}");
            return Ok(());
        }
        match whole.extract::<f64>() {
            Ok(large) => self.float(large),
            Err(error) if error.is_instance_of::<PyOverflowError>(whole.py()) => {
                Err(Fault::range("a number beyond all floats".to_owned(), "a finite number"))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn float(&mut self, number: f64) -> Result<(), Fault> {
        use std::fmt::Write as _;
        if !number.is_finite() {
            return Err(Fault::range(number.to_string(), "a finite number"));
        }
        let _ = write!(self.out, "{number:?}");
        Ok(())
    }

    fn string(&mut self, text: &str) {
        use std::fmt::Write as _;
        self.out.push('"');
        let mut from = 0;
        for (at, byte) in text.bytes().enumerate() {
            let escaped = match byte {
                b'"' => "\\\"",
                b'\\' => "\\\\",
                b'\n' => "\\n",
                b'\r' => "\\r",
                b'\t' => "\\t",
                0..0x20 => "",
                _ => continue,
            };
            self.out.push_str(&text[from..at]);
            self.out.push_str(escaped);
            if escaped.is_empty() {
                let _ = write!(self.out, "\\u{byte:04x}");
            }
            from = at + 1;
        }
        self.out.push_str(&text[from..]);
        self.out.push('"');
    }
}

fn too_large(found: usize, limit: usize, unit: &'static str) -> Fault {
    Fault::new(move |field| Error::TooLarge {
        field,
        found: found as u64,
        limit: limit as u64,
        unit,
    })
}

/// A string's text; Python's may hold halves of characters, which no text does.
fn text<'s>(string: &'s Bound<'_, PyString>) -> Result<std::borrow::Cow<'s, str>, Fault> {
    string.to_cow().map_err(|_| {
        Fault::new(|field| Error::Malformed {
            what: field,
            reason: "it holds half a character (a lone surrogate), which is no text".to_owned(),
        })
    })
}

/// A string's text, for whoever names it.
pub fn text_of<'s>(
    what: &str,
    string: &'s Bound<'_, PyString>,
) -> PyResult<std::borrow::Cow<'s, str>> {
    text(string).map_err(|fault| fault.named(what))
}
