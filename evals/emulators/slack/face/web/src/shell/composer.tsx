/** Where one writes: names complete after @, commands after /; Enter sends. */

import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import { Refused, useLook, useStore } from "../store";
import { Icon } from "./icon";
import { Menu } from "./menu";
import { candidates, completed, wordBefore, type Candidate } from "./completion";

interface Props {
  channel: string;
  thread?: string;
  placeholder: string;
  sent?: (ts: string) => void;
}

const LONGEST_PX = 220;

export function Composer({ channel, thread, placeholder, sent }: Props) {
  const look = useLook();
  const store = useStore();
  const box = useRef<HTMLTextAreaElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [caret, setCaret] = useState(0);
  const [picked, setPicked] = useState(0);
  const [hidden, setHidden] = useState(false);
  const place = useRef<number | null>(null);
  const [broadcast, setBroadcast] = useState(false);
  const [problem, setProblem] = useState("");
  const word = wordBefore(text, caret);
  const offers: Candidate[] = hidden ? [] : candidates(look, word, thread === undefined);
  useEffect(() => setPicked(0), [word]);
  useEffect(() => {
    setText("");
    setProblem("");
    if (!thread) box.current?.focus();
  }, [channel, thread]);
  useLayoutEffect(() => {
    const area = box.current!;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, LONGEST_PX)}px`;
    if (place.current === null) return;
    area.focus();
    area.setSelectionRange(place.current, place.current);
    place.current = null;
  }, [text]);

  const attempt = async (doing: () => Promise<any>) => {
    setProblem("");
    try {
      return await doing();
    } catch (error) {
      setProblem(error instanceof Refused ? error.message : "That did not work. Try again.");
      return null;
    }
  };
  const send = async () => {
    const words = text.trim();
    if (!words) return;
    setText("");
    const answer = await attempt(() => {
      const [, command, rest] = words.match(/^(\/\S+)\s*([\s\S]*)$/) ?? [];
      if (command && !thread) return store.act("command", { channel, command, text: rest });
      return store.act("say", { channel, text: words, thread: thread ?? null, broadcast });
    });
    if (!answer) setText(words);
    else if (answer.acked === false) setProblem("The app did not respond.");
    else if (answer.ts) sent?.(answer.ts);
  };
  const complete = (one: Candidate) => {
    const [next, at] = completed(text, caret, one);
    setText(next);
    setCaret(at);
    place.current = at;
  };
  const keys = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (offers.length > 0 && step) setPicked((picked + step + offers.length) % offers.length);
    else if (offers.length > 0 && event.key === "Escape") setHidden(true);
    else if (offers.length > 0 && (event.key === "Tab" || event.key === "Enter")) complete(offers[picked]);
    else if (event.key === "Enter" && !event.shiftKey) send();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const share = async (chosen: File) => {
    const form = new FormData();
    form.set("file", chosen);
    form.set("channel", channel);
    form.set("text", text.trim());
    if (thread) form.set("thread", thread);
    if (await attempt(() => store.upload(form))) setText("");
  };
  const follow = (element: HTMLTextAreaElement) => {
    setCaret(element.selectionStart);
    setHidden(false);
  };
  const shortcuts = look.workspace.app.shortcuts.filter((one) => one.type === "global");
  return (
    <form className="composer" onSubmit={(event) => { event.preventDefault(); send(); }}>
      {problem && <p className="problem" role="alert">⚠ {problem}</p>}
      {offers.length > 0 && (
        <div className="menu upwards offers" role="listbox" aria-label="Suggestions" id={`offers-${thread ?? channel}`}>
          {offers.map((one, index) => (
            <button
              type="button"
              role="option"
              key={one.insert}
              aria-selected={index === picked}
              className={index === picked ? "is-picked" : ""}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => complete(one)}
            >
              <b>{one.title}</b> <small>{one.note}</small>
            </button>
          ))}
        </div>
      )}
      <div className="composer-box">
        <textarea
          ref={box}
          rows={1}
          aria-label={placeholder}
          placeholder={placeholder}
          value={text}
          aria-controls={offers.length > 0 ? `offers-${thread ?? channel}` : undefined}
          onChange={(event) => { setText(event.target.value); follow(event.target); }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={keys}
        />
        <div className="composer-tools">
          <button type="button" aria-label="Attach a file" title="Attach a file" onClick={() => file.current?.click()}><Icon name="plus" /></button>
          <input ref={file} type="file" hidden tabIndex={-1} aria-label="File to attach" onChange={(event) => {
            const chosen = event.target.files?.[0];
            if (chosen) share(chosen);
            event.target.value = "";
          }} />
          <button type="button" aria-label="Mention the app" title={`Mention ${look.workspace.app.name}`} onClick={() => {
            const next = `@${look.user(look.workspace.app.bot_user)!.handle} ${text}`;
            setText(next);
            box.current?.focus();
          }}><Icon name="at" /></button>
          {shortcuts.length > 0 && (
            <Menu label="Shortcuts" up items={shortcuts.map(({ callback_id, name }) => ({
              key: callback_id, title: name, note: look.workspace.app.name,
              run: () => attempt(() => store.act("shortcut", { callback_id })),
            }))}><Icon name="bolt" /></Menu>
          )}
          {thread && look.channel(channel)?.kind !== "im" && (
            <label className="broadcast">
              <input type="checkbox" checked={broadcast} onChange={(event) => setBroadcast(event.target.checked)} />
              Also send to #{look.channel(channel)?.name}
            </label>
          )}
          <button type="submit" className="send" aria-label="Send now" disabled={!text.trim()}><Icon name="send" /></button>
        </div>
      </div>
    </form>
  );
}
