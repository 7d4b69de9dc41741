/** Whose screen this is; one click and it is another person's. */

import { useLook } from "../store";
import { Avatar } from "./avatar";

export function Switcher({ change }: { change: (handle: string) => void }) {
  const look = useLook();
  const people = look.users.filter((one) => !one.is_bot);
  return (
    <aside className="rail" aria-label="People">
      <span className="team" aria-hidden="true">{look.workspace.team.name.slice(0, 1).toUpperCase()}</span>
      <span className="rail-title" id="rail-title">View as</span>
      <div className="people" role="group" aria-labelledby="rail-title">
        {people.map((one) => (
          <button
            type="button"
            key={one.id}
            className="person"
            aria-pressed={one.id === look.workspace.me}
            title={`${one.name}${one.is_guest ? " (guest)" : ""}`}
            onClick={() => change(one.handle)}
          >
            <Avatar user={one} name={one.name} />
            <span className="unseen">{one.name}</span>
            <small>{one.handle}</small>
            {one.waiting > 0 && one.id !== look.workspace.me && <span className="count">{one.waiting}<span className="unseen"> unread</span></span>}
          </button>
        ))}
      </div>
    </aside>
  );
}
