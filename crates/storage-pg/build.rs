//! Embedded migrations change when a file is added, which the compiler does not see by itself.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations/postgres");
    println!("cargo:rerun-if-changed=sqlx.toml");
}
