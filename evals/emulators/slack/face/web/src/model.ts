/** The rows that the server sends; ../../snapshot.py makes them. */

export type Json = Record<string, any>;

export interface Workspace {
  me: string;
  team: { id: string; name: string };
  app: {
    id: string;
    name: string;
    bot_user: string;
    commands: { command: string; hint: string }[];
    shortcuts: { callback_id: string; type: "global" | "message"; name: string }[];
    prompts: Prompt[];
    home_tab: boolean;
    messages_tab: boolean;
  };
}

export interface Prompt {
  title: string;
  message: string;
}

export interface User {
  id: string;
  handle: string;
  name: string;
  is_bot: boolean;
  is_guest: boolean;
  tz: string;
  waiting: number;
}

export interface Group {
  id: string;
  handle: string;
  name: string;
}

export interface Channel {
  id: string;
  name: string;
  kind: "public" | "private" | "im" | "mpim";
  topic: string;
  members: string[];
  is_member: boolean;
  is_shared: boolean;
  is_archived: boolean;
  last_read: string;
  unread: number;
  calls: number;
}

export interface FileRow {
  id: string;
  name: string;
  title: string;
  mimetype: string;
  size: number;
  alt: string;
}

export interface Message {
  channel: string;
  ts: string;
  user: string;
  username: string | null;
  from_app: boolean;
  from_this_app: boolean;
  text: string;
  blocks: Json[];
  attachments: Json[];
  thread_ts: string | null;
  subtype: string | null;
  is_edited: boolean;
  is_ephemeral: boolean;
  stream: "streaming" | "stopped" | "stopped_by_user" | null;
  reactions: { name: string; users: string[] }[];
  files: FileRow[];
  values: Values;
}

export interface Session {
  channel: string;
  thread_ts: string | null;
  status: "active" | "processing" | "suspended" | "closed";
  title: string | null;
  thinking: string;
  loading: string[];
  prompts: Prompt[];
  prompts_title: string | null;
}

/** block id -> action id -> state of the element */
export type Values = Record<string, Record<string, Json>>;

export interface View {
  id: string;
  root_id: string;
  hash: string;
  title: { text: string } | null;
  submit: { text: string } | null;
  close: { text: string } | null;
  blocks: Json[];
  values: Values;
  errors: Record<string, string>;
}

export interface Target {
  kind: "message" | "modal" | "home";
  channel?: string;
  ts?: string;
}
