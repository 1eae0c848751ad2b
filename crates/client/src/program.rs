//! `/v1/program` and `/v1/balance`.

use crate::{Client, Error};
use api::{Balance, Program};

impl Client {
    /// The program that the API key opens.
    pub async fn program(&self) -> Result<Program, Error> {
        self.get(&["v1", "program"]).await
    }

    /// What the program has at Payoneer, asked at this moment.
    pub async fn balance(&self) -> Result<Balance, Error> {
        self.get(&["v1", "balance"]).await
    }
}
