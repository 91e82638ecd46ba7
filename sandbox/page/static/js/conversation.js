// The middle of the window: a channel's head, its messages and the field below them.

import { dayLabel, dayOf } from "./dates.js";
import { h, icon, ICONS, patch } from "./dom.js";
import { membersButton } from "./members.js";
import { drawMessage, millis } from "./message.js";
import { announce } from "./notice.js";
import { current, isOpen } from "./places.js";
import { onChange, state } from "./state.js";

const TOGETHER_MS = 5 * 60_000;
const list = document.getElementById("messages");
const head = document.getElementById("conversation-head");
let shownChannel = null;
let newest = null;

/** Draw the conversation whenever it changes or another one is opened. */
export function watchConversation() {
  onChange(["slack", "names", "cast"], draw);
}

/** Draw the conversation that is open. */
export function draw() {
  const channel = current();
  if (!channel || !state.me) return;
  const moved = shownChannel !== channel.id;
  const wasAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  if (moved) list.replaceChildren();
  shownChannel = channel.id;
  drawHead(channel);
  patch(list, entries(channel));
  tellNews();
  if (moved || wasAtEnd) list.scrollTop = list.scrollHeight;
}

function drawHead(channel) {
  const sign = { public: "# ", private: [icon(ICONS.lock), " "], dm: null }[channel.kind];
  const badge = channel.kind === "dm" && h("span", { class: "badge" }, "App");
  const parts = [
    { key: "name", mark: channel.id, make: () => h("h1", {}, sign, channel.name, badge) },
  ];
  if (channel.kind !== "dm") {
    const mark = JSON.stringify([channel.id, channel.members, state.names]);
    parts.push({ key: "members", mark, make: () => membersButton(channel) });
  }
  patch(head, parts);
  list.setAttribute("aria-label", `Messages in ${channel.name}`);
}

function entries(channel) {
  const { tz } = state.me;
  const replies = Map.groupBy(
    channel.messages.filter((message) => message.thread && !message.broadcast),
    (message) => message.thread,
  );
  const above = channel.messages.filter((message) => !message.thread || message.broadcast);
  const wanted = [];
  let before = null;
  for (const message of above) {
    const day = dayOf(millis(message.ts), tz);
    if (before === null || day !== dayOf(millis(before.ts), tz)) {
      wanted.push(dayEntry(day, dayLabel(millis(message.ts), tz)));
      before = null;
    }
    wanted.push(messageEntry(channel, message, before, replies.get(message.ts) ?? []));
    before = message;
  }
  if (above.length === 0) wanted.push(emptyEntry(channel));
  return wanted;
}

function dayEntry(day, label) {
  return {
    key: day,
    mark: label,
    make: () => h("div", { class: "day" }, h("span", {}, label)),
  };
}

function emptyEntry(channel) {
  const words = channel.kind === "dm"
    ? "Nothing here yet. The bot writes to you here, and you can write to it."
    : "Nothing here yet. Type /reset-token below.";
  return { key: "empty", mark: words, make: () => h("p", { class: "empty" }, words) };
}

function messageEntry(channel, message, before, replies) {
  const follows =
    before !== null &&
    before.authorId === message.authorId &&
    before.ephemeral === message.ephemeral &&
    !message.ephemeral &&
    millis(message.ts) - millis(before.ts) < TOGETHER_MS;
  return {
    key: message.ts,
    mark: JSON.stringify([message, replies, follows, state.names, state.me.tz]),
    make: () => {
      const drawn = drawMessage(channel, message, { follows });
      if (replies.length > 0) drawn.querySelector(".message-body").append(thread(channel, replies));
      return drawn;
    },
  };
}

function thread(channel, replies) {
  const count = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
  return h(
    "details",
    { class: "thread", open: true },
    h("summary", {}, count),
    replies.map((reply) => drawMessage(channel, reply)),
  );
}

/** Read out what has come since the last look, in whichever conversation. */
function tellNews() {
  const first = newest === null;
  newest ??= new Map();
  for (const channel of state.slack.channels) {
    const last = channel.messages.at(-1);
    const known = newest.get(channel.id) ?? "";
    if (!last || last.ts === known) continue;
    newest.set(channel.id, last.ts);
    if (first || last.mine) continue;
    const where = isOpen(channel) ? "" : ` in ${channel.name}`;
    announce(`${last.author}${where}: ${last.text.slice(0, 200)}`);
  }
}

/** Forget what was read out: somebody else sits here now. */
export function forget() {
  newest = null;
  shownChannel = null;
}
