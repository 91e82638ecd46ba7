// The few emoji that are written by name here. Any other shows its name, as Slack does for its own.

const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", lock: "🔒", key: "🔑",
  unlock: "🔓", rotating_light: "🚨", eyes: "👀", hourglass: "⌛", hourglass_flowing_sand: "⏳",
  thumbsup: "👍", "+1": "👍", thumbsdown: "👎", "-1": "👎", wave: "👋", tada: "🎉", bulb: "💡",
  shield: "🛡️", no_entry: "⛔", question: "❓", exclamation: "❗", information_source: "ℹ️",
  smile: "😄", thinking_face: "🤔", pray: "🙏", email: "✉️", mailbox: "📫", snowflake: "❄️",
};

/** Return the emoji of this name, or the name between its colons. */
export function emoji(name) {
  return Object.hasOwn(EMOJI, name) ? EMOJI[name] : `:${name}:`;
}
