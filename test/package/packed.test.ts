/**
 * What `npm pack` gives, used as another project would: unpacked into an empty project, the program run, and the example
 * project's own tests run against it. Dependencies are those of this checkout.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packOnce, ROOT } from "./pack.ts";

const project = mkdtempSync(join(tmpdir(), "norbridge-project-"));
const modules = join(project, "node_modules");
const { files, tarball } = packOnce();

beforeAll(() => {
  mkdirSync(join(modules, "norbridge"), { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "--strip-components=1", "-C", join(modules, "norbridge")]);
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (!name.startsWith(".") && name !== "norbridge")
      symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

describe("the package", () => {
  it("has the program, the four entry points with their types, the protocol page, and nothing of the tests", () => {
    for (const entry of ["src/index", "src/sim/index", "drivers/index", "firmware-protocol/index"]) {
      expect(files).toContain(`dist/${entry}.js`);
      expect(files).toContain(`dist/${entry}.d.ts`);
    }
    for (const file of [
      "dist/bin/norbridge.cjs",
      "dist/bin/program.cjs",
      "dist/bin/program.cjs.map",
      "dist/bin/LICENSES.txt",
      "firmware-protocol/PROTOCOL.md",
      "firmware-protocol/vectors.json",
      "LICENSE",
    ]) {
      expect(files).toContain(file);
    }
    // Of the tests only what a page links to, and those of the example project.
    const ofTests = files.filter((file) => /^(test|\.ci)\/|\.test\.|^dist\/src\/(bench|cli)|tsbuildinfo/.test(file));
    expect(ofTests).toEqual(["examples/04-sim-in-ci/provision.test.ts", "test/conformance/flash-device.ts"]);
  });

  it("runs as a program", () => {
    const program = join(modules, "norbridge/dist/bin/norbridge.cjs");
    const run = spawnSync(process.execPath, [program, "info", "-p", "sim:AT25SF041"], {
      cwd: project,
      encoding: "utf8",
    });
    expect(run).toMatchObject({ status: 0 });
    expect(run.stdout).toContain("AT25SF041");
  });

  it("is imported by its four names, and loads no native module for it", () => {
    const script = `
      for (const name of ["norbridge", "norbridge/sim", "norbridge/drivers", "norbridge/protocol"]) await import(name);
      console.log(process.report.getReport().sharedObjects.filter((name) => name.endsWith(".node")).length);
    `;
    writeFileSync(join(project, "names.mjs"), script);
    const run = spawnSync(process.execPath, ["names.mjs"], { cwd: project, encoding: "utf8" });
    expect(run).toMatchObject({ status: 0, stdout: "0\n" });
  });

  it("has examples that run where it is installed", () => {
    const example = join(modules, "norbridge/examples/01-identify.mjs");
    const run = spawnSync(process.execPath, [example], { cwd: project, encoding: "utf8" });
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(run.stdout).toContain("AT25SF041, ID 1f8401, 512 KiB");
  });

  it("serves the example project's tests", () => {
    cpSync(join(ROOT, "examples/04-sim-in-ci"), project, { recursive: true });
    const vitest = join(modules, "vitest/vitest.mjs");
    const run = spawnSync(process.execPath, [vitest, "run", "--root", project], { cwd: project, encoding: "utf8" });
    expect(`${run.stdout}${run.stderr}`).toMatch(/3 passed/);
    expect(run.status).toBe(0);
  });
});
