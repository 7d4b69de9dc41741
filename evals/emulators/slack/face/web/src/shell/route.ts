/** Where the viewer is, in the address: `?as=alice#/C0SHOP/1700000000.000100`. */

import { useSyncExternalStore } from "react";

export interface Route {
  channel: string;
  thread: string;
}

const subscribe = (changed: () => void) => {
  addEventListener("hashchange", changed);
  return () => removeEventListener("hashchange", changed);
};

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  const [channel = "", thread = ""] = hash.replace(/^#\//, "").split("/").map(decodeURIComponent);
  return { channel, thread };
}

export function go(channel: string, thread = "") {
  location.hash = `/${encodeURIComponent(channel)}${thread ? `/${thread}` : ""}`;
}

export const viewerInAddress = () => new URLSearchParams(location.search).get("as") ?? "";

export function addressOf(handle: string): string {
  return `?as=${encodeURIComponent(handle)}`;
}
