// The conversations that this person has, and which of them hold something new.

import { h, icon, ICONS, patch } from "./dom.js";
import { isOpen, open, unread } from "./places.js";
import { onChange, state } from "./state.js";

const channels = document.getElementById("channels");
const apps = document.getElementById("apps");

/** Draw the sidebar whenever something in it changes. */
export function watchSidebar() {
  onChange(["slack"], draw);
}

/** Draw the sidebar. */
export function draw() {
  if (!state.slack) return;
  const [dms, others] = [[], []];
  for (const channel of state.slack.channels) {
    (channel.kind === "dm" ? dms : others).push(entry(channel));
  }
  patch(channels, others);
  patch(apps, dms);
}

function entry(channel) {
  const count = unread(channel);
  const isCurrent = isOpen(channel);
  return {
    key: channel.id,
    mark: JSON.stringify([channel.name, count, isCurrent]),
    make: () =>
      h(
        "li",
        {},
        h(
          "button",
          {
            type: "button",
            class: count > 0 ? "place unread" : "place",
            "aria-current": isCurrent ? "page" : null,
            data: { focus: "place", channel: channel.id },
            onclick: () => open(channel.id),
          },
          h("span", { class: "sign", "aria-hidden": "true" }, sign(channel)),
          h("span", { class: "place-name" }, channel.name),
          count > 0 &&
            h("span", { class: "count" }, count, h("span", { class: "unseen" }, " unread")),
        ),
      ),
  };
}

function sign(channel) {
  if (channel.kind === "private") return icon(ICONS.lock, 14);
  return channel.kind === "dm" ? h("span", { class: "avatar app tiny" }, "R") : "#";
}
