/** Controls that hold a value. `value` is what the app gets as the choice: option values, ids, text, dates, numbers. */

import { useEffect, useId, useRef, useState } from "react";
import type { Json } from "../model";
import { useLook, useStore } from "../store";
import { localOf, secondsOf } from "../time";
import { label } from "./library";
import { useSurface } from "./surface";

export interface Field {
  element: Json;
  blockId: string;
  /** id of the element that names this one */
  named?: string;
  described?: string;
  value: any;
  set: (value: any) => void;
  /** Called when Enter means "use it now". */
  enter?: () => void;
}

interface Choice {
  value: string;
  text: string;
  note?: string;
  group?: string;
}

const aria = ({ named, described, element }: Field) => ({
  "aria-labelledby": named,
  "aria-describedby": described,
  "aria-label": named ? undefined : label(element.placeholder) || element.action_id,
  "data-action": element.action_id,
});

/** The value an element holds, out of its state as Slack reports it. */
export function valueOf(element: Json, state: Json | undefined): any {
  if (!state) return null;
  const key = Object.keys(state).find((name) => name !== "type")!;
  const held = state[key];
  if (element.type.includes("external")) return held;
  if (key === "selected_option") return held?.value ?? null;
  if (key === "selected_options") return (held ?? []).map((one: Json) => one.value);
  return held ?? null;
}

function choicesOf(options: Json[], group?: string): Choice[] {
  return options.map((one) => ({ value: one.value, text: label(one.text), note: label(one.description), group }));
}

/** What a select offers, but for external ones. */
function useChoices(element: Json): Choice[] {
  const look = useLook();
  if (element.type.includes("users")) {
    return look.users.filter((one) => !one.is_bot).map((one) => ({ value: one.id, text: one.name }));
  }
  if (element.type.includes("channels") || element.type.includes("conversations")) {
    const open = look.channels.filter((one) => one.name && (one.kind === "public" || !element.type.includes("channels")));
    return open.map((one) => ({ value: one.id, text: `#${one.name}` }));
  }
  const groups = element.option_groups ?? [];
  return [...choicesOf(element.options ?? []), ...groups.flatMap((one: Json) => choicesOf(one.options, label(one.label)))];
}

export function Select(field: Field) {
  const { element, value, set } = field;
  const choices = useChoices(element);
  const groups = [...new Set(choices.map((one) => one.group))];
  const options = (group?: string) =>
    choices.filter((one) => one.group === group).map((one) => (
      <option key={one.value} value={one.value}>
        {one.text}
      </option>
    ));
  return (
    <select className="kit-select" {...aria(field)} value={value ?? ""} onChange={(event) => set(event.target.value || null)}>
      <option value="">{label(element.placeholder) || "Select an option"}</option>
      {groups.map((group) => (group === undefined ? options() : <optgroup key={group} label={group}>{options(group)}</optgroup>))}
    </select>
  );
}

export function MultiSelect(field: Field) {
  const { element, value, set } = field;
  const choices = useChoices(element);
  const chosen: string[] = value ?? [];
  const full = element.max_selected_items && chosen.length >= element.max_selected_items;
  const toggle = (one: string) => set(chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one]);
  const names = choices.filter((one) => chosen.includes(one.value)).map((one) => one.text);
  return (
    <details className="kit-multi">
      <summary {...aria(field)}>{names.join(", ") || label(element.placeholder) || "Select options"}</summary>
      <div role="group" {...aria(field)}>
        {choices.map((one) => (
          <label key={one.value}>
            <input
              type="checkbox"
              checked={chosen.includes(one.value)}
              disabled={Boolean(full) && !chosen.includes(one.value)}
              onChange={() => toggle(one.value)}
            />
            {one.text}
          </label>
        ))}
      </div>
    </details>
  );
}

/** A select whose options the app gives while one types. */
export function ExternalSelect(field: Field) {
  const { element, value, set } = field;
  const store = useStore();
  const { target } = useSurface();
  const several = element.type.startsWith("multi");
  const chosen: Json[] = several ? (value ?? []) : value ? [value] : [];
  const [query, setQuery] = useState("");
  const [options, setOptions] = useState<Json[] | null>(null);
  const list = useId();
  useEffect(() => {
    if (options === null || query.length < (element.min_query_length ?? 3)) return;
    const wait = setTimeout(async () => {
      const answer = await store.act("suggest", { target, action_id: element.action_id, query }).catch(() => ({ options: [] }));
      setOptions(answer.options);
    }, 200);
    return () => clearTimeout(wait);
  }, [query, options === null]);
  const pick = (option: Json) => {
    set(several ? [...chosen.filter((one) => one.value !== option.value), option] : option);
    setQuery("");
    setOptions(null);
  };
  return (
    <span className="kit-external">
      {chosen.map((one) => (
        <button key={one.value} type="button" className="chip" onClick={() => set(several ? chosen.filter((o) => o !== one) : null)}>
          {label(one.text)} <span aria-label="remove">×</span>
        </button>
      ))}
      <input
        {...aria(field)}
        role="combobox"
        aria-expanded={Boolean(options?.length)}
        aria-controls={list}
        placeholder={label(element.placeholder) || "Type to search"}
        value={query}
        onFocus={() => setOptions(options ?? [])}
        onChange={(event) => {
          setQuery(event.target.value);
          setOptions(options ?? []);
        }}
      />
      {options && options.length > 0 && (
        <span className="menu" role="listbox" id={list}>
          {options.map((one) => (
            <button key={one.value} type="button" role="option" aria-selected={false} onClick={() => pick(one)}>
              {label(one.text)}
              {one.description && <small>{label(one.description)}</small>}
            </button>
          ))}
        </span>
      )}
    </span>
  );
}

export function Choices(field: Field) {
  const { element, value, set } = field;
  const single = element.type === "radio_buttons";
  const name = useId();
  const chosen: string[] = single ? [value] : (value ?? []);
  const toggle = (one: string) =>
    set(single ? one : chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one]);
  return (
    <div className="kit-choices" role={single ? "radiogroup" : "group"} {...aria(field)}>
      {choicesOf(element.options).map((one) => (
        <label key={one.value}>
          <input
            type={single ? "radio" : "checkbox"}
            name={name}
            checked={chosen.includes(one.value)}
            onChange={() => toggle(one.value)}
          />
          <span>
            {one.text}
            {one.note && <small>{one.note}</small>}
          </span>
        </label>
      ))}
    </div>
  );
}

const TYPES: Record<string, string> = {
  email_text_input: "email",
  url_text_input: "url",
  datepicker: "date",
  timepicker: "time",
  datetimepicker: "datetime-local",
};

export function Input(field: Field) {
  const { element, value, set, enter } = field;
  const { tz } = useLook().me;
  const box = useRef<any>(null);
  useEffect(() => {
    if (element.focus_on_load) box.current?.focus();
  }, []);
  const moment = element.type === "datetimepicker";
  const common = {
    ...aria(field),
    ref: box,
    className: "kit-input",
    placeholder: label(element.placeholder),
    maxLength: element.max_length,
    value: moment ? (value ? localOf(value, tz) : "") : (value ?? ""),
    onChange: (event: { target: { value: string } }) => {
      const given = event.target.value || null;
      set(moment && given ? secondsOf(given, tz) : given);
    },
  };
  if (element.multiline) return <textarea {...common} rows={4} />;
  return (
    <input
      {...common}
      type={TYPES[element.type] ?? "text"}
      inputMode={element.type === "number_input" ? "decimal" : undefined}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !enter) return;
        event.preventDefault();
        enter();
      }}
    />
  );
}

/** Rich text is typed as plain text here. */
export function RichInput(field: Field) {
  const text = field.value?.elements?.[0]?.elements?.[0]?.text ?? "";
  const wrap = (typed: string | null) =>
    typed && { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text: typed }] }] };
  return <Input {...field} element={{ ...field.element, multiline: true }} value={text} set={(typed) => field.set(wrap(typed))} />;
}

export function FieldOf(field: Field) {
  const { type } = field.element;
  if (type === "radio_buttons" || type === "checkboxes") return <Choices {...field} />;
  if (type.includes("external_select")) return <ExternalSelect {...field} />;
  if (type.startsWith("multi_")) return <MultiSelect {...field} />;
  if (type.endsWith("_select")) return <Select {...field} />;
  if (type === "rich_text_input") return <RichInput {...field} />;
  if (type === "file_input") return <em className="unknown">Files cannot be chosen here.</em>;
  return <Input {...field} />;
}
