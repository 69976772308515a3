/** What a screen reader says by itself, and notices that stay until they are dealt with. */
import type { ComponentChildren, JSX } from "preact";
import { Sign } from "./sign.tsx";
import { SIGN_OF_TONE, type SignName, type Tone } from "./tone.ts";

/**
 * A line that is read aloud when it changes; not seen. Give it phases and each tenth of the work, not each event: a
 * screen reader says all of it.
 */
export function LiveRegion({ text }: { readonly text: string }): JSX.Element {
  return (
    <div class="only-read" role="status" aria-live="polite">
      {text}
    </div>
  );
}

/** A notice. `fail` and `alarm` are read aloud at once. */
export function Notice(props: {
  readonly tone: Tone;
  readonly children: ComponentChildren;
  readonly sign?: SignName | undefined;
}): JSX.Element {
  const isUrgent = props.tone === "fail" || props.tone === "alarm";
  return (
    <div class={`notice tone-${props.tone}`} role={isUrgent ? "alert" : "status"}>
      <Sign name={props.sign ?? SIGN_OF_TONE[props.tone]} />
      <div>{props.children}</div>
    </div>
  );
}
