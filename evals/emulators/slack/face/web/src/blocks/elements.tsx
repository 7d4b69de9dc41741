/** Elements of actions, accessories and inputs: each calls the app with the real action. */

import { useEffect, useId, useRef } from "react";
import type { Json } from "../model";
import { Button, FeedbackButtons, IconButton, Overflow, Problem, useVisible } from "./buttons";
import { FieldOf, valueOf } from "./fields";
import { Picture } from "./pictures";
import { useControl, useSurface } from "./surface";
import { label } from "./library";

interface Props {
  blockId: string;
  element: Json;
}

const STATELESS: Record<string, (props: Props) => React.ReactNode> = {
  button: Button,
  workflow_button: Button,
  icon_button: IconButton,
  feedback_buttons: FeedbackButtons,
  overflow: Overflow,
  image: ({ element }) => <Picture picture={element} className="accessory-image" />,
};

export function Element({ blockId, element }: Props) {
  const visible = useVisible(element);
  if (!visible) return null;
  const Known = STATELESS[element.type];
  return Known ? <Known blockId={blockId} element={element} /> : <Chooser blockId={blockId} element={element} />;
}

/** A control in an actions or section block: choosing is using. */
function Chooser({ blockId, element }: Props) {
  const { values } = useSurface();
  const { problem, use } = useControl(blockId, element);
  const held = valueOf(element, values[blockId]?.[element.action_id] ?? initial(element));
  return (
    <span className="control">
      <FieldOf element={element} blockId={blockId} value={held} set={use} />
      <Problem text={problem} />
    </span>
  );
}

function initial(element: Json): Json | undefined {
  const key = Object.keys(element).find((name) => name.startsWith("initial_"));
  if (!key) return undefined;
  const names: Record<string, string> = { initial_option: "selected_option", initial_options: "selected_options" };
  return { type: element.type, [names[key] ?? "value"]: element[key] };
}

/** An input block of a modal: kept until Submit, or told at once with `dispatch_action`. */
export function InputBlock({ block }: { block: Json }) {
  const { element, block_id: blockId } = block;
  const surface = useSurface();
  const { use, problem } = useControl(blockId, element);
  const name = useId();
  const note = useId();
  const error = surface.errors[blockId];
  const value =
    blockId in surface.typed ? surface.typed[blockId] : valueOf(element, surface.values[blockId]?.[element.action_id]);
  const triggers: string[] = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const text = element.type.endsWith("_input");
  const later = useDelayed(() => use(value));
  const set = (given: any) => {
    surface.type(blockId, given);
    if (!block.dispatch_action) return;
    if (!text) use(given);
    else if (triggers.includes("on_character_entered")) later();
  };
  const enter = block.dispatch_action && triggers.includes("on_enter_pressed") ? () => use(value) : undefined;
  return (
    <div className={`input-block ${error ? "has-error" : ""}`}>
      <span className="input-label" id={name}>
        {label(block.label)} {block.optional && <i>(optional)</i>}
      </span>
      <FieldOf {...{ element, blockId, value, set, enter }} named={name} described={note} />
      <span id={note}>
        {error ? <strong role="alert">{error}</strong> : block.hint && <small>{label(block.hint)}</small>}
      </span>
      <Problem text={problem} />
    </div>
  );
}

function useDelayed(action: () => unknown): () => void {
  const latest = useRef(action);
  latest.current = action;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current(), 300);
  };
}
