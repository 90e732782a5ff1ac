import { describe, expect, it } from "vitest";

import { axisEnd, chartDays, share } from "./days";

const none = {
  allowed: 0,
  denied: 0,
  held: 0,
  shadow_denied: 0,
  allowed_unmetered: 0,
  bytes_in: 0,
  bytes_out: 0,
};

describe("days of a month", () => {
  it("has every day of the month, those without calls too", () => {
    const days = chartDays({
      month_starts_at: "2026-02-01T00:00:00Z",
      month_ends_at: "2026-03-01T00:00:00Z",
      days: [{ ...none, date: "2026-02-28", allowed: 2, shadow_denied: 1, denied: 4, held: 1 }],
    });
    expect(days).toHaveLength(28);
    expect(days[0]).toEqual({ date: "2026-02-01", forwarded: 0, refused: 0 });
    expect(days[27]).toEqual({ date: "2026-02-28", forwarded: 3, refused: 5 });
  });
});

describe("the end of the axis", () => {
  it.each([
    [0, 1],
    [1, 1],
    [2, 2],
    [3, 5],
    [10, 10],
    [11, 20],
    [99_999, 100_000],
  ])("of %i is %i", (most, end) => {
    expect(axisEnd(most)).toBe(end);
  });
});

it("fills the bar of a limit that is reached, exceeded, or nothing at all", () => {
  expect(share(5, 10)).toBe(0.5);
  expect(share(12, 10)).toBe(1);
  expect(share(0, 0)).toBe(1);
});
