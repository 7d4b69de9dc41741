/** Times in the viewer's zone, and Slack's date tokens (docs.slack.dev/messaging/formatting-message-text#date-formatting). */

export interface Zone {
  tz: string;
  /** milliseconds */
  now: number;
}

const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format is slow, using it is not. */
function written(at: number, locale: string, options: Intl.DateTimeFormatOptions): string {
  const key = locale + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.DateTimeFormat(locale, options)));
  return format.format(at);
}

const part = (at: number, tz: string, options: Intl.DateTimeFormatOptions) => written(at, "en-US", { timeZone: tz, ...options });

/** `2026-01-31` */
const isoDate = (at: number, tz: string) => written(at, "en-CA", { timeZone: tz, year: "numeric", month: "2-digit", day: "2-digit" });

/** Days since the epoch of the local date. */
function dayNumber(at: number, tz: string): number {
  const [year, month, day] = isoDate(at, tz).split("-").map(Number);
  return Math.round(Date.UTC(year, month - 1, day) / DAY_MS);
}

function ordinal(day: number): string {
  const teen = day % 100 >= 11 && day % 100 <= 13;
  return `${day}${teen ? "th" : (["th", "st", "nd", "rd"][day % 10] ?? "th")}`;
}

export function relativeDay(at: number, { tz, now }: Zone): string | null {
  const names: Record<string, string> = { "-1": "yesterday", "0": "today", "1": "tomorrow" };
  return names[String(dayNumber(at, tz) - dayNumber(now, tz))] ?? null;
}

export const clock = (at: number, tz: string) => part(at, tz, { hour: "numeric", minute: "2-digit" });

/** `Today`, `Yesterday` or `Friday, November 20th`. */
export function dayTitle(at: number, zone: Zone): string {
  const name = relativeDay(at, zone);
  if (name) return name[0].toUpperCase() + name.slice(1);
  const day = ordinal(Number(part(at, zone.tz, { day: "numeric" })));
  return `${part(at, zone.tz, { weekday: "long" })}, ${part(at, zone.tz, { month: "long" })} ${day}`;
}

export function fullTime(at: number, zone: Zone): string {
  return `${dayTitle(at, zone)} at ${part(at, zone.tz, { hour: "numeric", minute: "2-digit", second: "2-digit" })}`;
}

export function ago(at: number, now: number): string {
  const seconds = Math.round(Math.abs(now - at) / 1000);
  const units: [number, string][] = [[86_400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]];
  const [size, unit] = units.find(([one]) => seconds >= one) ?? [1, "second"];
  const count = Math.floor(seconds / size);
  const text = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return at > now ? `in ${text}` : `${text} ago`;
}

/** A format such as `{date_short_pretty} at {time}` filled in; null when a token is unknown, as Slack shows the fallback then. */
export function formatDate(timestamp: number, format: string, zone: Zone): string | null {
  const at = timestamp * 1000;
  if (!Number.isFinite(at) || Math.abs(at) > 8.64e15) return null;
  const sameYear = part(at, zone.tz, { year: "numeric" }) === part(zone.now, zone.tz, { year: "numeric" });
  const month = (style: "long" | "short") => part(at, zone.tz, { month: style });
  const number = Number(part(at, zone.tz, { day: "numeric" }));
  const year = part(at, zone.tz, { year: "numeric" });
  const plain: Record<string, () => string> = {
    date_num: () => isoDate(at, zone.tz),
    date_slash: () => part(at, zone.tz, { year: "numeric", month: "2-digit", day: "2-digit" }),
    date: () => `${month("long")} ${ordinal(number)}${sameYear ? "" : `, ${year}`}`,
    date_short: () => `${month("short")} ${number}, ${year}`,
    date_long: () => `${part(at, zone.tz, { weekday: "long" })}, ${month("long")} ${ordinal(number)}, ${year}`,
    date_long_full: () => `${part(at, zone.tz, { weekday: "long" })}, ${month("long")} ${number}, ${year}`,
    day_divider_pretty: () => dayTitle(at, zone),
    time: () => clock(at, zone.tz),
    time_secs: () => part(at, zone.tz, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
    ago: () => ago(at, zone.now),
  };
  let known = true;
  const text = format.replace(/\{(\w+)\}/g, (_all, name: string) => {
    const pretty = name.endsWith("_pretty") && name !== "day_divider_pretty";
    const make = plain[pretty ? name.slice(0, -"_pretty".length) : name];
    if (!make) known = false;
    return (pretty && relativeDay(at, zone)) || (make ? make() : "");
  });
  return known ? text : null;
}

/** Seconds since the epoch of a wall-clock time `2026-01-31T10:00` in a zone. */
export function secondsOf(local: string, tz: string): number {
  const wanted = Date.parse(`${local}Z`);
  let at = wanted;
  for (let turn = 0; turn < 2; turn++) at += wanted - Date.parse(`${localOf(at / 1000, tz)}Z`);
  return Math.floor(at / 1000);
}

/** The wall-clock time `2026-01-31T10:00` of a moment in a zone. */
export function localOf(seconds: number, tz: string): string {
  const at = seconds * 1000;
  return `${isoDate(at, tz)}T${written(at, "en-GB", { timeZone: tz, hour: "2-digit", minute: "2-digit" })}`;
}
