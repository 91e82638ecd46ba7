// Which conversation is open in this window, and what in the others is unread.

import { state } from "./state.js";

let openId = null;
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

/**
 * How many messages in a conversation this person hasn't looked at. The open one is looked at.
 *
 * The browser remembers it, so that whoever comes back has read what they read.
 */
export function unread(channel) {
  const key = `seen ${state.me.name} ${channel.id}`;
  if (isOpen(channel)) localStorage.setItem(key, channel.messages.at(-1)?.ts ?? "");
  const seen = localStorage.getItem(key) ?? "";
  return channel.messages.filter((message) => message.ts > seen && !message.mine).length;
}

/** Forget which is open: somebody else sits here now. */
export function forget() {
  openId = null;
}
