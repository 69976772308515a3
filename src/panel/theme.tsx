/** Light, dark, or as the system has it. The choice stays on this computer. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Choice } from "./field.tsx";
import type { SignName } from "./tone.ts";

export type Theme = "system" | "light" | "dark";

const KEY = "norbridge-theme";
const THEMES: readonly { readonly value: Theme; readonly word: string; readonly sign: SignName }[] = [
  { value: "system", word: "As the system", sign: "half" },
  { value: "light", word: "Light", sign: "sun" },
  { value: "dark", word: "Dark", sign: "moon" },
];

/** The event on `window` after a change: what is drawn on a canvas takes its colours again. */
export const THEME_CHANGED = "norbridge-theme-changed";

/** Sets the theme that was chosen before. Call it before the first draw. */
export function restoreTheme(): Theme {
  const theme = THEMES.find(({ value }) => value === stored())?.value ?? "system";
  apply(theme);
  return theme;
}

/** The switch. */
export function ThemeSwitch(): JSX.Element {
  const [theme, setTheme] = useState(restoreTheme);
  return (
    <Choice
      label="Theme"
      value={theme}
      options={THEMES}
      onChoose={(next) => {
        setTheme(next);
        keep(next);
        apply(next);
        window.dispatchEvent(new Event(THEME_CHANGED));
      }}
    />
  );
}

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

/** A private window may refuse the store: then the choice lasts as long as the page. */
function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function keep(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // As above.
  }
}
