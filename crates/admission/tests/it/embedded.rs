//! The contract, for admission inside one process.

use ostiary_admission::admission_contract;

use crate::subject::EmbeddedSubject;

admission_contract!(EmbeddedSubject::start());
