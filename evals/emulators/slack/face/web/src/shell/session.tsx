/** What a thread shows while the app works in it, and what it suggests to ask. */

import { useEffect, useState } from "react";
import { useLook, useStore } from "../store";

const NEXT_MS = 2500;

export function Thinking({ channel, thread }: { channel: string; thread: string | null }) {
  const look = useLook();
  const session = look.session(channel, thread);
  const texts = session?.thinking ? (session.loading.length > 0 ? session.loading : [session.thinking]) : [];
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (texts.length < 2) return;
    const timer = setInterval(() => setTurn((one) => one + 1), NEXT_MS);
    return () => clearInterval(timer);
  }, [texts.length]);
  if (texts.length === 0) return null;
  return (
    <p className="thinking-line" role="status">
      <span className="writing" aria-hidden="true"><i /><i /><i /></span>
      <b>{look.workspace.app.name}</b> {texts[turn % texts.length]}
    </p>
  );
}

export function Prompts({ channel, thread }: { channel: string; thread: string | null }) {
  const look = useLook();
  const store = useStore();
  const session = look.session(channel, thread);
  const fresh = !thread && look.messages(channel).length === 0;
  const prompts = session?.prompts.length ? session.prompts : fresh ? look.workspace.app.prompts : [];
  if (prompts.length === 0) return null;
  return (
    <div className="prompts" role="group" aria-label={session?.prompts_title ?? "Suggestions"}>
      {session?.prompts_title && <p>{session.prompts_title}</p>}
      {prompts.map((one) => (
        <button
          type="button"
          key={one.title}
          title={one.message}
          onClick={() => store.act("say", { channel, text: one.message, thread }).catch(() => undefined)}
        >
          {one.title}
        </button>
      ))}
    </div>
  );
}

/** Slack's own Stop button: there while the session is processing. */
export function StopButton({ channel, thread }: { channel: string; thread: string }) {
  const look = useLook();
  const store = useStore();
  if (look.session(channel, thread)?.status !== "processing") return null;
  return (
    <button type="button" className="stop" onClick={() => store.act("stop", { channel, ts: thread }).catch(() => undefined)}>
      <span aria-hidden="true">■</span> Stop
    </button>
  );
}
