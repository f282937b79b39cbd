//! What a person reads: tables, bars, numbers with their units.

pub mod bar;
pub mod facet;
pub mod facts;
pub mod html;
pub mod latency;
pub mod matches;
pub mod page;
pub mod timeline;
