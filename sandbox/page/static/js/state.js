// What the server told this window last, by part, and who wants to hear of it.

export const state = {
  cast: [],
  names: {},
  me: null,
  slack: null,
  mail: [],
  orgs: {},
  integrations: {},
  faults: [],
  worker: { running: true },
  audit: [],
  stories: [],
  tour: { story: null, number: 0 },
};

const listeners = new Map();

/** Call `listener` after each change of these parts. */
export function onChange(parts, listener) {
  for (const part of parts) listeners.set(part, [...(listeners.get(part) ?? []), listener]);
}

/** Take in what has changed, and tell those who want to know. */
export function change(part, value) {
  state[part] = value;
  for (const listener of listeners.get(part) ?? []) listener();
}

/** What an id reads as: somebody's name, a channel's or a user group's. */
export function nameOf(id) {
  return Object.hasOwn(state.names, id) ? state.names[id] : null;
}

/** The person whose window this is, as the cast lists them. */
export function myself() {
  return state.cast.find((person) => person.name === state.me?.name) ?? null;
}
