/** Emoji by Slack's names, as characters. */

import NAMES from "slack-emoji";

/** The character of a name such as `large_green_circle`, skin tones (`wave::skin-tone-3`) aside. */
export function emoji(name: string): string | undefined {
  const known = NAMES as Record<string, string>;
  const bare = name.split("::")[0];
  return Object.hasOwn(known, bare) ? known[bare] : undefined;
}
