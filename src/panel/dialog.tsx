/** A question that has to be answered before anything else. Escape closes it, as the first button does. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

export function Dialog(props: {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Buttons; the one that changes nothing comes first. */
  readonly actions: ComponentChildren;
  readonly onClose: () => void;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    // The focus goes back to where it was: that is what the browser does for a modal dialog.
    if (element?.open === false) element.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
    >
      <form method="dialog" onSubmit={(event) => event.preventDefault()}>
        <h2 id={id}>{props.title}</h2>
        <div>{props.children}</div>
        <footer>{props.actions}</footer>
      </form>
    </dialog>
  );
}
