/** A slot of the station, made to be read from three metres: colour, sign and word, and what to do. */
import type { JSX } from "preact";
import { memo } from "./memo.ts";
import { Button, durationText, Progress, Sign, wholeText } from "../panel/index.ts";
import type { TileAction, TileView } from "./station-view.ts";

export interface TileProps {
  readonly tile: TileView;
  /** The time at the station; only tiles that count seconds are drawn again by it. */
  readonly nowMs: number;
  readonly onAction: (slot: string, action: TileAction) => void;
}

export const Tile = memo<TileProps>(
  ({ tile, nowMs, onAction }) => (
    <li class={`tile tone-${tile.tone}${tile.isLoud ? " loud" : ""}`}>
      <article aria-label={`Slot ${tile.slot}: ${tile.word}`}>
        <header>
          <h2>{tile.slot}</h2>
          <Actions tile={tile} onAction={onAction} />
          <Seconds tile={tile} nowMs={nowMs} />
        </header>
        <p
          class="verdict"
          style={{ "--letters": tile.word.length, "--lines": linesOf(tile), "--few-lines": fewLinesOf(tile) }}
        >
          <Sign name={tile.sign} weight={3} />
          <span>{tile.word}</span>
        </p>
        <div class="rest">
          {tile.serial === undefined ? null : <p class="serial mono">{tile.serial}</p>}
          {tile.progress === undefined ? null : (
            <Progress
              label={`Slot ${tile.slot}`}
              done={tile.progress.done}
              total={tile.progress.total}
              text={progressText(tile.progress)}
            />
          )}
          <p class="sentence">{tile.sentence}</p>
          {tile.note === undefined ? null : <p class="note">{tile.note}</p>}
          {tile.cause === undefined ? null : <p class="cause">{tile.cause}</p>}
        </div>
      </article>
    </li>
  ),
  (before, next) => before.tile === next.tile && (before.nowMs === next.nowMs || next.tile.sinceMs === undefined),
);

/** Lines below the word: the word is as large as they leave room. */
function linesOf({ serial, progress, note, cause }: TileView): number {
  const lines = [serial, progress, progress, note, cause].filter((line) => line !== undefined).length;
  return lines + 1;
}

/** The same for a low tile, which leaves out the note and the bytes. */
function fewLinesOf({ serial, progress, cause }: TileView): number {
  return [serial, progress, cause].filter((line) => line !== undefined).length + 1;
}

function progressText({ done, total }: { readonly done: number; readonly total: number }): string {
  return `${wholeText(done)} of ${wholeText(total)} bytes`;
}

function Seconds({ tile, nowMs }: { readonly tile: TileView; readonly nowMs: number }): JSX.Element | null {
  const tookMs = tile.sinceMs === undefined ? tile.tookMs : Math.max(0, nowMs - tile.sinceMs);
  return tookMs === undefined ? null : <span class="seconds">{durationText(tookMs)}</span>;
}

function Actions({ tile, onAction }: Omit<TileProps, "nowMs">): JSX.Element | null {
  if (tile.actions.length === 0) return null;
  return (
    <p class="actions">
      {tile.actions.map((action) => (
        <Button
          key={action.kind}
          label={`${action.word}, slot ${tile.slot}`}
          onPress={() => onAction(tile.slot, action)}
        >
          {action.word}
        </Button>
      ))}
    </p>
  );
}
