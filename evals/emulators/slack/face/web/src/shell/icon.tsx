/** Line icons, drawn here so that nothing is loaded. */

const PATHS = {
  plus: "M10 4v12M4 10h12",
  at: "M13 10a3 3 0 1 1-6 0 3 3 0 0 1 6 0Zm0 0v1.2a2 2 0 0 0 4 0V10a7 7 0 1 0-2.8 5.6",
  bolt: "M11 2.5 4.5 11.5H10l-1 6 6.5-9H10l1-6Z",
  send: "M3 4l14 6-14 6 2.2-6L3 4Zm2.2 6H10",
  smile: "M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15ZM7.5 8v.6M12.5 8v.6M6.8 11.8c1.6 2.6 4.8 2.6 6.4 0",
  reply: "M3.5 5.5a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H9l-4 3.2V13.4a2 2 0 0 1-1.5-1.9v-6Z",
  more: "M5 10h.01M10 10h.01M15 10h.01",
  close: "M5 5l10 10M15 5 5 15",
  back: "M12.5 4.5 7 10l5.5 5.5",
  lock: "M6 9V6.5a4 4 0 0 1 8 0V9M5 9h10v8H5V9Z",
  hash: "M8 3 6.5 17M13.5 3 12 17M4 7.5h13M3 12.5h13",
  eye: "M2 10s3-5.5 8-5.5S18 10 18 10s-3 5.5-8 5.5S2 10 2 10Zm10.2 0a2.2 2.2 0 1 1-4.4 0 2.2 2.2 0 0 1 4.4 0Z",
  file: "M5 2.5h6.5L15.5 6.5V17.5H5V2.5ZM11.5 2.5v4h4",
  up: "M7 17.5H4.5v-8H7m0 8V9.5L10.5 3c1.4 0 2 1 1.800 2.300L11.800 8h4a1.5 1.5 0 0 1 1.5 1.800l-1.2 6.2a1.800 1.800 0 0 1-1.800 1.5H7Z",
  down: "M13 2.5h2.5v8H13m0-8v8L9.5 17c-1.4 0-2-1-1.800-2.300L8.2 12h-4a1.5 1.5 0 0 1-1.5-1.800l1.2-6.2a1.800 1.800 0 0 1 1.800-1.5H13Z",
  trash: "M4 5.5h12M8 5.5v-2h4v2M5.5 5.5l.8 12h7.4l.8-12",
};

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg className={`icon of-${name}`} width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
