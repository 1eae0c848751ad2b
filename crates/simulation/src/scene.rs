//! How a run begins: Payoneer's world with its payees, the merchant's program, where callbacks go.
//! Nothing happens here yet.

use crate::dice::Dice;
use crate::merchant;
use crate::plan::{Faults, Plan};
use crate::run::now;
use crate::stage::{BEGIN, NodeSource, Shared, Stage};
use domain::program::{Environment, Program};
use gateway::{Admin, MasterKey, NewProgram, PayoneerTimeouts};
use sandbox::world::{
    Amount, ClockMode, Currency, Event, LinkKind, NewAccount, NewLink, Profile, Review, Settings, Style, Template,
    World,
};
use secrecy::SecretString;
use std::cell::RefCell;
use std::sync::{Arc, LazyLock};
use store::Store;

/// The secret that no line of the log may show.
pub(crate) const PASSWORD: &str = "canary-api-password";

/// The merchant's program, as administration makes it.
pub(crate) struct Registered {
    pub(crate) program: Program,
    pub(crate) sealed: Vec<u8>,
    pub(crate) callbacks: String,
}

/// Made once for all runs, because administration looks at real certificates on the way.
pub(crate) fn registered() -> &'static Registered {
    static MADE: LazyLock<Registered> = LazyLock::new(|| {
        let plan = Plan::draw(0);
        let stage = Shared::new(Stage::new(world(&plan, 0), 0, Faults::default(), None));
        let source = Arc::new(NodeSource::new(stage, 0, Dice::new(0, 3)));
        let store = Store::open(&store::Options::memory()).unwrap();
        let timeouts = PayoneerTimeouts::default();
        let admin = Admin::on(store.clone(), MasterKey::new([9; 32]), source, timeouts, "https://gateway.example");
        let program = now(admin.add_program(NewProgram {
            name: "Simulated".to_owned(),
            program_id: "100012345".to_owned(),
            environment: Environment::Sandbox,
            username: "demo".to_owned(),
            api_password: SecretString::from(PASSWORD),
            return_url: None,
        }))
        .unwrap();
        let stored = now(store.read_one(store::programs::by_id(&program.id))).unwrap().unwrap();
        Registered { callbacks: admin.callback_url(&program), program, sealed: stored.sealed }
    });
    &MADE
}

thread_local! {
    /// The database of the run before in this thread.
    static USED: RefCell<Option<Store>> = const { RefCell::new(None) };
}

/// An empty database. That of the run before is taken, because making one and planning its statements takes as long as
/// the run.
pub(crate) fn fresh_store() -> Store {
    if let Some(store) = USED.take() {
        store.begin_anew().unwrap();
        return store;
    }
    Store::open(&store::Options { quick_check: false, ..store::Options::memory() }).unwrap()
}

/// Leaves the database to the next run in this thread.
pub(crate) fn leave_store(store: Store) {
    USED.set(Some(store));
}

/// Payoneer's world at the beginning of a run.
pub(crate) fn world(plan: &Plan, seed: u64) -> World {
    let settings = Settings {
        review: Review::Approve,
        review_seconds: plan.review_seconds,
        charge_settle_seconds: Some(plan.charge_settles),
        payout_settle_seconds: Some(plan.payout_settles),
        charge_success_word: plan.word,
        errors_as_200: plan.errors_as_200,
        ..Settings::default().kind_to_references()
    };
    let program = sandbox::world::Program { id: "100012345".to_owned(), currency: Currency::USD };
    let at = sandbox::world::Time::from_micros(BEGIN);
    let mut world = World::new(program, settings, seed, ClockMode::Manual, at).unwrap();
    for index in 1..plan.payees {
        let account = NewAccount {
            email: merchant::email(index),
            password: "secret".to_owned(),
            profile: Profile::default(),
            balance: Amount::whole(60),
        };
        let account = world.open_account(account).unwrap();
        let link = NewLink::plain(LinkKind::Registration, &merchant::payee(index));
        let (link, _) = world.make_link(link).unwrap();
        world.complete_link(&link.token, &account.id, Some(Review::Approve)).unwrap();
    }
    world
}

/// Has Payoneer call the gateway for every event.
pub(crate) fn set_callbacks(world: &mut World, base: &str, posts: bool) {
    let template = |event: Event| {
        if posts {
            Template { url: format!("{base}/{event}"), method: Style::Post }
        } else {
            Template { url: format!("{base}?{}", event.example_query()), method: Style::Get }
        }
    };
    let callbacks = Event::ALL.into_iter().map(|event| (event, template(event))).collect();
    let settings = Settings { callbacks, ..world.settings().clone() };
    world.set_settings(settings).unwrap();
}
