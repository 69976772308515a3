/** The few forms of Markdown that the generated parts of the documents need. */

/** A table; cells are text in Markdown, except that a bar in one is made harmless. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** Text as code, also if it holds a backtick. */
export function code(text: string): string {
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** Plain words of the program, such as an option's description, in Markdown: what would be treated as markup is escaped. */
export function plain(text: string): string {
  return text.replace(/[<*]/g, "\\$&");
}
