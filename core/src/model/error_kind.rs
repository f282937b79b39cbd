//! What a binding names an error's class by.

use super::Error;

impl Error {
    /// The kind's name, `UnknownField` for one: what its class is named by where errors are classes.
    ///
    /// ```
    /// use shortlist::SearchRequest;
    ///
    /// assert_eq!(SearchRequest::from_json("[").unwrap_err().kind(), "Malformed");
    /// ```
    pub fn kind(&self) -> String {
        // What `Debug` begins with is the variant's name, whichever variants there are.
        let shown = format!("{self:?}");
        shown.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
    }
}
