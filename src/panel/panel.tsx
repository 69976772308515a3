/** A part of a page with a heading, and facts in pairs. */
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

export function Panel(props: {
  readonly title: string;
  /** On the right of the heading. */
  readonly aside?: ComponentChildren | undefined;
  readonly children: ComponentChildren;
}): JSX.Element {
  const id = useId();
  return (
    <section class="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{props.title}</h2>
        {props.aside === undefined ? null : <div class="aside">{props.aside}</div>}
      </header>
      {props.children}
    </section>
  );
}

/** Names and values; a value may be any content. */
export function Facts(props: {
  readonly facts: readonly (readonly [name: string, value: ComponentChildren])[];
  readonly isBig?: boolean | undefined;
}): JSX.Element {
  return (
    <dl class="facts">
      {props.facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class={props.isBig === true ? "figure-big" : undefined}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
