/** The operator's view: the batch above, a tile for each slot below. */
import type { ComponentChildren, JSX } from "preact";
import { LiveRegion, Notice, percentText, Pill, wholeText } from "../panel/index.ts";
import { Scanner } from "./scanner.tsx";
import type { StationView, TileAction } from "./station-view.ts";
import { Tile } from "./tile.tsx";

export interface OperatorProps {
  readonly view: StationView;
  readonly nowMs: number;
  readonly isOld: boolean;
  readonly onScan: (text: string) => Promise<string | undefined>;
  readonly onAction: (slot: string, action: TileAction) => void;
}

export function Operator({ view, nowMs, isOld, onScan, onAction }: OperatorProps): JSX.Element {
  return (
    <>
      <h1 class="only-read">{`Slots of ${view.station}`}</h1>
      <section class="batch" aria-label="Batch">
        <div class="scan">
          <Scanner scanFor={view.scanFor} onScan={onScan} />
        </div>
        <Done view={view} />
        <Figure name="First pass" text={percentText(view.firstPass.passed, view.firstPass.units)}>
          {`${wholeText(view.firstPass.passed)} of ${wholeText(view.firstPass.units)} units`}
        </Figure>
        {view.numbers.map(({ pool, left, tone }) => (
          <Figure key={pool} name={`${pool} left`} text={left}>
            {tone === "rest" ? null : <Pill tone={tone} sign="alarm" word={tone === "fail" ? "None" : "Few"} />}
          </Figure>
        ))}
        <div class="figure">
          <span class="name">Database</span>
          <Pill tone={view.database.tone} word={view.database.word} />
          <span class="more">{view.database.sentence}</span>
        </div>
      </section>
      {view.notes.map((note) => (
        <Notice key={note} tone="act" sign="info">
          {note}
        </Notice>
      ))}
      <ul class={isOld ? "tiles old" : "tiles"} data-count={countClass(view.tiles.length)} aria-label="Slots">
        {view.tiles.map((tile) => (
          <Tile key={tile.slot} tile={tile} nowMs={nowMs} onAction={onAction} />
        ))}
      </ul>
      <LiveRegion text={spoken(view)} />
    </>
  );
}

function Done({ view }: { readonly view: StationView }): JSX.Element {
  const { passed, failed, target } = view;
  return (
    <div class="figure wide">
      <span class="name">{view.isRunning ? "Batch" : "Batch, ended"}</span>
      <span class="value">
        {wholeText(passed)}
        {target === undefined ? null : <small>{` of ${wholeText(target)}`}</small>}
      </span>
      <progress
        aria-label="Units of the batch"
        value={Math.min(passed, target ?? passed)}
        max={Math.max(1, target ?? passed)}
      />
      <span class="more">{failed === 0 ? "none failed" : `${wholeText(failed)} failed`}</span>
    </div>
  );
}

function Figure(props: {
  readonly name: string;
  readonly text: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="figure">
      <span class="name">{props.name}</span>
      <span class="value">{props.text}</span>
      <span class="more">{props.children}</span>
    </div>
  );
}

/** Columns depend on how many tiles there are: few are large. */
function countClass(count: number): string {
  if (count <= 1) return "one";
  if (count <= 4) return "four";
  return count <= 9 ? "nine" : "sixteen";
}

/** What waits for a person, as a screen reader says it. */
function spoken({ tiles }: StationView): string {
  return tiles
    .filter(({ isLoud }) => isLoud)
    .map(
      ({ slot, word, serial, sentence }) =>
        `Slot ${slot}: ${word}${serial === undefined ? "" : `, ${serial}`}. ${sentence}`,
    )
    .join(" ");
}
