//! Calls through the whole data plane: SQLite, embedded admission, and real upstreams on loopback that behave as badly as
//! a test wants.

mod it {
    mod access;
    mod bridges;
    mod calls;
    mod changes;
    mod edge;
    mod entries;
    mod eras;
    mod faults;
    mod input;
    mod lists;
    mod official;
    mod replicas;
    mod sessions;
    mod streams;
    mod turns;
    mod upstream;
    mod world;
}
