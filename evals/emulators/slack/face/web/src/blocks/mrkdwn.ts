/**
 * Slack's mrkdwn as rich_text elements, which the renderer draws word for word.
 *
 * The renderer's own mrkdwn goes through a Markdown parser that takes `&lt;b&gt;` for HTML and stars in code for bold;
 * here escaped text stays text whatever it holds.
 */

import type { Json } from "../model";
import { emoji } from "./emoji";

type Style = { bold?: true; italic?: true; strike?: true; code?: true };

const STYLES: Record<string, Style> = { "*": { bold: true }, _: { italic: true }, "~": { strike: true } };
const SAFE_LINK = /^(https?:\/\/|mailto:)/i;

export const unescape = (text: string) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
export const isSafeLink = (url: string) => SAFE_LINK.test(url.trim());

/** Paragraphs, quotes and code blocks of a mrkdwn text. */
export function fromMrkdwn(text: string): Json[] {
  const found: Json[] = [];
  text.split(/```/).forEach((piece, index, pieces) => {
    if (index % 2 === 1 && index < pieces.length - 1) {
      const code = piece.replace(/^\n|\n$/g, "");
      found.push({ type: "rich_text_preformatted", elements: [{ type: "text", text: readable(code) }] });
    } else {
      const rest = index % 2 === 1 ? `\`\`\`${piece}` : piece;
      found.push(...paragraphs(index > 0 ? rest.replace(/^\n/, "") : rest));
    }
  });
  return found;
}

/** Plain text: only emoji names and the three escapes are drawn (github.com/slackapi/bolt-python/issues/513). */
export function fromPlain(escaped: string, withNames = true): Json[] {
  const text = unescape(escaped);
  return [{ type: "rich_text_section", elements: withNames ? withEmoji(text, {}) : [{ type: "text", text }] }];
}

function paragraphs(text: string): Json[] {
  const found: Json[] = [];
  let lines: string[] = [];
  let quoted = false;
  const flush = () => {
    const joined = lines.join("\n");
    if (joined.trim()) {
      const type = quoted ? "rich_text_quote" : "rich_text_section";
      found.push({ type, elements: inline(joined, {}) });
    }
    lines = [];
  };
  let always = false;
  for (const line of text.split("\n")) {
    const rest = line.match(/^(&gt;&gt;&gt;|&gt;) ?/);
    if (rest?.[1] === "&gt;&gt;&gt;") always = true;
    const now = always || rest !== null;
    if (now !== quoted) flush();
    quoted = now;
    lines.push(rest ? line.slice(rest[0].length) : line);
  }
  flush();
  return found;
}

function inline(text: string, style: Style): Json[] {
  const found: Json[] = [];
  let plain = "";
  const flush = () => {
    if (plain) found.push(...withEmoji(unescape(plain), style));
    plain = "";
  };
  for (let at = 0; at < text.length; ) {
    const token = text.slice(at).match(/^<([^<>\n]+)>/);
    const made = token && fromToken(token[1], style);
    const span = made ? null : styledSpan(text, at);
    if (!made && !span) {
      plain += text[at++];
      continue;
    }
    flush();
    found.push(...(made ?? span!.make(style)));
    at += made ? token![0].length : span!.length;
  }
  flush();
  return found;
}

/** `*bold*`, `_italic_`, `~struck~` and `` `code` `` that begin at a word's edge and end at one. */
function styledSpan(text: string, at: number): { length: number; make: (style: Style) => Json[] } | null {
  const mark = text[at];
  if (mark !== "`" && !STYLES[mark]) return null;
  if (at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1])) return null;
  const end = closing(text, at, mark);
  if (end < 0) return null;
  const inner = text.slice(at + 1, end);
  const make = (style: Style): Json[] =>
    mark === "`"
      ? [{ type: "text", text: readable(inner), style: { ...style, code: true } }]
      : inline(inner, { ...style, ...STYLES[mark] });
  return { length: end + 1 - at, make };
}

function closing(text: string, at: number, mark: string): number {
  if (!text[at + 1] || /\s/.test(text[at + 1]) || text[at + 1] === mark) return -1;
  for (let end = at + 2; end < text.length && text[end] !== "\n"; end++) {
    const edge = !text[end + 1] || !/[\p{L}\p{N}]/u.test(text[end + 1]);
    if (text[end] === mark && (mark === "`" || !/\s/.test(text[end - 1])) && edge) return end;
  }
  return -1;
}

/** What stands between < and >: a mention, a date or a link; null for anything else, which stays text. */
function fromToken(token: string, style: Style): Json[] | null {
  const [target, ...labels] = token.split("|");
  const label = unescape(labels.join("|"));
  const styled = Object.keys(style).length ? { style } : {};
  let match = target.match(/^@([UW]\w+)$/);
  if (match) return [{ type: "user", user_id: match[1], ...styled }];
  match = target.match(/^#([CG]\w+)$/);
  if (match) return [{ type: "channel", channel_id: match[1], ...styled }];
  match = target.match(/^!subteam\^(\w+)$/);
  if (match) return [{ type: "usergroup", usergroup_id: match[1], ...styled }];
  match = target.match(/^!(here|channel|everyone)$/);
  if (match) return [{ type: "broadcast", range: match[1], ...styled }];
  match = target.match(/^!date\^(-?\d+)\^([^^]+)(?:\^(.+))?$/);
  if (match) return [{ type: "date", timestamp: Number(match[1]), format: dateFormat(match[2], match[3], label), ...styled }];
  if (isSafeLink(target)) return [{ type: "link", url: unescape(target), text: label || unescape(target), ...styled }];
  return null;
}

/** The renderer's date element has no fallback and no link; they travel inside the format. */
const dateFormat = (format: string, link: string | undefined, fallback: string) => JSON.stringify({ format, link, fallback });

/** Text inside code: no styles, tokens as their words. */
function readable(text: string): string {
  return unescape(text.replace(/<([^<>\n|]+)(?:\|([^<>\n]*))?>/g, (_all, target: string, label?: string) => label || target));
}

function withEmoji(text: string, style: Style): Json[] {
  const styled = Object.keys(style).length ? { style } : {};
  const found: Json[] = [];
  let from = 0;
  for (const match of text.matchAll(/:([a-z0-9_+-]+):/g)) {
    if (!emoji(match[1])) continue;
    if (match.index > from) found.push({ type: "text", text: text.slice(from, match.index), ...styled });
    found.push({ type: "emoji", name: match[1] });
    from = match.index + match[0].length;
  }
  if (from < text.length) found.push({ type: "text", text: text.slice(from), ...styled });
  return found;
}
