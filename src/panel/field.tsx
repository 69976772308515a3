/** Fields of a form: a line of text, and one choice of a few. */
import type { JSX, Ref } from "preact";
import { useId } from "preact/hooks";
import { Sign } from "./sign.tsx";
import type { SignName } from "./tone.ts";

export function TextField(props: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (text: string) => void;
  /** Called at Enter. */
  readonly onEnter?: ((text: string) => void) | undefined;
  readonly hint?: string | undefined;
  /** What is wrong with the text; it is read aloud at once. */
  readonly wrong?: string | undefined;
  readonly placeholder?: string | undefined;
  readonly isMono?: boolean | undefined;
  readonly inputRef?: Ref<HTMLInputElement> | undefined;
  readonly type?: "text" | "search" | "password" | undefined;
}): JSX.Element {
  const id = useId();
  const described = [props.hint === undefined ? "" : `${id}-hint`, props.wrong === undefined ? "" : `${id}-wrong`]
    .filter((part) => part !== "")
    .join(" ");
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <input
        id={id}
        ref={props.inputRef ?? null}
        class={props.isMono === true ? "input mono" : "input"}
        type={props.type ?? "text"}
        value={props.value}
        placeholder={props.placeholder}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        aria-invalid={props.wrong === undefined ? undefined : "true"}
        aria-describedby={described === "" ? undefined : described}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || props.onEnter === undefined) return;
          event.preventDefault();
          props.onEnter(event.currentTarget.value);
        }}
      />
      {props.hint === undefined ? null : (
        <span id={`${id}-hint`} class="hint">
          {props.hint}
        </span>
      )}
      <span id={`${id}-wrong`} class="wrong" role="alert">
        {props.wrong}
      </span>
    </div>
  );
}

/** One of a few, all in sight: radio buttons that look like a switch. */
export function Choice<Value extends string>(props: {
  readonly label: string;
  readonly value: Value;
  /** With a sign the word is for screen readers, and shown when the pointer rests on it. */
  readonly options: readonly { readonly value: Value; readonly word: string; readonly sign?: SignName | undefined }[];
  readonly onChoose: (value: Value) => void;
}): JSX.Element {
  const name = useId();
  return (
    <div class="choice" role="radiogroup" aria-label={props.label}>
      {props.options.map(({ value, word, sign }) => (
        <label key={value} title={sign === undefined ? undefined : word}>
          <input
            type="radio"
            name={name}
            value={value}
            checked={value === props.value}
            onChange={() => props.onChoose(value)}
          />
          {sign === undefined ? word : <Sign name={sign} />}
          {sign === undefined ? null : <span class="only-read">{word}</span>}
        </label>
      ))}
    </div>
  );
}
