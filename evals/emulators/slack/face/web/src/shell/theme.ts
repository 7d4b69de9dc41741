/** Dark or light as the system says. */

import { useSyncExternalStore } from "react";

const query = matchMedia("(prefers-color-scheme: dark)");

export function useDarkMode(): boolean {
  return useSyncExternalStore(
    (changed) => {
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    () => query.matches,
  );
}
