/**
 * The map of a chip: one cell for each smallest erase unit. Arrow keys move, Shift extends, Home and End go to the
 * ends; what is marked is said in words. The list of runs below it is the same map for who does not see it.
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { onThemeChange } from "./colours.ts";
import { drawLegend, drawMap, type MapLook, mapLookOf, type MapSelection } from "./draw-map.ts";
import { layOutMap, MAP_STATES, type MapLayout, mapRuns, mapSummary } from "./map-states.ts";
import { hexText, sizeText, wholeText } from "./numbers.ts";
import { Table } from "./table.tsx";
import { THEME_CHANGED } from "./theme.tsx";

export interface SectorPlace {
  readonly address: number;
  readonly lengthBytes: number;
}

export interface ChipMapProps {
  readonly label: string;
  /** Index into MAP_STATES of each sector. It may be changed in place: then `version` has to change too. */
  readonly states: Uint8Array;
  readonly version: number;
  readonly placeOf: (sector: number) => SectorPlace;
  readonly heightPx?: number | undefined;
  /** Called with the first and the last sector that are marked. */
  readonly onSelect?: ((first: number, last: number) => void) | undefined;
}

export function ChipMap(props: ChipMapProps): JSX.Element {
  const { states, placeOf } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const layout = useRef<MapLayout>();
  const [selection, setSelection] = useState<MapSelection>();
  const look = useDrawing(canvas, layout, props, selection);
  const select = (next: MapSelection): void => {
    setSelection(next);
    props.onSelect?.(Math.min(next.anchor, next.cursor), Math.max(next.anchor, next.cursor));
  };
  return (
    <div class="chip-map">
      <div
        class="cells"
        role="application"
        aria-roledescription="chip map"
        aria-label={`${props.label}. ${mapSummary(states)}. Arrow keys move.`}
        tabIndex={0}
        onKeyDown={(event) => {
          const next = afterKey(event.key, event.shiftKey, selection, layout.current, states.length);
          if (next === undefined) return;
          event.preventDefault();
          select(next);
        }}
        onPointerDown={(event) => {
          const sector = sectorAt(canvas.current, layout.current, event, states.length);
          if (sector !== undefined)
            select({ anchor: event.shiftKey ? (selection?.anchor ?? sector) : sector, cursor: sector });
        }}
      >
        <canvas ref={canvas} aria-hidden="true" />
      </div>
      <p class="at" aria-live="polite">
        {selection === undefined ? mapSummary(states) : selectionText(selection, states, placeOf)}
      </p>
      <Legend states={states} look={look} />
      <Runs states={states} placeOf={placeOf} label={props.label} />
    </div>
  );
}

/** Draws after each change, at most once a frame, and again in the colours of another theme. */
function useDrawing(
  canvas: { readonly current: HTMLCanvasElement | null },
  layout: { current: MapLayout | undefined },
  props: ChipMapProps,
  selection: MapSelection | undefined,
): MapLook | undefined {
  const [look, setLook] = useState<MapLook>();
  const [widthPx, setWidthPx] = useState(0);
  useEffect(() => {
    const element = canvas.current?.parentElement;
    if (element === null || element === undefined) return undefined;
    const takeLook = (): void => setLook(mapLookOf(element));
    takeLook();
    const watcher = new ResizeObserver(() => setWidthPx(element.clientWidth));
    watcher.observe(element);
    const forget = onThemeChange(THEME_CHANGED, takeLook);
    return () => {
      watcher.disconnect();
      forget();
    };
  }, []);
  useEffect(() => {
    if (look === undefined || widthPx === 0) return undefined;
    const frame = requestAnimationFrame(() => {
      layout.current = layOutMap(props.states.length, widthPx, props.heightPx ?? 320);
      if (canvas.current !== null) drawMap(canvas.current, props.states, layout.current, look, selection);
    });
    return () => cancelAnimationFrame(frame);
  }, [look, widthPx, props.version, props.states, selection]);
  return look;
}

function Legend({ states, look }: { readonly states: Uint8Array; readonly look: MapLook | undefined }): JSX.Element {
  const used = MAP_STATES.flatMap((state, index) => (states.includes(index) ? [{ ...state, index }] : []));
  return (
    <ul class="legend" aria-label="States">
      {used.map(({ name, mark, index }) => (
        <li key={name}>
          <canvas
            aria-hidden="true"
            ref={(element) => {
              if (element !== null && look !== undefined) drawLegend(element, index, look);
            }}
          />
          {`${name} ${mark}`}
        </li>
      ))}
    </ul>
  );
}

function Runs(props: {
  readonly states: Uint8Array;
  readonly placeOf: (sector: number) => SectorPlace;
  readonly label: string;
}): JSX.Element {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>The map as a list</summary>
      {isOpen ? (
        <Table
          caption={`${props.label} as a list`}
          empty="No sectors."
          rows={mapRuns(props.states)}
          rowKey={({ first }) => first}
          columns={[
            { name: "From", isMono: true, cell: ({ first }) => hexText(props.placeOf(first).address) },
            {
              name: "To",
              isMono: true,
              cell: ({ first, count }) => hexText(lastAddress(props.placeOf(first + count - 1))),
            },
            { name: "Sectors", isRight: true, cell: ({ count }) => wholeText(count) },
            { name: "State", cell: ({ state }) => MAP_STATES[state]?.name ?? "" },
          ]}
        />
      ) : null}
    </details>
  );
}

function lastAddress({ address, lengthBytes }: SectorPlace): number {
  return address + lengthBytes - 1;
}

function selectionText(
  { anchor, cursor }: MapSelection,
  states: Uint8Array,
  placeOf: (sector: number) => SectorPlace,
): string {
  const first = Math.min(anchor, cursor);
  const last = Math.max(anchor, cursor);
  const from = placeOf(first).address;
  const to = lastAddress(placeOf(last));
  return `${hexText(from)} to ${hexText(to)}, ${sizeText(to - from + 1)}. ${mapSummary(states.subarray(first, last + 1))}`;
}

function afterKey(
  key: string,
  isExtending: boolean,
  selection: MapSelection | undefined,
  layout: MapLayout | undefined,
  count: number,
): MapSelection | undefined {
  if (layout === undefined || count === 0) return undefined;
  const at = selection?.cursor ?? 0;
  const row = layout.columns * layout.perCell;
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: at - layout.perCell,
    ArrowRight: selection === undefined ? 0 : at + layout.perCell,
    ArrowUp: at - row,
    ArrowDown: selection === undefined ? 0 : at + row,
    Home: 0,
    End: count - 1,
  };
  const target = targets[key];
  if (target === undefined) return undefined;
  const cursor = Math.min(count - 1, Math.max(0, target));
  return { anchor: isExtending ? (selection?.anchor ?? cursor) : cursor, cursor };
}

function sectorAt(
  canvas: HTMLCanvasElement | null,
  layout: MapLayout | undefined,
  event: { readonly clientX: number; readonly clientY: number },
  count: number,
): number | undefined {
  if (canvas === null || layout === undefined) return undefined;
  const box = canvas.getBoundingClientRect();
  const column = Math.floor((event.clientX - box.left) / layout.cellPx);
  const row = Math.floor((event.clientY - box.top) / layout.cellPx);
  const sector = (row * layout.columns + column) * layout.perCell;
  return column < 0 || column >= layout.columns || row < 0 || sector >= count ? undefined : sector;
}
