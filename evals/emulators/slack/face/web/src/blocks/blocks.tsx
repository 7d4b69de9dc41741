/** Every block of a message or view: the renderer draws what only shows, ours wrap texts and controls. */

import { memo, useState } from "react";
import type { Json } from "../model";
import { Element, InputBlock } from "./elements";
import { Drawn, label, Text } from "./library";
import { ImageBlock, Picture } from "./pictures";

type Draw = (props: { block: Json }) => React.ReactNode;

const Section: Draw = ({ block }) => (
  <div className="section-block">
    <div className="section-text">
      {block.text && <Text text={block.text} />}
      {block.fields && (
        <div className="section-fields">
          {block.fields.map((field: Json, index: number) => (
            <Text key={index} text={field} />
          ))}
        </div>
      )}
    </div>
    {block.accessory && <Element blockId={block.block_id} element={block.accessory} />}
  </div>
);

const Header: Draw = ({ block }) => {
  const level = Math.min(Math.max(block.level ?? 2, 1), 4);
  const Tag = `h${level + 1}` as "h2";
  return <Tag className={`header-block level-${level}`}>{label(block.text)}</Tag>;
};

const Context: Draw = ({ block }) => (
  <div className="context-block">
    {block.elements.map((one: Json, index: number) =>
      one.type === "image" ? <Picture key={index} picture={one} className="context-image" /> : <Text key={index} text={one} />,
    )}
  </div>
);

const Actions: Draw = ({ block }) => (
  <div className="actions-block">
    {block.elements.map((one: Json) => (
      <Element key={one.action_id} blockId={block.block_id} element={one} />
    ))}
  </div>
);

const ICONS: Record<string, string> = { default: "ℹ️", info: "ℹ️", warning: "⚠️", error: "⛔", success: "✅" };

const Alert: Draw = ({ block }) => (
  <div className={`alert-block ${block.level ?? "default"}`} role="status">
    <span aria-label={block.level ?? "note"}>{ICONS[block.level ?? "default"]}</span>
    <Text text={block.text} />
  </div>
);

const Card: Draw = ({ block }) => (
  <article className="card-block">
    {block.hero_image && <Picture picture={block.hero_image} className="card-hero" />}
    <div className="card-head">
      {block.icon && <Picture picture={block.icon} className="context-image" />}
      <div>
        {block.title && <strong><Text text={block.title} /></strong>}
        {block.subtitle && <small><Text text={block.subtitle} /></small>}
      </div>
    </div>
    {block.body && <Text text={block.body} />}
    {block.actions && <Actions block={{ block_id: block.block_id, elements: block.actions }} />}
  </article>
);

const Carousel: Draw = ({ block }) => (
  <div className="carousel-block" role="group" tabIndex={0} aria-label="Cards">
    {block.elements.map((one: Json, index: number) => (
      <Card key={index} block={one} />
    ))}
  </div>
);

const Container: Draw = ({ block }) => {
  const [open, setOpen] = useState(!block.default_collapsed);
  const title = block.title ? <span>{label(block.title)}</span> : <Drawn blocks={[block.rich_text_title]} />;
  return (
    <section className={`container-block ${block.width ?? "standard"}`}>
      <header>
        {block.icon && <Picture picture={block.icon} className="context-image" />}
        <div className="container-title">
          {title}
          {block.subtitle && <small><Text text={block.subtitle} /></small>}
        </div>
        {block.is_collapsible && (
          <button type="button" className="kit-icon" aria-expanded={open} aria-label={open ? "Collapse" : "Expand"} onClick={() => setOpen(!open)}>
            {open ? "▾" : "▸"}
          </button>
        )}
      </header>
      {open && <Blocks blocks={block.child_blocks} />}
    </section>
  );
};

/** Cells as rich_text: the renderer would read plain ones as Markdown. */
const Table: Draw = ({ block }) => {
  const cell = (one: Json) =>
    one.type === "rich_text" ? one : { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text: String(one.text ?? one.value) }] }] };
  const rows = block.rows.map((row: Json[]) => row.map(cell));
  return (
    <div className="table-block" role="group" tabIndex={0} aria-label={block.caption ?? "Table"}>
      <Drawn blocks={[{ type: "table", rows, column_settings: block.column_settings }]} />
    </div>
  );
};

const STATUS: Record<string, string> = { pending: "to do", in_progress: "in progress", complete: "done", error: "failed" };

const Task: Draw = ({ block }) => (
  <div className="task">
    <span className="unseen">{STATUS[block.status]}: </span>
    <Drawn blocks={[block]} />
  </div>
);

const Plan: Draw = ({ block }) => (
  <section className="plan-block">
    <h3>{block.title}</h3>
    {(block.tasks ?? []).map((one: Json) => (
      <Task key={one.task_id} block={one} />
    ))}
  </section>
);

const Video: Draw = ({ block }) => (
  <Text text={`:film_projector: *<${block.title_url ?? block.video_url}|${block.title.text}>*`} />
);

const DRAWS: Record<string, Draw> = {
  section: Section,
  header: Header,
  context: Context,
  actions: Actions,
  context_actions: Actions,
  input: ({ block }) => <InputBlock block={block} />,
  image: ({ block }) => <ImageBlock block={block} />,
  alert: Alert,
  card: Card,
  carousel: Carousel,
  container: Container,
  table: Table,
  data_table: Table,
  video: Video,
  task_card: Task,
  plan: Plan,
};
const BY_RENDERER = new Set(["rich_text", "divider", "markdown", "data_visualization"]);

const Block = memo(function Block({ block }: { block: Json }) {
  const Ours = DRAWS[block.type];
  if (Ours) return <Ours block={block} />;
  if (BY_RENDERER.has(block.type)) return <Drawn blocks={[block]} />;
  return <p className="unknown">This page cannot draw a block of the type {String(block.type)}.</p>;
});

export const Blocks = memo(function Blocks({ blocks }: { blocks: Json[] }) {
  return (
    <div className="blocks">
      {blocks.map((block, index) => (
        <div key={block.block_id ?? index} className={`kit-block of-${block.type}`} data-block={block.block_id}>
          <Block block={block} />
        </div>
      ))}
    </div>
  );
});

