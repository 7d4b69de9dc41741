/** The Block Kit renderer, given the workspace's names, the viewer's zone and safe links. */

import { createContext, memo, useContext, useLayoutEffect, useMemo, useRef, type ReactNode } from "react";
import { Message as Renderer, type Block } from "slack-blocks-to-jsx";
import type { Json } from "../model";
import { useDarkMode } from "../shell/theme";
import { useLook, useStore } from "../store";
import { formatDate, fullTime } from "../time";
import { emoji } from "./emoji";
import { fromMrkdwn, fromPlain, isSafeLink, unescape } from "./mrkdwn";

export function Link({ href, children, className }: { href: string; children?: ReactNode; className?: string }) {
  if (!isSafeLink(href)) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noreferrer noopener" className={className}>
      {children}
    </a>
  );
}

export function Emoji({ name }: { name: string }) {
  return (
    <span className="emoji" role="img" aria-label={name.replace(/_/g, " ")} title={`:${name}:`}>
      {emoji(name) ?? `:${name}:`}
    </span>
  );
}

/** What texts need of the workspace. It changes rarely, so that a new message does not draw all others again. */
interface Names {
  tz: string;
  users: { id: string; name: string }[];
  channels: { id: string; name: string }[];
  user_groups: { id: string; name: string; handle: string }[];
}

const NamesContext = createContext<Names>({ tz: "UTC", users: [], channels: [], user_groups: [] });

export function NamesProvider({ children }: { children: ReactNode }) {
  const look = useLook();
  const names: Names = {
    tz: look.me.tz,
    users: look.users.map(({ id, name }) => ({ id, name })),
    channels: look.channels.map(({ id, name }) => ({ id, name })),
    user_groups: look.groups.map(({ id, name, handle }) => ({ id, name: handle, handle: name })),
  };
  const held = useMemo(() => names, [JSON.stringify(names)]);
  return <NamesContext.Provider value={held}>{children}</NamesContext.Provider>;
}

function DateText({ timestamp, format }: { timestamp: string; format: string }) {
  const zone = { tz: useContext(NamesContext).tz, now: useStore().now() };
  let given: Json = { format, fallback: "" };
  if (format.startsWith("{\"")) given = JSON.parse(format);
  const shown = formatDate(Number(timestamp), given.format, zone) ?? given.fallback;
  const time = (
    <time title={Number.isFinite(Number(timestamp)) ? fullTime(Number(timestamp) * 1000, zone) : undefined}>{shown}</time>
  );
  return given.link ? <Link href={given.link}>{time}</Link> : time;
}

const HOOKS = {
  link: Link,
  emoji: ({ name }: { name: string }) => <Emoji name={name} />,
  date: (given: { timestamp: string; format: string }) => <DateText {...given} />,
};

/** Blocks that only show something, drawn by the renderer. */
export const Drawn = memo(function Drawn({ blocks }: { blocks: Json[] }) {
  const names = useContext(NamesContext);
  const dark = useDarkMode();
  const box = useRef<HTMLDivElement>(null);
  // The page's root carries the id that the renderer's style sheet asks for; it must stand only once.
  useLayoutEffect(() => box.current?.firstElementChild?.removeAttribute("id"));
  const bare = useMemo(() => blocks.map(({ block_id: _id, ...block }) => block as Block), [blocks]);
  return (
    <div ref={box} className="drawn">
      <Renderer blocks={bare} name="" logo="" withoutWrapper theme={dark ? "dark" : "light"} data={names} hooks={HOOKS} />
    </div>
  );
});

/** A text object (or mrkdwn string) drawn by way of rich_text. */
export const Text = memo(function Text({ text }: { text: Json | string }) {
  const given: Json = typeof text === "string" ? { type: "mrkdwn", text } : text;
  const blocks = useMemo(() => [{ type: "rich_text", elements: elementsOf(given) }], [given.type, given.text]);
  return <Drawn blocks={blocks} />;
});

export function elementsOf(text: Json): Json[] {
  return text.type === "mrkdwn" ? fromMrkdwn(text.text) : fromPlain(text.text, text.emoji !== false);
}

/** A plain_text object as a string, emoji names drawn: for labels of controls. */
export function label(text: Json | null | undefined): string {
  if (!text) return "";
  const plain = unescape(text.text);
  return text.emoji === false ? plain : plain.replace(/:([a-z0-9_+-]+):/g, (all: string, name: string) => emoji(name) ?? all);
}
