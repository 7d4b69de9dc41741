/** A modal box of the browser: keeps the focus inside, Escape closes. */

import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import { AskContext } from "../blocks/surface";
import { label, Text } from "../blocks/library";
import type { Json } from "../model";

interface Props {
  label: string;
  className?: string;
  onClose: () => void;
  children: ReactNode;
}

export function Dialog({ label: name, className, onClose, children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = box.current!;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={box}
      className={className}
      aria-label={name}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      {children}
    </dialog>
  );
}

/** Lets controls below it ask their confirm dialog. */
export function Confirms({ children }: { children: ReactNode }) {
  const [asked, setAsked] = useState<{ confirm: Json; answer: (yes: boolean) => void } | null>(null);
  const ask = useCallback((confirm: Json) => new Promise<boolean>((answer) => setAsked({ confirm, answer })), []);
  const answer = (yes: boolean) => {
    asked?.answer(yes);
    setAsked(null);
  };
  return (
    <AskContext.Provider value={ask}>
      {children}
      {asked && (
        <Dialog label={asked.confirm.title.text} className="confirm" onClose={() => answer(false)}>
          <h2>{label(asked.confirm.title)}</h2>
          <Text text={asked.confirm.text} />
          <footer>
            <button type="button" className="kit-button" onClick={() => answer(false)}>
              {label(asked.confirm.deny)}
            </button>
            <button type="button" className={`kit-button ${asked.confirm.style ?? "primary"}`} onClick={() => answer(true)}>
              {label(asked.confirm.confirm)}
            </button>
          </footer>
        </Dialog>
      )}
    </AskContext.Provider>
  );
}
