/** One message: who, when, what, and what can be done with it. */

import { memo, useMemo, useState } from "react";
import { Blocks } from "../blocks/blocks";
import { Emoji, Text } from "../blocks/library";
import { SurfaceContext, type Surface } from "../blocks/surface";
import type { Json, Message as Row } from "../model";
import { useLook, useStore } from "../store";
import { clock, fullTime } from "../time";
import { Avatar } from "./avatar";
import { Files } from "./files";
import { Icon } from "./icon";
import { Menu, type Item } from "./menu";
import { ThreadSummary } from "./summary";

const REACTIONS = ["+1", "eyes", "white_check_mark", "raised_hands", "tada", "heart", "thinking_face", "-1"];

interface Props {
  message: Row;
  /** Follows another message of the same author: no picture and name again. */
  follows: boolean;
  inThread?: boolean;
  openThread: (ts: string) => void;
}

export const Message = memo(function Message({ message, follows, inThread, openThread }: Props) {
  const look = useLook();
  const store = useStore();
  const author = look.user(message.user);
  const name = message.username ?? author?.name ?? message.user;
  const at = Number(message.ts) * 1000;
  const zone = { tz: look.me.tz, now: store.now() };
  const [editing, setEditing] = useState(false);
  const time = (
    <time className="message-time" dateTime={new Date(at).toISOString()} title={fullTime(at, zone)}>
      {clock(at, zone.tz)}
    </time>
  );
  const kind = [follows ? "follows" : "", message.is_ephemeral ? "is-ephemeral" : "", message.stream === "streaming" ? "is-streaming" : ""];
  return (
    <article className={`message ${kind.join(" ")}`} data-ts={message.ts} aria-label={`${name}, ${clock(at, zone.tz)}`}>
      {message.is_ephemeral && <p className="ephemeral-note"><Icon name="eye" size={14} /> Only visible to you</p>}
      <div className="message-side">{follows ? time : <Avatar user={author} name={name} />}</div>
      <div className="message-main">
        {!follows && (
          <header>
            <strong>{name}</strong>
            {message.from_app && <span className="badge-app">APP</span>}
            {author?.is_guest && <span className="badge-app">GUEST</span>}
            {time}
          </header>
        )}
        {editing ? <Editor message={message} done={() => setEditing(false)} /> : <Body message={message} />}
        <Reactions message={message} />
        {!inThread && <ThreadSummary message={message} open={() => openThread(message.ts)} />}
      </div>
      <Toolbar message={message} inThread={inThread} openThread={openThread} edit={() => setEditing(true)} />
    </article>
  );
});

const Body = memo(function Body({ message }: { message: Row }) {
  const { channel, ts, values } = message;
  const surface: Surface = useMemo(
    () => ({ target: { kind: "message", channel, ts }, values, errors: {}, typed: {}, type: () => undefined }),
    [channel, ts, values],
  );
  // What people write is drawn from its text: their client's blocks say the same.
  const blocks = message.from_app ? message.blocks : [];
  return (
    <SurfaceContext.Provider value={surface}>
      <div className="message-body">
        {blocks.length > 0 ? <Blocks blocks={blocks} /> : message.text && <Text text={message.text} />}
        {message.is_edited && <span className="edited">(edited)</span>}
        {message.stream === "streaming" && (
          <span className="writing" role="status" aria-label="still writing"><i /><i /><i /></span>
        )}
        {message.stream === "stopped_by_user" && <p className="stopped">■ Stopped</p>}
        {message.attachments.map((one, index) => (
          <Attachment key={index} attachment={one} />
        ))}
        <Files files={message.files} />
      </div>
    </SurfaceContext.Provider>
  );
});

function Attachment({ attachment }: { attachment: Json }) {
  const text = attachment.text ?? attachment.fallback;
  return (
    <div className={`attachment ${["good", "warning", "danger"].includes(attachment.color) ? attachment.color : ""}`}>
      {attachment.pretext && <Text text={attachment.pretext} />}
      {attachment.title && <strong><Text text={attachment.title} /></strong>}
      {attachment.blocks ? <Blocks blocks={attachment.blocks} /> : text && <Text text={text} />}
      {(attachment.fields ?? []).map((field: Json, index: number) => (
        <Text key={index} text={`*${field.title}*\n${field.value}`} />
      ))}
    </div>
  );
}

function Reactions({ message }: { message: Row }) {
  const look = useLook();
  const store = useStore();
  const { channel, ts } = message;
  if (message.reactions.length === 0) return null;
  return (
    <div className="reactions">
      {message.reactions.map(({ name, users }) => (
        <button
          type="button"
          key={name}
          aria-pressed={users.includes(look.workspace.me)}
          title={users.map((one) => look.name(one)).join(", ")}
          onClick={() => store.act("react", { channel, ts, name }).catch(() => undefined)}
        >
          <Emoji name={name} /> {users.length}
        </button>
      ))}
    </div>
  );
}

function Toolbar({ message, inThread, openThread, edit }: Omit<Props, "follows"> & { edit: () => void }) {
  const look = useLook();
  const store = useStore();
  const { channel, ts } = message;
  if (message.is_ephemeral) return null;
  const quietly = (name: string, more: Json = {}) => store.act(name, { channel, ts, ...more }).catch(() => undefined);
  const shortcuts = look.workspace.app.shortcuts.filter((one) => one.type === "message");
  const items: Item[] = shortcuts.map(({ callback_id, name }) => ({
    key: callback_id,
    title: name,
    note: look.workspace.app.name,
    run: () => quietly("shortcut", { callback_id }),
  }));
  if (message.user === look.workspace.me) {
    items.push({ key: "edit", title: "Edit message", run: edit });
    items.push({ key: "delete", title: "Delete message", danger: true, run: () => quietly("delete") });
  }
  const faces = REACTIONS.map((name) => ({ key: name, title: <Emoji name={name} />, run: () => quietly("react", { name }) }));
  return (
    <div className="toolbar" role="group" aria-label="Message actions">
      <Menu label="Add reaction" items={faces} grid>
        <Icon name="smile" />
      </Menu>
      {!inThread && (
        <button type="button" aria-label="Reply in thread" title="Reply in thread" onClick={() => openThread(message.thread_ts ?? ts)}>
          <Icon name="reply" />
        </button>
      )}
      {items.length > 0 && (
        <Menu label="More actions" items={items}>
          <Icon name="more" />
        </Menu>
      )}
    </div>
  );
}

function Editor({ message, done }: { message: Row; done: () => void }) {
  const store = useStore();
  const [text, setText] = useState(message.text);
  const save = async () => {
    await store.act("edit", { channel: message.channel, ts: message.ts, text }).catch(() => undefined);
    done();
  };
  return (
    <form className="editor" onSubmit={(event) => { event.preventDefault(); save(); }}>
      <textarea aria-label="Edit message" value={text} autoFocus onChange={(event) => setText(event.target.value)} />
      <button type="button" className="kit-button" onClick={done}>Cancel</button>
      <button type="submit" className="kit-button primary">Save</button>
    </form>
  );
}
