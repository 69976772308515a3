/**
 * How many broken rules a chip or a bridge keeps. A host that floods a simulated bridge with nonsense breaks one with every
 * byte; what is kept of it must not grow with that.
 */
export const MAX_VIOLATIONS = 10_000;
