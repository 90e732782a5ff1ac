//! The contract of counters, for the store in memory.

use ostiary_counters::{MemoryCounters, counter_contract};

counter_contract!(MemoryCounters::new());
