// Which conversation is open in this window, and what in the others is unread.

import { state } from "./state.js";

let openId = null;
let seen = new Map();
let draw = () => {};

/** Call this after another conversation is opened. */
export function onOpened(listener) {
  draw = listener;
}

/** The conversation that is open: at first the first one. */
export function current() {
  const channels = state.slack?.channels ?? [];
  return channels.find((channel) => channel.id === openId) ?? channels[0] ?? null;
}

/** Whether this is the conversation that is open. */
export function isOpen(channel) {
  return current()?.id === channel.id;
}

/** Open a conversation. */
export function open(id) {
  openId = id;
  draw();
}

/** Open a conversation by its name, `dm` being the one with the bot. Returns whether it exists. */
export function openNamed(name) {
  const channel = named(name);
  if (channel && !isOpen(channel)) open(channel.id);
  return channel !== null;
}

/** The conversation of this name, or null. */
export function named(name) {
  const channels = state.slack?.channels ?? [];
  return (
    channels.find((channel) => (name === "dm" ? channel.kind === "dm" : channel.name === name)) ??
    null
  );
}

/** How many messages in a conversation haven't been looked at. The open one is looked at. */
export function unread(channel) {
  if (isOpen(channel)) seen.set(channel.id, channel.messages.at(-1)?.ts ?? "");
  if (!seen.has(channel.id)) seen.set(channel.id, channel.messages.at(-1)?.ts ?? "");
  return channel.messages.filter(
    (message) => message.ts > seen.get(channel.id) && !message.mine,
  ).length;
}

/** Forget it all: somebody else sits here now. */
export function forget() {
  openId = null;
  seen = new Map();
}
