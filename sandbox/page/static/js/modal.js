// The modal that this person has open.

import { act } from "./act.js";
import { drawBlocks } from "./blocks.js";
import { h, icon, ICONS } from "./dom.js";
import { onChange, state } from "./state.js";
import { ModalSurface } from "./surfaces.js";

let dialog = null;
let shownId = null;
let shownMark = null;
let drafts = new Map();
let refusals = {};

/** Show and close modals as the server says. */
export function watchModal() {
  onChange(["slack"], draw);
}

function draw() {
  const { modal } = state.slack;
  if (modal === null) {
    dialog?.close();
    return;
  }
  if (modal.id !== shownId) {
    dialog?.close();
    drafts = new Map();
    refusals = {};
  }
  const mark = JSON.stringify([modal.id, modal.hash, modal.blocks, modal.errors, refusals]);
  if (mark === shownMark) return;
  shownMark = mark;
  shownId = modal.id;
  const made = form(modal);
  if (dialog === null) open(made, modal);
  else redraw(made);
}

function open(made, modal) {
  const opened = h(
    "dialog",
    {
      class: "dialog modal",
      "aria-labelledby": "modal-title",
      oncancel: (event) => {
        // The server closes it, and then every window of this person's does.
        event.preventDefault();
        act("close", {});
      },
      onclose: () => {
        opened.remove();
        if (dialog === opened) {
          dialog = null;
          shownId = shownMark = null;
        }
      },
    },
    made,
  );
  dialog = opened;
  document.body.append(opened);
  opened.showModal();
  const first = modal.blocks.some((block) => block.type === "input")
    ? opened.querySelector(".input input, .input textarea, .input select")
    : opened.querySelector(".modal-close");
  first?.focus();
}

function redraw(made) {
  const focus = document.activeElement?.dataset?.focus;
  dialog.replaceChildren(made);
  const wrong = dialog.querySelector("[aria-invalid]");
  const same = [...dialog.querySelectorAll("[data-focus]")].find(
    (one) => one.dataset.focus === focus,
  );
  (wrong ?? same ?? dialog.querySelector(".modal-close")).focus();
}

function form(modal) {
  const errors = { ...modal.errors, ...refusals };
  const surface = new ModalSurface({ ...modal, errors }, drafts);
  return h(
    "form",
    {
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        submit(modal, surface);
      },
    },
    h(
      "header",
      { class: "modal-head" },
      h("span", { class: "avatar app small", "aria-hidden": "true" }, "R"),
      h("h2", { id: "modal-title" }, modal.title.text),
      h(
        "button",
        {
          type: "button", class: "button quiet modal-close", "aria-label": "Close",
          data: { focus: "close" }, onclick: () => act("close", {}),
        },
        icon(ICONS.close),
      ),
    ),
    // The page behind can't be reached meanwhile, so the tour says here what it has to say.
    h("div", { class: "modal-tour", hidden: true }),
    h("div", { class: "modal-body", tabindex: 0 }, drawBlocks(modal.blocks, surface)),
    h(
      "footer",
      { class: "dialog-buttons" },
      h(
        "button",
        {
          type: "button", class: "button", data: { focus: "cancel" },
          onclick: () => act("close", {}),
        },
        modal.close?.text ?? (modal.submit ? "Cancel" : "Close"),
      ),
      modal.submit &&
        h(
          "button",
          { type: "submit", class: "button primary", data: { focus: "submit" } },
          modal.submit.text,
        ),
    ),
  );
}

async function submit(modal, surface) {
  const inputs = modal.blocks.filter((block) => block.type === "input");
  refusals = {};
  for (const block of inputs) {
    const wrong = refusal(block, surface.held(block, block.element));
    if (wrong) refusals[block.block_id] = wrong;
  }
  if (Object.keys(refusals).length > 0) {
    draw();
    return;
  }
  const entries = Object.fromEntries(drafts);
  await act("submit", { entries });
}

/** Why Slack's client wouldn't submit this, in its words. */
function refusal(block, held) {
  const isEmpty = !held || held.length === 0;
  if (isEmpty) return block.optional ? null : "This is a required field";
  if (block.element.type !== "plain_text_input") return null;
  if (held.length < (block.element.min_length ?? 0)) return "This entry is too short";
  if (held.length > (block.element.max_length ?? 3000)) return "This entry is too long";
  return null;
}
