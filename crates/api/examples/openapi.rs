//! Prints the OpenAPI document.

fn main() -> Result<(), serde_json::Error> {
    println!("{}", serde_json::to_string_pretty(&ostiary_api::openapi())?);
    Ok(())
}
