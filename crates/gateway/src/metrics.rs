//! `/metrics`: counts of the process as Prometheus reads them.

use std::fmt::Write as _;

use ostiary_proxy::Count;

/// The media type of the text.
pub(crate) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Families: their names, the label that tells their members apart, and what they count.
const FAMILIES: &[(&str, &str, &str)] = &[
    ("requests", "", "Requests to the gateway."),
    ("decisions", "outcome", "Calls that were decided, by outcome."),
    ("endings", "result", "Calls that were forwarded, by how they ended."),
    ("refusals", "reason", "Requests that were refused before they were a call, by reason."),
];

/// Something that goes up and down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gauge {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) value: u64,
}

/// The counts and gauges as text. A count of a family that is not in the table is left out.
pub(crate) fn text(counts: &[Count], gauges: &[Gauge]) -> String {
    let mut text = String::new();
    for (family, label, about) in FAMILIES {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP ostiary_{family}_total {about}\n# TYPE ostiary_{family}_total counter");
        for count in counts.iter().filter(|count| count.name == *family) {
            let _ = if label.is_empty() {
                writeln!(text, "ostiary_{family}_total {}", count.value)
            } else {
                writeln!(text, "ostiary_{family}_total{{{label}=\"{}\"}} {}", count.kind, count.value)
            };
        }
    }
    for Gauge { name, about, value } in gauges {
        let _ = writeln!(text, "# HELP ostiary_{name} {about}\n# TYPE ostiary_{name} gauge\nostiary_{name} {value}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_one_line_a_count_below_its_family() {
        let counts = [
            Count { name: "requests", kind: "", value: 3 },
            Count { name: "decisions", kind: "allowed", value: 2 },
            Count { name: "decisions", kind: "denied", value: 1 },
        ];
        let gauge = Gauge { name: "records_waiting", about: "Records.", value: 4 };
        let text = text(&counts, &[gauge]);
        assert!(text.ends_with("# TYPE ostiary_records_waiting gauge\nostiary_records_waiting 4\n"), "{text}");
        assert!(text.contains("# TYPE ostiary_requests_total counter\nostiary_requests_total 3\n"));
        assert!(text.contains(
            "ostiary_decisions_total{outcome=\"allowed\"} 2\nostiary_decisions_total{outcome=\"denied\"} 1\n"
        ));
    }
}
