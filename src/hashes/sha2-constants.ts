/** The constants of SHA-2 (FIPS 180-4): binary digits of the roots of the first primes. */

/** The first 64 binary digits after the point of the square roots of the first 16 primes. */
export const SQUARE_ROOTS: readonly bigint[] = primes(16).map((prime) => root(prime << 128n, 2n) & (2n ** 64n - 1n));
/** The same of the cube roots of the first 80 primes. */
export const CUBE_ROOTS: readonly bigint[] = primes(80).map((prime) => root(prime << 192n, 3n) & (2n ** 64n - 1n));

function primes(count: number): bigint[] {
  const found: bigint[] = [];
  for (let next = 2n; found.length < count; next++) {
    if (found.every((prime) => next % prime !== 0n)) found.push(next);
  }
  return found;
}

/** The largest whole number whose power is not above `value`. */
function root(value: bigint, power: bigint): bigint {
  let low = 0n;
  let high = 1n << (BigInt(value.toString(2).length) / power + 1n);
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** power <= value) low = middle;
    else high = middle;
  }
  return low;
}
