/** What the viewer sees, kept up to date by the server, and the way to do things. */

import { createContext, useContext, useSyncExternalStore } from "react";
import type { Channel, Group, Json, Message, Session, User, View, Workspace } from "./model";

const AGAIN_MS = 1000;

export interface Screen {
  version: number;
  connected: boolean;
  rows: ReadonlyMap<string, any>;
}

/** A refusal: the person cannot do this, and why. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly blockId?: string,
  ) {
    super(message);
  }
}

export class Store {
  private screen: Screen = { version: 0, connected: false, rows: new Map() };
  private listeners = new Set<() => void>();
  private socket: WebSocket | null = null;
  private ahead = 0;

  constructor(readonly viewer: string) {}

  open(): () => void {
    let closed = false;
    const connect = () => {
      const socket = new WebSocket(`ws://${location.host}/feed?as=${encodeURIComponent(this.viewer)}`);
      let first = true;
      socket.onmessage = (event) => {
        this.take(JSON.parse(event.data), first);
        first = false;
      };
      socket.onclose = () => {
        if (closed) return;
        this.show({ ...this.screen, connected: false });
        setTimeout(connect, AGAIN_MS);
      };
      this.socket = socket;
    };
    connect();
    return () => {
      closed = true;
      this.socket?.close();
    };
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get = () => this.screen;

  /** The workspace's time, in milliseconds: it may run on a clock of its own. */
  now = () => Date.now() + this.ahead;

  async act(name: string, args: Json = {}): Promise<Json> {
    return this.post(`/do/${name}`, JSON.stringify(args), { "Content-Type": "application/json" });
  }

  async read(channel: string, ts: string): Promise<void> {
    await this.post("/read", JSON.stringify({ channel, ts }), { "Content-Type": "application/json" });
  }

  async upload(form: FormData): Promise<Json> {
    return this.post("/upload", form);
  }

  fileUrl(id: string): string {
    return `/files/${encodeURIComponent(id)}?as=${encodeURIComponent(this.viewer)}`;
  }

  private async post(path: string, body: BodyInit, headers: HeadersInit = {}): Promise<Json> {
    const response = await fetch(`${path}?as=${encodeURIComponent(this.viewer)}`, { method: "POST", body, headers });
    const answer = await response.json().catch(() => ({ problem: response.statusText }));
    if (!response.ok) throw new Refused(answer.problem, answer.block_id);
    return answer;
  }

  private take(packet: { now: number; set: Record<string, any>; drop: string[] }, first: boolean) {
    const rows = new Map(first ? [] : this.screen.rows);
    for (const key of packet.drop) rows.delete(key);
    for (const [key, row] of Object.entries(packet.set)) rows.set(key, row);
    this.ahead = packet.now * 1000 - Date.now();
    this.show({ version: this.screen.version + 1, connected: true, rows });
  }

  private show(screen: Screen) {
    this.screen = screen;
    for (const listener of this.listeners) listener();
  }
}

export const StoreContext = createContext<Store>(null as unknown as Store);
export const useStore = () => useContext(StoreContext);

export function useScreen(): Screen {
  const store = useStore();
  return useSyncExternalStore(store.subscribe, store.get);
}

/** Typed reading of the rows. */
export class Look {
  constructor(readonly screen: Screen) {}

  get workspace(): Workspace {
    return this.screen.rows.get("workspace");
  }
  get me(): User {
    return this.user(this.workspace.me)!;
  }
  user(id: string): User | undefined {
    return this.screen.rows.get(`user/${id}`);
  }
  channel(id: string): Channel | undefined {
    return this.screen.rows.get(`channel/${id}`);
  }
  message(channel: string, ts: string): Message | undefined {
    return this.screen.rows.get(`message/${channel}/${ts}`);
  }
  session(channel: string, threadTs: string | null): Session | undefined {
    return this.screen.rows.get(`session/${channel}/${threadTs ?? ""}`);
  }
  get users(): User[] {
    return this.all("user/");
  }
  get groups(): Group[] {
    return this.all("group/");
  }
  get channels(): Channel[] {
    return this.all("channel/");
  }
  get home(): View | null {
    return this.screen.rows.get("home")?.view ?? null;
  }
  get modals(): View[] {
    return this.screen.rows.get("modals")?.views ?? [];
  }
  /** The viewer's conversation with the app. */
  get direct(): Channel | undefined {
    const { app, me } = this.workspace;
    return this.channels.find((one) => one.kind === "im" && one.members.includes(app.bot_user) && one.members.includes(me));
  }
  /** Oldest first. */
  messages(channel: string): Message[] {
    return conversationsOf(this.screen).channels.get(channel) ?? [];
  }
  /** The replies in a thread, oldest first, without its root. */
  replies(channel: string, root: string): Message[] {
    return conversationsOf(this.screen).threads.get(`${channel}/${root}`) ?? [];
  }
  name(user: string): string {
    return this.user(user)?.name ?? user;
  }

  private all<Row>(prefix: string): Row[] {
    const found: Row[] = [];
    for (const [key, row] of this.screen.rows) if (key.startsWith(prefix)) found.push(row);
    return found;
  }
}

interface Conversations {
  channels: Map<string, Message[]>;
  threads: Map<string, Message[]>;
}

const conversations = new WeakMap<Screen, Conversations>();

/** Messages by channel and by thread, sorted once for each state of the screen. */
function conversationsOf(screen: Screen): Conversations {
  const known = conversations.get(screen);
  if (known) return known;
  const made: Conversations = { channels: new Map(), threads: new Map() };
  const add = (map: Map<string, Message[]>, key: string, message: Message) => {
    const held = map.get(key);
    if (held) held.push(message);
    else map.set(key, [message]);
  };
  const all: Message[] = [];
  for (const [key, row] of screen.rows) if (key.startsWith("message/")) all.push(row);
  for (const message of all.sort((a, b) => Number(a.ts) - Number(b.ts))) {
    add(made.channels, message.channel, message);
    const reply = message.thread_ts && message.thread_ts !== message.ts;
    if (reply) add(made.threads, `${message.channel}/${message.thread_ts}`, message);
  }
  conversations.set(screen, made);
  return made;
}

export const useLook = () => new Look(useScreen());
