//! A point as it is typed.

use clap::Args;
use shortlist::GeoPoint;

/// Where advisors are.
#[derive(Debug, Default, Args)]
pub struct Nearness {
    /// Nearest to this point first, by an attribute of points
    #[arg(
        long,
        value_name = "FIELD=LAT,LON",
        value_parser = near,
        allow_hyphen_values = true,
        help_heading = "Typed request"
    )]
    pub near: Option<Near>,
    /// Only who is at most so many kilometres from there
    #[arg(long, value_name = "KM", requires = "near", help_heading = "Typed request")]
    pub within: Option<f64>,
}

/// A field of points, and one point.
#[derive(Clone, Debug, PartialEq)]
pub struct Near {
    /// The field, `attributes.` before its name.
    pub field: String,
    /// From where distances are measured.
    pub point: GeoPoint,
}

fn near(text: &str) -> Result<Near, String> {
    let parts = text.split_once('=').and_then(|(field, degrees)| {
        let (lat, lon) = degrees.split_once(',')?;
        Some((field, lat.trim().parse().ok()?, lon.trim().parse().ok()?))
    });
    let (field, lat, lon) = parts.ok_or(
        "it takes a field and degrees of latitude and longitude, such as attributes.office=52.52,13.405",
    )?;
    let point = GeoPoint::new(lat, lon).map_err(|error| error.to_string())?;
    Ok(Near { field: field.to_owned(), point })
}
