//! Attributes that come and go, at once.

use std::sync::OnceLock;

use super::Twin;
use crate::api::alter::{SchemaChange, value_of_details};
use crate::model::Result;

impl Twin {
    /// Changes the schema, and every profile on its account.
    ///
    /// # Errors
    /// Those of [`Engine::alter`](crate::Engine::alter).
    pub fn alter(&mut self, change: &SchemaChange) -> Result<()> {
        let mut schema = self.schema.clone();
        for name in &change.remove {
            schema.remove(name)?;
        }
        let mut added = Vec::new();
        for new in &change.add {
            if schema.attribute(&new.name).is_none() {
                added.push(new);
            }
            schema.add(&new.name, new.kind, new.source())?;
        }
        let names = change.remove.iter().chain(added.iter().map(|new| &new.name));
        names.for_each(|name| schema.finish(name));
        let before = std::mem::replace(&mut self.schema, schema);
        for rules in self.rules.values() {
            if let Err(error) = self.check_rules(rules) {
                self.schema = before;
                return Err(error);
            }
        }
        for profile in &mut self.rows {
            profile.attributes.retain(|name, _| !change.remove.contains(name));
            for new in &added {
                let details = profile.details.as_deref();
                let found = details.and_then(|all| value_of_details(all, new.source(), new.kind));
                if let Some(value) = found {
                    profile.attributes.insert(new.name.clone(), value);
                }
            }
        }
        self.text = OnceLock::new();
        Ok(())
    }
}
