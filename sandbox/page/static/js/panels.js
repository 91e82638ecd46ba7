// The panels beside the conversation, as tabs.

import { watchAudit } from "./audit.js";
import { watchFaults } from "./faults.js";
import { watchIntegrations } from "./integrations.js";
import { watchMail } from "./mail.js";
import { watchOrg } from "./org.js";

const tabs = [...document.querySelectorAll("[role=tab]")];
const toggle = document.getElementById("panels-toggle");

/** Make the tabs work and fill the panels. */
export function watchPanels() {
  for (const tab of tabs) {
    tab.addEventListener("click", () => openPanel(tab.dataset.panel));
    tab.addEventListener("keydown", moveBy);
  }
  toggle.addEventListener("click", () => {
    showPanels(toggle.getAttribute("aria-pressed") !== "true");
  });
  watchMail();
  watchOrg();
  watchIntegrations();
  watchFaults();
  watchAudit();
}

/** Show a panel, by its name. */
export function openPanel(name) {
  for (const tab of tabs) {
    const isOpen = tab.dataset.panel === name;
    tab.setAttribute("aria-selected", String(isOpen));
    tab.tabIndex = isOpen ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !isOpen;
  }
}

/** Show the panels, or give their place to the conversation. */
export function showPanels(shown) {
  toggle.setAttribute("aria-pressed", String(shown));
  document.body.classList.toggle("without-panels", !shown);
}

function moveBy(event) {
  const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -tabs.length, End: tabs.length };
  if (!(event.key in steps)) return;
  event.preventDefault();
  const at = tabs.indexOf(event.currentTarget);
  const last = tabs.length - 1;
  let next = Math.min(Math.max(at + steps[event.key], 0), last);
  if (event.key === "ArrowRight" && at === last) next = 0;
  if (event.key === "ArrowLeft" && at === 0) next = last;
  openPanel(tabs[next].dataset.panel);
  tabs[next].focus();
}
