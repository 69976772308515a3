/**
 * JSON that is safe on a terminal as well: what JSON leaves as it is and a terminal or an editor would act on (C1
 * controls, bidi and zero-width characters, line separators) becomes an escape, which every reader of JSON turns back.
 */
const ACTIVE = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]/g;

/** `JSON.stringify`, on one line. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    ACTIVE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
