//! One run: nodes, their futures, and the loop that lets chance choose who goes on. One thread, virtual time.
//! What happens is decided by the seed alone.

use crate::dice::Dice;
use crate::ear::Ear;
use crate::line::Line;
use crate::merchant::Merchant;
use crate::oracle::{self, Watch};
use crate::outside;
use crate::plan::{Act, DAY, Faults, MINUTE, Plan, SECOND};
use crate::plant::Plant;
use crate::sabotage;
use crate::scene::{self, Registered};
use crate::stage::{BEGIN, NodeGate, NodeSource, Shared, Stage, sometimes};
use crate::trip::Trip;
use domain::Span;
use domain::program::Program;
use gateway::MasterKey;
use gateway::engine::{Engine, Parts};
use sandbox::world::Outcome;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use store::{Batch, Store};

/// How long the run goes on after the last fault.
const AFTERMATH: i64 = 8 * DAY;
/// A run that takes more steps than this does not come to rest.
const STEPS_MAX: u64 = 400_000;
/// How long an attempt may be `sending`: the real gateway's default.
const ATTEMPT_LIFETIME: Span = Span::from_secs(45);
const WORKERS: usize = 3;
/// After how many steps what must always hold is looked at again.
const GLANCE: u64 = 256;
/// After how many steps a planted bug spoils the gateway's books again.
const SABOTAGE: u64 = 16;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Task {
    node: usize,
    wake: i64,
    work: Work,
    /// The callback whose try this is: when the task dies, the try has failed.
    callback: Option<(u64, u64)>,
    is_worker: bool,
}

struct Node {
    /// `None` while it starts.
    engine: Option<Arc<Engine>>,
    life: u64,
    skew: i64,
    paused_until: i64,
}

/// What came of a run.
#[derive(Debug)]
pub struct Report {
    /// A hash of everything that happened.
    pub hash: u64,
    /// The promise that was broken first, and how.
    pub broken: Option<String>,
    /// What happened, line by line; empty unless it was asked for.
    pub lines: Vec<String>,
    /// Situations, and how often each was met.
    pub met: BTreeMap<&'static str, u64>,
    /// How often a task went on or time passed.
    pub steps: u64,
}

struct Run {
    stage: Shared,
    store: Store,
    program: Program,
    plan: Arc<Plan>,
    nodes: Vec<Node>,
    tasks: Vec<Task>,
    /// Engines of nodes that are starting, by their life.
    starting: BTreeMap<u64, Arc<Engine>>,
    items: std::collections::VecDeque<(i64, Act)>,
    dice: Dice,
    seed: u64,
    lives: u64,
    steps: u64,
    next_jobs_look: i64,
    /// When the next job is due, and after how many commits that was asked.
    next_job: Option<(u64, Option<i64>)>,
    watch: Watch,
    calm: bool,
}

/// Polls a future that needs nobody else: reads and writes of the bare store are such.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("an inline store has to answer at once"),
    }
}

/// What a run is started with.
pub(crate) struct Start {
    pub(crate) seed: u64,
    pub(crate) plan: Plan,
    pub(crate) plant: Option<Plant>,
    /// Items of the plan that do not happen, by their number.
    pub(crate) without: BTreeSet<usize>,
    /// Whether what happens is told line by line.
    pub(crate) traced: bool,
    /// The one failure of a sweep.
    pub(crate) trip: Option<Trip>,
}

impl Start {
    /// A plan under a seed, and nothing more.
    pub(crate) fn of(seed: u64, plan: Plan) -> Self {
        Self { seed, plan, plant: None, without: BTreeSet::new(), traced: false, trip: None }
    }
}

/// Runs a seed. Items whose number is in `without` do not happen; `plant` is the known bug to find.
pub fn run(seed: u64, plant: Option<Plant>, without: &BTreeSet<usize>) -> Report {
    go(Start { plant, without: without.clone(), ..Start::of(seed, Plan::draw(seed)) }).0
}

/// The same run, with what happened line by line.
pub fn trace(seed: u64, plant: Option<Plant>, without: &BTreeSet<usize>) -> Report {
    go(Start { plant, without: without.clone(), traced: true, ..Start::of(seed, Plan::draw(seed)) }).0
}

/// Runs what is started, to its end. Also whether the one failure of a sweep has happened.
pub(crate) fn go(start: Start) -> (Report, bool) {
    let mut run = Run::new(start);
    let ear = Arc::new(Ear::new(&[&run.program.callback_token]));
    tracing::subscriber::with_default(Arc::clone(&ear), || run.go());
    scene::leave_store(run.store.clone());
    let heard = ear.take();
    let mut stage = run.stage.lock();
    if let Some(leak) = heard.leak {
        stage.break_promise("O11", &format!("a secret was logged: {leak}"));
    }
    if heard.lines > 0 {
        sometimes!(stage, "a line was logged and held no secret");
    }
    let report = Report {
        hash: stage.hash(),
        broken: stage.broken.take(),
        lines: std::mem::take(&mut stage.lines),
        met: std::mem::take(&mut stage.met),
        steps: run.steps,
    };
    (report, stage.trip.is_some_and(|trip| trip.hit))
}

impl Run {
    fn new(start: Start) -> Self {
        let Start { seed, plan, plant, without, traced, trip } = start;
        let plan = Arc::new(plan);
        let stage = Shared::new(Stage::new(scene::world(&plan, seed), seed, plan.faults, plant));
        stage.lock().traced = traced;
        stage.lock().trip = trip;
        let store = scene::fresh_store();
        let Registered { program, sealed, callbacks } = scene::registered();
        now(store.commit(Batch::new().with(store::programs::insert(program, sealed)))).unwrap();
        let program = program.clone();
        scene::set_callbacks(&mut stage.lock().world, callbacks, plan.posts);
        stage.lock().note(format_args!("nodes {}, clocks wrong by {:?} us, {:?}", plan.nodes, plan.skews, plan.faults));
        if plan.skews.iter().any(|skew| *skew != plan.skews[0]) {
            sometimes!(stage.lock(), "the nodes' clocks disagreed");
        }
        let items = plan.items.iter().enumerate().filter(|(number, _)| !without.contains(number));
        let items = items.map(|(_, item)| (BEGIN + item.at, item.act.clone())).collect();
        let mut run = Self {
            stage,
            store,
            program,
            nodes: Vec::new(),
            tasks: Vec::new(),
            starting: BTreeMap::new(),
            items,
            dice: Dice::new(seed, 4),
            seed,
            lives: 0,
            steps: 0,
            next_jobs_look: 0,
            next_job: None,
            watch: Watch::default(),
            calm: false,
            plan,
        };
        for number in 0..run.plan.nodes {
            let skew = run.plan.skews[number];
            run.nodes.push(Node { engine: None, life: 0, skew, paused_until: 0 });
            run.start(number);
        }
        run
    }

    fn go(&mut self) {
        let end = BEGIN + self.plan.calm_at + AFTERMATH;
        let planted = self.stage.lock().plant.is_some();
        while self.stage.lock().broken.is_none() {
            if self.steps > STEPS_MAX {
                self.stage.lock().break_promise("rest", "the run does not come to rest");
                return;
            }
            let now = self.stage.lock().now;
            if !self.calm && now >= BEGIN + self.plan.calm_at {
                self.become_calm();
            }
            self.happen(now);
            if !self.poll_one(now) && !self.skip(now, end) {
                break;
            }
            if planted && self.steps.is_multiple_of(SABOTAGE) {
                sabotage::sabotage(&self.store, &self.program, &self.stage);
            }
            if self.steps.is_multiple_of(GLANCE) {
                self.watch.glance(&self.store, &self.program, &self.stage);
            }
        }
        if self.stage.lock().broken.is_none() {
            self.watch.glance(&self.store, &self.program, &self.stage);
            oracle::judge(&self.store, &self.program, &self.stage);
        }
    }

    fn become_calm(&mut self) {
        self.calm = true;
        for node in &mut self.nodes {
            node.paused_until = 0;
        }
        let mut stage = self.stage.lock();
        stage.faults = Faults::default();
        stage.note("from here on no more faults");
    }

    /// Everything that is due and needs no node: arrivals, Payoneer's own doings, callbacks, what merchants begin.
    fn happen(&mut self, now: i64) {
        loop {
            let first = {
                let mut stage = self.stage.lock();
                let due = stage.network.first_key_value().is_some_and(|((at, _), _)| *at <= now);
                if due { stage.network.pop_first() } else { None }
            };
            let Some((_, parcel)) = first else { break };
            oracle::arrive(&self.store, &self.stage, parcel);
        }
        self.stage.lock().world.advance_to(sandbox::world::Time::from_micros(now));
        self.begin_callbacks();
        while self.items.front().is_some_and(|(at, _)| *at <= now) {
            let Some(number) = self.some_node() else { break };
            let Some((_, act)) = self.items.pop_front() else { break };
            if !outside::happen(&act, &self.plan, &self.stage) {
                let merchant = self.merchant(number);
                self.spawn(number, Box::pin(merchant.act(act)), None, false);
            }
        }
        let ready = std::mem::take(&mut self.stage.lock().ready);
        for (number, life) in ready {
            if self.nodes[number].life == life {
                self.stage.lock().note(format_args!("node {number} is up"));
                self.nodes[number].engine = self.starting.remove(&life);
            }
        }
        if now >= self.next_jobs_look {
            self.next_jobs_look = now + SECOND / 4;
            self.begin_workers(now);
        }
    }

    fn begin_callbacks(&mut self) {
        loop {
            let due = self.stage.lock().world.take_due_callbacks(8);
            if due.is_empty() {
                return;
            }
            for try_ in due {
                let Some(number) = self.some_node() else {
                    let mut stage = self.stage.lock();
                    sometimes!(stage, "a callback met nobody");
                    stage.world.record_try(try_.epoch, try_.id, Outcome::Failed("nobody is up".to_owned()));
                    continue;
                };
                let merchant = self.merchant(number);
                let (stage, trouble) = (self.stage.clone(), self.stage.lock().faults.callback);
                let mark = (try_.epoch, try_.id);
                let work = async move {
                    let (drop, again, late) = {
                        let dice = &mut stage.lock().dice;
                        (dice.chance(trouble), dice.chance(trouble / 2), dice.chance(trouble / 2))
                    };
                    if drop {
                        sometimes!(stage.lock(), "a callback was lost");
                    }
                    if late {
                        sometimes!(stage.lock(), "a callback came late");
                    }
                    stage.nap_about(if late { 10 * MINUTE } else { SECOND }).await;
                    let (path, query) = try_.url.split_once('?').unwrap_or((&try_.url, ""));
                    let event = path.split('/').nth(7);
                    let body = try_.body.clone().unwrap_or_default();
                    let mut stored = false;
                    if !drop {
                        stored = merchant.receive(event, query, body.as_bytes()).await;
                        if again {
                            sometimes!(stage.lock(), "a callback came twice");
                            merchant.receive(event, query, body.as_bytes()).await;
                        }
                    }
                    let outcome = if stored { Outcome::Answered(200) } else { Outcome::Failed("lost".to_owned()) };
                    let mut stage = stage.lock();
                    stage.note(format_args!("callback {} {:?}: {outcome:?}", try_.id, event));
                    stage.world.record_try(try_.epoch, try_.id, outcome);
                };
                self.spawn(number, Box::pin(work), Some(mark), false);
            }
        }
    }

    fn begin_workers(&mut self, time: i64) {
        let Some(next) = self.next_job() else { return };
        for number in 0..self.nodes.len() {
            let node = &self.nodes[number];
            let busy = self.tasks.iter().filter(|task| task.node == number && task.is_worker).count();
            let due = next <= time + node.skew && node.paused_until <= time && busy < WORKERS;
            let Some(engine) = node.engine.clone().filter(|_| due) else { continue };
            let limit = self.dice.between(1, 4);
            let work = async move { drop(gateway::run_due(&engine, limit).await) };
            self.spawn(number, Box::pin(work), None, true);
        }
    }

    /// When the next job is due. The database is asked only when it has changed since.
    fn next_job(&mut self) -> Option<i64> {
        let commits = self.store.counts().commits;
        match self.next_job {
            Some((then, next)) if then == commits => next,
            _ => {
                let next = now(self.store.read_one(store::jobs::next())).unwrap().map(|next| next.0.micros());
                self.next_job = Some((commits, next));
                next
            }
        }
    }

    fn spawn(&mut self, node: usize, work: Work, callback: Option<(u64, u64)>, is_worker: bool) {
        self.tasks.push(Task { node, wake: 0, work, callback, is_worker });
    }

    fn some_node(&mut self) -> Option<usize> {
        let up: Vec<usize> = (0..self.nodes.len()).filter(|n| self.nodes[*n].engine.is_some()).collect();
        if up.is_empty() {
            sometimes!(self.stage.lock(), "nobody was up");
        }
        if up.len() > 1 {
            sometimes!(self.stage.lock(), "several nodes were up");
        }
        if up.is_empty() { None } else { Some(*self.dice.pick(&up)) }
    }

    fn merchant(&self, node: usize) -> Merchant {
        Merchant {
            engine: self.nodes[node].engine.clone().unwrap(),
            program: self.program.clone(),
            stage: self.stage.clone(),
            plan: Arc::clone(&self.plan),
            node: format!("node {node}"),
        }
    }

    /// Lets one task go on, chosen by chance. Whether there was one.
    fn poll_one(&mut self, time: i64) -> bool {
        let able = |task: &Task| task.wake <= time && self.nodes[task.node].paused_until <= time;
        let able: Vec<usize> = (0..self.tasks.len()).filter(|n| able(&self.tasks[*n])).collect();
        if able.is_empty() {
            return false;
        }
        self.steps += 1;
        let index = *self.dice.pick(&able);
        let node = self.tasks[index].node;
        self.stage.lock().nap = None;
        let done = self.tasks[index].work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        match done {
            Poll::Ready(()) => drop(self.tasks.swap_remove(index)),
            Poll::Pending => {
                let nap = self.stage.lock().nap;
                self.tasks[index].wake = nap.expect("a task waits for the clock and for nothing else");
            }
        }
        let (crash, pause, ends) = {
            let mut stage = self.stage.lock();
            stage.now += self.dice.between(1, 400);
            (stage.faults.crash, stage.faults.pause, std::mem::take(&mut stage.ends))
        };
        if ends {
            self.crash(node);
        }
        if self.dice.chance(crash) && self.dice.chance(100) {
            let number = self.dice.below(self.nodes.len());
            self.crash(number);
        }
        if self.dice.chance(pause) && self.dice.chance(100) {
            let number = self.dice.below(self.nodes.len());
            self.nodes[number].paused_until = self.stage.lock().now + self.dice.between(SECOND, 10 * MINUTE);
            let mut stage = self.stage.lock();
            stage.note(format_args!("node {number} is paused"));
            sometimes!(stage, "a node was paused");
        }
        true
    }

    fn crash(&mut self, number: usize) {
        {
            let mut stage = self.stage.lock();
            stage.note(format_args!("node {number} crashes"));
            sometimes!(stage, "a node crashed");
            if self.nodes[number].engine.is_none() {
                sometimes!(stage, "a node crashed while it started");
            }
            if self.tasks.iter().any(|task| task.node == number && task.is_worker) {
                sometimes!(stage, "a node crashed in the middle of a job");
            }
            if !stage.network.is_empty() {
                sometimes!(stage, "a node crashed while a request was on its way");
            }
            for (epoch, id) in self.tasks.iter().filter(|t| t.node == number).filter_map(|t| t.callback) {
                stage.world.record_try(epoch, id, Outcome::Failed("the node crashed".to_owned()));
            }
        }
        self.tasks.retain(|task| task.node != number);
        self.nodes[number].paused_until = 0;
        self.start(number);
    }

    /// A new process on the same database. The only one takes over what the last one left, as a real start does.
    fn start(&mut self, number: usize) {
        self.lives += 1;
        let (life, alone) = (self.lives, self.nodes.len().max(self.plan.nodes) == 1);
        let name = format!("node {number}");
        let gate = NodeGate { stage: self.stage.clone(), name: name.clone() };
        let dice = Dice::new(self.seed, 1_000 + life);
        let source = NodeSource::new(self.stage.clone(), self.nodes[number].skew, dice);
        let stage = self.stage.clone();
        let engine = Engine::new(Parts {
            store: self.store.behind(Arc::new(gate)),
            source: Arc::new(source),
            master: MasterKey::new([9; 32]),
            connect: Box::new(move |_, _| Ok(Arc::new(Line { stage: stage.clone(), name: name.clone() }))),
            public_url: "https://gateway.example".to_owned(),
            attempt_lifetime: ATTEMPT_LIFETIME,
            metrics: Arc::default(),
        });
        self.nodes[number].life = life;
        self.nodes[number].engine = None;
        self.starting.insert(life, Arc::clone(&engine));
        let (stage, store, program) = (self.stage.clone(), self.store.clone(), self.program.clone());
        let work = async move {
            stage.nap_about(2 * SECOND).await;
            sabotage::restart(&store, &program, &stage);
            // A start that fails is tried again by whoever watches over the process.
            while alone && engine.adopt_orphans().await.is_err() {
                stage.nap(SECOND).await;
            }
            stage.lock().ready.push((number, life));
        };
        self.spawn(number, Box::pin(work), None, false);
    }

    /// Nobody can go on now: time passes until somebody can. Whether there is anything left before the end.
    fn skip(&mut self, time: i64, end: i64) -> bool {
        let naps = self.tasks.iter().map(|task| task.wake.max(self.nodes[task.node].paused_until));
        let mut next: Vec<i64> = naps.collect();
        if let Some(job) = self.next_job() {
            let nodes = self.nodes.iter().filter(|node| node.engine.is_some());
            next.extend(nodes.map(|node| (job - node.skew).max(node.paused_until).max(self.next_jobs_look)));
        }
        {
            let stage = self.stage.lock();
            next.extend(stage.network.first_key_value().map(|((at, _), _)| *at));
            next.extend(stage.world.next_due().map(sandbox::world::Time::micros));
        }
        if self.nodes.iter().any(|node| node.engine.is_some()) {
            next.extend(self.items.front().map(|(at, _)| *at));
        }
        if !self.calm {
            next.push(BEGIN + self.plan.calm_at);
        }
        let Some(next) = next.into_iter().min().filter(|next| *next <= end) else { return false };
        self.steps += 1;
        self.stage.lock().now = next.max(time + 1);
        true
    }
}
