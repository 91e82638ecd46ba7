// Short notices at the foot of the page, and words for those who listen to it.

import { fill, h } from "./dom.js";

const STAYS_MS = 6000;

/** Show a short notice for a few seconds; it is read out too. */
export function notice(text) {
  const place = document.getElementById("notices");
  const shown = h("p", { class: "notice" }, text);
  place.append(shown);
  setTimeout(() => shown.remove(), STAYS_MS);
}

/** Say something to those who listen to the page, and show nothing. */
export function announce(text) {
  fill(document.getElementById("announcer"), text);
}
