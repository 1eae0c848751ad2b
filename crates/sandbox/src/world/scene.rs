//! Installing a scenario: its script of faults and the setting that it changes.
//! What the scenarios are is said in the catalogue.

use super::{Refusal, Review, SuccessWord, World};
use crate::faults::{Change, Scenario};

impl World {
    /// Makes the scenario of that name happen, to the next calls or only to those of `reference`; gives the ids of its
    /// rules. One that is a setting stays until the setting is changed.
    pub fn install_scenario(&mut self, name: &str, reference: Option<&str>) -> Result<Vec<String>, Refusal> {
        let scenario = Scenario::named(name).ok_or(Refusal::NotFound("scenario"))?;
        let added = self.faults_mut().add_script(name, scenario.rules(reference));
        let ids = added.map_err(|bad| Refusal::invalid(bad.field, bad.why))?;
        match scenario.change {
            None => {}
            Some(Change::ErrorsAs200) => self.settings.errors_as_200 = true,
            Some(Change::SuccessWordDone) => self.settings.charge_success_word = SuccessWord::Done,
            Some(Change::ReviewPending) => self.settings.review = Review::Pending,
        }
        Ok(ids)
    }
}
