/**
 * The one input for scanners, which type like a keyboard and end with Enter. What is typed anywhere else on the page
 * goes into it, so that a scan is never lost because of a click.
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { TextField } from "../panel/index.ts";

export function Scanner(props: {
  /** What the next scan is for. */
  readonly scanFor: string | undefined;
  /** Returns why it was not taken. */
  readonly onScan: (text: string) => Promise<string | undefined>;
}): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<string>();
  useEffect(() => {
    input.current?.focus();
    const redirect = (event: KeyboardEvent): void => {
      if (input.current !== null && isMeantForScanner(event)) input.current.focus();
    };
    document.addEventListener("keydown", redirect);
    return () => document.removeEventListener("keydown", redirect);
  }, []);
  const enter = (entered: string): void => {
    const scanned = entered.trim();
    if (scanned === "") return;
    setText("");
    setWrong(undefined);
    void props.onScan(scanned).then((refusal) => {
      if (refusal !== undefined) setWrong(`${scanned}: ${refusal}`);
    });
  };
  return (
    <TextField
      label={props.scanFor === undefined ? "Scan" : `Scan ${props.scanFor}`}
      value={text}
      onInput={setText}
      onEnter={enter}
      wrong={wrong}
      isMono={true}
      inputRef={input}
      placeholder={props.scanFor === undefined ? "Nothing waits for a scan" : "Enter ends it"}
    />
  );
}

/** A character that nothing else on the page takes. */
function isMeantForScanner(event: KeyboardEvent): boolean {
  const { target, key } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || key.length !== 1) return false;
  if (!(target instanceof HTMLElement) || target.closest("dialog") !== null) return false;
  if (target.matches("input, select, textarea, [role=application]"))
    return target.matches("input[type=radio]") && key !== " ";
  // The space bar presses a button and scrolls a table.
  return key !== " ";
}
