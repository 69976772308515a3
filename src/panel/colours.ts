/** Colours of theme.css for what is drawn on a canvas: they depend on the theme, and on the element. */

/** The colour of a custom property ("--ink") as it is at this element, in a form that a canvas takes. */
export function colourOf(element: Element, property: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${property})`;
  probe.hidden = true;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Calls back when the theme changes, by the switch or by the system. The result ends that. */
export function onThemeChange(event: string, callback: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  window.addEventListener(event, callback);
  system.addEventListener("change", callback);
  return () => {
    window.removeEventListener(event, callback);
    system.removeEventListener("change", callback);
  };
}
