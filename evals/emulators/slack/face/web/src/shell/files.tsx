/** Files of a message: pictures are shown, all else can be downloaded. */

import type { FileRow } from "../model";
import { useStore } from "../store";
import { Icon } from "./icon";

const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

export function Files({ files }: { files: FileRow[] }) {
  const store = useStore();
  if (files.length === 0) return null;
  return (
    <div className="files">
      {files.map((file) => {
        const url = store.fileUrl(file.id);
        return PICTURES.has(file.mimetype) ? (
          <figure key={file.id} className="file-picture">
            <figcaption>{file.title}</figcaption>
            <a href={url} target="_blank" rel="noreferrer">
              <img src={url} alt={file.alt} />
            </a>
          </figure>
        ) : (
          <a key={file.id} className="file-card" href={url} download={file.name}>
            <Icon name="file" size={28} />
            <span>
              <b>{file.title}</b>
              <small>{size(file.size)} · {file.name}</small>
            </span>
          </a>
        );
      })}
    </div>
  );
}

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
