/**
 * The rooms and who may import whom: the table of ARCHITECTURE.md, checked against every import in the sources. A
 * failure names file and target.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const WORDS =
  /^src\/(errors|error-groups|advice|clock|bytes|base64|hashes\/[\w-]+|node-hashes|stream|checks|turns|heap|json-fault|platform)\.ts$/;

/** A room's files, what they may import from this project, and from outside. First match counts. */
interface Room {
  readonly files: RegExp;
  readonly inside: readonly RegExp[];
  readonly outside: readonly RegExp[];
}

const GEOMETRY = /^drivers\/(geometry|byte-ranges)\.ts$/;
const STEP = /^firmware-protocol\/step\.ts$/;
const CRC = /^firmware-protocol\/(crc|block-check)\.ts$/;
const PROTOCOL = /^firmware-protocol\//;
const DRIVERS = /^drivers\//;
const NODE = /^node:/;
const DISK = /^src\/disk\//;

const ROOMS: readonly Room[] = [
  { files: PROTOCOL, inside: [PROTOCOL], outside: [] },
  { files: DRIVERS, inside: [DRIVERS, STEP], outside: [] },
  { files: WORDS, inside: [WORDS, GEOMETRY], outside: [] },
  {
    files: /^src\/transport\/serial(-duplex)?\.ts$/,
    inside: [WORDS, /^src\/transport\//],
    outside: [/^serialport$/, /^@serialport\/parser-byte-length$/],
  },
  { files: /^src\/transport\/serial-list\.ts$/, inside: [WORDS], outside: [/^serialport$/] },
  { files: /^src\/transport\//, inside: [WORDS, /^src\/transport\//], outside: [NODE] },
  {
    files: /^src\/bridge\//,
    inside: [WORDS, PROTOCOL, /^src\/bridge\//, /^src\/transport\/byte-duplex\.ts$/],
    outside: [],
  },
  { files: DISK, inside: [WORDS, DISK], outside: [NODE] },
  {
    files: /^src\/flash\/image-flash\.ts$/,
    inside: [WORDS, DRIVERS, STEP, CRC, DISK, /^src\/flash\//],
    outside: [NODE],
  },
  {
    files: /^src\/flash\//,
    inside: [WORDS, DRIVERS, STEP, CRC, /^src\/flash\//, /^src\/bridge\/bridge\.ts$/],
    outside: [],
  },
  {
    files: /^src\/layouts\//,
    inside: [WORDS, GEOMETRY, /^src\/layouts\//, /^src\/disk\/file-problem\.ts$/, /^src\/storage\/little-endian\.ts$/],
    outside: [],
  },
  {
    files: /^src\/storage\//,
    inside: [WORDS, CRC, /^src\/storage\//, /^src\/layouts\//, /^src\/flash\/(flash-region|claims)\.ts$/],
    outside: [],
  },
  {
    files: /^src\/files\//,
    inside: [WORDS, GEOMETRY, DISK, /^src\/files\//],
    outside: [NODE],
  },
  {
    files: /^src\/jobs\//,
    inside: [WORDS, GEOMETRY, CRC, /^src\/(jobs|flash|storage|files)\//, /^drivers\/chip-driver\.ts$/],
    outside: [],
  },
  {
    files: /^src\/journal\//,
    inside: [
      WORDS,
      GEOMETRY,
      CRC,
      DISK,
      /^drivers\/catalog\//,
      /^src\/journal\//,
      /^src\/jobs\//,
      /^src\/files\//,
      /^src\/flash\//,
    ],
    outside: [NODE],
  },
  {
    files: /^src\/ledger\/sql-database\.ts$/,
    inside: [WORDS, DISK],
    outside: [/^@photostructure\/sqlite$/],
  },
  {
    files: /^src\/ledger\/server\/pg-connection\.ts$/,
    inside: [WORDS],
    outside: [NODE, /^pg$/],
  },
  { files: /^src\/ledger\//, inside: [WORDS, DISK, /^src\/ledger\//], outside: [NODE] },
  {
    files: /^src\/recipe\//,
    inside: [...[WORDS, GEOMETRY, DISK, /^drivers\/catalog\/catalog\.ts$/], /^src\/(recipe|files|flash|storage)\//],
    outside: [NODE, /^yaml$/, /^zod$/, /^csv-parse\/sync$/],
  },
  {
    files: /^src\/sim\/(mock-port)\.ts$/,
    inside: [WORDS, PROTOCOL, /^src\/sim\//],
    outside: [/^serialport$/],
  },
  {
    files: /^src\/sim\//,
    inside: [
      WORDS,
      PROTOCOL,
      GEOMETRY,
      DISK,
      /^drivers\/catalog\//,
      /^src\/sim\//,
      /^src\/transport\/(byte-duplex|listen|occupied)\.ts$/,
    ],
    outside: [NODE],
  },
  {
    files: /^src\/recording\//,
    inside: [
      ...[WORDS, PROTOCOL, /^src\/recording\//, /^src\/transport\/byte-duplex\.ts$/],
      ...[/^src\/bridge\/bridge\.ts$/, /^src\/sim\/virtual-clock\.ts$/],
    ],
    outside: [],
  },
  {
    files: /^src\/doctor\//,
    inside: [WORDS, STEP, /^src\/doctor\//, /^src\/bridge\/bridge\.ts$/, /^src\/transport\/usb-boards\.ts$/],
    outside: [NODE],
  },
  {
    files: /^src\/extract\//,
    inside: [
      ...[WORDS, GEOMETRY, CRC, DISK, /^src\/(extract|storage)\//],
      /^src\/flash\/(flash-region|flash-device|region-operations)\.ts$/,
    ],
    outside: [NODE, /^hyparquet-writer\//],
  },
  { files: /^src\/station\/events\.ts$/, inside: [], outside: [] },
  {
    files: /^src\/station\//,
    inside: [/^src\/(?!cli\/|bench\/|library\/|station-server\/|station-page\/|panel\/|index\.ts$)/, DRIVERS, PROTOCOL],
    outside: [NODE],
  },
  { files: /^src\/panel\//, inside: [/^src\/panel\//], outside: [/^preact(\/hooks)?$/, /^uplot(\/|$)/] },
  {
    files: /^src\/station-server\//,
    inside: [
      WORDS,
      DISK,
      /^src\/(station-server|extract)\//,
      /^src\/transport\/listen\.ts$/,
      /^src\/ledger\/ledger\.ts$/,
      /^src\/station\/(events|commands)\.ts$/,
    ],
    outside: [NODE, /^hono(\/|$)/, /^@hono\/node-server$/],
  },
  {
    files: /^src\/page\/worker\//,
    inside: [
      ...[WORDS, /^src\/page\//, /^src\/index\.browser\.ts$/, /^src\/panel\/map-states\.ts$/],
      /^src\/(transport|sim|storage|runner)\//,
    ],
    outside: [],
  },
  {
    files: /^src\/page\//,
    inside: [/^src\/(page|panel)\//],
    outside: [/^preact(\/hooks)?$/, /^\.\/worker\/main\.ts\?worker&url$/],
  },
  {
    files: /^src\/station-page\//,
    inside: [/^src\/(station-page|panel)\//, /^src\/station\/events\.ts$/],
    outside: [/^preact(\/hooks)?$/],
  },
  { files: /^src\/runner\//, inside: [/^src\/(?!cli\/|bench\/|library\/|index\.)/, DRIVERS, PROTOCOL], outside: [] },
  { files: /^src\/library\//, inside: [/^src\/(?!cli\/|bench\/|index\.ts$)/, DRIVERS, PROTOCOL], outside: [NODE] },
  { files: /^src\/cli\//, inside: [/^src\//, DRIVERS, PROTOCOL], outside: [NODE, /^yargs(\/|$)/] },
  { files: /^src\/docs\//, inside: [WORDS, DRIVERS, /^src\/(docs|cli|sim)\//], outside: [] },
  { files: /^src\/launcher\//, inside: [/^src\/(launcher\/|platform\.ts$)/], outside: [NODE] },
  { files: /^src\/bench\//, inside: [/^src\//, DRIVERS, PROTOCOL], outside: [NODE] },
  { files: /^src\/index(\.browser)?\.ts$/, inside: [/^src\//, DRIVERS, PROTOCOL], outside: [] },
];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isInside: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes("node_modules"))
    .map((name) => posix.join(folder, name.replaceAll("\\", "/")));
}

const FILES = ["firmware-protocol", "drivers", "src"].flatMap(sources);

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => {
    const isInside = fileName.startsWith(".");
    const to = isInside ? relative(ROOT, join(ROOT, dirname(file), fileName)).replaceAll("\\", "/") : fileName;
    return { from: file, to, isInside };
  });
}

const IMPORTS = FILES.flatMap(importsOf);

function isAllowed({ from, to, isInside }: Import): boolean {
  const room = ROOMS.find(({ files }) => files.test(from));
  return room !== undefined && (isInside ? room.inside : room.outside).some((pattern) => pattern.test(to));
}

describe("architecture", () => {
  it("has a room for every file", () => {
    expect(FILES.filter((file) => !ROOMS.some(({ files }) => files.test(file)))).toEqual([]);
  });

  it("imports point one way", () => {
    expect(IMPORTS.filter((line) => !isAllowed(line)).map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it("ARCHITECTURE.md has a row for every room, and it names all that the room imports", () => {
    const rows = tableRows(readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8"));
    expect(FILES.filter((file) => !ENTRIES.test(file) && rowOf(rows, file) === undefined)).toEqual([]);
    const missing = IMPORTS.filter(({ from, to, isInside }) => {
      const row = ENTRIES.test(from) || !isInside ? undefined : rowOf(rows, from);
      return row !== undefined && rowOf(rows, to) !== row && !mentions(row, to);
    });
    expect(missing.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it("has no circles, also within a room", () => {
    const targets = new Map(FILES.map((file) => [file, importsOf(file).flatMap((i) => (i.isInside ? [i.to] : []))]));
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) {
        circles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
        return;
      }
      if (done.has(file)) return;
      for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of FILES) visit(file, []);
    expect(circles).toEqual([]);
  });

  it("asks the machine for time, turns and chance in clock.ts alone, in the browser in page-time.ts", () => {
    const banned = /(Date\.now|new Date|setTimeout|setInterval|setImmediate|performance\.|Math\.random)/;
    const clocks = ["src/clock.ts", "src/panel/page-time.ts"];
    const offenders = FILES.filter((file) => !clocks.includes(file)).filter((file) =>
      banned.test(code(readFileSync(join(ROOT, file), "utf8"))),
    );
    expect(offenders).toEqual([]);
  });
});

/** A row of the table of rooms: its folder or its files, and what it may import, as words between commas. */
interface Row {
  readonly places: readonly string[];
  readonly imports: readonly string[];
}

/** What programs import first: each is a list of the public names. */
const ENTRIES = /^(src|drivers|firmware-protocol)\/index(\.browser)?\.ts$/;

function tableRows(page: string): readonly Row[] {
  return page.split("\n").flatMap((line) => {
    const [, places, imports] = /^\| `((?:src|drivers|firmware-protocol)[^`]*)` \|.*\| ([^|]*) \|$/.exec(line) ?? [];
    if (places === undefined || imports === undefined) return [];
    // "src/errors.ts advice.ts": the others are in the folder of the first.
    const [first = "", ...others] = places.split(" ");
    return [{ places: [first, ...others.map((name) => `src/${name}`)], imports: imports.split(/[,;] /) }];
  });
}

function rowOf(rows: readonly Row[], file: string): Row | undefined {
  return rows.find(({ places }) =>
    places.some((place) => (place.endsWith("/") ? file.startsWith(place) : file === place)),
  );
}

/** Whether a row names a file by its room, its folder, its own name, or a word that stands for it. */
function mentions({ imports }: Row, file: string): boolean {
  return imports.some((word) => {
    const [, exceptions] = /^all of src(?: but (.*))?$/.exec(word) ?? [];
    if (word.startsWith("all of src")) {
      return !(exceptions ?? "").split(" and ").some((room) => file.startsWith(`src/${room}/`));
    }
    if (word === "words") return WORDS.test(file);
    if (word === "geometry") return GEOMETRY.test(file);
    return [`src/${word}/`, `${word}/`].some((folder) => file.startsWith(folder)) || `/${file}`.endsWith(`/${word}`);
  });
}

/** The text without comments. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}
