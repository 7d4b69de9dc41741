/** The whole page for one viewer. */

import { useEffect, useState } from "react";
import { NamesProvider } from "../blocks/library";
import type { Channel } from "../model";
import { useLook, useScreen, useStore, type Look } from "../store";
import { Avatar } from "./avatar";
import { Conversation } from "./channel";
import { Confirms } from "./dialog";
import { Icon } from "./icon";
import { go, useRoute } from "./route";
import { Sidebar } from "./sidebar";
import { Switcher } from "./switcher";
import { Thread } from "./thread";
import { Home, TopModal } from "./views";

/** The channel in the address, or where one starts. */
function shownChannel(look: Look, wanted: string): Channel | undefined {
  const found = look.channel(wanted);
  if (found?.is_member) return found;
  const app = look.workspace.app.bot_user;
  const open = look.channels.filter((one) => one.is_member && one.kind === "public");
  return open.find((one) => one.members.includes(app)) ?? open[0] ?? look.direct;
}

export function App({ change }: { change: (handle: string) => void }) {
  const screen = useScreen();
  const look = useLook();
  const route = useRoute();
  if (!screen.rows.has("workspace")) return <p className="connecting" role="status">Connecting to the workspace…</p>;
  return (
    <NamesProvider>
    <Confirms>
      <div className="page">
        <Switcher change={change} />
        <Sidebar current={shownChannel(look, route.channel)?.id} />
        <Main />
        {!screen.connected && <p className="lost" role="alert">The workspace does not answer. Trying again…</p>}
      </div>
      <TopModal />
    </Confirms>
    </NamesProvider>
  );
}

function Main() {
  const look = useLook();
  const route = useRoute();
  const shown = shownChannel(look, route.channel);
  const unread = look.channels.reduce((sum, one) => sum + one.calls, 0);
  const direct = shown?.kind === "im";
  const name = direct ? look.workspace.app.name : `#${shown?.name}`;
  const thread = shown?.id === route.channel && route.thread !== "home" ? route.thread : "";
  useEffect(() => {
    document.title = `${unread ? `(${unread}) ` : ""}${name} - ${look.workspace.team.name}`;
  }, [unread, name]);
  if (!shown) return <main className="main empty">You are in no channel yet.</main>;
  const home = direct && route.thread === "home";
  return (
    <div className={`stage ${thread ? "has-thread" : ""}`}>
      <main className="main">
        <header className="bar">
          {direct && <Avatar user={look.user(look.workspace.app.bot_user)} name={name} size={24} />}
          {!direct && <Icon name={shown.kind === "private" ? "lock" : "hash"} />}
          <h2>
            {direct ? name : shown.name}
            {shown.topic && <small>{shown.topic}</small>}
          </h2>
          {!direct && <Members ids={shown.members} />}
        </header>
        {direct && look.workspace.app.home_tab && <Tabs home={home} channel={shown.id} />}
        {home ? <Home /> : <Conversation channel={shown} openThread={(ts) => go(shown.id, ts)} />}
      </main>
      {thread && <Thread channel={shown.id} ts={thread} close={() => go(shown.id)} />}
    </div>
  );
}

function Tabs({ home, channel }: { home: boolean; channel: string }) {
  const store = useStore();
  const [told, setTold] = useState(false);
  useEffect(() => {
    if (!home && !told) {
      setTold(true);
      store.act("open_messages").catch(() => undefined);
    }
  }, [home]);
  const tab = (text: string, selected: boolean, thread: string) => (
    <button type="button" role="tab" aria-selected={selected} onClick={() => go(channel, thread)}>{text}</button>
  );
  return (
    <div className="tabs" role="tablist" aria-label="App">
      {tab("Home", home, "home")}
      {tab("Messages", !home, "")}
    </div>
  );
}

function Members({ ids }: { ids: string[] }) {
  const look = useLook();
  return (
    <span className="members" title={ids.map((id) => look.name(id)).join(", ")} aria-label={`${ids.length} members`}>
      {ids.slice(0, 3).map((id) => (
        <Avatar key={id} user={look.user(id)} name={look.name(id)} size={20} />
      ))}
      {ids.length}
    </span>
  );
}
