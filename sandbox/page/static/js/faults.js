// Switches for what goes wrong, the worker's life among it.

import { post } from "./act.js";
import { h, patch } from "./dom.js";
import { onChange, state } from "./state.js";

const place = document.getElementById("faults");
const count = document.getElementById("faults-count");
const expire = document.getElementById("end-sessions");

/** Draw the switches whenever one is turned, in whichever window. */
export function watchFaults() {
  onChange(["faults", "worker"], draw);
  expire.addEventListener("click", () => {
    for (const org of Object.keys(state.orgs)) post(`/orgs/${org}/end-sessions`, {});
  });
}

function draw() {
  const killed = !state.worker.running;
  const switches = [
    ...state.faults.map((fault) => ({
      ...fault,
      turn: (on) => post(`/faults/${fault.name}`, { on }),
    })),
    {
      name: "worker",
      label: "The bot's worker is killed",
      hint: "kill -9, whatever it was doing. What it left is taken up after fifteen seconds.",
      on: killed,
      turn: (on) => post("/worker", { running: !on }),
    },
  ];
  count.textContent = switches.filter(({ on }) => on).length || "";
  patch(place, switches.map((one) => ({
    key: one.name,
    mark: JSON.stringify(one),
    make: () => drawSwitch(one),
  })));
}

function drawSwitch({ name, label, hint, on, turn }) {
  return h(
    "button",
    {
      type: "button", class: "card switch", role: "switch", "aria-checked": String(on),
      "aria-describedby": `hint-${name}`, "aria-label": label, data: { focus: "switch" },
      onclick: () => turn(!on),
    },
    h("span", { class: "switch-words" },
      h("strong", {}, label),
      h("span", { class: "quiet-words", id: `hint-${name}` }, hint)),
    h("span", { class: "track", "aria-hidden": "true" }, h("span", { class: "thumb" })),
  );
}
