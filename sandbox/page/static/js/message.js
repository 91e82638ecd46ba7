// One message as this person sees it.

import { act } from "./act.js";
import { drawBlocks } from "./blocks.js";
import { timeOf } from "./dates.js";
import { h, icon, ICONS } from "./dom.js";
import { menu } from "./menu.js";
import { drawMrkdwn } from "./mrkdwn_view.js";
import { state } from "./state.js";
import { MessageSurface } from "./surfaces.js";

const SHORTCUTS = { "breach.suspect": "Suspect a breach" };
const COLOURS = 6;

/** Draw a message. `follows`: it comes right after one of the same author's. */
export function drawMessage(channel, message, { follows = false } = {}) {
  const classes = ["message", follows && "follows", message.ephemeral && "ephemeral"];
  return h(
    "article",
    {
      class: classes.filter(Boolean).join(" "),
      tabindex: -1,
      "aria-label": `${message.author}, ${timeOf(millis(message.ts), state.me.tz)}`,
      data: { ts: message.ts },
    },
    message.ephemeral &&
      h("p", { class: "only-you" }, icon(ICONS.eye, 14), "Only visible to you"),
    follows ? h("span", { class: "gutter" }, time(message)) : avatar(message),
    h(
      "div",
      { class: "message-body" },
      !follows && head(message),
      content(channel, message),
    ),
    tools(channel, message),
  );
}

/** The first letters of somebody's name, on a colour of their own. */
export function avatar(message) {
  const letters = message.author.split(/\s+/).map((word) => word[0]).slice(0, 2).join("");
  const colour = message.app ? "app" : `colour-${sum(message.author) % COLOURS}`;
  return h("span", { class: `avatar ${colour}`, "aria-hidden": "true" }, letters);
}

function sum(text) {
  return [...text].reduce((total, letter) => total + letter.codePointAt(0), 0);
}

/** A message's timestamp in milliseconds. */
export function millis(ts) {
  return Number(ts) * 1000;
}

function head(message) {
  return h(
    "header",
    { class: "message-head" },
    h("span", { class: "author" }, message.author),
    message.app && h("span", { class: "badge" }, "App"),
    time(message),
  );
}

function time(message) {
  const at = new Date(millis(message.ts));
  return h("time", { datetime: at.toISOString() }, timeOf(at.getTime(), state.me.tz));
}

function content(channel, message) {
  const edited = message.edited && h("span", { class: "edited" }, " (edited)");
  if (message.blocks.length > 0) {
    const surface = new MessageSurface(channel.id, message);
    return h("div", { class: "content" }, drawBlocks(message.blocks, surface), edited);
  }
  return h("div", { class: "content text" }, drawMrkdwn(message.text), edited);
}

function tools(channel, message) {
  const own = message.mine && channel.kind === "dm";
  const options = [
    ...(message.ephemeral ? [] : state.slack.shortcuts.map((id) => ({
      label: SHORTCUTS[id] ?? id,
      choose: () => act("use-shortcut", { channel: channel.id, ts: message.ts, shortcut: id }),
    }))),
    ...(own ? [
      { label: "Edit message", choose: () => edit(message) },
      { label: "Delete message", danger: true, choose: () => act("delete", { ts: message.ts }) },
    ] : []),
  ];
  if (options.length === 0) return null;
  return h(
    "div",
    { class: "message-tools" },
    menu({
      label: "More actions",
      className: "button quiet",
      content: icon(ICONS.more),
      options,
      focus: "tools",
    }),
  );
}

function edit(message) {
  const place = document.querySelector(`[data-ts="${CSS.escape(message.ts)}"] .content`);
  const before = [...place.childNodes];
  const box = h("textarea", { class: "text-box", rows: 2, "aria-label": "Edit message" });
  const leave = () => place.replaceChildren(...before);
  box.value = place.innerText.replace(/ \(edited\)$/, "");
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      leave();
      act("edit", { ts: message.ts, text: box.value });
    }
  });
  place.replaceChildren(box);
  box.focus();
}
