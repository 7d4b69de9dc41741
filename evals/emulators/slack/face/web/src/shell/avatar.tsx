/** Coloured initials for people, a rounded square with a mark for apps. */

import type { User } from "../model";

const HUES = 8; // .hue-0 to .hue-7 in the style sheet

export function Avatar({ user, name, size = 36 }: { user?: User; name: string; size?: number }) {
  const key = user?.id ?? name;
  const hue = [...key].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
  const words = name.split(/[\s_-]+/).filter(Boolean);
  const initials = (words.length > 1 ? words[0][0] + words[1][0] : name.slice(0, user?.is_bot ? 2 : 1)).toUpperCase();
  const scale = size >= 48 ? 48 : size >= 36 ? 36 : size >= 24 ? 24 : 20;
  return (
    <span className={`avatar size-${scale} hue-${hue % HUES} ${user?.is_bot ? "is-app" : ""}`} aria-hidden="true">
      {initials}
    </span>
  );
}
