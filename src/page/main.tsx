/** The first file of the page. */
import { render } from "preact";
import { restoreTheme } from "../panel/index.ts";
import { App } from "./app.tsx";

restoreTheme();
const place = document.getElementById("page");
if (place !== null) render(window.top === window ? <App /> : "norbridge does not work within another page.", place);
