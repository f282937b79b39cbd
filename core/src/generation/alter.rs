//! Attributes that come and go while the index has data. What is done to profiles on their account are patches like
//! any other.

use std::sync::Arc;

use super::Generation;
use super::rules::RulePlan;
use crate::api::alter::{SchemaChange, value_of_details};
use crate::api::listing::{ProfileSource, read_attribute};
use crate::api::patch::ProfilePatch;
use crate::api::rules::RuleSource;
use crate::model::schema::Attribute;
use crate::model::{AttributeState, Result, Schema};

impl Generation {
    /// # Errors
    /// What [`Schema::add`] and [`Schema::remove`] refuse, and a filter of kept rules that asks for what goes.
    pub(super) fn alter(&mut self, change: &SchemaChange) -> Result<()> {
        let mut schema = Schema::clone(&self.schema);
        for name in &change.remove {
            schema.remove(name)?;
        }
        for new in &change.add {
            schema.add(&new.name, new.kind, new.source())?;
        }
        if self.live.count() == 0 {
            let changing = change.remove.iter().chain(change.add.iter().map(|new| &new.name));
            changing.for_each(|name| schema.finish(name));
        }
        self.schema = Arc::new(schema);
        self.fit_schema();
        for rules in self.rules.values() {
            RulePlan::new(self, Some(&RuleSource::Given(rules.clone())))?;
        }
        Ok(())
    }

    /// Nothing is left to be done for an attribute.
    pub(super) fn finish_attribute(&mut self, name: &str) {
        let mut schema = Schema::clone(&self.schema);
        schema.finish(name);
        self.schema = Arc::new(schema);
    }

    /// What a row still lacks of a change of the schema: its value of an attribute that is being indexed, or the end of
    /// that of one that is being removed. Cost: one reading of its details.
    pub(crate) fn owed(&self, row: u32, attribute: &Attribute) -> Option<ProfilePatch> {
        if !self.live.contains(row) {
            return None;
        }
        let has = read_attribute(self, row, attribute).is_some();
        let value = match &attribute.state {
            AttributeState::Indexing { from, .. } if !has => {
                Some(value_of_details(self.details(row)?, from, attribute.kind)?)
            }
            AttributeState::Removing(_) if has => None,
            _ => return None,
        };
        let attributes = [(attribute.name.clone(), value)].into();
        Some(ProfilePatch { attributes, ..ProfilePatch::default() })
    }
}
