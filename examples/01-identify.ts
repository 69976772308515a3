/** Which chip is behind the bridge? `node 01-identify.ts /dev/ttyACM0`; without a port the one bridge that is plugged in. */
import { machineRandom, openBridge, openFlash, openPort, parsePortSpec, realClock } from "norbridge";

const port = process.argv[2];
const duplex = await openPort(port === undefined ? undefined : parsePortSpec(port));
const bridge = await openBridge(duplex, { clock: realClock, protocol: "auto", random: machineRandom });
try {
  const device = await openFlash(bridge);
  const { name, vendor, jedecId } = device.identity;
  console.log(`${name} (${vendor}, ID ${jedecId}), ${device.geometry.capacityBytes / 1024} KiB`);
  console.log(`behind ${bridge.info.boardName} with firmware ${bridge.info.firmwareVersion}`);
} finally {
  await bridge.close();
}
