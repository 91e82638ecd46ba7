// A form's field: its label, the element, the hint, and what is wrong with it.

import { h } from "./dom.js";
import { element } from "./elements.js";

const GROUPS = new Set([
  "radio_buttons", "checkboxes", "multi_static_select", "multi_users_select",
]);
let made = 0;

/** Draw the inside of an `input` block. */
export function field(block, surface) {
  made += 1;
  const id = `field-${made}`;
  const wrong = surface.errors?.[block.block_id];
  const notes = [wrong && `${id}-wrong`, block.hint && `${id}-hint`].filter(Boolean).join(" ");
  const grouped = GROUPS.has(block.element.type);
  const label = [
    block.label.text,
    block.optional && h("span", { class: "optional" }, " (optional)"),
  ];
  const labelled = {
    "aria-describedby": notes || null,
    "aria-invalid": wrong ? "true" : null,
    ...(grouped ? { "aria-labelledby": `${id}-label` } : { id }),
  };
  return [
    grouped
      ? h("div", { class: "label", id: `${id}-label` }, label)
      : h("label", { class: "label", for: id }, label),
    element(block.element, block, surface, labelled),
    wrong && h("p", { class: "wrong", id: `${id}-wrong` }, wrong),
    block.hint && h("p", { class: "hint", id: `${id}-hint` }, block.hint.text),
  ];
}
