// What a step of the tour asks for, found in the page and done by itself, slowly enough to watch.

import { openPanel, showPanels } from "./panels.js";
import { current, named, openNamed } from "./places.js";
import { notice } from "./notice.js";
import { state } from "./state.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");
const PANELS = { PasteToken: "integrations", LogIn: "integrations", Turn: "faults" };

/** Bring a step's place into view: its conversation or its panel. */
export function goTo(step) {
  const panel = step.look ?? PANELS[step.deed?.kind];
  if (panel) {
    showPanels(true);
    openPanel(panel);
  }
  if (step.channel) openNamed(step.channel);
}

/** Find what a step's deed is done with, if it is on screen. */
export function targetOf(deed) {
  const channel = deed?.channel && named(deed.channel);
  if (deed?.channel && channel?.id !== current()?.id) {
    return channel && document.querySelector(`[data-channel="${CSS.escape(channel.id)}"]`);
  }
  switch (deed?.kind) {
    case "Type":
      return document.getElementById("composer-text");
    case "Press":
      return newest("#messages button.button", deed.button);
    case "Choose":
      return [...document.querySelectorAll("#messages select, #messages .overflow")]
        .findLast((one) => one.getAttribute("aria-label") === deed.menu) ?? null;
    case "FillIn":
      return document.querySelector(".modal button[type=submit]");
    case "PasteToken":
      return integration(deed)?.querySelector("input") ?? null;
    case "LogIn":
      return integration(deed)?.querySelector("button") ?? null;
    case "Turn":
      return [...document.querySelectorAll("#faults [role=switch]")]
        .find((one) => one.getAttribute("aria-label") === deed.switch) ?? null;
    default:
      return null;
  }
}

function integration(deed) {
  return document.querySelector(`[data-integration="${CSS.escape(deed.integration)}"]`);
}

function newest(selector, words) {
  return [...document.querySelectorAll(selector)]
    .findLast((one) => one.textContent.trim() === words) ?? null;
}

/** Do a step's deed in this window. */
export async function perform(step) {
  goTo(step);
  await pause(50);
  const target = targetOf(step.deed);
  if (!target) {
    notice("That isn't on this screen yet. Wait a moment, or do it by hand.");
    return;
  }
  target.scrollIntoView({ block: "center", behavior: "instant" });
  await pause(500);
  await DOERS[step.deed.kind](step.deed, target);
}

const DOERS = {
  Type: async ({ text }, box) => {
    await type(box, text);
    await pause(400);
    box.form.requestSubmit();
  },
  Press: async (_deed, button) => {
    button.click();
    await pause(1200);
    document.querySelector("dialog.confirm button[value=yes]")?.click();
  },
  Choose: async ({ option }, menu) => {
    if (menu.tagName === "SELECT") {
      choose(menu, option);
      return;
    }
    menu.click();
    await pause(600);
    [...menu.parentElement.querySelectorAll("[role=menuitem]")]
      .find((one) => one.textContent === option)?.click();
  },
  FillIn: async ({ fields }, submit) => {
    for (const [label, value] of Object.entries(fields)) {
      await fillField(label, value);
      await pause(300);
    }
    submit.form.requestSubmit();
  },
  PasteToken: async (_deed, box) => {
    await type(box, state.mail.find((mail) => mail.token)?.token ?? "", { atOnce: true });
    await pause(800);
    box.form.requestSubmit();
  },
  LogIn: async (_deed, button) => button.click(),
  Turn: async ({ on }, button) => {
    if (button.getAttribute("aria-checked") !== String(on)) button.click();
  },
};

async function fillField(label, value) {
  const place = [...document.querySelectorAll(".modal .input")]
    .find((one) => one.querySelector(".label").textContent.startsWith(label));
  const box = place?.querySelector("input[type=text], textarea");
  const menu = place?.querySelector("select");
  if (box) await type(box, value);
  else if (menu) choose(menu, value);
  else for (const one of [value].flat()) tick(place, one);
}

function choose(menu, label) {
  menu.value = [...menu.options].find((option) => option.textContent === label)?.value ?? "";
  menu.dispatchEvent(new Event("change", { bubbles: true }));
}

function tick(place, label) {
  const boxes = [...(place?.querySelectorAll(".check") ?? [])];
  const input = boxes.find((one) => one.textContent.startsWith(label))?.querySelector("input");
  if (input && !input.checked) input.click();
}

async function type(box, text, { atOnce = false } = {}) {
  box.focus();
  box.value = "";
  for (const part of atOnce || still.matches ? [text] : text) {
    box.value += part;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    await pause(18);
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, still.matches ? 0 : ms));
}
