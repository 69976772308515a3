/**
 * A plot of series over one x axis. uPlot is loaded when the first plot is shown. A plot is for the eye: the page shows
 * the same data as a table, and the summary says the most in one line.
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { colourOf, onThemeChange } from "./colours.ts";
import type { PlotLook, PlotProps } from "./plot-props.ts";
import { THEME_CHANGED } from "./theme.tsx";

/** Colours that stay apart for every kind of colour vision, each with a dash of its own. */
const STROKES = [
  ["--accent", []],
  ["--fail", [8, 4]],
  ["--work", [2, 3]],
  ["--alarm", [10, 3, 2, 3]],
  ["--pass", [5, 2]],
] as const;

export function Plot(props: PlotProps): JSX.Element {
  const area = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const element = area.current;
    if (element === null) return undefined;
    let isOver = false;
    let remove = (): void => undefined;
    const show = async (): Promise<void> => {
      const { drawPlot } = await import("./draw-plot.ts");
      remove();
      remove = isOver ? () => undefined : drawPlot(element, props, lookOf(element, props.series.length));
    };
    const start = (): void => {
      show().catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
    };
    start();
    const forget = onThemeChange(THEME_CHANGED, start);
    return () => {
      isOver = true;
      forget();
      remove();
    };
  }, [props.x, props.series, props.title]);
  return (
    <figure class="plot">
      <figcaption class="plot-summary">{`${props.title}: ${summaryOf(props)}`}</figcaption>
      <div ref={area} class="plot-area" aria-hidden="true" />
      {problem === undefined ? null : <p>The plot could not be drawn ({problem}). The table has the same data.</p>}
    </figure>
  );
}

function lookOf(element: Element, count: number): PlotLook {
  const lines = Array.from({ length: count }, (_, index) => {
    const [property, dash] = STROKES[index % STROKES.length] ?? STROKES[0];
    return { colour: colourOf(element, property), dash };
  });
  return { lines, ink: colourOf(element, "--ink-soft"), grid: colourOf(element, "--line") };
}

/** What the plot shows, in words: points, and the span of each series. */
export function summaryOf({ x, series }: PlotProps): string {
  const spans = series.map(({ name, values }) => {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (const value of values) {
      if (value === null) continue;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return least > most ? `${name} has no values` : `${name} from ${plain(least)} to ${plain(most)}`;
  });
  return `${x.length} points; ${spans.join("; ")}`;
}

function plain(value: number): string {
  return String(Number(value.toPrecision(6)));
}
