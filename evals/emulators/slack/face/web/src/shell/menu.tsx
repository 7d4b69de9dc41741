/** A button that opens a list of things to do; arrows move, Escape closes. */

import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

export interface Item {
  key: string;
  title: ReactNode;
  note?: string;
  danger?: boolean;
  run: () => unknown;
}

interface Props {
  label: string;
  className?: string;
  items: Item[];
  grid?: boolean;
  up?: boolean;
  children: ReactNode;
}

export function Menu({ label, className, items, grid, up, children }: Props) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    box.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    box.current?.querySelector("[role=menu]")?.scrollIntoView({ block: "nearest" });
    const outside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const keys = (event: KeyboardEvent) => {
    const all = [...(box.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (open && event.key === "Escape") close();
    else if (open && step) all[(at + step + all.length) % all.length]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <span className="menu-box" ref={box} onKeyDown={keys}>
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {children}
      </button>
      {open && (
        <span className={`menu ${grid ? "as-grid" : ""} ${up ? "upwards" : ""}`} role="menu" aria-label={label}>
          {items.map((item) => (
            <button
              type="button"
              role="menuitem"
              key={item.key}
              className={item.danger ? "is-danger" : ""}
              onClick={() => {
                close();
                item.run();
              }}
            >
              {item.title}
              {item.note && <small>{item.note}</small>}
            </button>
          ))}
        </span>
      )}
    </span>
  );
}
