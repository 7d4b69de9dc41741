/** Below a message that has a thread: who answered, how often, when last, and whether the app is at work. */

import type { Message as Row } from "../model";
import { useLook, useStore } from "../store";
import { clock, dayTitle } from "../time";
import { Avatar } from "./avatar";

export function ThreadSummary({ message, open }: { message: Row; open: () => void }) {
  const look = useLook();
  const store = useStore();
  if (message.thread_ts && message.thread_ts !== message.ts) return null;
  const replies = look.replies(message.channel, message.ts);
  const thinking = look.session(message.channel, message.ts)?.thinking;
  if (replies.length === 0 && !thinking) return null;
  const authors = [...new Set(replies.map((one) => one.user))].slice(0, 5);
  const last = replies.at(-1);
  const at = Number(last?.ts) * 1000;
  const zone = { tz: look.me.tz, now: store.now() };
  const day = last && dayTitle(at, zone);
  return (
    <button type="button" className="thread-summary" onClick={open}>
      {authors.map((id) => (
        <Avatar key={id} user={look.user(id)} name={look.name(id)} size={24} />
      ))}
      {replies.length > 0 && <b>{replies.length === 1 ? "1 reply" : `${replies.length} replies`}</b>}
      {thinking ? (
        <span className="thinking">{look.workspace.app.name} {thinking}</span>
      ) : (
        <span>Last reply {day === "Today" || day === "Yesterday" ? day.toLowerCase() : day} at {clock(at, zone.tz)}</span>
      )}
    </button>
  );
}
