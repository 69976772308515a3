// The licences of packages that are in a bundle, as the text file that goes with it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** `inputs` are the paths of the modules in the bundle, from the top of the repository at `root`. */
export function licences(root, inputs) {
  const folders = new Set(inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  const parts = [...folders].toSorted().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) throw new Error(`${name} has no licence file`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(root, folder, file), "utf8").trim()}\n`;
  });
  return `norbridge contains parts of these packages.\n\n${parts.join(`\n${"-".repeat(72)}\n\n`)}`;
}
