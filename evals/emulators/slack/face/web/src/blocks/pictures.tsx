/** Pictures of blocks. Only what the workspace holds is loaded; addresses outside are shown as their description. */

import { useState } from "react";
import type { Json } from "../model";
import { useStore } from "../store";
import { Link } from "./library";

export function Picture({ picture, className }: { picture: Json; className?: string }) {
  const store = useStore();
  const [broken, setBroken] = useState(false);
  const id = fileId(picture);
  const outside: string | undefined = picture.image_url;
  if (id && !broken) {
    return <img className={className} src={store.fileUrl(id)} alt={picture.alt_text} onError={() => setBroken(true)} />;
  }
  const text = <span className="picture-missing" role="img" aria-label={picture.alt_text}>🖼 {picture.alt_text}</span>;
  return outside && !id ? <Link href={outside}>{text}</Link> : text;
}

/** The workspace file that a picture shows. */
function fileId(picture: Json): string | null {
  if (picture.slack_file?.id) return picture.slack_file.id;
  const url: string = picture.slack_file?.url ?? picture.image_url ?? "";
  return url.match(/^http:\/\/(?:127\.0\.0\.1|localhost):\d+\/files\/(\w+)$/)?.[1] ?? null;
}

export function ImageBlock({ block }: { block: Json }) {
  return (
    <figure className="image-block">
      {block.title && <figcaption>{block.title.text}</figcaption>}
      <Picture picture={block} />
    </figure>
  );
}
