/** The workspace's name, its channels and the app, with what is unread. */

import type { Channel } from "../model";
import { useLook } from "../store";
import { Avatar } from "./avatar";
import { Icon } from "./icon";
import { go } from "./route";

export function Sidebar({ current }: { current?: string }) {
  const look = useLook();
  const byName = (a: Channel, b: Channel) => a.name.localeCompare(b.name);
  const mine = look.channels.filter((one) => one.is_member && (one.kind === "public" || one.kind === "private")).sort(byName);
  const groups = look.channels.filter((one) => one.kind === "mpim");
  const { app, team } = look.workspace;
  const direct = look.direct;
  return (
    <nav className="sidebar" aria-label="Channels and apps">
      <h1>{team.name}</h1>
      <Section title="Channels">
        {mine.map((one) => (
          <Entry key={one.id} channel={one} current={current === one.id}>
            <span className="sign" aria-label={one.kind === "private" ? "private channel" : "channel"}><Icon name={one.kind === "private" ? "lock" : "hash"} size={16} /></span>
            {one.name}
            {one.is_shared && <span title="Shared with another organisation" aria-label="shared"> ⧉</span>}
          </Entry>
        ))}
      </Section>
      {groups.length > 0 && (
        <Section title="Direct messages">
          {groups.map((one) => (
            <Entry key={one.id} channel={one} current={current === one.id}>
              <span className="sign">{one.members.length - 1}</span>
              {one.members.filter((id) => id !== look.workspace.me).map((id) => look.name(id)).join(", ")}
            </Entry>
          ))}
        </Section>
      )}
      {direct && (
        <Section title="Apps">
          <Entry channel={direct} current={current === direct.id}>
            <Avatar user={look.user(app.bot_user)} name={app.name} size={20} />
            {app.name}
          </Entry>
        </Section>
      )}
    </nav>
  );
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section>
      <h2>{title}</h2>
      <ul>{children}</ul>
    </section>
  );
}

function Entry({ channel, current, children }: { channel: Channel; current: boolean; children: React.ReactNode }) {
  return (
    <li>
      <button
        type="button"
        className={`entry ${current ? "is-current" : ""} ${channel.unread > 0 ? "is-unread" : ""}`}
        aria-current={current ? "page" : undefined}
        data-channel={channel.id}
        onClick={() => go(channel.id)}
      >
        <span className="entry-name">{children}</span>
        {channel.calls > 0 && <span className="count" aria-label={`${channel.calls} unread`}>{channel.calls}</span>}
      </button>
    </li>
  );
}
