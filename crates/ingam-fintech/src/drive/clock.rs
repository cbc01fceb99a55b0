use ingam_ports::Clock;

/// The clock of the machine, for production.
#[must_use]
pub fn system_clock() -> impl Clock + Copy + 'static {
    #[expect(clippy::disallowed_methods, reason = "the one place where the fintech reads a clock")]
    || std::time::SystemTime::now().into()
}
