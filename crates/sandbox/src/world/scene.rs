//! Installing a scenario: its script of faults and the setting that it changes.
//! What the scenarios are is said in the catalogue.

use super::{Refusal, Review, SuccessWord, World};
use crate::faults::{About, Change, Scenario};

impl World {
    /// Makes the scenario of that name happen, to the next calls or only to those of `reference`; gives the ids of its
    /// rules. One that is a setting stays until the setting is changed.
    pub fn install_scenario(&mut self, name: &str, reference: Option<&str>) -> Result<Vec<String>, Refusal> {
        self.install_scenario_for(name, &About { reference: reference.map(str::to_owned), payee_id: None })
    }

    /// The same to the calls about one reference or payee.
    pub fn install_scenario_for(&mut self, name: &str, about: &About) -> Result<Vec<String>, Refusal> {
        let scenario = Scenario::named(name).ok_or(Refusal::NotFound("scenario"))?;
        let added = self.faults_mut().add_script(name, scenario.rules_for(about));
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
