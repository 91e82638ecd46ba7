// A field in which one types.

import { h } from "./dom.js";

/** Draw a `plain_text_input`. */
export function textBox(one, block, surface, labelled = {}) {
  const box = h(one.multiline ? "textarea" : "input", {
    class: "text-box",
    rows: one.multiline ? 4 : null,
    type: one.multiline ? null : "text",
    placeholder: one.placeholder?.text,
    maxlength: one.max_length,
    autocomplete: "off",
    "aria-label": labelled.id ? null : (one.placeholder?.text ?? "Text"),
    ...labelled,
    data: { action: one.action_id, focus: `${block.block_id} ${one.action_id}` },
    oninput: () => surface.enter(block, one, box.value),
    onchange: () => surface.choose(block, one, box.value),
  });
  box.value = surface.held(block, one) ?? "";
  return box;
}
