// Menus in which one thing is chosen: of options, or of people.

import { confirmed } from "./dialogs.js";
import { h } from "./dom.js";
import { wordsOf } from "./mrkdwn_view.js";
import { state } from "./state.js";

/** Draw a `static_select` or `users_select`, with the browser's own menu. */
export function select(one, block, surface, labelled = {}) {
  const chosen = surface.held(block, one);
  const placeholder = one.placeholder?.text ?? "Choose";
  const menu = h(
    "select",
    {
      class: "select",
      "aria-label": labelled.id ? null : placeholder,
      ...labelled,
      data: { action: one.action_id, focus: `${block.block_id} ${one.action_id}` },
      onchange: async () => {
        if (!(await confirmed(one.confirm))) {
          menu.value = chosen ?? "";
          return;
        }
        surface.choose(block, one, menu.value);
      },
    },
    h("option", { value: "", disabled: true, selected: !chosen }, placeholder),
    offered(one).map(({ group, options }) => {
      const drawn = options.map(({ value, label }) =>
        h("option", { value, selected: value === chosen }, label),
      );
      return group ? h("optgroup", { label: group }, drawn) : drawn;
    }),
  );
  return menu;
}

/** What a menu offers: groups (one without a name where there are none) of values and labels. */
export function offered(one) {
  if (one.type.endsWith("users_select")) {
    const people = state.cast.map(({ id, realName }) => ({ value: id, label: realName }));
    return [{ group: null, options: people }];
  }
  const groups = one.option_groups ?? [{ options: one.options }];
  return groups.map((group) => ({
    group: group.label ? wordsOf(group.label) : null,
    options: group.options.map((option) => ({
      value: option.value,
      label: wordsOf(option.text),
      option,
    })),
  }));
}
