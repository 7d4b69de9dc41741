/** Where blocks stand, and what using a control there does. */

import { createContext, useContext, useState } from "react";
import type { Json, Target, Values } from "../model";
import { Refused, useStore } from "../store";

export interface Surface {
  target: Target;
  values: Values;
  errors: Record<string, string>;
  /** What was typed into the inputs of a modal, by block id. */
  typed: Record<string, any>;
  type: (blockId: string, value: any) => void;
}

export const SurfaceContext = createContext<Surface>(null as unknown as Surface);
export const useSurface = () => useContext(SurfaceContext);

export type Ask = (confirm: Json) => Promise<boolean>;
export const AskContext = createContext<Ask>(async () => true);

export interface Use {
  busy: boolean;
  problem: string;
  use: (choice?: any) => Promise<boolean>;
}

/** Use a control: asks its confirm dialog first, then tells the app; `problem` says what went wrong. */
export function useControl(blockId: string, element: Json): Use {
  const store = useStore();
  const surface = useSurface();
  const ask = useContext(AskContext);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const use = async (choice: any = null) => {
    if (busy || (element.confirm && !(await ask(element.confirm)))) return false;
    setBusy(true);
    setProblem("");
    try {
      const typed = surface.target.kind === "modal" ? surface.typed : {};
      const body = { target: surface.target, action_id: element.action_id, block_id: blockId, choice, typed };
      const { acked } = await store.act("click", body);
      if (!acked) setProblem("The app did not respond.");
      return Boolean(acked);
    } catch (error) {
      setProblem(error instanceof Refused ? error.message : "That did not work. Try again.");
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, use };
}
