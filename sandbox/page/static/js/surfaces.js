// Where blocks stand, a message or a modal: what their inputs hold, and what using them does.

import { act } from "./act.js";

/** Blocks in a message. The server holds what is chosen there, for this person. */
export class MessageSurface {
  constructor(channel, message) {
    this.place = { channel, ts: message.ts };
    this.inputs = message.held;
    this.errors = null;
  }

  held(block, one) {
    return heldIn(this.inputs, block, one);
  }

  enter() {
    // Slack's clients keep what is typed until the field is left.
  }

  press(action, value) {
    return act("press", { ...this.place, action, value });
  }

  select(action, block, choice) {
    return act("select", { ...this.place, action, block, choice });
  }

  choose(block, one, choice) {
    return this.select(one.action_id, block.block_id, choice);
  }
}

/** Blocks in a modal. What is entered in its fields is a draft until it is submitted. */
export class ModalSurface {
  constructor(modal, drafts) {
    this.inputs = modal.held;
    this.errors = modal.errors;
    this.drafts = drafts;
  }

  held(block, one) {
    return this.drafts.get(block.block_id) ?? heldIn(this.inputs, block, one);
  }

  enter(block, one, value) {
    if (block.type === "input") this.drafts.set(block.block_id, value);
  }

  press(action, value) {
    return act("press", { action, value });
  }

  select(action, block, choice) {
    return act("select", { action, block, choice });
  }

  choose(block, one, choice) {
    this.enter(block, one, choice);
    const tells = block.type !== "input" || block.dispatch_action;
    return tells ? this.select(one.action_id, block.block_id, choice) : null;
  }
}

/** What an input holds: a value, several, or what it began with. */
function heldIn(inputs, block, one) {
  const entry = inputs[block.block_id]?.[one.action_id];
  switch (one.type) {
    case "plain_text_input":
      return entry ? entry.value : one.initial_value;
    case "users_select":
      return entry ? entry.selected_user : one.initial_user;
    case "checkboxes":
    case "multi_static_select":
      return (entry ? entry.selected_options : (one.initial_options ?? [])).map(valueOf);
    case "multi_users_select":
      return entry ? entry.selected_users : (one.initial_users ?? []);
    default:
      return valueOf(entry ? entry.selected_option : one.initial_option);
  }
}

function valueOf(option) {
  return option?.value ?? null;
}
