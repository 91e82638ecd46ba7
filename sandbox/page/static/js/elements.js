// Draws what people press and choose in, outside of a form's fields.

import { checks } from "./checks.js";
import { confirmed } from "./dialogs.js";
import { h, icon, ICONS } from "./dom.js";
import { menu } from "./menu.js";
import { isWebAddress } from "./mrkdwn.js";
import { wordsOf } from "./mrkdwn_view.js";
import { select } from "./selects.js";
import { notDrawn, picture } from "./stand_ins.js";
import { textBox } from "./text_box.js";

const DRAWN = {
  button,
  overflow,
  image: picture,
  static_select: select,
  users_select: select,
  multi_static_select: checks,
  multi_users_select: checks,
  radio_buttons: checks,
  checkboxes: checks,
  plain_text_input: textBox,
};

/** Draw an element of a block. */
export function element(one, block, surface, labelled) {
  const draw = Object.hasOwn(DRAWN, one.type) ? DRAWN[one.type] : notDrawn;
  return draw(one, block, surface, labelled);
}

function button(one, block, surface) {
  const leads = one.url && isWebAddress(one.url);
  return h(
    "button",
    {
      type: "button",
      class: `button ${one.style ?? ""}`,
      "aria-label": one.accessibility_label,
      data: {
        action: one.action_id,
        focus: `${block.block_id} ${one.action_id}`,
        ...(one.confirm ? { asks: "" } : {}),
      },
      onclick: async () => {
        if (!(await confirmed(one.confirm))) return;
        if (leads) window.open(one.url, "_blank", "noopener");
        surface.press(one.action_id, one.value ?? "");
      },
    },
    one.text.text,
    leads && icon(ICONS.window, 12),
  );
}

function overflow(one, block, surface) {
  const options = one.options.map((option) => ({
    label: wordsOf(option.text),
    choose: async () => {
      if (!(await confirmed(one.confirm))) return;
      if (option.url && isWebAddress(option.url)) window.open(option.url, "_blank", "noopener");
      surface.select(one.action_id, block.block_id, option.value);
    },
  }));
  return menu({
    label: "More options",
    className: "button overflow",
    content: icon(ICONS.more),
    options,
    focus: `${block.block_id} ${one.action_id}`,
  });
}
