/** Bars for counts by name: a list that reads as one, with the numbers beside each bar. */
import type { JSX } from "preact";
import type { Tone } from "./tone.ts";

export interface Bar {
  readonly name: string;
  /** Parts of the bar, in their order. */
  readonly parts: readonly { readonly tone: Tone; readonly value: number }[];
  /** What stands behind the bar: "48 of 50". */
  readonly text: string;
}

export function Bars({ bars, label }: { readonly bars: readonly Bar[]; readonly label: string }): JSX.Element {
  const longest = Math.max(1, ...bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0)));
  return (
    <ul class="bars" aria-label={label}>
      {bars.map(({ name, parts, text }) => (
        <li key={name}>
          <span>{name}</span>
          <span class="bar" aria-hidden="true">
            {parts.map(({ tone, value }) => (
              <span key={tone} class={`tone-${tone}`} style={{ width: `${(100 * value) / longest}%` }} />
            ))}
          </span>
          <span>{text}</span>
        </li>
      ))}
    </ul>
  );
}
