import "slack-blocks-to-jsx/dist/style.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/message.css";
import "./styles/blocks.css";
import "./styles/dialog.css";
import { useEffect, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./shell/app";
import { addressOf, viewerInAddress } from "./shell/route";
import { Store, StoreContext } from "./store";

function Page() {
  const [viewer, setViewer] = useState(viewerInAddress());
  const store = useMemo(() => new Store(viewer), [viewer]);
  useEffect(() => store.open(), [store]);
  useEffect(() => {
    const back = () => setViewer(viewerInAddress());
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  const change = (handle: string) => {
    history.pushState(null, "", addressOf(handle) + location.hash);
    setViewer(handle);
  };
  return (
    <StoreContext.Provider value={store}>
      <App key={viewer} change={change} />
    </StoreContext.Provider>
  );
}

createRoot(document.getElementById("slack_blocks_to_jsx")!).render(<Page />);
