/** The rule that lets whoever sits at the machine open a bridge, and keeps ModemManager away from it. */
import type { UsbDevice } from "../transport/usb-identity.ts";

export const UDEV_RULE_PATH = "/etc/udev/rules.d/70-norbridge.rules";

/** USB ids of boards that norbridge's own firmware runs on and announces itself with. */
const OWN_BOARDS = ["2e8a:000a"];

/**
 * A rule for these devices; for the boards of norbridge's firmware where none is given. `uaccess` gives it to the session at the
 * machine's own screen, so that nobody has to join a group; nobody else may open it.
 */
export function udevRule(devices: readonly Pick<UsbDevice, "identity">[]): string {
  const identities = devices.length > 0 ? devices.map(({ identity }) => identity) : OWN_BOARDS;
  const lines = [...new Set(identities)].map((identity) => {
    const [vendor = "", product = ""] = identity.split(":");
    const match = `SUBSYSTEM=="tty", ATTRS{idVendor}=="${vendor}", ATTRS{idProduct}=="${product}"`;
    return `${match}, MODE="0660", TAG+="uaccess", ENV{ID_MM_DEVICE_IGNORE}="1"`;
  });
  return [
    `# ${UDEV_RULE_PATH}: then run \`sudo udevadm control --reload && sudo udevadm trigger\` and plug the bridge in again.`,
    ...lines,
    "",
  ].join("\n");
}
