/** What a plot is given. */

export interface PlotSeries {
  readonly name: string;
  /** As many as `x`; null is a gap. */
  readonly values: readonly (number | null)[];
}

export interface PlotProps {
  readonly title: string;
  /** Ascending. Seconds since 1970 if `isTime`. */
  readonly x: readonly number[];
  readonly xName: string;
  readonly isTime?: boolean | undefined;
  readonly series: readonly PlotSeries[];
  readonly heightPx?: number | undefined;
}

/** Lines and their colours at this moment. */
export interface Stroke {
  readonly colour: string;
  readonly dash: readonly number[];
}

/** Colours of the theme in which it is drawn. */
export interface PlotLook {
  readonly lines: readonly Stroke[];
  readonly ink: string;
  readonly grid: string;
}
