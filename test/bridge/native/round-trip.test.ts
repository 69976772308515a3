/**
 * The retransmit timeout from measured round trips. The formulas are those of RFC 6298, with a lower bound of our
 * own.
 */
import { describe, expect, it } from "vitest";
import { RoundTrip } from "../../../src/bridge/native/round-trip.ts";

describe("how long an answer takes", () => {
  it("is guessed while nothing is known", () => {
    const trip = new RoundTrip();
    expect([trip.shortestUs, trip.retransmitTimeoutUs]).toEqual([1000, 100_000]);
  });

  it("follows RFC 6298", () => {
    const trip = new RoundTrip();
    trip.add(40_000);
    expect([trip.shortestUs, trip.retransmitTimeoutUs]).toEqual([40_000, 40_000 + 4 * 20_000]);
    trip.add(48_000);
    // Deviation 20 000 + (8000 - 20 000) / 4 = 17 000, mean 41 000.
    expect(trip.retransmitTimeoutUs).toBe(41_000 + 4 * 17_000);
    expect(trip.shortestUs).toBe(40_000);
  });

  it("is never below 10 ms over the mean, however steady", () => {
    const trip = new RoundTrip();
    for (let i = 0; i < 100; i++) trip.add(300);
    expect(trip.retransmitTimeoutUs).toBeCloseTo(10_300, 3);
  });

  it("comes back after one that took long", () => {
    const trip = new RoundTrip();
    trip.add(1000);
    trip.add(900_000);
    expect(trip.retransmitTimeoutUs).toBeGreaterThan(500_000);
    for (let i = 0; i < 100; i++) trip.add(1000);
    expect(trip.retransmitTimeoutUs).toBeLessThan(20_000);
  });
});
