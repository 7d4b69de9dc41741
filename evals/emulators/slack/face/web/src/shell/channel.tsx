/** A conversation: its header, messages and where one writes. */

import { useEffect, useMemo, useRef } from "react";
import type { Channel as Row, Message } from "../model";
import { useLook, useStore } from "../store";
import { Composer } from "./composer";
import { MessageList } from "./list";
import { Prompts, Thinking } from "./session";

/** The ts up to which a conversation was read when it was opened; reads what comes while it is open. */
export function useReading(channel: Row, messages: Message[]): string {
  const store = useStore();
  const opened = useMemo(() => channel.last_read, [channel.id]);
  const last = messages.at(-1)?.ts;
  useEffect(() => {
    const read = () => {
      if (last && !document.hidden && Number(last) > Number(channel.last_read)) store.read(channel.id, last).catch(() => undefined);
    };
    read();
    document.addEventListener("visibilitychange", read);
    return () => document.removeEventListener("visibilitychange", read);
  }, [channel.id, last, channel.last_read]);
  return opened;
}

export function Conversation({ channel, openThread }: { channel: Row; openThread: (ts: string) => void }) {
  const look = useLook();
  const store = useStore();
  const all = look.messages(channel.id);
  const newAfter = useReading(channel, all);
  const roots = all.filter(
    (one) => !one.thread_ts || one.thread_ts === one.ts || one.subtype === "thread_broadcast" || !look.message(channel.id, one.thread_ts),
  );
  const direct = channel.kind === "im";
  const name = direct ? look.workspace.app.name : `#${channel.name}`;
  const { app } = look.workspace;
  useOpenAnswered(direct, all, openThread);
  const invite = !direct && !channel.members.includes(app.bot_user);
  return (
    <>
      <MessageList
        key={channel.id}
        messages={roots}
        newAfter={newAfter}
        openThread={openThread}
        head={<Beginning channel={channel} name={name} />}
        tail={<Thinking channel={channel.id} thread={null} />}
      />
      {invite && (
        <p className="note">
          {app.name} is not in this channel.{" "}
          <button type="button" className="link" onClick={() => store.act("invite_bot", { channel: channel.id })}>Add it</button>
        </p>
      )}
      {direct && <Prompts channel={channel.id} thread={null} />}
      {channel.is_member && <Composer channel={channel.id} placeholder={`Message ${name}`} />}
    </>
  );
}

function Beginning({ channel, name }: { channel: Row; name: string }) {
  const { app } = useLook().workspace;
  return (
    <div className="beginning">
      <h3>{name}</h3>
      <p>
        {channel.kind === "im"
          ? `This is your conversation with ${app.name}. Ask in plain words; each question becomes a thread.`
          : `This is the very beginning of ${name}. Mention @${app.name} to ask it something.`}
      </p>
    </div>
  );
}

/** In the app's own conversation a thread opens as soon as the app works or answers in it. */
function useOpenAnswered(direct: boolean, all: Message[], openThread: (ts: string) => void) {
  const look = useLook();
  const asked = all.findLast((one) => one.user === look.workspace.me && !one.thread_ts);
  const working = direct && asked && look.session(asked.channel, asked.ts)?.thinking ? asked.ts : "";
  useEffect(() => {
    if (working) openThread(working);
  }, [working]);
  const seen = useRef<string | null>(null);
  const last = all.at(-1);
  useEffect(() => {
    const known = seen.current;
    seen.current = last?.ts ?? "";
    if (direct && known !== null && last && last.ts !== known && last.from_this_app && last.thread_ts) openThread(last.thread_ts);
  }, [direct, last?.ts]);
}
