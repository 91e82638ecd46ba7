// Radio buttons, checkboxes, and menus in which several things are chosen: a box beside each.

import { confirmed } from "./dialogs.js";
import { h } from "./dom.js";
import { drawText } from "./mrkdwn_view.js";
import { offered } from "./selects.js";

let made = 0;

/** Draw a group of boxes. */
export function checks(one, block, surface, labelled = {}) {
  const single = one.type === "radio_buttons";
  const held = surface.held(block, one);
  const chosen = new Set(single ? [held] : held);
  made += 1;
  const name = `choice-${made}`;
  const group = h(
    "div",
    {
      class: one.type.startsWith("multi") ? "checks many" : "checks",
      role: single ? "radiogroup" : "group",
      "aria-label": labelled["aria-labelledby"] ? null : (one.placeholder?.text ?? "Choices"),
      ...labelled,
      data: { action: one.action_id },
      onchange: async () => {
        if (!(await confirmed(one.confirm))) {
          for (const box of boxes(group)) box.checked = chosen.has(box.value);
          return;
        }
        const values = boxes(group).filter((box) => box.checked).map((box) => box.value);
        surface.choose(block, one, single ? values[0] : values);
      },
    },
    offered(one).map(({ group: title, options }) => [
      title && h("p", { class: "checks-title" }, title),
      options.map(({ value, label, option }) =>
        h(
          "label",
          { class: "check" },
          h("input", {
            type: single ? "radio" : "checkbox",
            name,
            value,
            checked: chosen.has(value),
            data: { focus: `${block.block_id} ${one.action_id} ${value}` },
          }),
          h(
            "span",
            {},
            option ? drawText(option.text) : label,
            option?.description &&
              h("span", { class: "check-description" }, drawText(option.description)),
          ),
        ),
      ),
    ]),
  );
  return group;
}

function boxes(group) {
  return [...group.querySelectorAll("input")];
}
