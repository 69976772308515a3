/** The first file of the page of the station. */
import { render } from "preact";
import { Brand, restoreTheme, ThemeSwitch } from "../panel/index.ts";

restoreTheme();
const place = document.getElementById("page");
if (place !== null) {
  render(
    <>
      <Brand>station</Brand>
      <ThemeSwitch />
    </>,
    place,
  );
}
