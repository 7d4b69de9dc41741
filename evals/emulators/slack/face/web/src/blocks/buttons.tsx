/** Buttons, menus and feedback: controls that hold no state. */

import { useState } from "react";
import type { Json } from "../model";
import { Icon, type IconName } from "../shell/icon";
import { Menu } from "../shell/menu";
import { useLook } from "../store";
import { label } from "./library";
import { isSafeLink } from "./mrkdwn";
import { useControl } from "./surface";

interface Props {
  blockId: string;
  element: Json;
}

export function Problem({ text }: { text: string }) {
  return text ? (
    <span className="problem" role="alert">
      ⚠ {text}
    </span>
  ) : null;
}

export function Button({ blockId, element }: Props) {
  const { busy, problem, use } = useControl(blockId, element);
  const press = async () => {
    if (element.url && isSafeLink(element.url)) window.open(element.url, "_blank", "noreferrer,noopener");
    await use();
  };
  return (
    <span className="control">
      <button
        type="button"
        className={`kit-button ${element.style ?? ""}`}
        data-action={element.action_id}
        aria-label={element.accessibility_label}
        aria-busy={busy}
        onClick={press}
      >
        {label(element.text)}
      </button>
      <Problem text={problem} />
    </span>
  );
}

export function IconButton({ blockId, element }: Props) {
  const { busy, problem, use } = useControl(blockId, element);
  const icons: Record<string, IconName> = { trash: "trash", "thumbs-up": "up", "thumbs-down": "down" };
  return (
    <span className="control">
      <button
        type="button"
        className="kit-icon"
        data-action={element.action_id}
        aria-label={element.accessibility_label ?? label(element.text)}
        title={label(element.text)}
        aria-busy={busy}
        onClick={() => use()}
      >
        <Icon name={icons[element.icon] ?? "more"} />
      </button>
      <Problem text={problem} />
    </span>
  );
}

export function FeedbackButtons({ blockId, element }: Props) {
  const { busy, problem, use } = useControl(blockId, element);
  const [given, setGiven] = useState("");
  const press = async (button: Json) => {
    if (await use(button.value)) setGiven(button.value);
  };
  const one = (button: Json, face: IconName) => (
    <button
      type="button"
      className="kit-icon"
      data-action={element.action_id}
      aria-label={button.accessibility_label ?? label(button.text)}
      title={label(button.text)}
      aria-pressed={given === button.value}
      aria-busy={busy}
      onClick={() => press(button)}
    >
      <Icon name={face} size={17} />
    </button>
  );
  return (
    <span className="control feedback">
      {one(element.positive_button, "up")}
      {one(element.negative_button, "down")}
      <Problem text={problem} />
    </span>
  );
}

export function Overflow({ blockId, element }: Props) {
  const { problem, use } = useControl(blockId, element);
  const items = element.options.map((option: Json) => ({
    key: option.value,
    title: label(option.text),
    note: label(option.description),
    run: async () => {
      if (option.url && isSafeLink(option.url)) window.open(option.url, "_blank", "noreferrer,noopener");
      await use(option.value);
    },
  }));
  return (
    <span className="control">
      <Menu className="kit-icon" label="More options" items={items}>
        <Icon name="more" />
      </Menu>
      <Problem text={problem} />
    </span>
  );
}

/** Whether the viewer sees a control that names who may. */
export function useVisible(element: Json): boolean {
  const { me } = useLook().workspace;
  return !element.visible_to_user_ids || element.visible_to_user_ids.includes(me);
}
