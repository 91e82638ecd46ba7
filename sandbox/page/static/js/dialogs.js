// Slack's "are you sure" before a press counts.

import { h } from "./dom.js";
import { drawText } from "./mrkdwn_view.js";

/** Ask once more, if the element wants that. True once the person says yes. */
export function confirmed(confirm) {
  if (!confirm) return Promise.resolve(true);
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { class: "dialog confirm", "aria-labelledby": "confirm-title" },
      h(
        "form",
        { method: "dialog" },
        h("h2", { id: "confirm-title" }, drawText(confirm.title)),
        h("div", { class: "dialog-words" }, drawText(confirm.text)),
        h(
          "div",
          { class: "dialog-buttons" },
          h("button", { class: "button", value: "no" }, confirm.deny.text),
          h(
            "button",
            { class: `button ${confirm.style === "danger" ? "danger" : "primary"}`, value: "yes" },
            confirm.confirm.text,
          ),
        ),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
