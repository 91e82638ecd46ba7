// A text as its reader sees it: the tree of `mrkdwn.js`, with names and times filled in.

import { slackDate } from "./dates.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { parse } from "./mrkdwn.js";
import { myself, nameOf, state } from "./state.js";

const TAGS = { bold: "strong", italic: "em", strike: "s" };

/** Draw a text object, `mrkdwn` or `plain_text`; null where there is none. */
export function drawText(object) {
  if (!object) return null;
  return object.type === "plain_text" ? plainLines(object.text) : drawMrkdwn(object.text);
}

/** Draw a mrkdwn text. */
export function drawMrkdwn(text) {
  return grouped(parse(text));
}

/** The words of a text object, for labels. */
export function wordsOf(object) {
  if (!object) return "";
  if (object.type === "plain_text") return object.text;
  return h("span", {}, drawMrkdwn(object.text)).textContent;
}

function plainLines(text) {
  return text.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));
}

/** Put neighbouring items into one list, and neighbouring quotes into one quote. */
function grouped(nodes) {
  const drawn = [];
  for (const node of nodes) {
    const last = drawn.at(-1);
    if (node.type === "item") {
      const list = last?.tagName === "UL" ? last : h("ul", { class: "items" });
      list.append(h("li", {}, node.inside.map(draw)));
      if (list !== last) drawn.push(list);
    } else if (node.type === "quote") {
      const quote = last?.tagName === "BLOCKQUOTE" ? last : h("blockquote");
      quote.append(h("p", {}, node.inside.map(draw)));
      if (quote !== last) drawn.push(quote);
    } else {
      drawn.push(draw(node));
    }
  }
  return drawn;
}

function draw(node) {
  switch (node.type) {
    case "text":
      return document.createTextNode(node.text);
    case "break":
      return h("br");
    case "code":
      return h("code", {}, node.text);
    case "pre":
      return h("pre", {}, node.text);
    case "link":
      return h("a", { href: node.url, target: "_blank", rel: "noopener noreferrer" }, node.text);
    case "emoji":
      return document.createTextNode(emoji(node.name));
    case "user":
    case "group":
    case "everyone":
      return mention(node);
    case "channel":
      return h("span", { class: "mention" }, `#${nameOf(node.id) ?? (node.text || node.id)}`);
    case "date":
      return date(node);
    default:
      return h(TAGS[node.type], {}, node.inside.map(draw));
  }
}

function mention(node) {
  const words = node.type === "everyone" ? node.text : (nameOf(node.id) ?? node.text) || node.id;
  const isMe = node.type === "everyone" || node.id === myself()?.id;
  return h("span", { class: isMe ? "mention me" : "mention" }, `@${words.replace(/^@/, "")}`);
}

function date(node) {
  const at = new Date(node.seconds * 1000);
  if (Number.isNaN(at.getTime()) || !state.me) return document.createTextNode(node.text);
  const shown = slackDate(node.seconds, node.form, state.me.tz);
  return h("time", { datetime: at.toISOString(), title: at.toUTCString() }, shown);
}
