/** What can complete the word before the caret. */

import type { Look } from "../store";

export interface Candidate {
  insert: string;
  title: string;
  note: string;
}

const MOST = 7;

/** The word under the caret if it starts with @, # or, at the very beginning, /; else an empty string. */
export function wordBefore(text: string, caret: number): string {
  const word = text.slice(0, caret).match(/(?:^|\s)([@#][\w.-]*)$/)?.[1];
  return word ?? text.slice(0, caret).match(/^\/[\w-]*$/)?.[0] ?? "";
}

export function candidates(look: Look, word: string, commands: boolean): Candidate[] {
  const part = word.slice(1).toLowerCase();
  const fits = (...names: string[]) => names.some((name) => name.toLowerCase().startsWith(part));
  let found: Candidate[] = [];
  if (word[0] === "@") {
    const people = look.users.filter((one) => fits(one.handle, ...one.name.split(" ")));
    const groups = look.groups.filter((one) => fits(one.handle));
    found = [...people, ...groups].map((one) => ({ insert: `@${one.handle} `, title: one.name, note: `@${one.handle}` }));
  } else if (word[0] === "#") {
    const open = look.channels.filter((one) => one.name && fits(one.name));
    found = open.map((one) => ({ insert: `#${one.name} `, title: `#${one.name}`, note: one.topic }));
  } else if (word[0] === "/" && commands) {
    const known = look.workspace.app.commands.filter((one) => fits(one.command.slice(1)));
    found = known.map((one) => ({ insert: `${one.command} `, title: one.command, note: one.hint }));
  }
  return found.filter((one) => one.insert.trim() !== word).slice(0, MOST);
}

/** The text with the word completed, and where the caret is then. */
export function completed(text: string, caret: number, one: Candidate): [string, number] {
  const from = caret - wordBefore(text, caret).length;
  return [text.slice(0, from) + one.insert + text.slice(caret).replace(/^ /, ""), from + one.insert.length];
}
