/**
 * A table that may have a hundred thousand rows: above WINDOW_ROWS only those in sight are elements, and they are of
 * one height. It scrolls by the keyboard, and a screen reader learns the number of each row.
 */
import type { ComponentChildren, JSX, TargetedUIEvent } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ComponentChildren;
  readonly isRight?: boolean | undefined;
  readonly isMono?: boolean | undefined;
  /** Sentences: they may take several lines. */
  readonly isLong?: boolean | undefined;
}

const WINDOW_ROWS = 200;
/** Height of a row until one was measured. */
const ROW_PX = 34;
/** Rows above and below those in sight. */
const SPARE_ROWS = 12;

export function Table<Row>(props: {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row, index: number) => string | number;
  /** What is said of a table without rows. */
  readonly empty: string;
}): JSX.Element {
  const { rows, columns } = props;
  const caption = useId();
  const [view, setView] = useState({ from: 0, to: 60, rowPx: ROW_PX });
  const box = useRef<HTMLDivElement>(null);
  // The height of a row depends on font and theme: it is measured before the first scroll.
  useLayoutEffect(() => {
    if (box.current !== null && rows.length > WINDOW_ROWS) setView(rowsInSight(box.current, ROW_PX));
  }, [rows]);
  if (rows.length === 0) return <p class="table-empty">{props.empty}</p>;
  const isLong = rows.length > WINDOW_ROWS;
  const from = isLong ? Math.min(view.from, Math.max(0, rows.length - 1)) : 0;
  const to = isLong ? Math.min(view.to, rows.length) : rows.length;
  const look = (event: TargetedUIEvent<HTMLDivElement>): void => {
    if (isLong) setView(rowsInSight(event.currentTarget, view.rowPx));
  };
  return (
    <div
      class={isLong ? "table-window long" : "table-window"}
      tabIndex={0}
      ref={box}
      role="group"
      aria-labelledby={caption}
      onScroll={look}
    >
      <table aria-rowcount={rows.length + 1}>
        <caption id={caption} class="only-read">
          {props.caption}
        </caption>
        <thead>
          <tr>
            {columns.map(({ name, isRight }) => (
              <th key={name} scope="col" class={isRight === true ? "right" : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap rows={from} rowPx={view.rowPx} columns={columns.length} />
          {rows.slice(from, to).map((row, index) => (
            <tr key={props.rowKey(row, from + index)} aria-rowindex={from + index + 2}>
              {columns.map((column) => (
                <td key={column.name} class={classOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
          <Gap rows={rows.length - to} rowPx={view.rowPx} columns={columns.length} />
        </tbody>
      </table>
    </div>
  );
}

function classOf<Row>({ isRight, isMono, isLong }: Column<Row>): string | undefined {
  const names = [
    isRight === true ? "right" : "",
    isMono === true ? "mono" : "",
    isLong === true ? "sentences" : "",
  ].filter((name) => name !== "");
  return names.length === 0 ? undefined : names.join(" ");
}

/** The room of rows that are not there, so that the scroll bar is right. */
function Gap(props: { readonly rows: number; readonly rowPx: number; readonly columns: number }): JSX.Element | null {
  if (props.rows <= 0) return null;
  return (
    <tr aria-hidden="true">
      <td colSpan={props.columns} style={{ height: `${props.rows * props.rowPx}px`, padding: 0, border: 0 }} />
    </tr>
  );
}

function rowsInSight(box: HTMLDivElement, before: number): { from: number; to: number; rowPx: number } {
  const row = box.querySelector("tbody tr[aria-rowindex]");
  const rowPx = row === null ? before : Math.max(8, row.getBoundingClientRect().height);
  const first = Math.floor(box.scrollTop / rowPx);
  const count = Math.ceil(box.clientHeight / rowPx);
  return { from: Math.max(0, first - SPARE_ROWS), to: first + count + SPARE_ROWS, rowPx };
}
