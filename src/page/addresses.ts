/** Addresses that a person types. */

/** Undefined for an empty text, "wrong" for what is no address. */
export function addressIn(text: string): number | undefined | "wrong" {
  const typed = text.trim();
  if (typed === "") return undefined;
  if (!/^(0x[0-9a-f]+|[0-9]+)$/i.test(typed)) return "wrong";
  const value = Number(typed);
  return Number.isSafeInteger(value) ? value : "wrong";
}
