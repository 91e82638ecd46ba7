// Times as a reader in their own time zone sees them, in Slack's notation and elsewhere.

const DAY_MS = 86_400_000;

/** The parts of a moment in a time zone: `year`, `month` (its name), `day`, `hour`, … */
function partsOf(ms, tz) {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: tz, year: "numeric", month: "long", day: "numeric", weekday: "long",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });
  return Object.fromEntries(format.formatToParts(ms).map((part) => [part.type, part.value]));
}

/** The day as `2026-01-31`, to compare days. */
export function dayOf(ms, tz) {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: tz, year: "numeric", month: "2-digit", day: "2-digit",
  });
  return format.format(ms);
}

/** The time of day, `14:05`. */
export function timeOf(ms, tz) {
  const { hour, minute } = partsOf(ms, tz);
  return `${hour}:${minute}`;
}

/** The time of day with seconds. */
export function preciseTimeOf(ms, tz) {
  const { hour, minute, second } = partsOf(ms, tz);
  return `${hour}:${minute}:${second}`;
}

/** The day as people say it: "Today", "Yesterday" or "Wednesday, November 25". */
export function dayLabel(ms, tz, now = Date.now()) {
  const near = nearName(ms, tz, now);
  if (near) return near[0].toUpperCase() + near.slice(1);
  const { weekday, month, day } = partsOf(ms, tz);
  return `${weekday}, ${month} ${day}`;
}

function nearName(ms, tz, now) {
  const day = dayOf(ms, tz);
  if (day === dayOf(now, tz)) return "today";
  if (day === dayOf(now - DAY_MS, tz)) return "yesterday";
  return day === dayOf(now + DAY_MS, tz) ? "tomorrow" : null;
}

/** Fill in Slack's date tokens, such as `{date_short_pretty} at {time}`. */
export function slackDate(seconds, form, tz, now = Date.now()) {
  const ms = seconds * 1000;
  const { year, month, day, weekday, hour, minute, second } = partsOf(ms, tz);
  const full = `${month} ${day}, ${year}`;
  const short = `${month.slice(0, 3)} ${day}, ${year}`;
  const long = `${weekday}, ${full}`;
  const near = nearName(ms, tz, now);
  const tokens = {
    "{date_num}": dayOf(ms, tz),
    "{date}": full,
    "{date_short}": short,
    "{date_long}": long,
    "{date_pretty}": near ?? full,
    "{date_short_pretty}": near ?? short,
    "{date_long_pretty}": near ?? long,
    "{time}": `${hour}:${minute}`,
    "{time_secs}": `${hour}:${minute}:${second}`,
    "{ago}": ago(ms, now),
  };
  return form.replace(/\{\w+\}/g, (token) => tokens[token] ?? token);
}

/** How long ago, in words. */
export function ago(ms, now = Date.now()) {
  const seconds = Math.round(Math.abs(now - ms) / 1000);
  const minutes = Math.round(seconds / 60);
  let amount = `${Math.floor(minutes / 60)} hours`;
  if (seconds < 60) amount = `${seconds} seconds`;
  else if (minutes < 120) amount = minutes === 1 ? "1 minute" : `${minutes} minutes`;
  return now >= ms ? `${amount} ago` : `in ${amount}`;
}
