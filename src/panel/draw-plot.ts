/** Draws a plot by uPlot: the only file that imports it, and it is loaded late. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
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
    axes: [axis, { ...axis, size: 64 }],
    series: [
      { label: props.xName },
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
