//! Reads limits.

use serde_json::value::RawValue;

use super::place::Place;
use super::{Reader, SeenWindow};
use crate::decimal;
use crate::document::{Align, ConcurrentLimit, Decimal, Limit, RateLimit, WindowLimit, WindowSpan};
use crate::json::Kind;
use crate::limit::Scope;
use crate::window::CalendarUnit;

/// Longest window in seconds: 31 days.
const MAX_WINDOW_SECONDS: u64 = 2_678_400;
/// Longest name of a counter.
const MAX_COUNTER_CHARS: usize = 64;

impl<'t> Reader {
    pub(super) fn limit(&mut self, place: &Place<'_, 't>) -> Option<Limit> {
        self.object(place, &["counter", "window", "max", "concurrent", "scope", "amount", "align", "on_deny"])?;
        let counter = self.required(place, "counter").and_then(|place| self.counter(&place));
        let scope = place.get("scope").and_then(|place| self.scope(&place));
        let on_deny = place.get("on_deny").and_then(|place| self.string(&place)).map(str::to_owned);
        if let Some(concurrent) = place.get("concurrent") {
            let others: Vec<String> = ["window", "max", "amount", "align"]
                .into_iter()
                .filter(|name| place.view.member(name).is_some())
                .map(|name| format!("`{name}`"))
                .collect();
            if !others.is_empty() {
                self.invalid(place, format!("{} cannot stand beside `concurrent`", others.join(", ")));
            }
            let concurrent = self.calls(&concurrent)?;
            return Some(Limit::Concurrent(ConcurrentLimit { counter: counter?, concurrent, scope, on_deny }));
        }
        let window = self.required(place, "window").and_then(|place| self.window(&place));
        let max = self.required(place, "max").and_then(|place| self.max(&place));
        let amount = place.get("amount").and_then(|place| self.single_path(&place));
        let align = place.get("align").and_then(|place| self.align(&place, window));
        // An alignment that was reported already contradicts no other.
        let is_align_read = align.is_some() || place.get("align").is_none();
        if let (Some(counter), Some(window), true) = (&counter, window, is_align_read) {
            self.note_window(place, counter, window, align);
        }
        Some(Limit::Window(WindowLimit {
            counter: counter?,
            window: window?,
            max: max?,
            scope,
            amount,
            align,
            on_deny,
        }))
    }

    pub(super) fn rate_limit(&mut self, place: &Place<'_, 't>) -> Option<RateLimit> {
        self.object(place, &["max", "window"])?;
        let max = self.required(place, "max").and_then(|place| self.max(&place));
        let window = self.required(place, "window").and_then(|place| self.window(&place));
        Some(RateLimit { max: max?, window: window? })
    }

    fn counter(&mut self, place: &Place<'_, 't>) -> Option<String> {
        let name = self.string(place)?;
        let is_name = (1..=MAX_COUNTER_CHARS).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
        if !is_name {
            self.invalid(place, "a counter is named by 1 to 64 of the letters A-Z and a-z, digits, `_`, `-` and `.`");
        }
        is_name.then(|| name.to_owned())
    }

    fn scope(&mut self, place: &Place<'_, 't>) -> Option<Scope> {
        let scopes = [Scope::Session, Scope::Grant, Scope::Policy, Scope::Server, Scope::Account];
        self.word(place, &scopes.map(|scope| (scope.as_str(), scope)))
    }

    fn window(&mut self, place: &Place<'_, 't>) -> Option<WindowSpan> {
        let span = match place.view.kind() {
            Kind::String(text) => CalendarUnit::parse(text).map(WindowSpan::Named),
            Kind::Number(text) => decimal::Decimal::parse(text)
                .to_u64()
                .filter(|seconds| (1..=MAX_WINDOW_SECONDS).contains(seconds))
                .map(WindowSpan::Seconds),
            _ => {
                self.wrong_type(place, "a window's name or whole seconds");
                return None;
            }
        };
        if span.is_none() {
            self.invalid(
                place,
                format!("`second`, `minute`, `hour`, `day`, `month` or whole seconds from 1 to {MAX_WINDOW_SECONDS} are windows"),
            );
        }
        span
    }

    fn max(&mut self, place: &Place<'_, 't>) -> Option<Decimal> {
        let Kind::Number(text) = place.view.kind() else {
            self.wrong_type(place, "a number");
            return None;
        };
        let Some(micros) = decimal::Decimal::parse(text).to_micros() else {
            self.invalid(place, "a number from 0 to 4000000000 with at most 6 decimals is expected here");
            return None;
        };
        let text = RawValue::from_string(text.to_owned()).ok()?;
        Some(Decimal { micros, text })
    }

    fn calls(&mut self, place: &Place<'_, 't>) -> Option<u64> {
        let Kind::Number(text) = place.view.kind() else {
            self.wrong_type(place, "a whole number of calls");
            return None;
        };
        let calls = decimal::Decimal::parse(text).to_u64().filter(|calls| *calls >= 1);
        if calls.is_none() {
            self.invalid(place, "a whole number of at least 1 is expected here");
        }
        calls
    }

    fn align(&mut self, place: &Place<'_, 't>, window: Option<WindowSpan>) -> Option<Align> {
        let align = self.word(place, &[("sliding", Align::Sliding), ("calendar", Align::Calendar)])?;
        match (align, window) {
            (Align::Calendar, Some(WindowSpan::Seconds(_))) => {
                self.invalid(place, "calendar windows are named: `second`, `minute`, `hour`, `day` or `month`");
            }
            (Align::Sliding, Some(WindowSpan::Named(CalendarUnit::Month))) => {
                self.invalid(place, "a month follows the calendar and never slides");
            }
            _ => return Some(align),
        }
        None
    }

    fn note_window(&mut self, place: &Place<'_, 't>, counter: &str, window: WindowSpan, align: Option<Align>) {
        let seconds = match window {
            WindowSpan::Seconds(seconds) => Some(seconds),
            WindowSpan::Named(unit) => unit.seconds(),
        };
        // A month has one alignment only.
        let Some(seconds) = seconds else { return };
        let (pointer, at) = (place.pointer(), place.view.at());
        let align = align.unwrap_or(Align::Sliding);
        self.windows.push(SeenWindow { counter: counter.to_owned(), seconds, align, pointer, at });
    }
}
