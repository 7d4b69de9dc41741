/** The app's Home tab and its modals. */

import { useEffect, useMemo, useState } from "react";
import { Blocks } from "../blocks/blocks";
import { label } from "../blocks/library";
import { SurfaceContext, type Surface } from "../blocks/surface";
import type { View } from "../model";
import { Refused, useLook, useStore } from "../store";
import { Avatar } from "./avatar";
import { Dialog } from "./dialog";
import { Icon } from "./icon";

const NONE = {};

export function Home() {
  const look = useLook();
  const store = useStore();
  const { app, me } = look.workspace;
  useEffect(() => {
    store.act("open_home").catch(() => undefined);
  }, [me]);
  const view = look.home;
  const surface: Surface = useMemo(
    () => ({ target: { kind: "home" }, values: view?.values ?? {}, errors: NONE, typed: NONE, type: () => undefined }),
    [view?.values],
  );
  return (
    <div className="home" role="region" aria-label={`${app.name} Home`} tabIndex={0}>
      {view ? (
        <SurfaceContext.Provider value={surface}>
          <Blocks blocks={view.blocks} />
        </SurfaceContext.Provider>
      ) : (
        <div className="empty">
          <Avatar user={look.user(app.bot_user)} name={app.name} size={48} />
          <p>This is the Home tab of {app.name}. It has published nothing yet.</p>
        </div>
      )}
    </div>
  );
}

/** The modal on top of the viewer's stack. */
export function TopModal() {
  const view = useLook().modals.at(-1);
  return view ? <Modal key={view.id} view={view} /> : null;
}

function Modal({ view }: { view: View }) {
  const look = useLook();
  const store = useStore();
  const [typed, setTyped] = useState<Record<string, any>>({});
  const [refused, setRefused] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const inputs = useMemo(() => new Set(view.blocks.filter((one) => one.type === "input").map((one) => one.block_id)), [view.blocks]);
  // A new version of the view keeps what was typed only where its inputs are still there.
  const here = useMemo(() => Object.fromEntries(Object.entries(typed).filter(([id]) => inputs.has(id))), [typed, inputs]);
  const errors = { ...refused, ...view.errors };
  const surface: Surface = {
    target: { kind: "modal" },
    values: view.values,
    errors,
    typed: here,
    type: (blockId, value) => {
      setTyped((all) => ({ ...all, [blockId]: value }));
      setRefused(({ [blockId]: _gone, ...rest }) => rest);
    },
  };
  const close = () => store.act("close_modal").catch(() => undefined);
  const submit = async () => {
    setBusy(true);
    setProblem("");
    setRefused({});
    try {
      const answer = await store.act("submit", { values: here });
      if (!answer.acked) setProblem("We had some trouble connecting. Try again?");
    } catch (error) {
      const known = error instanceof Refused ? error : new Refused("That did not work. Try again.");
      if (known.blockId) setRefused({ [known.blockId]: known.message });
      else setProblem(known.message);
    } finally {
      setBusy(false);
    }
  };
  const stacked = look.modals.length > 1;
  return (
    <Dialog label={label(view.title)} className="modal" onClose={close}>
      <form noValidate onSubmit={(event) => { event.preventDefault(); submit(); }}>
        <header>
          <Avatar user={look.user(look.workspace.app.bot_user)} name={look.workspace.app.name} size={24} />
          <h2>{label(view.title)}</h2>
          <button type="button" className="kit-icon" aria-label={stacked ? "Back" : "Close"} onClick={close}><Icon name={stacked ? "back" : "close"} /></button>
        </header>
        <div className="modal-body" tabIndex={-1}>
          {problem && <p className="problem" role="alert">⚠ {problem}</p>}
          <SurfaceContext.Provider value={surface}>
            <Blocks blocks={view.blocks} />
          </SurfaceContext.Provider>
        </div>
        {(view.submit || view.close) && (
          <footer>
            <button type="button" className="kit-button" onClick={close}>{label(view.close) || "Cancel"}</button>
            {view.submit && <button type="submit" className="kit-button primary" aria-busy={busy}>{label(view.submit)}</button>}
          </footer>
        )}
      </form>
    </Dialog>
  );
}
