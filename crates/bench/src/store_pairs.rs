//! `store`: durable charge pairs per second - the intent, then the outcome, each waited for - at several numbers of
//! callers, against a bare group commit of the same rows and against one transaction per write.

use crate::figure::{Figure, per_second};
use crate::pair::{Maker, Pair};
use crate::{Failed, Scale, ceiling};
use std::path::Path;
use std::time::{Duration, Instant};
use store::{Options, Store};

const NAME: &str = "store";
/// Callers, and pairs that they write together.
const CALLERS: [(usize, usize); 4] = [(1, 300), (16, 3_000), (64, 9_600), (256, 12_800)];
/// As many batches as the store puts into one commit.
const GROUP: usize = 64;

/// Runs it.
pub(crate) fn run(scale: &Scale) -> Result<Vec<Figure>, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut figures = Vec::new();
    for (callers, pairs) in CALLERS.into_iter().filter(|(callers, _)| !scale.quick || matches!(callers, 1 | 64)) {
        let pairs = scale.of(pairs, callers * 2);
        let (mut ours, mut ideal, mut naive) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..scale.runs {
            let folder = tempfile::tempdir()?;
            ours.push(per_second(pairs, runtime.block_on(store(folder.path(), callers, pairs))?));
            // A caller waits for its own intent, so that many batches are there to share a commit, and no more.
            let folder = tempfile::tempdir()?;
            ideal.push(per_second(pairs, ceiling::pairs(folder.path(), pairs, callers.min(GROUP))?));
            let folder = tempfile::tempdir()?;
            let few = pairs.min(scale.of(600, 4));
            naive.push(per_second(few, ceiling::pairs(folder.path(), few, 1)?));
        }
        let figure = Figure::of(NAME, format!("{callers} callers"), "pairs/s", &ours)
            .against("the raw group commit", &ours, &ideal)
            .against("one transaction per write", &ours, &naive);
        let (of_ideal, of_naive) = (figure.ratios[0].thousandths, figure.ratios[1].thousandths);
        figures.push(match callers {
            64 => {
                figure.should("0.8 of the raw group commit, 10 times one by one", of_ideal >= 800 && of_naive >= 10_000)
            }
            _ => figure,
        });
        figures.push(Figure::of(NAME, format!("{callers} callers: raw group commit"), "pairs/s", &ideal));
        figures.push(Figure::of(NAME, format!("{callers} callers: one transaction per write"), "pairs/s", &naive));
    }
    Ok(figures)
}

async fn store(folder: &Path, callers: usize, pairs: usize) -> Result<Duration, Failed> {
    let options = Options { exclusive: true, ..Options::sqlite(folder.join("bench.db")) };
    let store = Store::open(&options)?;
    let maker = Maker::on(&store).await?;
    let mut made: Vec<Vec<Pair>> = Vec::new();
    made.resize_with(callers, Vec::new);
    for number in 0..pairs {
        made[number % callers].push(maker.next()?);
    }
    let began = Instant::now();
    let tasks: Vec<_> = made
        .into_iter()
        .map(|pairs| {
            let store = store.clone();
            tokio::spawn(async move {
                for pair in pairs {
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
    let took = began.elapsed();
    store.close().await;
    Ok(took)
}
