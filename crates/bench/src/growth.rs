//! `growth`: what a charge and a page of a list cost when very many charges are stored. The same store grows from step to
//! step; each step is measured against the first one of the same run.

use crate::figure::{Figure, micros, percentile};
use crate::pair::Maker;
use crate::{Failed, Scale};
use std::sync::Arc;
use std::time::Instant;
use store::cells::Page;
use store::{Options, Store};

const NAME: &str = "growth";
/// How many charges are stored when it is measured.
const STEPS: [usize; 3] = [10_000, 100_000, 1_000_000];
const FILLERS: usize = 64;
const SAMPLES: usize = 500;

/// What was measured at one step, in microseconds.
struct Step {
    charge: Vec<u64>,
    list: Vec<u64>,
}

/// Runs it. One run only: filling takes its time, and each figure is of many samples.
pub(crate) fn run(scale: &Scale) -> Result<Vec<Figure>, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let folder = tempfile::tempdir()?;
    let steps = runtime.block_on(async {
        let options = Options { exclusive: true, ..Options::sqlite(folder.path().join("growth.db")) };
        let store = Store::open(&options)?;
        let maker = Arc::new(Maker::on(&store).await?);
        let (mut stored, mut steps) = (0, Vec::new());
        for step in STEPS {
            let wanted = if scale.quick { step / 500 } else { step };
            fill(&store, &maker, wanted - stored).await?;
            stored = wanted;
            steps.push((wanted, measure(&store, &maker, scale.of(SAMPLES, 5)).await?));
            eprintln!("  growth: measured with {wanted} charges");
        }
        store.close().await;
        Ok::<_, Failed>(steps)
    })?;
    let mut figures = Vec::new();
    let Some((_, first)) = steps.first() else { return Ok(figures) };
    for (stored, step) in &steps {
        for (what, ours, theirs) in [("pair", &step.charge, &first.charge), ("page of 50", &step.list, &first.list)] {
            for hundredths in [50, 99] {
                let (ours, theirs) = ([percentile(ours, hundredths)], [percentile(theirs, hundredths)]);
                let name = format!("{what}, p{hundredths}, {stored} charges");
                figures.push(Figure::of(NAME, name, "us", &ours).against("the first step", &ours, &theirs));
            }
        }
    }
    Ok(figures)
}

async fn fill(store: &Store, maker: &Arc<Maker>, count: usize) -> Result<(), Failed> {
    let tasks: Vec<_> = (0..FILLERS)
        .map(|filler| {
            let (store, maker) = (store.clone(), Arc::clone(maker));
            let count = count / FILLERS + usize::from(filler < count % FILLERS);
            tokio::spawn(async move {
                for _ in 0..count {
                    let pair = maker.next()?;
                    store.commit(pair.intent).await?;
                    store.commit(pair.outcome).await?;
                }
                Ok::<_, Failed>(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(())
}

/// One caller: each pair, then a page somewhere in the middle of all charges.
async fn measure(store: &Store, maker: &Maker, samples: usize) -> Result<Step, Failed> {
    let mut step = Step { charge: Vec::new(), list: Vec::new() };
    let mut page = Page { before: None, limit: 50 };
    for _ in 0..samples {
        let pair = maker.next()?;
        let began = Instant::now();
        store.commit(pair.intent).await?;
        store.commit(pair.outcome).await?;
        step.charge.push(micros(began.elapsed()));
        let began = Instant::now();
        let query = store::charges::page(maker.program(), &store::charges::Filter::default(), &page);
        let charges = store.read(query).await?;
        step.list.push(micros(began.elapsed()));
        page.before = charges.last().map(|charge| charge.id.to_string());
    }
    Ok(step)
}
