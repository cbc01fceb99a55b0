//! How our timings are taken: interleaved batches, minimum and median, as ratios to the bare primitives of the same run.
