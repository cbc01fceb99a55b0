//! Contract suites for the ports and three parties in memory, for tests.
