declare module "slack-emoji" {
  const names: Record<string, string>;
  export default names;
}
