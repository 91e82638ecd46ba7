// Slack's mrkdwn, read into a tree of plain objects. It knows neither the page nor who reads it.
//
// Nodes: {type: "text", text}, "bold" | "italic" | "strike" | "quote" | "item" with {inside},
// {type: "code" | "pre", text}, {type: "link", url, text}, {type: "user" | "channel" | "group",
// id, text}, {type: "date", seconds, form, text}, {type: "everyone", text}, {type: "emoji", name}
// and {type: "break"}.

const STYLES = { "*": "bold", _: "italic", "~": "strike" };
const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };
const EMOJI = /^:([a-z0-9_+'-]{1,60}):/;
const DATE = /^!date\^(\d{1,12})\^([^^]+?)(?:\^[^|]*)?$/;
// Nothing that people write is nested deeper; what is shows its marks.
const DEEPEST = 12;

/** Read a text. */
export function parse(text) {
  const nodes = [];
  const parts = text.split(/```([\s\S]+?)```/);
  parts.forEach((part, index) => {
    if (index % 2 === 1) nodes.push({ type: "pre", text: decoded(part.replace(/^\n/, "")) });
    else nodes.push(...lines(part));
  });
  return nodes;
}

/** Undo Slack's three entities, once. */
function decoded(text) {
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]);
}

function lines(text) {
  const nodes = [];
  let beforeWasBlock = true;
  for (const line of text.split("\n")) {
    const quote = /^&gt; ?(.*)$/s.exec(line);
    const item = /^[•◦▪] ?(.*)$/su.exec(line);
    if (quote || item) {
      nodes.push({ type: quote ? "quote" : "item", inside: inline((quote ?? item)[1]) });
      beforeWasBlock = true;
      continue;
    }
    if (!beforeWasBlock) nodes.push({ type: "break" });
    nodes.push(...inline(line));
    beforeWasBlock = false;
  }
  return nodes;
}

function inline(line, depth = 0) {
  const nodes = [];
  let plain = "";
  const say = (node) => {
    if (plain) nodes.push({ type: "text", text: decoded(plain) });
    plain = "";
    if (node) nodes.push(node);
  };
  let at = 0;
  while (at < line.length) {
    const found = tokenAt(line, at, depth);
    if (found === null) {
      plain += line[at];
      at += 1;
    } else {
      say(found.node);
      at = found.end;
    }
  }
  say(null);
  return nodes;
}

function tokenAt(line, at, depth) {
  const sign = line[at];
  if (sign === "<") return markAt(line, at);
  if (sign === "`") return codeAt(line, at);
  if (sign === ":") return emojiAt(line, at);
  if (sign in STYLES && depth < DEEPEST) return styledAt(line, at, depth);
  return null;
}

function markAt(line, at) {
  const end = line.indexOf(">", at);
  const inside = line.slice(at + 1, end);
  if (end < 0 || inside === "" || inside.includes("<")) return null;
  return { node: mark(inside), end: end + 1 };
}

function mark(inside) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : decoded(inside.slice(bar + 1));
  const date = DATE.exec(target);
  if (date) return { type: "date", seconds: Number(date[1]), form: decoded(date[2]), text: label };
  if (target.startsWith("@")) return { type: "user", id: target.slice(1), text: label };
  if (target.startsWith("#")) return { type: "channel", id: target.slice(1), text: label };
  if (target.startsWith("!subteam^")) {
    return { type: "group", id: target.slice("!subteam^".length), text: label };
  }
  if (/^!(here|channel|everyone)$/.test(target)) return { type: "everyone", text: target.slice(1) };
  return link(decoded(target), label);
}

/** A link, if it leads to a web address; else what was written. */
function link(url, label) {
  if (isWebAddress(url)) return { type: "link", url, text: label || url };
  return { type: "text", text: label ? `${label} (${url})` : url };
}

/** Whether this is an address that a person may be sent to. */
export function isWebAddress(url) {
  return /^https?:\/\//i.test(url) && URL.canParse(url);
}

function codeAt(line, at) {
  const end = line.indexOf("`", at + 1);
  if (end < 0 || end === at + 1) return null;
  return { node: { type: "code", text: decoded(line.slice(at + 1, end)) }, end: end + 1 };
}

function emojiAt(line, at) {
  const found = EMOJI.exec(line.slice(at, at + 64));
  return found && { node: { type: "emoji", name: found[1] }, end: at + found[0].length };
}

/** Bold, italic or struck text: the signs stand at the edges of words, as Slack wants them. */
function styledAt(line, at, depth) {
  const sign = line[at];
  const opens = isEdge(line[at - 1]) && at + 1 < line.length && !/[\s]/.test(line[at + 1]);
  if (!opens || line[at + 1] === sign) return null;
  const end = closing(line, sign, at + 1);
  if (end < 0) return null;
  const inside = inline(line.slice(at + 1, end), depth + 1);
  return { node: { type: STYLES[sign], inside }, end: end + 1 };
}

function closing(line, sign, from) {
  for (let at = from; at < line.length; at += 1) {
    if (line[at] === "`" || line[at] === "<") {
      const skipped = line[at] === "`" ? codeAt(line, at) : markAt(line, at);
      if (skipped) {
        at = skipped.end - 1;
        continue;
      }
    }
    if (line[at] !== sign || at === from) continue;
    if (!/\s/.test(line[at - 1]) && isEdge(line[at + 1])) return at;
  }
  return -1;
}

function isEdge(letter) {
  return letter === undefined || !/[\p{L}\p{N}]/u.test(letter);
}
