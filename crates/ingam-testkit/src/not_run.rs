use std::io::{self, Write as _};

/// Says that the running test, or a part of it, is left out on this machine, and why.
///
/// Written past the capture of a passing test's output, so that whoever runs the tests sees it.
pub fn not_run(reason: &str) {
    let test = std::thread::current();
    let test = test.name().unwrap_or("a test");
    // Where even this cannot be written there is nobody to read it.
    let _ = writeln!(io::stderr(), "not run: {test}: {reason}");
}
