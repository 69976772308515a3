/** The first file of the page of the station. */
import { render } from "preact";
import { restoreTheme } from "../panel/index.ts";
import { App } from "./app.tsx";

restoreTheme();
const place = document.getElementById("page");
if (place !== null) render(<App />, place);
