// The field below the messages: commands and messages are sent from here.

import { act } from "./act.js";
import { fill, h } from "./dom.js";
import { notice } from "./notice.js";
import { current } from "./places.js";
import { state } from "./state.js";

const form = document.getElementById("composer");
const box = document.getElementById("composer-text");
const hints = document.getElementById("composer-hints");
const send = document.getElementById("composer-send");
const drafts = new Map();
let draftOf = null;

/** Make the field work. */
export function watchComposer() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sendNow();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      sendNow();
    }
  });
  box.addEventListener("input", grow);
}

/** Fit the field to the conversation that is open; each keeps what was typed and not sent. */
export function draw() {
  const channel = current();
  if (!channel) return;
  const where = channel.kind === "dm" ? channel.name : `#${channel.name}`;
  box.placeholder = `Message ${where}`;
  box.setAttribute("aria-label", `Message ${where}`);
  if (draftOf === channel.id) return;
  if (draftOf !== null) drafts.set(draftOf, box.value);
  draftOf = channel.id;
  box.value = drafts.get(channel.id) ?? "";
  grow();
}

/** Forget what was typed: somebody else sits here now. */
export function forget() {
  drafts.clear();
  draftOf = null;
  box.value = "";
}

async function sendNow() {
  const text = box.value.trim();
  const channel = current();
  if (text === "" || !channel) return;
  box.value = "";
  grow();
  const deed = text.startsWith("/") ? "type" : "post";
  const said = await act(deed, { channel: channel.id, text });
  if (said?.error === "unknown_command") {
    notice(`${text.split(/\s/)[0]} is not a valid command.`);
  }
}

function grow() {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
  send.disabled = box.value.trim() === "";
  drawHints();
}

function drawHints() {
  const typed = box.value;
  const commands = /^\/\S*$/.test(typed)
    ? (state.slack?.commands ?? []).filter((command) => command.startsWith(typed))
    : [];
  hints.hidden = commands.length === 0 || commands.includes(typed);
  fill(
    hints,
    commands.map((command) =>
      h(
        "button",
        {
          type: "button",
          class: "hint-line",
          onclick: () => {
            box.value = `${command} `;
            grow();
            box.focus();
          },
        },
        h("strong", {}, command),
        h("span", {}, ` ${state.slack.bot}`),
      ),
    ),
  );
}
