/** A button. One that cannot be used stays in the order of the keyboard and says why. */
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

export function Button(props: {
  readonly children: ComponentChildren;
  readonly onPress: () => void;
  readonly kind?: "plain" | "primary" | "danger" | "quiet" | undefined;
  /** Why it cannot be used now; undefined if it can. */
  readonly refusal?: string | undefined;
  /** What a screen reader says if that is more than the text. */
  readonly label?: string | undefined;
  /** The key that does the same, shown after the text. */
  readonly keyName?: string | undefined;
}): JSX.Element {
  const reason = useId();
  const isRefused = props.refusal !== undefined;
  return (
    <>
      <button
        type="button"
        class={`button ${props.kind ?? "plain"}`}
        aria-disabled={isRefused ? "true" : undefined}
        aria-describedby={isRefused ? reason : undefined}
        aria-label={props.label}
        aria-keyshortcuts={props.keyName}
        title={props.refusal}
        onClick={() => {
          if (!isRefused) props.onPress();
        }}
      >
        {props.children}
        {props.keyName === undefined ? null : <kbd aria-hidden="true">{props.keyName}</kbd>}
      </button>
      {isRefused ? (
        <span id={reason} class="only-read">
          {props.refusal}
        </span>
      ) : null}
    </>
  );
}
