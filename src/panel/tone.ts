/**
 * The tones of a state. A tone is a colour of theme.css and a sign of sign.tsx; the component that shows it adds the word. So a
 * state is never told by its colour alone.
 */
export type Tone = "pass" | "fail" | "work" | "act" | "alarm" | "rest";

/** Names of the signs in sign.tsx. */
export type SignName =
  | "check"
  | "cross"
  | "work"
  | "insert"
  | "remove"
  | "question"
  | "alarm"
  | "empty"
  | "off"
  | "pause"
  | "info"
  | "sun"
  | "moon"
  | "half"
  | "search";

/** The sign that a tone has if a state brings none of its own. */
export const SIGN_OF_TONE: Readonly<Record<Tone, SignName>> = {
  pass: "check",
  fail: "cross",
  work: "work",
  act: "question",
  alarm: "alarm",
  rest: "empty",
};
