/** Where facts come from, a row a source. */

const NOTE = "note: ";

/** "ID: flashrom" and "capacity: flashrom" become one row; notes stand by themselves, at the end. */
export function sourceRows(lines: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  const notes: string[][] = [];
  for (const line of lines) {
    if (line.startsWith(NOTE)) {
      notes.push(["  note", line.slice(NOTE.length)]);
      continue;
    }
    const at = line.lastIndexOf(": ");
    const source = line.slice(at + 2);
    groups.set(source, [...(groups.get(source) ?? []), line.slice(0, at)]);
  }
  return [...[...groups].map(([source, facts]) => ["  source", `${source}: ${facts.join("; ")}`]), ...notes];
}
