/** How far a job is: a bar with its text. */
import type { JSX } from "preact";
import { useId } from "preact/hooks";

export function Progress(props: {
  readonly label: string;
  /** Undefined: it is not known. */
  readonly done: number | undefined;
  readonly total: number;
  readonly text?: string | undefined;
}): JSX.Element {
  const id = useId();
  return (
    <div class="progress">
      <progress
        aria-label={props.label}
        aria-describedby={id}
        value={props.total === 0 ? undefined : props.done}
        max={Math.max(1, props.total)}
      />
      <span id={id}>{props.text}</span>
    </div>
  );
}
