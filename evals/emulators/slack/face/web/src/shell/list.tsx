/** A list of messages with days, authors and the line above what is new; stays at the end while one is there. */

import { Fragment, useLayoutEffect, useRef, type ReactNode } from "react";
import type { Message as Row } from "../model";
import { useLook, useStore } from "../store";
import { dayTitle } from "../time";
import { Message } from "./message";

const TOGETHER_SECONDS = 300;
const NEAR_END_PX = 80;

interface Props {
  messages: Row[];
  /** ts up to which everything was read when the conversation was opened */
  newAfter?: string;
  inThread?: boolean;
  openThread: (ts: string) => void;
  head?: ReactNode;
  tail?: ReactNode;
}

export function MessageList({ messages, newAfter, inThread, openThread, head, tail }: Props) {
  const look = useLook();
  const store = useStore();
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const zone = { tz: look.me.tz, now: store.now() };
  useLayoutEffect(() => {
    const list = box.current!;
    const stick = () => {
      if (atEnd.current) list.scrollTop = list.scrollHeight;
    };
    stick();
    const observer = new ResizeObserver(stick);
    for (const child of list.children) observer.observe(child);
    return () => observer.disconnect();
  });
  const scrolled = () => {
    const list = box.current!;
    atEnd.current = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END_PX;
  };
  const firstNew = messages.find((one) => newAfter && Number(one.ts) > Number(newAfter) && one.user !== look.workspace.me);
  return (
    <div className="message-list" ref={box} onScroll={scrolled} role="log" aria-label="Messages" tabIndex={0}>
      <div className="message-list-inner">
        {head}
        {messages.map((message, index) => {
          const before = messages[index - 1];
          const day = dayTitle(Number(message.ts) * 1000, zone);
          const newDay = !inThread && (!before || dayTitle(Number(before.ts) * 1000, zone) !== day);
          const isNew = message === firstNew;
          return (
            <Fragment key={message.ts}>
              {newDay && <Rule text={day} />}
              {isNew && <Rule text="New" kind="is-new" />}
              <Message
                message={message}
                follows={!newDay && !isNew && together(before, message) && !(inThread && index === 1)}
                inThread={inThread}
                openThread={openThread}
              />
              {inThread && index === 0 && messages.length > 1 && <Rule text={replies(messages.length - 1)} kind="left" />}
            </Fragment>
          );
        })}
        {tail}
      </div>
    </div>
  );
}

function Rule({ text, kind = "" }: { text: string; kind?: string }) {
  return (
    <div className={`rule ${kind}`} role="separator" aria-label={text}>
      <span>{text}</span>
    </div>
  );
}

const replies = (count: number) => (count === 1 ? "1 reply" : `${count} replies`);

function together(before: Row | undefined, message: Row): boolean {
  return (
    before !== undefined &&
    before.user === message.user &&
    before.username === message.username &&
    !before.is_ephemeral &&
    !message.is_ephemeral &&
    Number(message.ts) - Number(before.ts) < TOGETHER_SECONDS
  );
}
