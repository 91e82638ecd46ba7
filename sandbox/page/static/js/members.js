// Who is in a channel, and a way to bring somebody in.

import { post } from "./act.js";
import { h, icon, ICONS } from "./dom.js";
import { menu } from "./menu.js";
import { nameOf, state } from "./state.js";

/** Draw the button that shows a channel's members and adds others. */
export function membersButton(channel) {
  const outside = state.cast.filter(({ id, lead }) => lead && !channel.members.includes(id));
  const count = h("span", {}, icon(ICONS.people), ` ${channel.members.length}`);
  const names = channel.members.map(nameOf).join(", ");
  if (outside.length === 0) {
    return h("span", { class: "members", title: names }, count);
  }
  return menu({
    label: `${channel.members.length} members: ${names}. Add somebody`,
    className: "button quiet members",
    content: count,
    options: outside.map(({ name, realName }) => ({
      label: `Add ${realName}`,
      choose: () =>
        post(`/people/${state.me.name}/invite`, { channel: channel.id, person: name }),
    })),
    focus: "members",
  });
}
