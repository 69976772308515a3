// @ts-check
/**
 * Identifies the chip on the bridge. In the folder of norbridge:
 *
 *     node examples/01-identify.mjs                 the simulated chip
 *     node examples/01-identify.mjs /dev/ttyACM0    a real one; on Windows COM7
 */
import { openChip } from "norbridge";

const chip = await openChip(process.argv[2] ?? "sim:AT25SF041");
try {
  const { name, vendor, jedecId } = chip.identity;
  console.log(`chip:   ${vendor} ${name}, ID ${jedecId}, ${chip.geometry.capacityBytes / 1024} KiB`);
  console.log(`bridge: ${chip.bridge?.info.boardName ?? "none"}`);
} finally {
  await chip.close();
}
