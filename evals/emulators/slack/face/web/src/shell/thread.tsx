/** The thread beside the conversation. */

import { useLook } from "../store";
import { Composer } from "./composer";
import { Icon } from "./icon";
import { MessageList } from "./list";
import { Prompts, StopButton, Thinking } from "./session";

export function Thread({ channel, ts, close }: { channel: string; ts: string; close: () => void }) {
  const look = useLook();
  const root = look.message(channel, ts);
  const messages = [...(root ? [root] : []), ...look.replies(channel, ts)];
  const where = look.channel(channel);
  const session = look.session(channel, ts);
  return (
    <aside className="thread" aria-label="Thread" onKeyDown={(event) => event.key === "Escape" && close()}>
      <header className="bar">
        <h2>
          {session?.title ?? "Thread"}
          <small>{where?.kind === "im" ? look.workspace.app.name : `#${where?.name}`}</small>
        </h2>
        <StopButton channel={channel} thread={ts} />
        <button type="button" className="kit-icon" aria-label="Close thread" onClick={close}><Icon name="close" /></button>
      </header>
      <MessageList
        key={ts}
        messages={messages}
        inThread
        openThread={() => undefined}
        tail={<Thinking channel={channel} thread={ts} />}
      />
      <Prompts channel={channel} thread={ts} />
      <Composer channel={channel} thread={ts} placeholder="Reply…" />
    </aside>
  );
}
