/**
 * The components that every page of norbridge is made of: preact with TSX, no engine code, no other package.
 *
 * How to build a page on them:
 *
 * - The page is a folder with an index.html that links `../panel/theme.css` and `../panel/parts.css` and has one
 *   `<script type="module">`. `.ci/pages.mjs` has a line for it; `npm run build` writes dist/page-NAME.
 * - Its tsconfig.json extends `../panel/tsconfig.json` (types of a browser, none of Node.js); package.json checks it in
 *   `typecheck:pages`.
 * - Text is text: strings go into elements as children, and nothing sets `innerHTML`. The content policy refuses it
 *   anyway: Trusted Types, no inline script or style. `style={{...}}` is fine, since preact sets it by CSSOM.
 * - A state has a tone (`tone.ts`), a sign and a word; a colour alone says nothing to many people.
 * - Colours come from theme.css; a canvas takes them by `colourOf`, again after `onThemeChange`.
 * - Time comes from `page-time.ts`, numbers are written by `numbers.ts`.
 */
export { type Bar, Bars } from "./bars.tsx";
export { Brand } from "./brand.tsx";
export { Button } from "./button.tsx";
export { ChipMap, type ChipMapProps, type SectorPlace } from "./chip-map.tsx";
export { colourOf, onThemeChange } from "./colours.ts";
export { Dialog } from "./dialog.tsx";
export { Choice, TextField } from "./field.tsx";
export { LiveRegion, Notice } from "./live.tsx";
export { MAP_STATES, mapRuns, mapStateIndex, mapSummary } from "./map-states.ts";
export { durationText, hexText, percentText, sizeText, wholeText } from "./numbers.ts";
export { after, clockText, every, isoTime, momentText, nowMs, wallMs } from "./page-time.ts";
export { Facts, Panel } from "./panel.tsx";
export { Plot } from "./plot.tsx";
export type { PlotProps, PlotSeries } from "./plot-props.ts";
export { Progress } from "./progress.tsx";
export { Pill, Sign } from "./sign.tsx";
export { type Column, Table } from "./table.tsx";
export { restoreTheme, THEME_CHANGED, ThemeSwitch } from "./theme.tsx";
export { SIGN_OF_TONE, type SignName, type Tone } from "./tone.ts";
