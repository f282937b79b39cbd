//! A mapping against the database as it is: what fits, what does not, what is read.

use postgres::Transaction;
use postgres::types::Type;
use xxhash_rust::xxh3::xxh3_64;

use super::column::{Column, Target, fits, folded, kind_of};
use super::{Mapping, Wire};
use crate::model::field::{FIELDS, FieldRef};
use crate::model::{Attribute, Error, Schema, nearest_name};
use crate::sync::address::Address;
use crate::sync::failure::{Outcome, at, unfit};

/// The table whose rows are the profiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sync) struct Relation {
    pub(in crate::sync) schema: String,
    pub(in crate::sync) name: String,
    /// The file it lies in: another one where a change of its definition has written all rows anew.
    file: i64,
    /// Whether it is something that the server lets one lock.
    lockable: bool,
}

impl Relation {
    /// As SQL names it.
    pub(in crate::sync) fn sql(&self) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&self.name))
    }
}

/// What is read, and how: the mapping once it has met the database.
#[derive(Clone, Debug)]
pub(in crate::sync) struct Resolved {
    pub(in crate::sync) table: Relation,
    /// The table, or the query in brackets.
    pub(in crate::sync) rows: String,
    /// The id comes first.
    pub(in crate::sync) columns: Vec<Column>,
    /// Attributes of columns that the index does not declare yet.
    pub(in crate::sync) undeclared: Schema,
    /// The further tables that are watched, and the files they lie in.
    watched: Vec<(String, i64)>,
}

/// One field and what was found for it.
#[derive(Clone, Debug)]
pub(in crate::sync) struct Fit {
    pub(in crate::sync) field: String,
    pub(in crate::sync) column: Option<(String, String)>,
    pub(in crate::sync) wrong: Option<Unfit>,
}

/// Why a column cannot fill its field.
#[derive(Clone, Debug)]
pub(in crate::sync) struct Unfit {
    pub(in crate::sync) reason: String,
    pub(in crate::sync) remedy: String,
}

/// An identifier as SQL takes it literally.
pub(in crate::sync) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL takes it literally, whatever the server's settings.
pub(in crate::sync) fn literal(text: &str) -> String {
    if text.contains('\\') {
        return format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"));
    }
    format!("'{}'", text.replace('\'', "''"))
}

impl Resolved {
    /// Whether the rows are those of the table, and not of a query over it.
    pub(in crate::sync) fn is_plain(&self) -> bool {
        self.rows == self.table.sql()
    }

    /// Whether changes of further tables are changes of a profile.
    pub(in crate::sync) fn is_joined(&self) -> bool {
        !self.watched.is_empty()
    }

    /// The condition of having one of these ids. It compares the column as it is, so that its index is used; what
    /// cannot be a value of its type is no row's id.
    pub(in crate::sync) fn having(&self, ids: &[String]) -> String {
        let Column { wire, cast, .. } = &self.columns[0];
        let can_be = |id: &&String| match wire {
            Wire::Uuid => id.len() == 36 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'),
            Wire::Int2 => id.parse::<i16>().is_ok(),
            Wire::Int4 => id.parse::<i32>().is_ok(),
            Wire::Int8 => id.parse::<i64>().is_ok(),
            _ => !id.contains('\0'),
        };
        let listed: Vec<String> = ids.iter().filter(can_be).map(|id| literal(id)).collect();
        let (column, kind) = match cast {
            Some(_) => (format!("{}::text", self.id()), "text"),
            None => (self.id(), wire.sql()),
        };
        format!("WHERE p.{column} = ANY (ARRAY[{}]::{kind}[])", listed.join(", "))
    }

    /// The column of the profile's id, as SQL names it within the rows.
    pub(in crate::sync) fn id(&self) -> String {
        quoted(&self.columns[0].name)
    }

    /// The column of `updatedAt`, where there is one.
    pub(in crate::sync) fn updated_at(&self) -> Option<String> {
        let updated = |column: &&Column| matches!(&column.target, Target::Field("updatedAt", _));
        self.columns.iter().find(updated).map(|column| quoted(&column.name))
    }

    /// What is read of each row, in the order of the columns.
    pub(in crate::sync) fn select(&self) -> String {
        let listed: Vec<String> = self.columns.iter().map(Column::sql).collect();
        format!("SELECT {} FROM {} AS p", listed.join(", "), self.rows)
    }

    /// The same without the embedding.
    pub(in crate::sync) fn select_light(&self) -> String {
        let sql = |column: &Column| {
            if column.is_embedding() { "NULL".to_owned() } else { column.sql() }
        };
        let listed: Vec<String> = self.columns.iter().map(sql).collect();
        format!("SELECT {} FROM {} AS p", listed.join(", "), self.rows)
    }

    /// The column of the embedding, where there is one.
    pub(in crate::sync) fn embedding(&self) -> Option<&str> {
        let column = self.columns.iter().find(|column| column.is_embedding());
        column.map(|column| column.name.as_str())
    }

    /// What must not change without all rows being read anew.
    pub(in crate::sync) fn shape(&self) -> u64 {
        let wires: Vec<_> = self.columns.iter().map(|column| column.wire).collect();
        let watched =
            if self.watched.is_empty() { String::new() } else { format!("{:?}", self.watched) };
        xxh3_64(format!("{} {wires:?} {}{watched}", self.select(), self.table.file).as_bytes())
    }

    /// What keeps the tables as they are until a transaction ends, where it is said before its first look: a table that
    /// is emptied or written anew after that look would seem empty to it.
    pub(in crate::sync) fn lock(&self) -> Option<String> {
        let own = self.table.lockable.then(|| self.table.sql());
        let tables: Vec<String> =
            own.into_iter().chain(self.watched.iter().map(|(table, _)| table.clone())).collect();
        (!tables.is_empty())
            .then(|| format!("LOCK TABLE {} IN ACCESS SHARE MODE", tables.join(", ")))
    }

    /// The mapping against the database, or the first thing in it that does not fit.
    pub(in crate::sync) fn new(
        mapping: &Mapping,
        schema: &Schema,
        address: &Address,
        transaction: &mut Transaction<'_>,
    ) -> Outcome<Self> {
        let (resolved, fits) = look(mapping, schema, address, transaction)?;
        let wrong = fits.into_iter().find_map(|fit| Some((fit.field, fit.wrong?)));
        match wrong {
            Some((field, Unfit { reason, remedy })) => Err(unfit(field, reason, remedy).into()),
            None => Ok(resolved),
        }
    }
}

impl Column {
    fn is_embedding(&self) -> bool {
        matches!(self.target, Target::Field(_, FieldRef::Embedding))
    }

    fn sql(&self) -> String {
        let name = quoted(&self.name);
        match (&self.target, self.cast) {
            (Target::Field("id", _), _) => format!("p.{name}::text"),
            (_, Some(cast)) => format!("p.{name}::{cast}"),
            (_, None) => format!("p.{name}"),
        }
    }
}

/// Everything that the mapping says or that can be found, field by field, with what is wrong.
pub(in crate::sync) fn look(
    mapping: &Mapping,
    schema: &Schema,
    address: &Address,
    transaction: &mut Transaction<'_>,
) -> Outcome<(Resolved, Vec<Fit>)> {
    let table = table(mapping, address.schema.as_deref(), transaction)?;
    let watched = watched(mapping, transaction)?;
    let rows = match &mapping.query {
        Some(query) => format!("({query})"),
        None => table.sql(),
    };
    let described = transaction
        .prepare(&format!("SELECT * FROM {rows} AS p LIMIT 0"))
        .map_err(at("look at the columns"))?;
    let found: Vec<(String, Type)> = described
        .columns()
        .iter()
        .map(|column| (column.name().to_owned(), column.type_().clone()))
        .collect();
    drop(described);
    if address.pooled {
        // The next transaction has another server, and another client this one with the same names.
        transaction.batch_execute("DEALLOCATE ALL").map_err(at("look at the columns"))?;
    }
    let (columns, undeclared) = (Vec::new(), Schema::default());
    let mut resolved = Resolved { table, rows, columns, undeclared, watched };
    let mut all = Vec::new();
    for (name, field) in FIELDS {
        let stated = mapping.columns.get(name);
        if matches!(stated, Some(None)) {
            continue;
        }
        let stated = stated.and_then(Option::as_deref);
        let target = Target::Field(name, field);
        all.push(place(target, field, stated, &found, &mut resolved.columns));
    }
    attributes(mapping, schema, &found, &mut resolved, &mut all);
    id_first(&mut resolved.columns, &mut all, &found);
    Ok((resolved, all))
}

/// Finds the column of a field, and adds it to those that are read where it fits.
fn place(
    target: Target,
    field: FieldRef,
    stated: Option<&str>,
    found: &[(String, Type)],
    columns: &mut Vec<Column>,
) -> Fit {
    let name = target.name();
    let plain = name.strip_prefix("attributes.").unwrap_or(&name);
    let column = match stated {
        Some(stated) => found.iter().find(|(column, _)| column == stated),
        None => found
            .iter()
            .find(|(column, _)| column == plain)
            .or_else(|| found.iter().find(|(column, _)| folded(column) == folded(plain))),
    };
    let Some((column, kind)) = column else {
        let wrong = stated.map(|stated| Unfit {
            reason: format!("there is no column `{stated}`"),
            remedy: match nearest_name(stated, found.iter().map(|(column, _)| column.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name one that is there".to_owned(),
            },
        });
        return Fit { field: name, column: None, wrong };
    };
    let shown = Some((column.clone(), kind.name().to_owned()));
    let wrong = match Wire::of(kind).map(|(wire, cast)| (fits(field, wire), wire, cast)) {
        Some((Ok(()), wire, cast)) => {
            columns.push(Column { name: column.clone(), target, wire, cast });
            None
        }
        Some((Err(wanted), ..)) => Some(unfit_kind(column, kind, wanted)),
        None => Some(unfit_kind(column, kind, "a built-in type")),
    };
    Fit { field: name, column: shown, wrong }
}

fn unfit_kind(column: &str, kind: &Type, wanted: &str) -> Unfit {
    Unfit {
        reason: format!("column `{column}` is {}", kind.name()),
        remedy: format!(
            "it takes {wanted}; cast it in `query`, or leave the field out with `false`"
        ),
    }
}

/// Attributes that the mapping names, and those that the index declares and the table has.
fn attributes(
    mapping: &Mapping,
    schema: &Schema,
    found: &[(String, Type)],
    resolved: &mut Resolved,
    all: &mut Vec<Fit>,
) {
    for (name, column) in &mapping.attributes {
        let wire = found
            .iter()
            .find(|(known, _)| known == column)
            .and_then(|(_, kind)| Wire::of(kind))
            .and_then(|(wire, _)| kind_of(wire));
        let declared = schema.attribute(name).map(Attribute::field);
        if declared.is_none()
            && let Some(kind) = wire
            && let Err(error) = resolved.undeclared.declare(name, kind)
        {
            let wrong = Unfit { reason: error.to_string(), remedy: "rename it".to_owned() };
            all.push(Fit { field: format!("attributes.{name}"), column: None, wrong: Some(wrong) });
            continue;
        }
        let field = declared
            .or_else(|| resolved.undeclared.attribute(name).map(Attribute::field))
            .unwrap_or(FieldRef::Keywords(0));
        let target = Target::Attribute(name.clone());
        all.push(place(target, field, Some(column), found, &mut resolved.columns));
    }
    for attribute in schema.attributes().iter().filter(|one| !one.state.is_removed()) {
        if !mapping.attributes.contains_key(&attribute.name)
            && found.iter().any(|(column, _)| folded(column) == folded(&attribute.name))
        {
            let target = Target::Attribute(attribute.name.clone());
            all.push(place(target, attribute.field(), None, found, &mut resolved.columns));
        }
    }
}

/// The id is the first column; without one nothing can be read.
fn id_first(columns: &mut [Column], all: &mut [Fit], found: &[(String, Type)]) {
    if let Some(at) =
        columns.iter().position(|column| matches!(column.target, Target::Field("id", _)))
    {
        columns[..=at].rotate_right(1);
        return;
    }
    if let Some(fit) = all.iter_mut().find(|fit| fit.field == "id" && fit.wrong.is_none()) {
        let names: Vec<&str> = found.iter().map(|(column, _)| column.as_str()).collect();
        fit.wrong = Some(Unfit {
            reason: format!("no column is called `id`; there are {}", names.join(", ")),
            remedy: "name it under `columns` as `id`".to_owned(),
        });
    }
}

/// The further tables that the mapping watches, each with its file.
fn watched(mapping: &Mapping, transaction: &mut Transaction<'_>) -> Outcome<Vec<(String, i64)>> {
    const FILE: &str = "SELECT coalesce(pg_relation_filenode(to_regclass($1)), 0)::int8";
    let file = |name: &String| {
        let table = named(name);
        let row = transaction
            .query_typed_one(FILE, &[(&table, Type::TEXT)])
            .map_err(at("look for a watched table"))?;
        Ok((table, row.get(0)))
    };
    mapping.watch.keys().map(file).collect()
}

/// A table as a mapping names it, quoted part by part.
pub(in crate::sync) fn named(table: &str) -> String {
    table.split('.').map(|part| quoted(part.trim_matches('"'))).collect::<Vec<_>>().join(".")
}

/// The table that the mapping names, or the marketplace's own.
fn table(
    mapping: &Mapping,
    search_path: Option<&str>,
    transaction: &mut Transaction<'_>,
) -> Outcome<Relation> {
    const NAMED: &str = "SELECT n.nspname::text, c.relname::text, \
        coalesce(pg_relation_filenode(c.oid), 0)::int8, c.relkind IN ('r', 'p', 'v') FROM pg_class c \
        JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE c.oid = coalesce(to_regclass($1), to_regclass(quote_ident($1)), \
        to_regclass(quote_ident($2) || '.' || quote_ident($1)))";
    const OWN: &str = "SELECT n.nspname::text, c.relname::text, \
        coalesce(pg_relation_filenode(c.oid), 0)::int8, c.relkind IN ('r', 'p', 'v') FROM pg_class c \
        JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') \
        AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'shortlist') \
        AND lower(replace(c.relname, '_', '')) IN ('advisorprofiles', 'advisorprofile') \
        ORDER BY (n.nspname = coalesce($1, current_schema())) DESC, n.nspname, c.relname";
    let asked = mapping.table.as_deref();
    let rows = match asked {
        Some(name) => transaction.query_typed(
            NAMED,
            &[(&name, Type::TEXT), (&search_path.unwrap_or("public"), Type::TEXT)],
        ),
        None => transaction.query_typed(OWN, &[(&search_path, Type::TEXT)]),
    };
    let rows = rows.map_err(at("look for the table"))?;
    match rows.first() {
        Some(row) => Ok(Relation {
            schema: row.get(0),
            name: row.get(1),
            file: row.get(2),
            lockable: row.get(3),
        }),
        None => Err(missing_table(asked, transaction)?.into()),
    }
}

fn missing_table(asked: Option<&str>, transaction: &mut Transaction<'_>) -> Outcome<Error> {
    const TABLES: &str = "SELECT c.oid::regclass::text FROM pg_class c \
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') \
        AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'shortlist') \
        AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1 LIMIT 1000";
    let known: Vec<String> = transaction
        .query_typed(TABLES, &[])
        .map_err(at("look for the table"))?
        .iter()
        .map(|row| row.get(0))
        .collect();
    let wanted = asked.unwrap_or("advisor_profiles");
    let remedy = match nearest_name(wanted, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "this user can read no table here".to_owned(),
        None => {
            let few: Vec<&str> = known.iter().take(10).map(String::as_str).collect();
            format!("name it in a mapping as `table`; there are {}", few.join(", "))
        }
    };
    Ok(unfit("table", format!("there is no table `{wanted}`"), remedy))
}
