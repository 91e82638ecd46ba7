// Draws blocks, those of messages and of modals. `surface` is where they stand: see surfaces.js.

import { h } from "./dom.js";
import { element } from "./elements.js";
import { field } from "./fields.js";
import { drawText } from "./mrkdwn_view.js";
import { notDrawn, picture } from "./stand_ins.js";

const DRAWN = { section, actions, context, divider, header, image, input };

/** Draw blocks, one below the other. */
export function drawBlocks(blocks, surface) {
  return blocks.map((block) => {
    const draw = Object.hasOwn(DRAWN, block.type) ? DRAWN[block.type] : notDrawn;
    return draw(block, surface);
  });
}

function section(block, surface) {
  return h(
    "div",
    { class: "block section" },
    h(
      "div",
      { class: "section-words" },
      block.text && h("div", { class: "text" }, drawText(block.text)),
      block.fields &&
        h("div", { class: "columns" }, block.fields.map((one) => h("div", {}, drawText(one)))),
    ),
    block.accessory &&
      h("div", { class: "accessory" }, element(block.accessory, block, surface)),
  );
}

function actions(block, surface) {
  return h(
    "div",
    { class: "block actions" },
    block.elements.map((one) => element(one, block, surface)),
  );
}

function context(block) {
  return h(
    "div",
    { class: "block context" },
    block.elements.map((one) =>
      one.type === "image" ? picture(one) : h("span", {}, drawText(one)),
    ),
  );
}

function divider() {
  return h("hr", { class: "block" });
}

function header(block) {
  return h("h3", { class: "block header" }, block.text.text);
}

function image(block) {
  return h(
    "figure",
    { class: "block image" },
    block.title && h("figcaption", {}, block.title.text),
    picture(block),
  );
}

function input(block, surface) {
  return h("div", { class: "block input", data: { block: block.block_id } }, field(block, surface));
}
