//! Values on their way into a statement and out of a row, in PostgreSQL's binary form.
//! The kinds are the store's own four; anything else is strange.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::row::Held;
use crate::{Fault, Value};

/// A borrowed argument.
#[derive(Debug)]
pub(crate) struct Bound<'a>(&'a Value);

/// The arguments in the driver's form, after a look at what PostgreSQL could not hold.
pub(crate) fn bound(args: &[Value]) -> Result<Vec<Bound<'_>>, Fault> {
    let zero = |arg: &Value| matches!(arg, Value::Text(text) if text.contains('\0'));
    if args.iter().any(zero) {
        return Err(Fault::Refused("text with a zero character".to_owned()));
    }
    Ok(args.iter().map(Bound).collect())
}

impl ToSql for Bound<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self.0, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Int(n), &Type::INT8) => n.to_sql(ty, out),
            (Value::Int(n), &Type::INT4) => i32::try_from(*n)?.to_sql(ty, out),
            (Value::Text(text), &Type::TEXT | &Type::VARCHAR) => text.to_sql(ty, out),
            (Value::Blob(bytes), &Type::BYTEA) => bytes.to_sql(ty, out),
            (value, ty) => Err(format!("{value:?} where {ty} belongs").into()),
        }
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// One cell of a row.
pub(crate) struct Cell<'a>(pub(crate) Held<'a>);

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *ty {
            Type::INT8 => Held::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Held::Int(i64::from(i32::from_sql(ty, raw)?)),
            Type::INT2 => Held::Int(i64::from(i16::from_sql(ty, raw)?)),
            Type::TEXT | Type::VARCHAR | Type::NAME => Held::Text(<&str>::from_sql(ty, raw)?),
            Type::BYTEA => Held::Blob(raw),
            Type::FLOAT4 | Type::FLOAT8 => Held::Strange("a floating-point number"),
            Type::BOOL => Held::Strange("a truth value"),
            Type::NUMERIC => Held::Strange("a number without bounds"),
            _ => Held::Strange("a kind of its own"),
        }))
    }

    fn from_sql_null(_ty: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Held::Null))
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }
}
