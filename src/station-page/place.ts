/** Places of the page, as they stand after # in its address; what does not start with a slash there is a token. */
export type Place =
  | { readonly kind: "operator" }
  | { readonly kind: "report" }
  | { readonly kind: "unit"; readonly serial: string };

/** The place of an address; the operator's for what is none. */
export function placeOf(hash: string): Place {
  if (hash === "#/report") return { kind: "report" };
  const [, serial] = /^#\/unit\/?(.*)$/.exec(hash) ?? [];
  return serial === undefined ? { kind: "operator" } : { kind: "unit", serial: decoded(serial) };
}

export function placeText(place: Place): string {
  switch (place.kind) {
    case "operator":
      return "#/";
    case "report":
      return "#/report";
    case "unit":
      return `#/unit/${encodeURIComponent(place.serial)}`;
  }
}

/** The token that the program has put into the address. */
export function tokenOf(hash: string): string | undefined {
  return hash.length > 1 && !hash.startsWith("#/") ? hash.slice(1) : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
