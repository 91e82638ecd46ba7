// What stands for that which isn't drawn here.

import { h } from "./dom.js";

/** Say honestly that a block or element isn't drawn. */
export function notDrawn({ type }) {
  return h("p", { class: "not-drawn" }, `Not drawn here: “${type}”. Slack would show it.`);
}

/** The page fetches nothing from elsewhere, so a picture is told of instead. */
export function picture(image) {
  return h("span", { class: "picture", role: "img", "aria-label": image.alt_text }, [
    "🖼 ",
    image.alt_text,
  ]);
}
