/** Draws the map of a chip on a canvas. Cells of 9 pixels and more have the mark of their state, smaller ones its pattern. */
import { colourOf } from "./colours.ts";
import { MAP_STATES, type MapLayout, type MapState } from "./map-states.ts";

const MARK_PX = 9;

/** Colours of the theme at this moment. */
export interface MapLook {
  readonly fills: readonly string[];
  readonly inks: readonly string[];
  readonly line: string;
  readonly focus: string;
}

/** Takes the colours from an element; again after the theme has changed. */
export function mapLookOf(element: Element): MapLook {
  const fills = MAP_STATES.map(({ colour }) => colourOf(element, colour));
  return {
    fills,
    inks: fills.map((fill) => (isDark(fill) ? "#ffffff" : "#10181d")),
    line: colourOf(element, "--line-strong"),
    focus: colourOf(element, "--focus"),
  };
}

/** Selected sectors: from `anchor` to `cursor`, in either order. */
export interface MapSelection {
  readonly anchor: number;
  readonly cursor: number;
}

/** Draws all cells. The canvas gets the size that the layout needs, in pixels of the screen. */
export function drawMap(
  canvas: HTMLCanvasElement,
  states: Uint8Array,
  layout: MapLayout,
  look: MapLook,
  selection: MapSelection | undefined,
): void {
  const scale = window.devicePixelRatio;
  const { columns, rows, cellPx, perCell } = layout;
  const context = sized(canvas, columns * cellPx, rows * cellPx, scale);
  if (context === null) return;
  for (let cell = 0; cell * perCell < states.length; cell++) {
    const state = loudest(states, cell * perCell, perCell);
    const x = (cell % columns) * cellPx;
    const y = Math.floor(cell / columns) * cellPx;
    drawCell(context, { x, y, cellPx }, state, look);
  }
  if (selection === undefined) return;
  context.strokeStyle = look.focus;
  context.lineWidth = 2;
  const from = Math.floor(Math.min(selection.anchor, selection.cursor) / perCell);
  const to = Math.floor(Math.max(selection.anchor, selection.cursor) / perCell);
  for (let cell = from; cell <= to; cell++) {
    const x = (cell % columns) * cellPx;
    context.strokeRect(x + 1, Math.floor(cell / columns) * cellPx + 1, cellPx - 2, cellPx - 2);
  }
}

/** One cell, for the legend. */
export function drawLegend(canvas: HTMLCanvasElement, state: number, look: MapLook): void {
  const context = sized(canvas, 18, 18, window.devicePixelRatio);
  if (context !== null) drawCell(context, { x: 0, y: 0, cellPx: 18 }, state, look);
}

function sized(
  canvas: HTMLCanvasElement,
  widthPx: number,
  heightPx: number,
  scale: number,
): CanvasRenderingContext2D | null {
  const width = Math.round(widthPx * scale);
  const height = Math.round(heightPx * scale);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
    canvas.style.width = `${widthPx}px`;
    canvas.style.height = `${heightPx}px`;
  }
  const context = canvas.getContext("2d");
  context?.setTransform(scale, 0, 0, scale, 0, 0);
  context?.clearRect(0, 0, widthPx, heightPx);
  return context;
}

function loudest(states: Uint8Array, from: number, count: number): number {
  let most = 0;
  for (let index = from; index < Math.min(states.length, from + count); index++)
    most = Math.max(most, states[index] ?? 0);
  return most;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly cellPx: number;
}

function drawCell(context: CanvasRenderingContext2D, { x, y, cellPx }: Place, index: number, look: MapLook): void {
  const state = MAP_STATES[index];
  if (state === undefined) return;
  const gap = cellPx >= 7 ? 1 : 0.5;
  context.fillStyle = look.fills[index] ?? look.line;
  context.fillRect(x, y, cellPx - gap, cellPx - gap);
  const ink = look.inks[index] ?? look.line;
  if (cellPx >= MARK_PX) {
    if (state.name === "untouched" || state.name === "same") return;
    context.fillStyle = ink;
    context.font = `600 ${Math.round(cellPx * 0.62)}px ui-monospace, monospace`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(state.mark, x + (cellPx - gap) / 2, y + (cellPx - gap) / 2 + 0.5);
    return;
  }
  drawPattern(context, { x, y, cellPx: cellPx - gap }, state, ink);
}

function drawPattern(context: CanvasRenderingContext2D, place: Place, { pattern }: MapState, ink: string): void {
  if (pattern === "none") return;
  const { x, y, cellPx } = place;
  context.strokeStyle = ink;
  context.lineWidth = 1;
  context.beginPath();
  if (pattern === "rising" || pattern === "cross") line(context, x, y + cellPx, x + cellPx, y);
  if (pattern === "falling" || pattern === "cross") line(context, x, y, x + cellPx, y + cellPx);
  if (pattern === "flat") line(context, x, y + cellPx / 2, x + cellPx, y + cellPx / 2);
  if (pattern === "dot") context.rect(x + cellPx / 2 - 0.5, y + cellPx / 2 - 0.5, 1, 1);
  context.stroke();
}

function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
}

/** Whether white is easier to read on a colour than black; `rgb(...)` or a colour with shares of 1. */
function isDark(colour: string): boolean {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  const full = colour.startsWith("rgb") ? 255 : 1;
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / full < 0.5;
}
