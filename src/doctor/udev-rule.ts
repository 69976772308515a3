/** The rule for Linux that lets the user at the machine open a bridge, and keeps ModemManager away from it. */
import { FORMER_IDENTITY, NORBRIDGE_USB, type UsbDevice } from "../transport/usb-boards.ts";

export const UDEV_RULE_PATH = "/etc/udev/rules.d/70-norbridge.rules";

/** Pairs that norbridge's own firmware has. Other programs use them too, so the rule asks for the product's name as well. */
const OWN_PAIRS = [NORBRIDGE_USB.identity, FORMER_IDENTITY];

/**
 * A rule for these devices; for norbridge's own firmware if none is given. `uaccess` gives it to the session at the machine's own
 * screen, so that its user does not have to join a group; other users cannot open it.
 */
export function udevRule(devices: readonly Pick<UsbDevice, "identity">[]): string {
  const matches =
    devices.length > 0
      ? devices.map(({ identity }) => matchOf(identity))
      : OWN_PAIRS.map((identity) => `${matchOf(identity)}, ATTRS{product}=="${NORBRIDGE_USB.product}"`);
  const lines = [...new Set(matches)].map(
    (match) => `${match}, MODE="0660", TAG+="uaccess", ENV{ID_MM_DEVICE_IGNORE}="1"`,
  );
  return [
    `# ${UDEV_RULE_PATH}: then run \`sudo udevadm control --reload && sudo udevadm trigger\` and plug the bridge in again.`,
    ...lines,
    "",
  ].join("\n");
}

function matchOf(identity: string): string {
  const [vendor = "", product = ""] = identity.split(":");
  return `SUBSYSTEM=="tty", ATTRS{idVendor}=="${vendor}", ATTRS{idProduct}=="${product}"`;
}
