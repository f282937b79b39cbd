//! What Python sends, as the engine takes it.

pub mod arrow;
pub mod bulk;
pub mod json;
pub mod profiles;
pub mod request;
pub mod vector;
