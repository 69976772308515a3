/** Who relies on a range hears of a change once, and is forgotten then. */
import { expect, it } from "vitest";
import { Claims } from "../../src/flash/claims.ts";

it("outdates each claim that the changed range touches, and not the one that changes it", () => {
  const claims = new Claims();
  const low = claims.claim("an FCB", { address: 0, lengthBytes: 4096 });
  const high = claims.claim("a safe", { address: 4096, lengthBytes: 4096 });
  const both = claims.claim("a stream", { address: 4000, lengthBytes: 200 });
  low.changing();
  expect([low.changedBy, high.changedBy, both.changedBy]).toEqual([
    undefined,
    undefined,
    "an FCB at 0x000000..0x000fff (4 KiB)",
  ]);
  high.changing();
  both.changing();
  expect([low.changedBy, high.changedBy]).toEqual([
    "a stream at 0x000fa0..0x001067 (200 bytes)",
    "a stream at 0x000fa0..0x001067 (200 bytes)",
  ]);
});

it("keeps the first change as the reason", () => {
  const claims = new Claims();
  const claim = claims.claim("an FCB", { address: 0, lengthBytes: 4096 });
  claims.changing({ address: 0, lengthBytes: 1 }, "an erase");
  claims.changing({ address: 0, lengthBytes: 1 }, "a write");
  expect(claim.changedBy).toBe("an erase");
});

it("a claim made after a change is not outdated by it, and hears of the next", () => {
  const claims = new Claims();
  claims.claim("an FCB", { address: 0, lengthBytes: 4096 });
  claims.changing({ address: 0, lengthBytes: 4096 }, "an erase");
  const later = claims.claim("an FCB", { address: 0, lengthBytes: 4096 });
  expect(later.changedBy).toBeUndefined();
  claims.changing({ address: 4095, lengthBytes: 1 }, "a write");
  expect(later.changedBy).toBe("a write");
});
