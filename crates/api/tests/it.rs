//! The API as callers see it: the real router over a real store.

mod it {
    mod account;
    mod audit;
    mod authorization;
    mod catalogue;
    mod changes;
    mod conventions;
    mod decisions;
    mod discovery;
    mod entries;
    mod grants;
    mod members;
    mod plans;
    mod policies;
    mod preconditions;
    mod protocol;
    mod second_factor;
    mod servers;
    mod walls;
    mod world;
}
