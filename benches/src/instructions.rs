use std::{env, hint::black_box};

/// How often a row is run where a tool counts the instructions, if one does (`.ci/instructions`).
pub(crate) fn runs_to_count() -> Option<usize> {
    env::var("INGAM_BENCH_COUNT").ok()?.parse().ok()
}

/// Runs the bare operation and ours, each on the inputs 0 to `runs` − 1 and each in one call of
/// [`instructions_counted`]; a run before that is not counted, since the first may set something up.
pub(crate) fn count<B, I, O>(
    runs: usize,
    bare: impl Fn(usize) -> B,
    prepare: impl FnMut(usize) -> I,
    run: impl FnMut(I) -> O,
) {
    each(runs, |number| number, |number| drop(bare(number)));
    each(runs, prepare, run);
}

fn each<I, O>(runs: usize, mut prepare: impl FnMut(usize) -> I, mut run: impl FnMut(I) -> O) {
    drop(run(prepare(runs)));
    let inputs: Vec<I> = (0..runs).map(prepare).collect();
    let mut outputs = Vec::with_capacity(runs);
    dumped_after(|| {
        instructions_counted(|| outputs.extend(inputs.into_iter().map(|input| black_box(run(black_box(input))))));
    });
}

/// The tool writes down what it counted when the function of this name returns.
#[inline(never)]
fn dumped_after(work: impl FnOnce()) {
    work();
    black_box(());
}

/// The tool counts what happens in the function of this name.
#[inline(never)]
fn instructions_counted(work: impl FnOnce()) {
    work();
    black_box(());
}
