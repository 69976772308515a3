/** Draws a plot by uPlot: the only file that imports it, and it is loaded late. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clockText, momentText } from "./page-time.ts";
import type { PlotLook, PlotProps } from "./plot-props.ts";

/** Draws into an element that is empty or holds an older plot. The result removes it. */
export function drawPlot(element: HTMLElement, props: PlotProps, look: PlotLook): () => void {
  const heightPx = props.heightPx ?? 260;
  const axis: uPlot.Axis = {
    stroke: look.ink,
    grid: { stroke: look.grid, width: 1 },
    ticks: { stroke: look.grid, width: 1 },
    font: "12px system-ui, sans-serif",
  };
  const options: uPlot.Options = {
    width: Math.max(200, element.clientWidth),
    height: heightPx,
    cursor: { drag: { x: true, y: false } },
    scales: { x: { time: props.isTime === true } },
    axes: [props.isTime === true ? { ...axis, values: timeTexts, space: 90 } : axis, { ...axis, size: 64 }],
    series: [
      props.isTime === true
        ? {
            label: props.xName,
            value: (_, seconds: number | null) => (seconds === null ? "" : momentText(seconds * 1000)),
          }
        : { label: props.xName },
      ...props.series.map(({ name }, index): uPlot.Series => {
        const line = look.lines[index];
        return {
          label: name,
          stroke: line?.colour ?? look.ink,
          dash: [...(line?.dash ?? [])],
          width: 2,
          spanGaps: false,
        };
      }),
    ],
  };
  const data: uPlot.AlignedData = [[...props.x], ...props.series.map(({ values }) => [...values])];
  element.replaceChildren();
  const plot = new uPlot(options, data, element);
  const watcher = new ResizeObserver(() => {
    const width = Math.max(200, element.clientWidth);
    if (width !== plot.width) plot.setSize({ width, height: heightPx });
  });
  watcher.observe(element);
  return () => {
    watcher.disconnect();
    plot.destroy();
  };
}

const DAY_SECONDS = 86_400;

/** The time of day, with the date where an axis has several days. */
function timeTexts(_: uPlot, seconds: number[]): string[] {
  const span = (seconds.at(-1) ?? 0) - (seconds[0] ?? 0);
  return seconds.map((at) => (span > DAY_SECONDS ? momentText(at * 1000).slice(5, 16) : clockText(at * 1000)));
}
