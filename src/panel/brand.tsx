/** The name of the program with its mark: a bridge over the legs of a chip. */
import type { JSX } from "preact";

export function Brand({ children }: { readonly children?: string | undefined }): JSX.Element {
  return (
    <span class="brand">
      <svg viewBox="0 0 32 32" fill="none" aria-hidden="true" focusable="false">
        <path d="M2.5 21.5C7 9.5 25 9.5 29.5 21.5" stroke="currentColor" stroke-width="3" stroke-linecap="round" />
        <path d="M2 25h28" stroke="currentColor" stroke-width="3.4" stroke-linecap="round" />
        <path d="M9.5 16v9M16 13.2v11.8M22.5 16v9" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" />
      </svg>
      <span>
        norbridge{children === undefined ? "" : " "}
        {children}
      </span>
    </span>
  );
}
