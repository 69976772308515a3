/**
 * The order in which test files begin: those that take long, most of them with a short text, would else be the last ones, and
 * one of them would run alone at the end while the other processes have nothing to do.
 */
import type { TestSpecification } from "vitest/node";
import { BaseSequencer } from "vitest/node";
import { placeOf } from "./long-files.ts";

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rest = await super.sort(files);
    return rest.toSorted((a, b) => placeOf(a.moduleId) - placeOf(b.moduleId));
  }
}
