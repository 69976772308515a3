/** Signs: simple shapes that differ in outline, so that they are told apart from far away and without colours. */
import type { JSX } from "preact";
import { SIGN_OF_TONE, type SignName, type Tone } from "./tone.ts";

/** Each in a square of 24; drawn with the colour of the text. */
const SHAPES: Readonly<Record<SignName, readonly string[]>> = {
  check: ["M4.5 12.8 10 18.2 20 6.4"],
  cross: ["M6 6 18 18", "M18 6 6 18"],
  work: ["M20 12a8 8 0 1 1-2.6-5.9L20 8.6", "M20.3 3.4v5.2h-5.2"],
  insert: ["M12 3v10.5", "M7.5 9.2 12 13.7l4.5-4.5", "M4 15v5h16v-5"],
  remove: ["M12 14V3.5", "M7.5 7.8 12 3.3l4.5 4.5", "M4 15v5h16v-5"],
  question: ["M8.2 8.6a3.9 3.9 0 1 1 5.6 4.1c-1.3.7-1.8 1.3-1.8 2.7", "M12 19.6v.3"],
  alarm: ["M12 3.8 21.3 20H2.7Z", "M12 9.7v4.6", "M12 17v.2"],
  empty: ["M5 12h14"],
  off: ["M12 4v8", "M7 6.7a7.5 7.5 0 1 0 10 0"],
  pause: ["M8.5 5v14", "M15.5 5v14"],
  info: ["M12 11v7", "M12 6.3v.3"],
  sun: [
    "M12 8.2a3.8 3.8 0 1 1 0 7.6a3.8 3.8 0 1 1 0-7.6",
    "M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  ],
  moon: ["M19.5 14.6A8 8 0 0 1 9.4 4.5a8 8 0 1 0 10.1 10.1Z"],
  half: ["M12 3.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 1 1 0-17", "M12 3.5v17", "M12 8l6.5 0M12 12h8.5M12 16h6.5"],
  search: ["M10.5 4a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13", "M15.5 15.5 20.5 20.5"],
};

/** A sign for the eye alone: the word beside it is what a screen reader says. */
export function Sign({
  name,
  weight = 2.4,
}: {
  readonly name: SignName;
  readonly weight?: number | undefined;
}): JSX.Element {
  return (
    <svg class="sign" viewBox="0 0 24 24" fill="none" aria-hidden="true" focusable="false">
      {SHAPES[name].map((path) => (
        <path
          key={path}
          d={path}
          stroke="currentColor"
          stroke-width={weight}
          stroke-linecap="round"
          stroke-linejoin="round"
        />
      ))}
    </svg>
  );
}

/** A state in one line: colour, sign and word. */
export function Pill(props: {
  readonly tone: Tone;
  readonly word: string;
  readonly sign?: SignName | undefined;
}): JSX.Element {
  return (
    <span class={`pill tone-${props.tone}`}>
      <Sign name={props.sign ?? SIGN_OF_TONE[props.tone]} weight={3} />
      {props.word}
    </span>
  );
}
